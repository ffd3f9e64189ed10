"""Read what lies at a path into lines for the topics, with what is said of it: the part of publishing that touches strange bytes.

What comes out is text and numbers alone, so that it can cross from a process that reads into the one that publishes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from streams import sources
from streams.intake import ground
from streams.intake.archives import EXPECTED, Opened, is_archive, opened_archive
from streams.intake.releases import Releases, as_first_delivered, release_of
from streams.records import ObservationBlock, Rejected, SpeciesBlock
from streams.registry import Registry
from streams.sources.files import beside, opened, parts_of, shown
from streams.sources.tally import Origin, Parsed, Unusable
from streams.wire import messages

LOG = logging.getLogger("airshed.ingest")
HourByHour = ObservationBlock | SpeciesBlock
"""Blocks that a paced replay publishes hour by hour."""
REASONS = 5
"""How many reasons of one file are told to who asked for it to be read."""
_OVER_TIME = ("values", "present", "wind_ms", "below_ppb", "below_ugm3", "lines")
"""Arrays of such a block whose last axis is time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be read, and how.

    roots: real paths below which it must lie, none where a person named it. scratch: a folder in which archives are unpacked.
    skip: files of it (of an archive) that are known already. paced: whether what was measured is to be published hour by hour.
    memory_mb: how much memory there is for it [MB]. journal: where it is remembered when which bytes came first, nowhere where
    that is not asked for (streams.intake.releases). alarm_s: when a process of its own gives itself up over a file [s].
    """

    unit: str
    received_at: float
    simulated: bool
    all_stations: bool
    roots: tuple[str, ...] = ()
    scratch: str = ""
    paced: bool = False
    skip: int = 0
    memory_mb: int = 0
    alarm_s: int = 0
    journal: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """Which file is read from here on, as it is shown, and by which feed."""

    file: str
    source: str


@dataclass(frozen=True, slots=True)
class Brought:
    """What one file brought: lines for the topics by schema (hourly: with their epoch hours), lines for the intake, and counts.

    reasons: the first that were given, in words; complaint: the one line that tells a person what is wrong, empty where nothing is.
    """

    source: str
    file: str
    digest: str = ""
    rows: int = 0
    rejected: int = 0
    set_aside: int = 0
    blocks: int = 0
    reasons: tuple[str, ...] = ()
    complaint: str = ""
    lines: dict[str, list[str]] = field(default_factory=dict)
    hourly: list[tuple[int, str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """About how much memory it takes [bytes]."""
        lines = (
            *self.said,
            *(line for _, _, line in self.hourly),
            *(line for each in self.lines.values() for line in each),
        )
        return sum(map(len, lines))

    def as_plain(self) -> dict:
        """Give it as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: dict) -> Brought:
        """Take it back from JSON. Errors: TypeError, ValueError where it is something else."""
        hourly = [(int(hour), str(schema), str(line)) for hour, schema, line in plain.pop("hourly")]
        return cls(**{**plain, "reasons": tuple(plain["reasons"])}, hourly=hourly)


def read(asked: Asked, registry: Registry) -> Iterator[Begun | Brought]:
    """Read a file, an inventory or all that is in an archive; give for each file that it is begun, and what it brought.

    Errors: OSError where the file itself cannot be read, or an archive cannot be unpacked for want of room.
    """
    path = Path(asked.unit)
    with ExitStack() as kept:
        with ground.held(parts_of(path), asked.roots, beside=beside(path)) if asked.roots else nullcontext():
            if path.is_dir() or not is_archive(path):
                yield from _one(path, shown(path), asked, registry)
                return
            file = kept.enter_context(opened(path))
        yield Begun(shown(path), sources.UNKNOWN)
        scratch = Path(asked.scratch) if asked.scratch else None
        yield from _members(kept.enter_context(opened_archive(file, scratch, shown(path))), asked, registry)


def refusal(asked: Asked, begun: Begun, problem: Unusable) -> Brought:
    """Give the answer to a file of which nothing can be used."""
    origin = Origin(begun.source, begun.file, "", asked.received_at, asked.simulated)
    return _brought(sources.refused(origin, problem), paced=False)


def _members(found: Opened, asked: Asked, registry: Registry) -> Iterator[Begun | Brought]:
    """Read the files of an archive that was unpacked; the first of what it brought says what was not unpacked, and why."""
    if asked.skip == 0:
        yield _said_of(found, asked)
    for n, (path, name) in enumerate(found.units, start=1):
        if n >= asked.skip:
            yield from _one(path, name, asked, registry)


