"""From the hours of a city's stations to assessed rows: the pure heart of the engine, called alike by stream and notebook.

`assess(hours, first, end, ...)` gives the rows of [first, end) from hours that also hold the context which those rows need
(`context` tells how much). A whole history assessed in one call and the same history assessed piece by piece give equal rows;
that is tested.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from standards.averaging import city_mean, daily_values, moving_mean, ozone_8h, reported_hours, running_day_max
from standards.days import first_hour_of_day, natural_day
from standards.editions import edition_runs
from standards.index.aqi import Aqi, daily_aqi, hourly_aqi
from standards.pollutants import ITEMS
from standards.validity import DAY_MIN_HOURS, city_day_min_share
from streams.assess.quality import LOOKAHEAD, LOOKBACK, flag_text, judge
from streams.assess.resting import packed_items, resting_days, resting_means
from streams.assess.upwind import weights_texts
from streams.columns import CONCENTRATIONS, DAY_MEANS, HOUR_COUNTS, MEANS, SUSPECT, WIND
from streams.memory.cityhours import ABSENT, REVISIONS, CityHours
from streams.memory.origins import from_file
from streams.records import CityPlace
from streams.registry.members import Members
from streams.results import Coded, Column, Counted, Numbers, Rows, Same

DAY_HOURS = 24
MEAN_HOURS = 24
"""Hours of a 24-hour moving mean; as many of them must be valid as GB 3095-2026 Table 4 asks of a day."""
OZONE_HOURS = 8
O3 = ITEMS.index("o3")
_AVERAGED = [ITEMS.index(code) for code in ("so2", "no2", "co", "pm10", "pm25")]


@dataclass(frozen=True, slots=True)
class Assessment:
    """Result rows, and the city's hourly series that the join and the episodes go on with.

    The series are of the stations that count for the city. city_values: float64 (6, H) means over them. city_aqi: float64
    (H,), NaN for NA. city_primary: uint8 (H,). pm25_24h, o3_8h [ug/m3]: float64 (H,). rank: int32 (H,), ABSENT in hours
    without a row of theirs. simulated: bool (H,). wind_ms: float64 (2, H).
    """

    tables: tuple[Rows, ...]
    first_hour: int
    city_values: np.ndarray
    city_aqi: np.ndarray
    city_primary: np.ndarray
    pm25_24h: np.ndarray
    o3_8h: np.ndarray
    rank: np.ndarray
    simulated: np.ndarray
    wind_ms: np.ndarray


def affected(first: int, end: int) -> tuple[int, int]:
    """Give the hours [first, end) whose rows may change when the hours [first, end) of the input change.

    Quality flags look both ways, and what counts, or is suspect, follows them: from there moving means reach 23 hours on, and an
    8-hour ozone mean reaches 7 hours on and then counts until its natural day ends.
    """
    last = end - 1 + LOOKBACK
    last_ozone_day = int(natural_day(last + OZONE_HOURS - 1))
    return first - LOOKAHEAD, max(last + MEAN_HOURS, first_hour_of_day(last_ozone_day + 1))


def context(first: int, end: int) -> tuple[int, int]:
    """Give the hours [first, end) that must be held to assess the rows of [first, end)."""
    back = max(MEAN_HOURS - 1, OZONE_HOURS - 1 + DAY_HOURS - 1)
    day_start = first_hour_of_day(int(natural_day(first)))
    day_end = first_hour_of_day(int(natural_day(end - 1)) + 1)
    return min(first - back, day_start) - LOOKBACK, max(end, day_end) + LOOKAHEAD


def assess(hours: CityHours, first: int, end: int, *, city: str | None, members: Members, sources: Sequence[str],
           version: int, around: Sequence[CityPlace] = ()) -> Assessment:  # fmt: skip
    """Assess the rows of the hours [first, end): every station's, and the city's from the stations that count for it.

    hours: the station-hours held, covering context(first, end). city: the key of the city, None where the stations belong to
    none (no city rows then). members: which stations count for the city and when. sources: names for hours.source. version:
    written to every row. around: where the cities of the region lie, this one among them, to tell who is upwind of it.
    Rounding: station rows have the values as measured; means, days and the city are made of hours rounded as reported.
    Quality: a value that cannot be stands in its station's row, and is missing to all else (streams.assess.quality).
    Missing: a station-hour without a row gives no row; a missing item is NaN; an hour or day in which no station that counts
    has a row gives no row of the city. Returns an Assessment.
    Source: HJ 663-2013 3.3 and Table A.2 (city points only), 6.3 (hours are rounded before use).
    """
    cut = slice(first - hours.first_hour, end - hours.first_hour)
    reviewed = hours.rank >= REVISIONS
    judged = judge(hours.values, reviewed=reviewed, neighbours=members.neighbours(hours.stations))
    counted = replace(hours, values=judged.values)
    used = replace(hours, values=reported_hours(judged.values))
    means = _moving_means(used)
    held = hours.window(first, end)
    present = held.rank != ABSENT
    written = _Written(city, version, tuple(around))
    rests = _Rests(judged.suspect[:, cut], resting_means(judged.suspect, _known_means(means), hours.first_hour)[:, cut])
    station_means = np.ascontiguousarray(means[..., cut])
    tables = []
    if present.any():
        index = hourly_report(counted.window(first, end).values, first)
        tables.append(_station_rows(held, present, station_means, judged.flags[:, cut], index, rests, sources, written))
    tables += _day_rows(used, judged.suspect, first, end, members, written)
    counts = members.counting(hours.stations, np.arange(first, end))
    points = _points(used.window(first, end), station_means, counts)
    return _with_city(tables, *points, rests.of_some(counts), members, written)


@dataclass(frozen=True, slots=True)
class _Rests:
    """Which items are suspect in an hour, and which of its moving means rest on such hours: uint8 masks (station, hour)."""

    hour: np.ndarray
    means: np.ndarray

    def of_some(self, counts: np.ndarray) -> _Rests:
        """Give what is so of any of the stations that count, bool (station, hour): masks (hour,)."""
        hour, means = (np.bitwise_or.reduce(mask * counts, axis=0) for mask in (self.hour, self.means))
        return _Rests(hour, means)


def _known_means(means: np.ndarray) -> np.ndarray:
    # bool (item, station, hour): which items have a moving mean, ozone one of its two.
    there = ~np.isnan(means)
    known = np.empty((len(ITEMS), *means.shape[1:]), bool)
    known[_AVERAGED] = there[: len(_AVERAGED)]
    known[O3] = there[-2] | there[-1]
    return known


@dataclass(frozen=True, slots=True)
class _Written:
    """What all rows of an assessment share."""

    city: str | None
    version: int
    around: tuple[CityPlace, ...]

    def rows(self, table: str) -> Rows:
        return Rows(table).same(version=self.version, city=self.city)


def _moving_means(hours: CityHours) -> np.ndarray:
    # (len(MEANS), station, hour) in the order of MEANS.
    means = np.empty((len(MEANS), *hours.rank.shape))
    means[: len(_AVERAGED)], _ = moving_mean(hours.values[_AVERAGED], MEAN_HOURS, min_count=DAY_MIN_HOURS)
    means[-2], _ = ozone_8h(hours.values[O3])
    means[-1] = running_day_max(means[-2], hours.first_hour)
    return means


def hourly_report(values: np.ndarray, first_hour: int) -> Aqi:
    """Report hourly AQI of values (6, ..., hour), each hour under the edition of its natural day."""
    return _by_edition(hourly_aqi, values, hour_editions(first_hour, values.shape[-1]))


def _daily(values: np.ndarray, first_day: int) -> Aqi:
    return _by_edition(daily_aqi, values, edition_runs(first_day, values.shape[-1]))


def _by_edition(report, values: np.ndarray, runs: list) -> Aqi:
    parts = [report(np.ascontiguousarray(values[..., span]), edition=edition) for span, edition in runs]
    if len(parts) == 1:
        return parts[0]
    names = ("iaqi", "aqi", "primary", "level", "missing")
    return Aqi(**{name: np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in names})


def hour_editions(first_hour: int, hours: int) -> list[tuple[slice, Any]]:
    """Split consecutive hours by the edition of their natural day: [(slice of hours, Edition), ...]."""
    first_day = int(natural_day(first_hour))
    days = int(natural_day(first_hour + hours - 1)) - first_day + 1
    spans = []
    for span, edition in edition_runs(first_day, days):
        start = max(first_hour_of_day(first_day + span.start) - first_hour, 0)
        stop = min(first_hour_of_day(first_day + span.stop) - first_hour, hours)
        spans.append((slice(start, stop), edition))
    return spans


def _station_rows(
    held: CityHours, present, means, flags, aqi: Aqi, rests: _Rests, sources: Sequence[str], written: _Written
) -> Rows:
    # Means reach on beyond the last hour that any station has; without those hours the grid is often whole.
    some = np.flatnonzero(present.any(axis=0))
    first, end = int(some[0]), int(some[-1]) + 1
    held = held.window(held.first_hour + first, held.first_hour + end)
    present, means, *codes = (
        array[..., first:end] for array in (present, means, flags, aqi.aqi, aqi.primary, rests.hour, rests.means)
    )
    pick = _picker(present)
    flags, index, primary, *suspect = map(pick, codes)
    rows = written.rows("air_station_hour")
    times = _place(rows, present, held.stations, held.first_hour, "hour_end")
    rows.numbers(CONCENTRATIONS, pick(held.values)).numbers(MEANS, pick(means))
    rows.numbers("aqi", index).numbers("primary_pollutants", primary).add("flags", _flag_column(flags))
    _add_suspects(rows, SUSPECT, suspect).coded("source", pick(held.source), sources)
    from_file(rows, pick(held.file), pick(held.released), pick(held.received)).numbers(
        "line", np.maximum(pick(held.line), 0)
    )
    _trace(rows, pick(held.rank), pick(held.simulated))
    return rows.add("edition", _edition_of(times, natural_day))


def _flag_column(flags: np.ndarray) -> Column:
    # Most hours have no flag, and those that have share a few combinations.
    some = np.flatnonzero(flags)
    if not len(some):
        return Same("")
    different, place = np.unique(flags[some], return_inverse=True)
    codes = np.zeros(len(flags), np.uint16 if len(different) < 2**16 - 1 else np.int32)
    codes[some] = place + 1
    return Coded(codes, ("", *map(flag_text, different.tolist())))


def _add_suspects(rows: Rows, names: Sequence[str], masks: Sequence[np.ndarray]) -> Rows:
    for name, mask in zip(names, masks, strict=True):
        rows.add(name, Numbers(mask) if mask.any() else Same(""))
    return rows


def _place(rows: Rows, present: np.ndarray, stations: tuple[str, ...], first: int, time: str) -> Counted | np.ndarray:
    """Add the station and the time of each row that is present in a (station, time) array; give the times."""
    count, length = present.shape
    if present.all():
        rows.coded("station", Counted(0, count, length, 1), stations).counted(time, first, length, 1, count)
        return Counted(first, length, 1, count)
    index, at = np.nonzero(present)
    times = (at + first).astype(np.int32)
    rows.coded("station", index.astype(np.uint16), stations).numbers(time, times)
    return times


def _edition_of(times: Counted | np.ndarray, to_day: Callable) -> Column:
    if isinstance(times, Counted):
        ends = to_day(np.array([times.start, times.start + times.count - 1]))
        column = edition_column(ends)
        if isinstance(column, Same):
            return column
        times = times.numbers()
    return edition_column(to_day(times))


def _picker(present: np.ndarray):
    # Flattens the last two axes, (station, time), to the rows that are present.
    if present.all():
        return lambda array: array.reshape(*array.shape[:-2], -1)
    return lambda array: array[..., present]


def _trace(rows: Rows, rank: np.ndarray, simulated: np.ndarray) -> Rows:
    status, revision = (rank // REVISIONS).astype(np.uint8), (rank % REVISIONS).astype(np.int16)
    return rows.numbers("status", status).numbers("revision", revision).numbers("simulated", simulated)


def edition_column(days: np.ndarray) -> Column:
    """Give the edition of each natural day (row,) as a column."""
    first, last = int(days.min()), int(days.max())
    runs = edition_runs(first, last - first + 1)
    if len(runs) == 1:
        return Same(runs[0][1].code)
    codes = np.zeros(last - first + 1, np.uint8)
    for i, (span, _) in enumerate(runs):
        codes[span] = i
    return Coded(codes[days - first], tuple(edition.code for _, edition in runs))


def _points(held: CityHours, means: np.ndarray, counts: np.ndarray) -> tuple[CityHours, np.ndarray]:
    # The stations that count, absent in the hours in which they do not; counts: bool (station, hour).
    if counts.all():
        return held, means
    rows = counts.any(axis=1)
    here = counts[rows]

    def pick(array: np.ndarray, gone: float) -> np.ndarray:
        return np.where(here, array[..., rows, :], gone)

    points = replace(
        held.only(rows), values=pick(held.values, np.nan), rank=pick(held.rank, ABSENT),
        simulated=pick(held.simulated, False), wind_ms=pick(held.wind_ms, np.nan),
    )  # fmt: skip
    return points, pick(means, np.nan)


def _day_rows(
    hours: CityHours, suspect: np.ndarray, first: int, end: int, members: Members, written: _Written
) -> list[Rows]:
    first_day, last_day = int(natural_day(first)), int(natural_day(end - 1))
    whole = hours.window(first_hour_of_day(first_day), first_hour_of_day(last_day + 1))
    days = daily_values(whole.values, whole.first_hour)
    shape = (len(hours.stations), last_day - first_day + 1, DAY_HOURS)
    begin = whole.first_hour - hours.first_hour
    rests = resting_days(suspect[:, begin : begin + whole.hours], ~np.isnan(days.means))
    rank = _joint_rank(whole.rank.reshape(shape), axis=-1)
    simulated = whole.simulated.reshape(shape).any(axis=-1)
    present = rank != ABSENT
    if not present.any():
        return []
    tables = [_station_day_rows(hours.stations, first_day, days, rests, rank, simulated, present, written)]
    # The dates of a station are natural days: it counts in all hours of a day or in none.
    counts = members.counting(hours.stations, first_hour_of_day(np.arange(first_day, last_day + 1)))
    if written.city is not None and (present & counts).any():
        means, rank = np.where(counts, days.means, np.nan), np.where(counts, rank, ABSENT)
        tables.append(
            _city_day_rows(members, first_day, means, np.where(counts, rests, 0), rank, simulated & counts, written)
        )
    return tables


def _station_day_rows(stations, first_day, days, rests, rank, simulated, present, written: _Written) -> Rows:
    pick = _picker(present)
    aqi = _daily(days.means, first_day)
    rows = written.rows("air_station_day")
    times = _place(rows, present, stations, first_day, "day")
    rows.numbers(DAY_MEANS, pick(days.means)).numbers(HOUR_COUNTS, pick(days.hours).astype(np.uint8))
    rows.numbers("aqi", pick(aqi.aqi)).numbers("primary_pollutants", pick(aqi.primary))
    _add_suspects(rows, SUSPECT[:1], [pick(rests)])
    _trace(rows, pick(rank), pick(simulated))
    return rows.add("edition", _edition_of(times, lambda days: days))


def _city_day_rows(members: Members, first_day, means, rests, rank, simulated, written: _Written) -> Rows:
    # means (6, station, day), rests, rank and simulated (station, day) of the stations that count, absent for the others.
    present = (rank != ABSENT).any(axis=0)
    whole = np.arange(first_day, first_day + rank.shape[1], dtype=np.int32)
    stations = members.expected(first_hour_of_day(whole))
    filled = (~np.isnan(means))[..., present]
    means = city_mean(means, min_share=city_day_min_share, expected=stations)[:, present]
    day, stations = whole[present], stations[present]
    aqi = _by_edition_at(means, day)
    rows = written.rows("air_city_day").numbers("day", day).numbers(DAY_MEANS, means)
    rows.numbers("aqi", aqi.aqi).numbers("primary_pollutants", aqi.primary)
    resting = np.bitwise_or.reduce(rests, axis=0)[present] & packed_items(~np.isnan(means))
    _add_suspects(rows, SUSPECT[:1], [resting.astype(np.uint8)])
    _share(rows, filled, stations, "stations_valid")
    _trace(rows, _joint_rank(rank, axis=0)[present], simulated.any(axis=0)[present])
    return rows.add("edition", edition_column(day))


def _share(rows: Rows, filled: np.ndarray, stations: np.ndarray, name: str) -> None:
    # filled: bool (6, station, time), where a value is present; stations: how many are expected, (time,).
    share = filled.sum(axis=(0, 1)) / np.maximum(stations * len(ITEMS), 1)
    rows.numbers(name, filled.any(axis=0).sum(axis=0)).numbers("stations_expected", stations)
    rows.numbers("completeness", np.minimum(share, 1.0))


def _by_edition_at(means: np.ndarray, day: np.ndarray) -> Aqi:
    # The days that have rows need not be consecutive: assess over the span and pick.
    span = np.full((len(ITEMS), int(day[-1] - day[0]) + 1), np.nan)
    span[:, day - day[0]] = means
    whole = _daily(span, int(day[0]))
    at = day - day[0]
    return Aqi(whole.iaqi[:, at], whole.aqi[at], whole.primary[at], whole.level[at], whole.missing[at])


def _joint_rank(rank: np.ndarray, axis: int) -> np.ndarray:
    # The rank of what is made of many rows: reviewed when all of them are, the newest revision among them.
    absent = rank == ABSENT
    revision = np.where(absent, 0, rank % REVISIONS).max(axis=axis, initial=0)
    reviewed = (absent | (rank >= REVISIONS)).all(axis=axis)
    return np.where(absent.all(axis=axis), ABSENT, revision + np.where(reviewed, REVISIONS, 0))


def _with_city(
    tables: list[Rows], held: CityHours, station_means: np.ndarray, rests: _Rests, members: Members, written: _Written
) -> Assessment:
    values = city_mean(held.values)
    means = city_mean(station_means)
    aqi = hourly_report(values, held.first_hour)
    rank = _joint_rank(held.rank, axis=0)
    simulated = held.simulated.any(axis=0)
    wind = city_mean(held.wind_ms)
    present = rank != ABSENT
    if written.city is not None and present.any():
        hour_end = np.arange(held.first_hour, held.end, dtype=np.int32)[present]
        rows = written.rows("air_city_hour").numbers("hour_end", hour_end)
        rows.numbers(CONCENTRATIONS, values[:, present]).numbers(MEANS, means[:, present])
        rows.numbers("aqi", aqi.aqi[present]).numbers("primary_pollutants", aqi.primary[present])
        _add_suspects(rows, SUSPECT, [rests.hour[present], rests.means[present]])
        _share(rows, (~np.isnan(held.values))[..., present], members.expected(hour_end), "stations_reporting")
        _add_wind(rows, wind[:, present], written)
        _trace(rows, rank[present], simulated[present])
        tables.append(rows.add("edition", edition_column(natural_day(hour_end))))
    series = (values, aqi.aqi, aqi.primary, means[4], means[5], rank, simulated, wind)
    return Assessment(tuple(tables), held.first_hour, *series)


def _add_wind(rows: Rows, wind: np.ndarray, written: _Written) -> None:
    if np.isfinite(wind).any():
        rows.numbers(WIND, wind).texts("upwind_weights", weights_texts(wind, written.around, written.city))
    else:
        rows.same(**dict.fromkeys((*WIND, "upwind_weights")))
