"""The summary: sentences that are chosen from the tables, and point into them for every number.

A sentence says nothing of what is NA. A name of a cell that ends in "_size" is shown without its sign, because a word of
direction (phase.trend.…) says it; names "values.0", "values.1" are one list, in the order of the cities beside it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashboards.phase.content import Sentence, Table
from dashboards.phase.further_sentences import further
from dashboards.phase.gathered import Gathered
from dashboards.phase.measures import COMPARED, DAY, GOOD_RATIO, HEAVY, INDEX, Measure
from dashboards.phase.question import REGION, year_before

LISTED = 3
"""Places of a list of the best and of the worst; equal ranks may make it longer."""
FEWEST = 4
"""Cities below which nobody is called best or worst."""
SIZE = "_size"
UNIT = "_unit"
"""Ends the name of a word that is written behind each value of the list of the name before it."""
UNITS = {"µg/m³": "ugm3", "mg/m³": "mgm3", "%": "percent", "pp": "points", "d": "days", "": "none", "h": "hours"}
Tables = dict[str, Table]


def summary(gathered: Gathered, tables: Tables) -> tuple[Sentence, ...]:
    """Give the sentences of an assessment in their order: the whole, ranking, changes, verdicts, and further ones."""
    return tuple(_sentences(gathered, tables))


def _sentences(gathered: Gathered, tables: Tables) -> Iterator[Sentence]:
    if "cities" not in tables:
        return
    if gathered.running:
        first, last = gathered.period.first_date.isoformat(), gathered.period.last_date.isoformat()
        days = ("days", "cities", tables["cities"].rows[0][0], "period_days")
        yield Sentence("phase.say.running", (days,), {"first": first, "last": last})
    against = _against(gathered)
    for place in (REGION,) if tables["cities"].row_of(REGION) else gathered.cities:
        for measure in COMPARED:
            yield from _measured(tables, place, measure, against)
    yield from _ranked(tables)
    yield from _extremes(tables)
    yield from _moved(tables, against)
    yield from _judged(gathered, tables)
    yield from further(tables)


def _against(gathered: Gathered) -> str:
    question = gathered.question
    before = year_before(question.period)
    alike = (before.first_day, before.last_day) == (question.base.first_day, question.base.last_day)
    return "phase.against.year_before" if alike else "phase.against.base"


def _measured(tables: Tables, place: str, measure: Measure, against: str) -> Iterator[Sentence]:
    """Say a number of a place and how it changed."""
    row = tables["cities"].row_of(place)
    if row is None or row[measure.key] is None:
        return
    value = ("value", "cities", place, measure.key)
    words = {
        "place": f"city.{place}",
        "measure": f"phase.measure.{measure.key}",
        "unit": _unit(measure.unit, place),
    }
    changed = tables["change"].row_of(place) if "change" in tables else None
    by = None if changed is None else changed[measure.change]
    if by is None:
        yield Sentence("phase.say.level", (value,), words)
    elif by == 0:
        yield Sentence("phase.say.same", (value,), words | {"against": against})
    else:
        size = ("change_size", "change", place, measure.change)
        more = {"against": against, "direction": direction(measure, by)}
        more["change_unit"] = _unit(measure.change_column.unit, place)
        yield Sentence("phase.say.changed", (value, size), words | more)


def _unit(unit: str, place: str) -> str:
    """Give the catalogue's word for a unit; days of the region are added up over its cities, and are called so."""
    return "phase.unit.city_days" if unit == DAY and place == REGION else f"phase.unit.{UNITS[unit]}"


def direction(measure: Measure, by: float) -> str:
    """Give the catalogue's word for the sign of a change."""
    if measure is HEAVY:
        return "phase.trend.fewer" if by < 0 else "phase.trend.more"
    return "phase.trend.down" if by < 0 else "phase.trend.up"


def _ranked(tables: Tables) -> Iterator[Sentence]:
    """Name the cities with the best and the worst index."""
    ranks = _known(tables, "ranking", "rank")
    if len(ranks) < FEWEST:
        return
    best = [city for city, rank in ranks if rank <= LISTED]
    yield _list("phase.say.best", "ranking", best, INDEX.key)
    worst = _last([(city, -rank) for city, rank in ranks])
    if not set(best) & set(worst):
        yield _list("phase.say.worst", "ranking", worst, INDEX.key)


def _extremes(tables: Tables) -> Iterator[Sentence]:
    """Name the cities with the least and the most PM2.5, and with the most good days."""
    for key, measure, table in (("pm25", COMPARED[0], "cities"), ("good_ratio", GOOD_RATIO, "cities")):
        held = [(city, value) for city, value in _known(tables, table, measure.key) if city != REGION]
        if len(held) < FEWEST:
            continue
        low, high = _last(held), _last([(city, -value) for city, value in held])
        if set(low) & set(high):
            continue
        for end, cities in (("low", low), ("high", high)):
            found = _list(f"phase.say.{key}_{end}", table, cities, measure.key)
            each = {f"values{UNIT}": "phase.unit.percent"} if measure is GOOD_RATIO else {}
            yield Sentence(found.key, found.cells, found.words | each)


def _moved(tables: Tables, against: str) -> Iterator[Sentence]:
    """Name the cities whose index improved and worsened most, where there are enough to be the most of."""
    if len(_known(tables, "change", INDEX.change)) < FEWEST:
        return
    for key, rank, sign in (("improved", "change_rank", -1), ("worsened", "worst_rank", 1)):
        changes = dict(_known(tables, "change", INDEX.change))
        cities = [c for c, place in _known(tables, "change", rank) if place <= LISTED and changes[c] * sign > 0]
        ordered = sorted(cities, key=lambda city: (abs(changes[city]) * -1, city))
        if ordered:
            said = f"phase.say.{key}" if len(ordered) > 1 else f"phase.say.{key}_one"
            found = _list(said, "change", ordered, INDEX.change, name=f"values{SIZE}")
            words = {"against": against, f"values{SIZE}{UNIT}": "phase.unit.percent"}
            yield Sentence(found.key, found.cells, found.words | words)


def _judged(gathered: Gathered, tables: Tables) -> Iterator[Sentence]:
    """Name the cities that comply and those that do not, of a whole year alone: only a year has all its limits."""
    if gathered.running or gathered.question.period.kind != "year" or "verdicts" not in tables:
        return
    table = tables["verdicts"]
    for code in ("complies", "exceeds"):
        cities = [row[0] for row in table.rows if row[0] != REGION and row[table.index("verdict")] == code]
        if cities:
            yield Sentence(f"phase.say.{code}", (), {"cities": [f"city.{city}" for city in cities]})


def _known(tables: Tables, key: str, column: str) -> list[tuple[str, float]]:
    """Give (row code, value) of a column where there is a value; none without the table."""
    if key not in tables:
        return []
    table = tables[key]
    return [(row[0], value) for row, value in zip(table.rows, table.column(column), strict=True) if value is not None]


def _last(values: list[tuple[str, float]]) -> list[str]:
    """Give the codes with the three smallest values, in their order; those equal to the third too."""
    ordered = sorted(values, key=lambda pair: (pair[1], pair[0]))
    bound = ordered[min(LISTED, len(ordered)) - 1][1]
    return [city for city, value in ordered if value <= bound]


def _list(key: str, table: str, cities: list[str], column: str, *, name: str = "values") -> Sentence:
    cells = tuple((f"{name}.{i}", table, city, column) for i, city in enumerate(cities))
    return Sentence(key, cells, {"cities": [f"city.{city}" for city in cities]})
