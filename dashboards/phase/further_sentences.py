"""Sentences of targets, exceptional events, trend, episodes, sources and weather: what is not there or not known is not said."""

from __future__ import annotations

from collections.abc import Iterator

from dashboards.phase.content import BETWEEN, Sentence, Table, Value
from dashboards.phase.question import REGION

Tables = dict[str, Table]
MOST_PLACES = 3
"""Places of which each has a sentence of its own where the region has none."""
NAMED = 3
"""Sectors of a city that are named."""
KEPT, BEHIND = ("met", "on_path"), ("off_path", "missed", "lost")
TARGETS = (
    ("pm25_to_date", "pm25", "pm25_to_date_ugm3", "pm25_target_ugm3", "pm25_gap_ugm3", "pm25_left_ugm3", "ugm3", "ugm3"),
    ("good_ratio_to_date", "good_ratio", "good_ratio_to_date_pct", "good_ratio_target_pct", "good_ratio_gap_pp",
     "bad_days_left_d", "percent", "points"),
    ("heavy_to_date", "heavy", "heavy_to_date_d", "heavy_target_d", "heavy_gap_d", "heavy_left_d", "days", "days"),
)  # fmt: skip
"""Of each target: word of the measure, stem of its state, columns of value, target, gap and rest, units of value and gap."""
WITHOUT = (("pm10", "pm10_mean_ugm3", "pm10_without_ugm3"), ("pm25", "pm25_mean_ugm3", "pm25_without_ugm3"))
TRENDS = (("pm25_mean_ugm3", "ugm3"), ("o3_mda8_p90_ugm3", "ugm3"), ("good_ratio_pct", "points"))
"""Measures whose trend is told, with the unit of their change."""


def further(tables: Tables) -> Iterator[Sentence]:
    """Give the sentences in their order."""
    if "targets" in tables:
        yield from _targets(tables["targets"])
    if "exceptional" in tables:
        yield from _without_events(tables["exceptional"])
    if "trend" in tables:
        yield from _trends(tables["trend"])
    if "episodes" in tables:
        yield from _episodes(tables["episodes"])
    if "attribution_sectors" in tables:
        yield from _sources(tables["attribution_sectors"])
    if "weather" in tables:
        yield from _weather(tables["weather"])


def _targets(table: Table) -> Iterator[Sentence]:
    """Say how far the region is from each of its targets, and which cities keep theirs."""
    places = _spoken_of(table)
    for target in TARGETS:
        for place in places:
            yield from _one_target(table, place, *target)
        measure, state = f"phase.measure.{target[0]}", table.index(f"{target[1]}_state")
        for key, states in (("kept", KEPT), ("behind", BEHIND)):
            cities = [f"city.{row[0]}" for row in table.rows if row[0] != REGION and row[state] in states]
            if cities and REGION in places:
                yield Sentence(f"phase.say.targets_{key}", (), {"cities": cities, "measure": measure})


def _one_target(
    table: Table, place: str, measure: str, stem: str, value: str, target: str, gap: str, rest: str, unit: str, gap_unit: str
) -> Iterator[Sentence]:  # fmt: skip
    row = table.row_of(place)
    if row is None or row[gap] is None:
        return
    if place == REGION:  # its days are added up over the cities
        unit, gap_unit = ("city_days" if each == "days" else each for each in (unit, gap_unit))
    cells = (("value", "targets", place, value), ("target", "targets", place, target))
    words = {"place": f"city.{place}", "measure": f"phase.measure.{measure}", "unit": f"phase.unit.{unit}"}
    words["state"] = f"phase.target_state.{row[f'{stem}_state']}"
    if row[gap] == 0:
        yield Sentence("phase.say.target_even", cells, words)
    else:
        words |= {"direction": f"phase.beside.{'above' if row[gap] > 0 else 'below'}"}
        size = ("gap_size", "targets", place, gap)
        more = words | {"gap_unit": f"phase.unit.{gap_unit}"}
        yield Sentence("phase.say.target", (cells[0], size, cells[1]), more)
    if row[f"{stem}_state"] == "off_path" and row[rest] is not None:
        left = (("days", "targets", place, "left_days"), ("left", "targets", place, rest))
        days = "city_days" if place == REGION else "days"
        limit = {"limit": f"phase.left.{stem}", "left_unit": f"phase.unit.{'ugm3' if unit == 'ugm3' else days}"}
        yield Sentence("phase.say.target_left", left, {"place": words["place"]} | limit)


def _without_events(table: Table) -> Iterator[Sentence]:
    """Say the concentrations without the events beside those with them, which both count for something."""
    for place in _spoken_of(table):
        row = table.row_of(place) or {}
        for item, value, without in WITHOUT:
            if row.get(value) is None or row.get(without) is None or not row.get(f"excluded_{item}_days"):
                continue
            cells = (("without", "exceptional", place, without), ("value", "exceptional", place, value))
            words = {"place": f"city.{place}", "measure": f"phase.measure.{value}", "unit": "phase.unit.ugm3"}
            yield Sentence("phase.say.without_events", cells, words)


def _trends(table: Table) -> Iterator[Sentence]:
    """Name the cities with a trend that is significant, with its size where size and trend go the same way."""
    for measure, unit in TRENDS:
        for verdict, sign in (("falling", -1), ("rising", 1)):
            rows = [row for row in _rows(table) if row["measure"] == measure and row["trend_verdict"] == verdict]
            if not rows:
                continue
            words = {"cities": [f"city.{row['city']}" for row in rows], "measure": f"phase.measure.{measure}"}
            if len(rows) > MOST_PLACES or any(
                row["slope_per_year"] is None or row["slope_per_year"] * sign <= 0 for row in rows
            ):
                yield Sentence(f"phase.say.trend_{verdict}_named", (), words)
                continue
            cells = tuple(
                (f"values_size.{i}", "trend", BETWEEN.join((row["city"], measure)), "slope_per_year")
                for i, row in enumerate(rows)
            )
            key = f"phase.say.trend_{verdict}" if len(rows) > 1 else f"phase.say.trend_{verdict}_one"
            yield Sentence(key, cells, words | {"unit": f"phase.unit.{unit}"})


