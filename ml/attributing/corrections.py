"""Corrections of tags, learned at the edges of fixed periods from the days before, and kept as files.

Edges are alike for everybody and for ever, so a history and a live platform correct an hour from the same days, all of
them over before the hour. A file holds numbers and JSON, and is never changed once it holds a correction: what was
learned stays what was known. Where there was nothing to learn from, that is looked at again after a day.
"""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from ml.attributing.drift import Usual, relation_of, usual_of
from ml.attributing.gather import Gathered, gather
from ml.attributing.instruments import micro_medians
from ml.attributing.region import Region
from ml.attributing.sent import completed, lacking
from ml.attribution.learn import FINE, Correction, Factors, learn
from ml.attribution.misfit import LEAST_DAYS, Misfit
from ml.attribution.observations import Observations
from ml.attribution.tags import SOURCES, AttributionError
from standards.days import HOURS_PER_DAY, date_of_day, first_hour_of_day, natural_day
from standards.whole_files import write_whole

LOG = logging.getLogger("airshed.attribution")
STEP_DAYS, REACH_DAYS = 15, 45
"""A correction serves for so many days, and is learned from so many before them."""
AGAIN_S = 86_400.0
Micro = Callable[[np.ndarray, int, int], np.ndarray | None]
_PARTS = ("fine", "carried", "ozone", "ozone_carried")


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """A correction, the first and last epoch hour that it was learned from, and how observations stood to tags then, None
    where that is not known (a file of before)."""

    correction: Correction
    first: int
    last: int
    usual: Usual | None = None


def edge_of(hour: int) -> int:
    """Give the first hour of the period that an epoch hour lies in."""
    return int(first_hour_of_day(int(natural_day(hour)) // STEP_DAYS * STEP_DAYS))


def learn_at(engine: sa.Engine, region: Region, edge: int) -> Learned | None:
    """Learn the correction of the period that begins at an edge; None where too little is known."""
    first = edge - REACH_DAYS * HOURS_PER_DAY
    return learned_from(gather(engine, region.cities, first, edge, sites=region.sites), micro_of(engine, region))


def micro_of(engine: sa.Engine, region: Region) -> Micro:
    """Give what reads the micro-stations of a region: of some of its cities alone, for there may be hundreds."""

    def read(wanted: np.ndarray, first: int, last: int) -> np.ndarray | None:
        cities = {city for city, has in zip(region.cities, wanted, strict=True) if has}
        stations = {code: city for code, city in region.micro.items() if city in cities}
        return micro_medians(engine, stations, region.cities, first, last + 1) if stations else None

    return read


def learned_from(gathered: Gathered, micro: Micro = lambda *_: None) -> Learned | None:
    """Learn from gathered hours that begin and end with natural days, those before the first tags left out.

    micro: reads medians of micro-stations (item, city, hour) for the cities that are wanted, bool (city,), first and last
    epoch hour; it is asked for the cities of which the stations lack a day. None where tags and observations share fewer
    than LEAST_DAYS days, or the tags lack what a correction needs.
    """
    if gathered.tags is None:
        return None
    told = np.isfinite(gathered.tags.sector).all(axis=(0, 1, 3))[: len(gathered.cities)].all(axis=0)
    begin, end = _run_of_days(told.reshape(-1, HOURS_PER_DAY).all(axis=1))
    if end - begin < LEAST_DAYS:
        return None
    first, last = (gathered.first + day * HOURS_PER_DAY for day in (begin, end))
    tags, seen = gathered.tags.between(first, last - 1), observed_in(gathered, first, last - 1, micro)
    try:
        found = learn(tags, seen)
    except (AttributionError, np.linalg.LinAlgError):
        return None
    return Learned(found, first, found.last_hour, usual_of(relation_of(tags, seen)))


def observed_in(gathered: Gathered, first: int, last: int, micro: Micro = lambda *_: None) -> Observations:
    """Give all that was observed from one epoch hour up to another, whole natural days, as a correction learns from it."""
    seen = gathered.seen.between(first, last)
    if gathered.tags is None or gathered.sent is None:
        return seen
    wanted = lacking(seen.items)
    medians = micro(wanted, first, last) if wanted.any() else None
    return completed(seen, gathered.tags.between(first, last), gathered.sent.between(first, last), medians)


def _run_of_days(told: np.ndarray) -> tuple[int, int]:
    """Give the last run of days without a gap, as [begin, end)."""
    there = np.flatnonzero(told)
    if not there.size:
        return 0, 0
    end = int(there[-1]) + 1
    gaps = np.flatnonzero(~told[:end])
    return (int(gaps[-1]) + 1 if gaps.size else 0), end


class Shelf:
    """Corrections on disk, by the edge of their period."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[int, Learned | None] = {}

    def path(self, edge: int) -> Path:
        """Name the file of a period."""
        return self.folder / f"{date_of_day(int(natural_day(edge)))}.npz"

    def due(self, edge: int) -> bool:
        """Tell whether a period still has to be learned: never looked at, or in vain more than a day ago."""
        try:
            held = self.path(edge).stat()
        except FileNotFoundError:
            return True
        return self.get(edge) is None and abs(time.time() - held.st_mtime) > AGAIN_S

    def get(self, edge: int) -> Learned | None:
        """Give the correction of a period, None where there is none (yet) or its file is damaged."""
        if self._known.get(edge) is None:
            self._known[edge] = self._read(edge)
        return self._known[edge]

    def newest(self, edge: int, *, back: int = 6) -> Learned | None:
        """Give the correction of a period, or while it is not learned that of one of the periods before."""
        for each in range(edge, edge - back * STEP_DAYS * HOURS_PER_DAY, -STEP_DAYS * HOURS_PER_DAY):
            if (found := self.get(each)) is not None:
                return found
        return None

    def keep(self, edge: int, learned: Learned | None) -> None:
        """Write what was learned, or that nothing could be; the file is there whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.path(edge), _bytes(learned), synced=False)
        self._known.pop(edge, None)

    def _read(self, edge: int) -> Learned | None:
        try:
            with np.load(self.path(edge), allow_pickle=False) as held:
                return _learned({name: held[name] for name in held.files})
        except FileNotFoundError:
            return None
        except Exception as error:
            # Whatever the libraries raise for a broken archive: it is learned anew, and attribution goes on without it.
            LOG.warning("%s cannot be read and is learned anew: %s", self.path(edge), error)
            return None


def _bytes(learned: Learned | None) -> bytes:
    arrays: dict[str, np.ndarray] = {}
    about: dict[str, object] = {"learned": learned is not None}
    if learned is not None:
        c = learned.correction
        about |= {
            "cities": c.cities, "feeds": c.feeds, "likely": c.likely, "last_hour": c.last_hour, "first": learned.first,
            "last": learned.last, "misfit": c.misfit.names,
        }  # fmt: skip
        arrays |= {"parts": c.parts, "misfit": c.misfit.values}
        if learned.usual is not None:
            arrays["usual"] = np.stack([learned.usual.mean, learned.usual.deviation, learned.usual.days])
        for side in ("factors", "errors"):
            arrays |= {f"{side}_{part}": getattr(getattr(c, side), part).astype(np.float32) for part in _PARTS}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, about=np.array(json.dumps(about)), **arrays)
    return buffer.getvalue()


