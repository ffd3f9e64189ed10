"""Hours in any number, part by part: each within one period of corrections, then the episodes that they lie in."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator

import sqlalchemy as sa

from ml.attributing.attributing import (
    SOURCE,
    attribute_days,
    changed,
    episode_rows_of,
    episode_spans,
    relations_of,
)
from ml.attributing.corrections import Shelf, edge_of
from ml.attributing.drift import Relations
from ml.attributing.region import Region
from ml.attributing.rows import Row
from standards.days import HOURS_PER_DAY, first_hour_of_day, natural_day
from streams.records import Rejected

Part = tuple[list[Row], list[Rejected]]


def attributed(
    engine: sa.Engine, region: Region, shelf: Shelf, hours: Collection[int], newest: int,
    relations: Relations | None = None,
) -> Iterator[Part]:  # fmt: skip
    """Attribute hours up to the newest observed one: rows that are not stored yet, and rejects, the newest days first and
    episodes last.

    relations: remembers how observations stood to tags. A part that fails is a reject in words and costs no other part.
    """
    relations = relations or relations_of(engine, region.cities)
    wanted = {hour for hour in hours if hour <= newest}
    for first, end in reversed(list(_parts(wanted))):
        inside = {hour for hour in wanted if first <= hour < end}
        end = min(end, newest + 1)
        try:
            learned = shelf.newest(edge_of(first))
            done = attribute_days(
                engine, region, first, end, learned, hours=inside, last_hour=newest, relations=relations
            )
            yield changed(engine, done.rows), done.rejects
        except sa.exc.OperationalError:
            raise
        except Exception as error:
            yield [], [_failed(f"hours {first} to {end - 1}", end - 1, error)]
    yield from episode_parts(engine, region, shelf, wanted, newest, relations)


def episode_parts(
    engine: sa.Engine, region: Region, shelf: Shelf, hours: Collection[int], newest: int, relations: Relations
) -> Iterator[Part]:
    """Attribute the episodes that some hours lie in, up to each of them: rows that are not stored yet, and rejects."""
    for kind, begun, inside in episode_spans(engine, hours):
        try:
            yield _episode(engine, region, shelf, kind, begun, inside, newest, relations), []
        except sa.exc.OperationalError:
            raise
        except Exception as error:
            yield [], [_failed(f"episode {kind} of hour {begun}", inside[-1], error)]


def _episode(
    engine: sa.Engine, region: Region, shelf: Shelf, kind: str, begun: int, inside: list[int], newest: int,
    relations: Relations,
) -> list[Row]:  # fmt: skip
    """Attribute an episode up to each of some of its hours, by what was learned before it began."""
    first = int(first_hour_of_day(int(natural_day(begun))))
    done = attribute_days(
        engine, region, first, inside[-1] + 1, shelf.newest(edge_of(begun)), hours=(), last_hour=newest,
        relations=relations,
    )  # fmt: skip
    return changed(engine, episode_rows_of(done, kind, begun, inside))


def _parts(hours: Collection[int]) -> Iterator[tuple[int, int]]:
    """Put the days of some hours together, those that follow one another in one period, as [first hour, end)."""
    days = sorted({int(natural_day(hour)) for hour in hours})
    numbered = enumerate(days)
    for _, group in itertools.groupby(numbered, key=lambda at: (at[1] - at[0], edge_of(int(first_hour_of_day(at[1]))))):
        together = [day for _, day in group]
        yield int(first_hour_of_day(together[0])), int(first_hour_of_day(together[-1])) + HOURS_PER_DAY


def _failed(where: str, hour: int, error: Exception) -> Rejected:
    return Rejected(
        SOURCE, where, "attribution failed", f"{type(error).__name__}: {error}", "tags and observations that fit",
        hour_end=hour,
    )  # fmt: skip
