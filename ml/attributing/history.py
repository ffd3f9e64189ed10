"""A history out of the store and back into it: period after period, each corrected by what was learned before it."""

from __future__ import annotations

import dataclasses
import itertools
import multiprocessing
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from ml.attributing.attributing import attribute_days, changed, relations_of
from ml.attributing.corrections import REACH_DAYS, STEP_DAYS, Learned, Shelf, edge_of, learn_at, learned_from, micro_of
from ml.attributing.drift import relation_of
from ml.attributing.gather import Gathered, gather, newest_hour
from ml.attributing.region import Region, region_of
from ml.attributing.sent import end_to_end
from ml.attributing.spans import Part, episode_parts
from ml.attribution.tags import TagEnsemble
from standards.days import HOURS_PER_DAY
from streams.registry import load
from streams.store import begin_write, open_store
from streams.store.attribution import as_rows, keep_rejects_of
from streams.store.bulk import write
from streams.store.identity import version_after

STEP_H = STEP_DAYS * HOURS_PER_DAY
BACK = -(-REACH_DAYS // STEP_DAYS)
"""So many periods before one are what it is corrected from."""


def run(
    store: str, data: Path, registry: Path | None, first: int, end: int, *, cities: Collection[str] = (), processes: int = 2,
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> int:  # fmt: skip
    """Attribute the epoch hours [first, end) of a store and keep the rows in it; give how many rows were new or changed.

    cities: whose rows are kept, all where empty. Periods are shared out among processes, each a run of them. tell: how
    many periods are done, and of how many.
    """
    edges = list(range(edge_of(first), end, STEP_H))
    shares = [list(map(int, each)) for each in np.array_split(edges, max(1, min(processes, len(edges)))) if len(each)]
    jobs = [(store, data, registry, share, first, end, tuple(cities)) for share in shares]
    if len(jobs) == 1:
        counted, written = 0, 0
        for rows in _some(*jobs[0]):
            counted, written = counted + 1, written + rows
            tell(counted, len(edges))
        return written
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager:
        told = manager.Queue()
        with context.Pool(len(jobs)) as pool:
            results = pool.starmap_async(_work, [(*job, told) for job in jobs])
            done = 0
            while not results.ready() or not told.empty():
                time.sleep(0.1)
                while not told.empty():
                    told.get()
                    done += 1
                    tell(done, len(edges))
            return sum(results.get())


def _work(*job) -> int:
    *given, told = job
    written = 0
    for rows in _some(*given):
        written += rows
        told.put(rows)
    return written


def _some(
    store: str, data: Path, registry: Path | None, edges: Sequence[int], first: int, end: int, cities: tuple[str, ...]
) -> Iterator[int]:
    """Attribute some periods that follow one another; give after each how many rows were written."""
    engine = open_store(store, create=False)
    try:
        known = load(registry)
        newest = newest_hour(engine, tuple(known.cities))
        shelf = Shelf(data / "attribution" / "corrections")
        held: list[Gathered] = []
        relations = relations_of(engine, tuple(known.cities))
        for edge in edges:
            if newest is None or edge > newest:
                yield 0
                continue
            region = region_of(known, edge)
            last = min(edge + STEP_H, end, newest + 1)
            held = held or [_gathered(engine, region, edge - back * STEP_H) for back in range(BACK, 0, -1)]
            if shelf.get(edge) is None:
                shelf.keep(edge, _learned(engine, region, held, edge))
            window = _gathered(engine, region, edge)
            relations.keep(held[-1].first, relation_of(held[-1].tags, held[-1].seen))
            held = [*held[1:], window]
            hours = range(max(first, edge), last)
            done = attribute_days(
                engine, region, edge, edge + STEP_H, shelf.newest(edge), hours=hours, last_hour=newest, gathered=window,
                relations=relations,
            )  # fmt: skip
            parts = [
                (changed(engine, done.rows), done.rejects),
                *episode_parts(engine, region, shelf, set(hours), newest, relations),
            ]
            yield sum(_kept(engine, part, cities, data) for part in parts)
    finally:
        engine.dispose()


def _gathered(engine: sa.Engine, region: Region, edge: int) -> Gathered:
    return gather(engine, region.cities, edge, edge + STEP_H, sites=region.sites)


def _learned(engine: sa.Engine, region: Region, held: Sequence[Gathered], edge: int) -> Learned | None:
    """Learn from the periods before an edge; where they cannot be put together, from the store once more."""
    told = list(itertools.dropwhile(lambda part: part.tags is None, held))
    if not told:
        return None
    whole = joined(told)
    return learn_at(engine, region, edge) if whole is None else learned_from(whole, micro_of(engine, region))


def joined(parts: Sequence[Gathered]) -> Gathered | None:
    """Put what was gathered of spans that follow one another together; None where their tags are laid out differently."""
    ensembles = [part.tags for part in parts]
    if any(e is None for e in ensembles):
        return None
    layouts = {(e.members, e.receptors, e.quantities, e.joint is None, tuple(e.city_of)) for e in ensembles}
    same = [{*part.seen.background, *part.seen.composition} for part in parts]
    if len(layouts) > 1 or any(each != same[0] for each in same):
        return None

    def side(name: str) -> np.ndarray:
        return np.concatenate([getattr(e, name) for e in ensembles], axis=-1)

    tags: TagEnsemble = dataclasses.replace(
        ensembles[0], sector=side("sector"), place=side("place"), removal=None,
        joint=None if ensembles[0].joint is None else side("joint"),
    )  # fmt: skip
    seen = [part.seen for part in parts]
    whole = dataclasses.replace(
        seen[0], items=np.concatenate([s.items for s in seen], axis=-1),
        background={k: np.concatenate([s.background[k] for s in seen], axis=-1) for k in seen[0].background},
        composition={k: np.concatenate([s.composition[k] for s in seen], axis=-1) for k in seen[0].composition},
    )  # fmt: skip
    return dataclasses.replace(
        parts[0], tags=tags, seen=whole, simulated=np.concatenate([p.simulated for p in parts], axis=-1), runs=None,
        sent=None if parts[0].sent is None else end_to_end([part.sent for part in parts]),
    )  # fmt: skip


def _kept(engine: sa.Engine, part: Part, cities: tuple[str, ...], data: Path) -> int:
    rows, rejects = part
    rows = [row for row in rows if not cities or row["city"] in cities]
    if rows or rejects:
        now = time.time()
        with begin_write(engine) as connection:
            if rows:
                write(connection, [as_rows(rows, version_after(0, data))])
            keep_rejects_of(connection, rejects, now)
    return len(rows)
