"""What `airshed normalise` does: fill the months of series in the usual weather of the season, and say what they tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from infra.datadir import DataDirectory
from infra.feeding import open_own, require_own
from streams.store import begin_write
from streams.store.bulk import write
from streams.store.normalised import as_rows, next_version


@dataclass(frozen=True, slots=True)
class Filled:
    """What was written of a city and item: months, of them told, and why the others are not, as codes of the column."""

    city: str
    item: str
    months: int
    told: int
    skill: float | None
    why: tuple[str, ...]


def normalise(
    data: DataDirectory,
    store: str,
    *,
    cities: Sequence[str],
    items: Sequence[str],
    tell: Callable[[str, str], None] | None = None,
) -> list[Filled]:
    """Fill normalised_month from a store, a city and item at a time; what stands there is replaced.

    tell: is told city and item before each.
    """
    from ml.normalise.months import normalise_store

    engine, filled = open_own(data, store), []
    try:
        require_own(data, engine)
        for rows in normalise_store(engine, cities, items, tell=tell):
            if not rows:
                continue
            with begin_write(engine) as connection:
                write(connection, [as_rows(rows, next_version(connection, int(time.time() * 1000)))])
            silent = {row["unanswered"] for row in rows if row["unanswered"]}
            told = sum(row["normalised"] is not None for row in rows)
            filled.append(
                Filled(rows[0]["city"], rows[0]["item"], len(rows), told, rows[0]["skill"], tuple(sorted(silent)))
            )
    finally:
        engine.dispose()
    return filled