def _episodes(table: Table) -> Iterator[Sentence]:
    """Count the episodes of each kind, and tell of the one with the highest peak."""
    for kind in ("haze", "ozone"):
        rows = [row for row in _rows(table) if row["episode_kind"] == kind]
        peaks = [row for row in rows if None not in (row["peak_value_ugm3"], row["peak_city"], row["peak"])]
        if not peaks:
            continue
        worst = max(peaks, key=lambda row: (row["peak_value_ugm3"], row["start"]))
        cells = tuple((name, "episodes", worst["episode"], column) for name, column in (
            ("start", "start"), ("peak", "peak"), ("value", "peak_value_ugm3")
        ))  # fmt: skip
        words = {"kind": f"phase.episode.{kind}", "place": f"city.{worst['peak_city']}", "count": str(len(rows))}
        yield Sentence(f"phase.say.episodes{'' if len(rows) > 1 else '_one'}", cells, words)


def _sources(table: Table) -> Iterator[Sentence]:
    """Name the sectors of each city, where they are few, from which most of its fine particles come, and what is from outside."""
    cities = dict.fromkeys(row["city"] for row in _rows(table))
    if len(cities) > MOST_PLACES:
        yield from _from_outside(table)
        return
    for city in cities:
        rows = [row for row in _rows(table) if (row["city"], row["quantity"]) == (city, "pm25")]
        inside = [row for row in rows if row["sector"] != "outside" and row["share_pct"] is not None]
        largest = sorted(inside, key=lambda row: (-row["share_pct"], row["sector"]))[:NAMED]
        if len(largest) < NAMED:
            continue
        codes = [*(row["sector"] for row in largest), "outside"]
        found = [BETWEEN.join((city, "pm25", code)) for code in codes]
        cells = [(f"values.{i}", "attribution_sectors", key, "share_pct") for i, key in enumerate(found[:-1])]
        words = {"place": f"city.{city}", "sectors": [f"sector.{code}" for code in codes[:-1]]}
        beyond = table.row_of(found[-1])
        if beyond is None or beyond["share_pct"] is None:
            yield Sentence("phase.say.sources", tuple(cells), words | {"values_unit": "phase.unit.percent"})
        else:
            cells.append(("outside", "attribution_sectors", found[-1], "share_pct"))
            yield Sentence("phase.say.sources_outside", tuple(cells), words | {"values_unit": "phase.unit.percent"})


def _from_outside(table: Table) -> Iterator[Sentence]:
    """Name the cities of which the largest part of the fine particles comes from outside the region; equal ones too."""
    rows = [
        r for r in _rows(table) if (r["quantity"], r["sector"]) == ("pm25", "outside") and r["share_pct"] is not None
    ]
    mine = _largest(rows, "share_pct")
    if len(rows) > MOST_PLACES and len(mine) < len(rows):
        cells = tuple(
            (f"values.{i}", "attribution_sectors", BETWEEN.join((row["city"], "pm25", "outside")), "share_pct")
            for i, row in enumerate(mine)
        )
        words = {"cities": [f"city.{row['city']}" for row in mine], "values_unit": "phase.unit.percent"}
        yield Sentence("phase.say.outside_high", cells, words)


def _largest(rows: list[dict[str, Value]], key: str) -> list[dict[str, Value]]:
    """Give the three rows with the largest size of a value, and those equal to the third, the largest first."""
    ordered = sorted(rows, key=lambda row: (-abs(row[key]), row["city"]))
    return [row for row in ordered if abs(row[key]) >= abs(ordered[min(NAMED, len(ordered)) - 1][key])]


def _weather(table: Table) -> Iterator[Sentence]:
    """Name the cities whose fine particles the weather raised and lowered most against the base, beyond its uncertainty."""
    rows = [row for row in _rows(table) if row["item"] == "pm25" and _beyond(row)]
    for key, sign in (("raised", 1), ("lowered", -1)):
        mine = _largest([row for row in rows if row["weather_part_ugm3"] * sign > 0], "weather_part_ugm3")
        if not mine:
            continue
        codes = [BETWEEN.join((row["city"], "pm25")) for row in mine]
        cells = [(f"values_size.{i}", "weather", code, "weather_part_ugm3") for i, code in enumerate(codes)]
        words = {"cities": [f"city.{row['city']}" for row in mine]}
        yield Sentence(f"phase.say.weather_{key}{'' if len(mine) > 1 else '_one'}", tuple(cells), words)


def _beyond(row: dict[str, Value]) -> bool:
    """Tell whether the weather's part is larger than the half width of its interval: less is not told from nothing."""
    part, half = row["weather_part_ugm3"], row["weather_half_ugm3"]
    return part is not None and half is not None and abs(part) > half


def _spoken_of(table: Table) -> list[str]:
    """Give the region where it has a row, else the places where they are few."""
    if table.row_of(REGION) is not None:
        return [REGION]
    places = [str(row[0]) for row in table.rows]
    return places if len(places) <= MOST_PLACES else []


def _rows(table: Table) -> list[dict[str, Value]]:
    return [{c.key: value for c, value in zip(table.columns, row, strict=True)} for row in table.rows]
