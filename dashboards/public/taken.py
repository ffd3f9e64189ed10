"""The figures of public pages with their numbers: drawn on the page and given at addresses of their own by the same function.

Every function is scene -> Figure, None where there is nothing to take.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashboards.components import marks
from dashboards.components.levels import level_class
from dashboards.components.open_numbers import number
from dashboards.components.take import About, Figure
from dashboards.context import Scene
from dashboards.figures.day_line import day_line
from dashboards.figures.month_days import Cell, month_days
from dashboards.figures.small_map import Spot, small_map
from dashboards.moment import beijing
from dashboards.queries import air, public
from dashboards.queries.public import DAY, HOUR
from dashboards.snapshots.pages import address
from dashboards.theme import fill
from standards.pollutants import POLLUTANTS
from streams.registry import REFERENCE_KINDS

Row = dict[str, Any]
INDEX = "1 (AQI)"
CONCENTRATIONS = tuple(f"{item} [{p.unit}]" for item, p in POLLUTANTS.items())


def region_map(scene: Scene, spots: Sequence[Spot], latest: Mapping[str, Row]) -> Figure:
    """Give the map of the cities. spots: as the page draws them; latest: by city its row, absent for none."""
    codes = list(scene.registry.cities)
    svg = small_map(scene.registry.outlines_path, spots, scene.text("map.title"))
    rows = [(code, scene.city_name(code), *_index(latest.get(code))) for code in codes]
    heads = ("city", "name", "hour_end_utc", "aqi [1]", "level", "primary_pollutants", "simulated")
    about = _about(scene, scene.text("map.title"), latest.values(), "air_city_hour", period=_hour(scene))
    return Figure(f"airshed-cities-{_stamp(scene)}", svg, heads, rows, about)


def station_map(scene: Scene, cities: Sequence[Spot]) -> Figure:
    """Give the map of the stations of reference kinds at the hour shown. cities: what lies below them."""
    known = [station for station in scene.registry.stations.values() if station.kind in REFERENCE_KINDS]
    latest = {} if scene.waiting else air.station_hours(scene.connection, [s.code for s in known], scene.moment.hour)
    svg = small_map(scene.registry.outlines_path, cities, scene.text("public.station_map"),
                    stations=[_station_spot(scene, s, latest.get(s.code)) for s in known])  # fmt: skip
    rows = [(s.code, s.name_zh, s.city, s.kind, s.lon, s.lat, *_index(latest.get(s.code))) for s in known]
    heads = ("station", "name", "city", "kind", "lon [deg]", "lat [deg]", "hour_end_utc", "aqi [1]", "level",
             "primary_pollutants", "simulated")  # fmt: skip
    about = _about(
        scene, scene.text("public.station_map"), latest.values(), _feeds(latest.values()), period=_hour(scene)
    )
    return Figure(f"airshed-stations-{_stamp(scene)}", svg, heads, rows, about)


def _station_spot(scene: Scene, station: Any, row: Row | None) -> Spot:
    aqi = row["aqi"] if row else None
    mark = scene.text("mark.simulated") if row and row["simulated"] else ""
    note = " ".join(
        part for part in (station.name_zh, f"AQI {number(aqi)}", marks.category(aqi, scene.text), mark) if part
    )
    return Spot(station.code, station.lon, station.lat, level_class(aqi), "", "", note,
                address(scene, "station", station=station.code))  # fmt: skip


def city_line(scene: Scene) -> Figure | None:
    """Give the index of a city over the 24 hours up to the hour shown, with its concentrations."""
    if scene.waiting:
        return None
    city, hour = scene.view.city, scene.moment.hour
    rows = air.city_hours(scene.connection, [city], hour - 23 * HOUR, hour)
    return _line(scene, rows, hour, scene.city_name(city), f"city-{city}", "air_city_hour")


def city_day(scene: Scene) -> Figure | None:
    """Give the hours of a natural day of a city as the page lists them."""
    if scene.waiting:
        return None
    city, (first, last) = scene.view.city, public.hours_of(scene.params["day"])
    rows = air.city_hours(scene.connection, [city], first, last)
    return _line(scene, rows, last, scene.city_name(city), f"city-{city}", "air_city_hour")


def station_line(scene: Scene) -> Figure | None:
    """Give the index of a station over the 24 hours up to the hour shown, with its concentrations."""
    if scene.waiting:
        return None
    code, hour = scene.params["station"], scene.moment.hour
    rows = public.station_series(scene.connection, code, hour - 23 * HOUR, hour)
    name = f"{scene.registry.stations[code].name_zh} {code}"
    return _line(scene, rows, hour, name, f"station-{code}", _feeds(rows))


def _line(scene: Scene, rows: Sequence[Row], last: dt.datetime, place: str, of: str, source: str) -> Figure:
    by_hour = {row["hour_end"]: row for row in rows}
    title = scene.text("card.trend", city=place)
    svg = day_line({hour: row["aqi"] for hour, row in by_hour.items()}, last, title)
    columns = [p.column for p in POLLUTANTS.values()]
    hours = [last - back * HOUR for back in range(23, -1, -1)]
    trace = [*(["flags"] if of.startswith("station") else []), "edition", "status", "revision", "simulated"]
    names = ["aqi", *columns, *trace]
    told = [(_utc(hour), *(by_hour.get(hour, {}).get(name) for name in names)) for hour in hours]
    heads = ("hour_end_utc", "aqi [1]", *CONCENTRATIONS, *trace)
    period = f"{beijing(hours[0])} – {beijing(last)} ({scene.text('hour.zone')})"
    about = _about(scene, title, rows, source, period=period, place=place)
    return Figure(f"airshed-{of}-{last:%Y%m%dT%H}Z", svg, heads, told, about)


def city_month(scene: Scene) -> Figure | None:
    """Give the days of a month of a city as a calendar."""
    if scene.waiting:
        return None
    city, text = scene.view.city, scene.text
    month = scene.params.get("month") or public.local_day(scene.moment.hour)
    first, newest = month.replace(day=1), public.local_day(scene.moment.newest)
    last = min(public.month_end(first), newest)
    found = public.city_days(scene.connection, city, first, last)
    days = [first + n * DAY for n in range(max((last - first).days + 1, 0))]
    cells = {day: _cell(scene, found.get(day), day) for day in days}
    title = f"{scene.city_name(city)} {first:%Y-%m} AQI"
    svg = month_days(first.year, first.month, cells, text("public.weekdays").split(" "), title)
    names = ("aqi", "primary_pollutants", "so2_ugm3", "no2_ugm3", "co_mgm3", "o3_mda8_ugm3", "pm10_ugm3", "pm25_ugm3",
             "completeness", "edition", "status", "revision", "simulated")  # fmt: skip
    rows = [(day.isoformat(), *(found[day][name] if day in found else None for name in names)) for day in days]
    about = _about(
        scene, title, found.values(), "air_city_day", period=f"{first} – {last}", place=scene.city_name(city)
    )
    return Figure(f"airshed-city-{city}-{first:%Y-%m}", svg, ("day", *names), rows, about) if days else None


def _cell(scene: Scene, row: Row | None, day: dt.date) -> Cell:
    aqi = row["aqi"] if row else None
    title = f"{day} AQI {number(aqi)} {marks.category(aqi, scene.text)}"
    return Cell(number(aqi), fill(aqi), title, bool(row and row["simulated"]))


def spans(scene: Scene) -> Figure | None:
    """Give from when to when there are hours of each city."""
    if scene.waiting:
        return None
    found = {code: public.span_of(scene.connection, code) for code in scene.registry.cities}
    rows = [(code, scene.city_name(code), *(map(_utc, span) if span else (None, None))) for code, span in found.items()]
    ends = [each for span in found.values() if span for each in span]
    period = f"{beijing(min(ends))} – {beijing(max(ends))} ({scene.text('hour.zone')})" if ends else "NA"
    about = _about(
        scene, scene.text("public.by_city"), (), "air_city_hour", period=period, unit="1", simulated=_any(scene)
    )
    return Figure("airshed-history", "", ("city", "name", "first_hour_end_utc", "last_hour_end_utc"), rows, about)


def months(scene: Scene) -> Figure | None:
    """Give the months in which a city has hours."""
    if scene.waiting:
        return None
    city = scene.view.city
    found = public.months_with_data(scene.connection, city)
    period = f"{found[0]:%Y-%m} – {found[-1]:%Y-%m}" if found else "NA"
    about = _about(scene, scene.text("public.by_month"), (), "air_city_hour", period=period, place=scene.city_name(city),
                   unit="1", simulated=_any(scene))  # fmt: skip
    return Figure(f"airshed-history-{city}", "", ("month",), [(f"{month:%Y-%m}",) for month in found], about)


def _any(scene: Scene) -> bool:
    """Tell whether the newest hour of any city is simulated: what stands behind a list of spans."""
    rows = air.city_hours(
        scene.connection, tuple(scene.registry.cities), scene.moment.hour - air.REACH, scene.moment.hour
    )
    return any(row["simulated"] for row in rows)


def _about(
    scene: Scene, title: str, rows: Iterable[Row], source: str, *, period: str, place: str = "", unit: str = "",
    simulated: bool = False,
) -> About:  # fmt: skip
    rows = list(rows)
    editions = scene.text("list.comma").join(sorted({row["edition"] for row in rows})) or "—"
    units = f"{INDEX}, {', '.join(sorted({p.unit for p in POLLUTANTS.values()}))}"
    where = place or scene.text("take.region")
    return About(
        title, where, period, unit or units, source, editions, simulated or any(row["simulated"] for row in rows)
    )


def _feeds(rows: Iterable[Row]) -> str:
    return f"air_station_hour: {', '.join(sorted({row['source'] for row in rows if row['source']})) or 'NA'}"


def _index(row: Row | None) -> tuple[Any, ...]:
    """Give hour, index, level, primary pollutants and mark of a row; nothing for none."""
    if row is None:
        return None, None, None, None, None
    level = level_class(row["aqi"]).rpartition("-")[2]
    return _utc(row["hour_end"]), row["aqi"], level, row["primary_pollutants"] or "", row["simulated"]


def _hour(scene: Scene) -> str:
    return "NA" if scene.waiting else f"{beijing(scene.moment.hour)} ({scene.text('hour.zone')})"


def _stamp(scene: Scene) -> str:
    return "none" if scene.waiting else f"{scene.moment.hour:%Y%m%dT%H}Z"


def _utc(hour: dt.datetime) -> str:
    return f"{hour:%Y-%m-%dT%H:00Z}"
