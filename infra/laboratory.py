"""What `airshed laboratory` does: read tables of laboratories into the store, and say what is measured."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from infra.messages import language, say
from standards.days import SHANGHAI
from standards.laboratory.summary import written

if TYPE_CHECKING:
    from rich.table import Table

    from standards.laboratory.summary import Summary
    from streams.laboratory.keeping import Kept
    from streams.registry import Registry


@dataclass(frozen=True, slots=True)
class Measured:
    """A substance in a medium: the short name of its kind, empty where it is in no list, and what is told of its results."""

    kind: str
    substance: str
    cas: str
    medium: str
    unit: str
    simulated: bool
    summary: Summary


def keep(engine: sa.Engine, path: Path, registry: Registry, *, now: dt.datetime, sheet: str, simulated: bool) -> Kept:
    """Bring a file into the store. now: aware. Errors: OSError where it cannot be read, and those of the database."""
    from streams.laboratory.keeping import keep_samples
    from streams.laboratory.reading import read_file

    read = read_file(path, registry, today=now.astimezone(SHANGHAI).date(), sheet=sheet)
    return keep_samples(engine, read, now=now.astimezone(dt.UTC).replace(tzinfo=None), simulated=simulated)


def summaries(
    engine: sa.Engine, now: dt.datetime, *, every: bool, city: str | None, medium: str | None
) -> Iterator[Measured]:
    """Give what is told of each substance and medium that is measured. every: also of what is in no list. now: aware."""
    from standards.laboratory.new_pollutants import list_for
    from standards.laboratory.summary import summary_of
    from streams.store.laboratory import as_censored, measured, results_of

    today, known_at = now.astimezone(SHANGHAI).date(), now.astimezone(dt.UTC).replace(tzinfo=None)
    known = list_for(today)
    numbers = None if every else {each.cas for kind in known.kinds for each in kind.substances}
    with engine.connect() as connection:
        for each in measured(connection, numbers, today, known_at):
            if medium is not None and each["medium"] != medium:
                continue
            rows = results_of(connection, each["cas"], each["medium"], today, known_at, city=city)
            if rows:
                kind, listed = known.kind_of(each["cas"]), known.substance_of(each["cas"])
                name = each["substance"] if listed is None else listed.name_zh if language() == "zh" else listed.name_en
                yield Measured(
                    kind.short if kind else "", name, each["cas"], each["medium"], each["unit"],
                    bool(each["simulated"]), summary_of(as_censored(rows)),
                )  # fmt: skip


def summary_table(found: list[Measured]) -> Table:
    """Lay out summaries: counts, limits, and the statistics with their intervals, each with why it is not told."""
    from rich.markup import escape
    from rich.table import Table

    from standards.shown import harmless

    table = Table(*say("laboratory_columns").split("|"), title=say("laboratory_title"))
    for each in found:
        told = each.summary
        name = f"{each.substance} {each.cas}" + (f" ({say('laboratory_simulated')})" if each.simulated else "")
        table.add_row(
            each.kind or "-", escape(harmless(name)), say(f"laboratory_medium_{each.medium}"), str(told.n),
            f"{told.detected_share:.0%}", _limits(told), each.unit,
            _told(told.km_unsaid, _median(told), told.km_median_ends),
            _told(told.km_unsaid, written(told.km_mean), told.km_mean_ends),
            _told(told.ros_unsaid, written(told.ros_mean), told.ros_mean_ends),
        )  # fmt: skip
    return table


def _median(told: Summary) -> str:
    return say("laboratory_below") if math.isnan(told.km_median) else written(told.km_median)


def _limits(told: Summary) -> str:
    low, high = told.limits
    known = "" if math.isnan(low) else written(low) if low == high else f"{written(low)}–{written(high)}"
    unknown = say("laboratory_unknown", count=told.unknown_limits) if told.unknown_limits else ""
    return " ".join(part for part in (known, unknown) if part) or "–"


def _told(why: str, value: str, ends: tuple[float, float]) -> str:
    if why:
        return say(f"laboratory_why_{why}")
    return value if all(map(math.isnan, ends)) else f"{value} [{written(ends[0])}, {written(ends[1])}]"
