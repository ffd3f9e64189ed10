"""What can be taken from the overview: the map, the bars of the last day, and the chart of hours, each with its numbers."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any

from dashboards.components.emission_bars import NAMES
from dashboards.components.exploring import item_name, item_unit, utc
from dashboards.components.take import About, Figure
from dashboards.context import Scene
from dashboards.figures.chart import Chart, standing_chart
from dashboards.figures.hour_bars import HOURS, hour_bars
from dashboards.figures.part_bars import part_bars
from dashboards.figures.sheet import sheet
from dashboards.moment import beijing
from dashboards.queries.emissions import HourEmissions

Row = dict[str, Any]
HOUR = dt.timedelta(hours=1)
_STATE = ("aqi", "primary_pollutants", "edition", "status", "revision", "simulated")


def map_file(scene: Scene, svg: str, cities: Mapping[str, Row], stations: Mapping[str, Row],
             small: Mapping[str, tuple[int | None, bool, bool]]) -> Figure:  # fmt: skip
    """Give the map with the cities and stations that it shows, by code; one without a row is NA.

    small: by code index, mark and lateness of stations that are drawn as small dots.
    """
    known = {**{code: scene.city_name(code) for code in scene.registry.cities},
             **{code: scene.registry.stations[code].name_zh for code in stations}}  # fmt: skip
    found = {**cities, **stations}
    rows = [
        (
            code,
            name,
            utc(found[code]["hour_end"]) if code in found else None,
            *(found.get(code, {}).get(c) for c in _STATE),
        )
        for code, name in known.items()
    ]
    rows += [(code, scene.registry.stations[code].name_zh, None, aqi, None, None, None, None, simulated)
             for code, (aqi, simulated, _) in small.items()]  # fmt: skip
    feeds = ", ".join(sorted({row["source"] for row in stations.values() if row["source"]})) or "NA"
    about = _about(
        scene, scene.text("map.title"), list(found.values()), f"air_city_hour, air_station_hour ({feeds})", "1 (AQI)"
    )
    return Figure("map", svg, ("code", "name", "hour_end_utc", *_STATE), rows, about)


def bars_file(scene: Scene, history: Sequence[Row]) -> Figure | None:
    """Give the index of the last 24 hours of each city, as the tiles draw them; None where there is no hour."""
    if scene.waiting:
        return None
    by_city = {code: {row["hour_end"]: row for row in history if row["city"] == code} for code in scene.registry.cities}
    hours = [scene.moment.hour - back * HOUR for back in range(HOURS - 1, -1, -1)]
    title = scene.text("take.bars")
    svgs = [
        (scene.city_name(code), hour_bars({h: (row["aqi"], bool(row["simulated"])) for h, row in rows.items()}, hours[-1],
                                          scene.city_name(code)))
        for code, rows in by_city.items()
    ]  # fmt: skip
    told = [(utc(hour), *(rows.get(hour, {}).get("aqi") for rows in by_city.values())) for hour in hours]
    shown = [row for rows in by_city.values() for hour, row in rows.items() if hour in hours]
    about = _about(scene, title, shown, "air_city_hour", "1 (AQI)", hours[0])
    return Figure("bars", sheet(svgs, 2, title), ("hour_end_utc", *by_city), told, about)


def chart_file(scene: Scene, chart: Chart, observed: Sequence[Row], runs: Mapping[str, Sequence[Row]]) -> Figure:
    """Give the lines of a chart, a column each: what was observed, and each run."""
    hours = sorted({hour for line in chart.lines for hour in line.x})
    lines = list(reversed(chart.lines))
    values = [dict(zip(line.x, line.y, strict=True)) for line in lines]
    rows = [(utc(hour), *(of_line.get(hour) for of_line in values)) for hour in hours]
    item, city = scene.view.item, scene.view.city
    title = f"{scene.city_name(city)} · {item_name(item)} · {scene.text('chart.title')}"
    everything = [*observed, *(row for of_run in runs.values() for row in of_run)]
    source = "air_city_hour" + (f", forecast_city_hour ({', '.join(runs)})" if runs else "")
    about = _about(scene, title, everything, source, item_unit(item) or "1 (AQI)", hours[0] if hours else None,
                   hours[-1] if hours else None, place=scene.city_name(city))  # fmt: skip
    name = f"{city}-{item}"
    return Figure(name, standing_chart(chart), ("hour_end_utc", *(line.name for line in lines)), rows, about)


def emissions_file(scene: Scene, found: HourEmissions) -> Figure:
    """Give what a city emits in an hour by species and sector, in all, and upwind."""
    sectors = list(found.by_sector)
    rows = [
        (
            species,
            *(found.by_sector[sector].get(species) for sector in sectors),
            found.local[species],
            found.upwind[species],
        )
        for species in found.local
    ]
    text, city = scene.text, scene.city_name(scene.view.city)
    parts = [
        (f"{NAMES.get(species, species)} {text.of_code('sector.', sector)}", kgh, math.nan, math.nan)
        for species in found.local
        for sector in sectors
        if (kgh := found.by_sector[sector].get(species))
    ]
    title = f"{city} · {text('emission.title')}"
    hour = f"{beijing(found.hour)} ({text('hour.zone')})"
    about = About(title, city, hour, "kg/h", f"emission_city_hour ({found.inventory or 'NA'})", "—", found.simulated)
    heads = ("species", *(f"{sector} [kg/h]" for sector in sectors), "local [kg/h]", "upwind [kg/h]")
    return Figure(f"emissions-{scene.view.city}", part_bars(parts, "kg/h", title), heads, rows, about)


def _about(
    scene: Scene, title: str, rows: Sequence[Row], source: str, unit: str, first: dt.datetime | None = None,
    last: dt.datetime | None = None, *, place: str = "",
) -> About:  # fmt: skip
    last = last or scene.moment.hour
    span = " – ".join(dict.fromkeys(beijing(hour) for hour in (first or last, last) if hour)) or "NA"
    editions = scene.text("list.comma").join(sorted({row["edition"] for row in rows if row.get("edition")})) or "—"
    where = place or scene.text("take.region")
    return About(
        title, where, f"{span} ({scene.text('hour.zone')})", unit, source, editions, any(r["simulated"] for r in rows)
    )