def _learned(held: Mapping[str, np.ndarray]) -> Learned | None:
    about = json.loads(str(held["about"]))
    if not about["learned"]:
        return None
    sides = [Factors(*(held[f"{side}_{part}"].astype(np.float64) for part in _PARTS)) for side in ("factors", "errors")]
    _require_whole(sides, len(about["cities"]))
    correction = Correction(
        cities=tuple(about["cities"]), factors=sides[0], errors=sides[1], likely=tuple(about["likely"]),
        feeds=tuple(about["feeds"]), misfit=_misfit(about.get("misfit", ()), held), parts=held["parts"],
        last_hour=about["last_hour"],
    )  # fmt: skip
    usual = Usual(*held["usual"]) if "usual" in held else None
    return Learned(correction, about["first"], about["last"], usual)


def _require_whole(sides: Sequence[Factors], cities: int) -> None:
    """Raise ValueError where factors have not the shapes of so many cities, or are no numbers: a correction is whole or none."""
    shapes = [(len(FINE), cities, len(SOURCES)), (cities, cities), (cities, len(SOURCES)), (cities, cities)]
    for side in sides:
        for part, shape in zip(_PARTS, shapes, strict=True):
            values = getattr(side, part)
            if values.shape[-len(shape) :] != shape or not np.isfinite(values).all():
                raise ValueError(f"{part} has the shape {values.shape}, expected finite numbers of {shape}")


def _misfit(names: Sequence[Sequence[str]], held: Mapping[str, np.ndarray]) -> Misfit:
    """Give how the items of the span stood over the tags, by which an hour's items are judged; without it (a file of before)
    they say nothing. How pseudo-worlds are asked for it is needed in learning alone."""
    values = held["misfit"] if names else np.zeros(0)
    return Misfit(tuple((feed, receptor, what) for feed, receptor, what in names), values, ())
