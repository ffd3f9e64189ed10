"""Lets models score the joined hours of a city that a block has changed, and gives their values as rows.

Which hours a change reaches follows from what a score may know. The hours without a forecast look back lookback_h hours, so an
observation reaches as far on. A run sees observations up to its start: one reaches the runs that started within lookback_h after
it. A run that came, or emissions that changed, reach their own hours. So a score depends on the data alone, never on the
order in which they came.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streams.assess.joined import JoinedHours, joined_hours
from streams.desks.citydesk import Changed, observed_hours
from streams.memory.book import Book, Mapping
from streams.memory.emissions import load_emissions
from streams.memory.held import Run
from streams.memory.runs import load_run, runs_from, runs_over
from streams.memory.shelf import Draft, Shelf
from streams.records import Rejected, ScorerNotice
from streams.registry.roster import Roster
from streams.results import Rows
from streams.scorers import Scorer, ScorerFailed, Scorers, unscored


@dataclass(slots=True)
class Scored:
    """Rows of values, and the hours for which a scorer had none."""

    rows: list[Rows]
    rejected: list[Rejected]


def score(changed: Changed, key: str, book: Book, held: Shelf | Mapping, roster: Roster, scorers: Scorers) -> Scored:
    """Let all scorers at work score what a change reaches at the desk of a city. Errors: ArchiveError, as streams.memory.shelf."""
    held = Draft(held)  # nothing is changed here, and each piece is read once
    scored = Scored([], scorers.take({n: ScorerNotice(**notice) for n, notice in book.scorers.items()}))
    for scorer in scorers.at_work():
        failed: ScorerFailed | None = None
        for hours in _reached(changed, key, book, held, roster, scorer):
            try:
                if failed is None:
                    scored.rows += _rows(scorer, hours, scorers.run(scorer, hours), book.version)
            except ScorerFailed as error:
                failed = error  # the next block of this scorer would most likely fare no better, and is only named
            if failed is not None:
                scored.rejected.append(unscored(scorer, hours, failed))
    return scored


def _reached(
    changed: Changed, key: str, book: Book, held: Mapping, roster: Roster, scorer: Scorer
) -> list[JoinedHours]:
    look = scorer.lookback_h
    blocks = []
    if scorer.of_runs:
        for run in _runs(changed, held, look):
            blocks.append(_hours(run.first_hour, run.end, run, key, book, held, roster, scorer))
    if scorer.of_hours and changed.feed != "forecast":
        first, end = changed.first, changed.end + (look if changed.feed == "observation" else 0)
        last = book.observed_end  # nothing is observed from here on
        if first < min(end, last):
            blocks.append(_hours(first, min(end, last), None, key, book, held, roster, scorer))
    return blocks


def _runs(changed: Changed, held: Mapping, look: int) -> list[Run]:
    if changed.feed == "forecast":
        run = load_run(held, changed.run)
        return [] if run is None else [run]
    if changed.feed == "observation":
        return runs_from(held, changed.first, changed.end - 1 + look)
    return runs_over(held, changed.first, changed.end)


def _hours(
    first: int, end: int, run: Run | None, key: str, book: Book, held: Mapping, roster: Roster, scorer: Scorer
) -> JoinedHours:
    start = first - scorer.lookback_h if run is None else min(first, run.run_init + 1) - scorer.lookback_h
    observed = observed_hours(key, book, held, roster, start, end)
    origins = tuple(place.code for place in roster.cities if place.code != key)
    emissions = load_emissions(held, start, end, city=key, origins=origins)
    return joined_hours(
        observed, emissions, run, city=key, around=roster.cities, context=first - start, needs=scorer.needs
    )


def _rows(scorer: Scorer, hours: JoinedHours, found: dict[str, np.ndarray], version: int) -> list[Rows]:
    first, simulated = hours.first_hour + hours.context, hours.simulated[hours.context :]
    made = []
    for quantity, values in found.items():
        # Hours without a value are written too: they may have had one, of data that were corrected since.
        keep = hours.known[hours.context :] | np.isfinite(values)
        if keep.any():
            rows = Rows("model_hour").same(city=hours.city, run=hours.run, model=scorer.name, quantity=quantity)
            rows.same(model_version=scorer.version, version=version).numbers("simulated", simulated[keep])
            rows.numbers("hour_end", (first + np.flatnonzero(keep)).astype(np.int32)).numbers("value", values[keep])
            made.append(rows)
    return made