def _said_of(found: Opened, asked: Asked) -> Brought:
    """Say of an archive what in it is not read."""
    if found.refused:
        return refusal(asked, Begun(found.name, sources.UNKNOWN), Unusable("file", found.refused, "", EXPECTED))
    rejected = [
        Rejected(
            source=sources.UNKNOWN, file=name, position="file", reason=reason, value="", expected=EXPECTED, rows=0,
            set_aside=not wrong,
        )
        for name, reason, wrong in found.aside
    ]  # fmt: skip
    said = [messages.rejected_line(each, asked.received_at) for each in rejected]
    wrong = [each for each in rejected if not each.set_aside]
    complaint = f"{wrong[0].file}: {wrong[0].reason}" if wrong else ""
    reasons = tuple(dict.fromkeys(each.reason for each in rejected))[:REASONS]
    return Brought(sources.UNKNOWN, found.name, reasons=reasons, complaint=complaint, said=said)


def _one(path: Path, name: str, asked: Asked, registry: Registry) -> Iterator[Begun | Brought]:
    feed = _feed_of(path)
    yield Begun(name, feed)
    parsed = sources.parse_file(
        path, registry, all_stations=asked.all_stations, received_at=asked.received_at, simulated=asked.simulated,
        name=name, memory_mb=asked.memory_mb,
        released_at=release_of((part.stat() for part in parts_of(path)), asked.received_at),
    )  # fmt: skip
    if asked.journal:
        parsed = as_first_delivered(parsed, _releases(asked.journal))
    yield _brought(parsed, paced=asked.paced)


@lru_cache(maxsize=4)
def _releases(journal: str) -> Releases:
    return Releases(journal)


def _feed_of(path: Path) -> str:
    try:
        feed = sources.feed_of(path)
    except Exception:  # parse_file says it, with the traceback
        return sources.UNKNOWN
    return feed.NAME if feed else sources.UNKNOWN


def _brought(parsed: Parsed, *, paced: bool) -> Brought:
    """Write down what a file brought. What cannot be written down is one reject of the file."""
    try:
        brought = _written(parsed, paced=paced)
        for line in (*brought.said, *(line for lines in brought.lines.values() for line in lines)):
            line.encode()
        return brought
    except Exception as error:
        told = parsed.intake
        LOG.exception("%s: what it brought cannot be written down", told.file)
        origin = Origin(told.source, told.file, told.digest, told.received_at, told.simulated, told.released_at)
        reason = f"what it brought cannot be written down: {type(error).__name__}: {error}"
        problem = Unusable("file", reason, told.file, f"a file of the layout {told.source}")
        return _written(sources.refused(origin, problem), paced=False)


def _written(parsed: Parsed, *, paced: bool) -> Brought:
    lines: dict[str, list[str]] = {}
    hourly: list[tuple[int, str, str]] = []
    for block in parsed.blocks:
        if paced and isinstance(block, HourByHour):
            hourly += _by_hour(block)
        else:
            lines.setdefault(messages.schema_of(block), []).append(messages.block_line(block))
    told, wrong = parsed.intake, [each for each in parsed.rejected if not each.set_aside]
    gone = sum(told.rejected.values())
    aside = sum(each.rows for each in parsed.rejected if each.set_aside)
    said = [messages.rejected_line(each, told.received_at) for each in parsed.rejected]
    return Brought(
        source=told.source, file=told.file, digest=told.digest, rows=told.rows, rejected=gone - aside, set_aside=aside,
        blocks=len(parsed.blocks), reasons=_reasons([*wrong, *(e for e in parsed.rejected if e.set_aside)]),
        complaint=_complaint(told.file, wrong), lines=lines, hourly=hourly, said=[*said, messages.intake_line(told)],
    )  # fmt: skip


def _reasons(rejected: Sequence[Rejected]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{each.position}: {each.reason}" for each in rejected[:200]))[:REASONS]


def _complaint(file: str, wrong: Sequence[Rejected]) -> str:
    """Say in one line what is wrong with a file, if anything is."""
    if not wrong:
        return ""
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    return f"{file}: {wrong[0].position}: {wrong[0].reason}{more}"


def _by_hour(block: HourByHour) -> Iterator[tuple[int, str, str]]:
    for hour in range(block.hours):
        cut = _one_hour(block, hour)
        yield block.first_hour + hour, messages.schema_of(cut), messages.block_line(cut)


def _one_hour(block: HourByHour, hour: int) -> HourByHour:
    cut = slice(hour, hour + 1)
    arrays = {name: array for name in _OVER_TIME if (array := getattr(block, name, None)) is not None}
    return replace(
        block,
        first_hour=block.first_hour + hour,
        **{name: np.ascontiguousarray(array[..., cut]) for name, array in arrays.items()},
    )
