"""One assessment from what was gathered: pure, so that a frozen publication can be computed again to the byte."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dashboards.phase import compared, core, days_tables, more_tables
from dashboards.phase.assessed import Statistics, statistics_of
from dashboards.phase.content import Content, Table
from dashboards.phase.gathered import ABSENT, REVIEWED, Days, Gathered, base_period
from dashboards.phase.summary import summary
from standards.assessment.periods import Period
from standards.days import date_of_day
from standards.editions import edition_runs

EXPECTED = (
    "cities", "item", "levels", "primary", "verdicts", "reasons", "ranking", "same_edition", "change", "stations", "targets",
    "events", "exceptional", "yearly", "trend", "episodes", "scores", "attribution_sectors", "attribution_places", "weather",
    "months", "days", "coverage", "revisions", "limits",
)  # fmt: skip
"""Tables that an assessment may hold, in their order; "item" stands for the six tables item_so2 to item_pm25."""


def assess(gathered: Gathered) -> Content:
    """Compute an assessment: everything in it follows from what was gathered, and from nothing else.

    Tables are under the edition of the question; where the period crosses the beginning of another edition, by_edition holds
    what each of both says of its part. A table without data is left out, and about["absent"] says why.
    """
    question = gathered.question
    now = _statistics(gathered, gathered.now, gathered.period)
    base = _statistics(gathered, gathered.base, base_period(gathered))
    absent = {"region": "not_asked"} if not question.region else {}
    tables = dict(_tables(gathered, now, base, absent)) if gathered.now.standing.any() else {}
    if not tables:
        absent |= dict.fromkeys(EXPECTED, "no_days")
        tables = {"limits": core.limits(question.edition, gathered.period)}
        absent.pop("limits")
    ordered = tuple(tables[key] for key in _order(tables))
    return Content(
        question=_asked(gathered), about=about(gathered) | {"absent": absent}, tables=ordered,
        summary=summary(gathered, {table.key: table for table in ordered}), by_edition=_by_edition(gathered),
    )  # fmt: skip


def about(gathered: Gathered) -> dict[str, Any]:
    """Tell where the numbers are from and how they stand."""
    there = gathered.now.standing != ABSENT
    reviewed, count = int((gathered.now.standing == REVIEWED).sum()), int(there.sum())
    period, base = gathered.period, base_period(gathered)
    return {
        "simulated": bool(gathered.now.simulated.any()), "base_simulated": bool(gathered.base.simulated.any()),
        "published": bool(gathered.now.published.any()),
        "status": None if not count else "reviewed" if reviewed == count else "provisional" if not reviewed else "mixed",
        "days_known": count, "days_reviewed": reviewed, "running": gathered.running,
        "known_to": None if gathered.known_to is None else date_of_day(gathered.known_to).isoformat(),
        "first": period.first_date.isoformat(), "last": period.last_date.isoformat(), "days": period.n_days,
        "base_first": base.first_date.isoformat(), "base_last": base.last_date.isoformat(),
        "editions_in_force": [edition.name for _, edition in edition_runs(period.first_day, period.n_days)],
        "registry": gathered.registry, "version": gathered.version, "revised_last": gathered.revised_last,
        "forecast_model": gathered.forecast_model,
        "models": sorted({str(row[9]) for row in gathered.attributed} | {str(row[8]) for row in gathered.normalised if row[8]}),
    }  # fmt: skip


def _asked(gathered: Gathered) -> dict[str, Any]:
    question = gathered.question
    return question.texts | {
        "kind": question.period.kind, "cities": list(question.cities), "region": question.region,
        "first": question.period.first_date.isoformat(), "last": question.period.last_date.isoformat(),
        "base_first": question.base.first_date.isoformat(), "base_last": question.base.last_date.isoformat(),
    }  # fmt: skip


def _statistics(gathered: Gathered, days: Days, period: Period) -> Statistics:
    question = gathered.question
    return statistics_of(days, gathered.cities, period, question.edition, region=question.region)


def _tables(
    gathered: Gathered, now: Statistics, base: Statistics, absent: dict[str, str]
) -> Iterable[tuple[str, Table]]:
    """Make all tables that have data; of the others say in `absent` why."""
    for table in _core(now, running=gathered.running):
        yield table.key, table
    comparable = gathered.base.standing.any()
    points = statistics_of(
        gathered.station_now, tuple(s for s, _ in gathered.stations), gathered.period, now.edition, region=False
    ) if gathered.stations else None  # fmt: skip
    made: list[tuple[str, Table | None, str]] = [
        ("reasons", core.reasons(now), "none"),
        ("same_edition", compared.same_edition(now, base) if comparable else None, "base_missing"),
        ("change", compared.change(now, base) if comparable else None, "base_missing"),
        ("stations", core.stations(points, dict(gathered.stations)) if points else None, "no_days"),
        ("months", days_tables.months(gathered), "one_month"),
        ("days", days_tables.calendar(gathered), "no_days"),
        ("coverage", days_tables.coverage(gathered), "no_days"),
        ("revisions", days_tables.revisions(gathered), "none"),
        *more_tables.tables(gathered, now),
    ]
    for key, table, why in made:
        if table is None:
            absent[key] = why
        else:
            yield key, table


def _core(of: Statistics, *, running: bool) -> list[Table]:
    """Make the tables of a period under one edition."""
    made = [core.cities(of), *core.items(of), core.levels(of), core.primary(of), core.verdicts(of, running=running)]
    made += [core.ranking(of), core.limits(of.edition, of.period)]
    return [table for table in made if table is not None]


def _by_edition(gathered: Gathered) -> dict[str, tuple[Table, ...]]:
    """Give the tables of each edition that was in force in a part of the period, over that part; none where it was one."""
    period, question = gathered.period, gathered.question
    runs = edition_runs(period.first_day, period.n_days)
    if len(runs) < 2 or not gathered.now.standing.any():
        return {}
    found = {}
    for part, edition in runs:
        first, last = period.first_day + part.start, period.first_day + part.stop - 1
        name = f"{date_of_day(first)}..{date_of_day(last)}"
        of = statistics_of(
            gathered.now, gathered.cities, Period("campaign", name, first, last), edition.name, region=question.region
        )  # fmt: skip
        found[edition.name] = tuple(_core(of, running=gathered.running))
    return found


def _order(tables: dict[str, Table]) -> list[str]:
    def place(key: str) -> int:
        return EXPECTED.index("item" if key.startswith("item_") else key)

    return sorted(tables, key=place)
