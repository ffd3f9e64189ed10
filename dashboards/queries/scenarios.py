"""What measures would change in the cities, and what they have changed after a warning, as stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from ml.scenario.check import Check, effect_check
from ml.scenario.effect import Effect, Shown, effect_from, shown_for
from ml.scenario.free import CUTTABLE, SHARES, FreeTable
from ml.scenario.measures import ANSWERED, FREE, averaged_hours
from ml.scenario.warned import Warned, warned_at
from standards.days import date_of_day, natural_day
from streams.contributors import ALL
from streams.store.attribution import hour_of
from streams.store.lines import EPOCH
from streams.store.scenarios import AHEAD, SINCE, newest_windows, rows_of_window, unpacked_free
from streams.store.schema import air_city_hour

Row = dict[str, Any]
AHEAD_BACK = dt.timedelta(hours=36)
"""An answer about hours to come is not shown any more when its run is older."""
SINCE_BACK = dt.timedelta(days=10)
FORESEEN_BACK = dt.timedelta(hours=48)
OBSERVED = {"pm25": "pm25_ugm3", "o3": "o3_ugm3"}
LEAST_SHARE = 0.75
"""Of the hours of a window so many must be observed."""
_HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Answers:
    """What measures change over a window. first, last, run: moments (naive UTC), ends of hours and start of the run.

    rows: measure and quantity to city to its row.
    """

    first: dt.datetime
    last: dt.datetime
    run: dt.datetime
    rows: Mapping[tuple[str, str], Mapping[str, Row]]

    @property
    def any_row(self) -> Row:
        """Give a row for what all of them share: plan, models, method."""
        return next(iter(next(iter(self.rows.values())).values()))

    @property
    def simulated(self) -> bool:
        """Tell whether any of it is."""
        return any(row["simulated"] for by_city in self.rows.values() for row in by_city.values())

    def of(self, measure: str, quantity: str, city: str) -> Row | None:
        """Give a row, None where there is none."""
        return self.rows.get((measure, quantity), {}).get(city)

    def asked(self, city: str) -> int | None:
        """Give the level that the plan's rules ask of a city, None where it is not known."""
        found = (by_city[city]["asked"] for by_city in self.rows.values() if city in by_city)
        return next(found, None)

    def shown(self, quantity: str) -> Shown:
        """Give how wrong the method was in the season of the window."""
        return shown_for(quantity, date_of_day(int(natural_day(hour_of(self.first)))).month)


@dataclass(frozen=True)
class Checked:
    """The check of a warning that has been in force. level: by city, of those in which it was, the highest of the plan.

    checks: by quantity of the cities in `level`. foreseen: by quantity and city the row of the answer that was there
    before the warning; its window, None where there was none.
    """

    first: dt.datetime
    last: dt.datetime
    level: Mapping[str, int]
    checks: Mapping[str, Check]
    foreseen: Answers | None
    row: Row


def warned(connection: sa.Connection, city: str, hour: dt.datetime) -> Warned | None:
    """Say what the plan's rules ask of a city as one knew it at an hour (naive UTC); None where no plan holds."""
    return warned_at(connection, city, hour_of(hour))


def ahead(connection: sa.Connection, city: str, cities: Sequence[str], hour: dt.datetime) -> Answers | None:
    """Give what measures would change, by the newest run that had started by an hour and reaches beyond it."""
    found = _answers(connection, city, cities, hour, AHEAD, AHEAD_BACK)
    return found if found is not None and found.last > hour else None


def free_effects(answers: Answers, cut: tuple[str, str, float], cities: Sequence[str]) -> dict[str, Effect]:
    """Read a free cut (sector, place, share) off the table of one city, by quantity; what is not answered is left out."""
    sector, place, share = cut
    found = {}
    for quantity in ANSWERED:
        for city, row in answers.rows.get((FREE, quantity), {}).items():
            if not row["packed"]:  # a row that answers nothing
                continue
            try:
                table = _free_table(row, city, cities)
            except ValueError:  # it was worked out for other cities than the registry has now
                continue
            found[quantity] = effect_from(quantity, (city,), table.at(sector, place, share), answers.shown(quantity))
    return found


def checked(connection: sa.Connection, city: str, cities: Sequence[str], hour: dt.datetime) -> Checked | None:
    """Give the check of the last warning that the rules held up to an hour, where it ended not long before."""
    found = _answers(connection, city, cities, hour, SINCE, SINCE_BACK)
    if found is None:
        return None
    level = {each: found.asked(each) or 0 for each in cities}
    level = {each: number for each, number in level.items() if number > 0}
    if not level:
        return None
    before = _answers(connection, city, cities, found.first - _HOUR, AHEAD, FORESEEN_BACK)
    checks = {}
    for quantity in ANSWERED:
        effect = _effect(found, quantity, level)
        if effect is not None:
            checks[quantity] = effect_check(effect, _observed(connection, quantity, effect.receptors, found))
    return Checked(found.first, found.last, level, checks, before, found.any_row)


def _answers(
    connection: sa.Connection, city: str, cities: Sequence[str], hour: dt.datetime, kind: str, back: dt.timedelta
) -> Answers | None:
    window = None
    for each in dict.fromkeys((city, *cities)):  # a city of which no model tells has no rows; the others have
        window = newest_windows(connection, each, hour, kind=kind, back=back)
        if window is not None:
            break
    if window is None:
        return None
    rows: dict[tuple[str, str], dict[str, Row]] = {}
    found = rows_of_window(connection, cities, window, free_of=city if kind == AHEAD else "")
    for row in found:
        rows.setdefault((row["measure"], row["quantity"]), {})[row["city"]] = row
    return Answers(found[0]["first_hour"], window[0], window[1], rows)


def _free_table(row: Row, city: str, cities: Sequence[str]) -> FreeTable:
    shape = len(SHARES), len(CUTTABLE), 1 + len(cities)
    middle, spread = unpacked_free(row["packed"], shape)
    return FreeTable(receptors=(city,), places=(ALL, *cities), level=np.array([row["level"]]),
                     middle=middle[..., None], spread=spread[..., None])  # fmt: skip


def _effect(answers: Answers, quantity: str, level: Mapping[str, int]) -> Effect | None:
    rows = {city: answers.of(f"level:{number}", quantity, city) for city, number in level.items()}
    rows = {city: row for city, row in rows.items() if row is not None and row["change"] is not None}
    if not rows:
        return None
    numbers = {name: np.array([row[name] for row in rows.values()]) for name in ("level", "change", "low", "high")}
    return Effect(quantity=quantity, receptors=tuple(rows), shown=answers.shown(quantity), **numbers)


def _observed(connection: sa.Connection, quantity: str, cities: Sequence[str], answers: Answers) -> np.ndarray:
    """Give what was measured on average (city,), NaN where too few hours are there."""
    hours = averaged_hours(quantity, hour_of(answers.first), hour_of(answers.last))
    c, kept = air_city_hour.c, set(hours.tolist())
    value = c[OBSERVED[quantity]]
    query = sa.select(c.city, c.hour_end, value).where(
        c.city.in_(list(cities)), c.hour_end.between(answers.first, answers.last), value.is_not(None)
    )
    found: dict[str, list[float]] = {city: [] for city in cities}
    for city, end, seen in connection.execute(query):
        if (end - EPOCH) // _HOUR in kept:
            found[city].append(seen)
    enough = LEAST_SHARE * hours.size
    return np.array([np.mean(seen) if len(seen) >= max(enough, 1) else np.nan for seen in found.values()], float)
