"""Parse a file once, and append what it brought to the topics.

A file's blocks, rejects and counts are appended under one key made of its place, size and times, so that a writer killed half-way
finishes the same appends when it is run again, and nothing is published twice. The same file delivered again is counted again
(as duplicates); the same delivery read again is not. What is delivered again keeps the moments of its first delivery
(streams.intake.releases), so that a file that is sent again after its correction does not undo it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from streams import sources
from streams.intake.releases import JOURNAL, Releases, as_first_delivered, release_of
from streams.intake.units import EXPECTED, Aside
from streams.records import Block, ObservationBlock, Rejected, VocBlock
from streams.registry import Registry
from streams.sources.files import parts_of, printable
from streams.sources.tally import Origin, Parsed, Unusable
from streams.wire import messages
from streams.wire.topics import open_topic

LOG = logging.getLogger("airshed.ingest")
HourByHour = ObservationBlock | VocBlock
"""Blocks that a paced replay publishes hour by hour."""
_OVER_TIME = ("values", "present", "wind_ms", "below_ppb", "lines")
"""Arrays of such a block whose last axis is time."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was read: files, rows that came in, rows rejected or set aside, blocks published, and what is wrong with which file."""

    files: int = 0
    rows: int = 0
    rejected: int = 0
    blocks: int = 0
    complaints: tuple[str, ...] = ()

    def __add__(self, other: Summary) -> Summary:
        return Summary(*(getattr(self, n) + getattr(other, n) for n in self.__slots__))

    def __str__(self) -> str:
        return f"{self.files} files, {self.rows} rows, {self.rejected} rejected or set aside, {self.blocks} blocks"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file or folder lies in truth, whatever links lead there, and whether all that lies there is simulated."""

    path: str
    simulated: bool

    def of(self, name: str) -> Place:
        """Give the place of what lies in this folder and is no link."""
        return Place(f"{self.path}/{name}", self.simulated)


class Publisher:
    """Parses files and inventories, and appends what they bring to the topics.

    simulated: mark all as simulated, whatever the files say. simulated_below: folders; mark all that lies below any of them.
    """

    def __init__(self, topics: Path, registry: Registry, *, all_stations: bool, simulated: bool = False,
                 simulated_below: Sequence[Path] = ()) -> None:  # fmt: skip
        self.registry, self.all_stations, self.simulated = registry, all_stations, simulated
        self.simulated_below = [place for folder in simulated_below for place in _places(folder)]
        self.topics = {schema: open_topic(topics / name) for schema, name in messages.TOPICS.items()}
        self.intake = open_topic(topics / messages.INTAKE_TOPIC)
        self.releases = Releases(topics / messages.INTAKE_TOPIC / JOURNAL)

    def publish(self, unit: Path, *, speed: float | None = None) -> Summary:
        """Parse a file or the folder of an inventory and publish it, once for each delivery.

        speed: publish what was measured hour by hour, so many times as fast as it happened, instead of at once.
        Errors: OSError where the file cannot be read, or the topics cannot be written.
        """
        place = self.place_of(unit)
        stats = [(part.name if n else "", part.stat()) for n, part in enumerate(parts_of(unit))]
        key = self.key_of(place, stats)
        if self.knows(key):
            return Summary()
        received_at = max((stat.st_ctime for _, stat in stats), default=0.0)
        released_at = release_of((stat for _, stat in stats), received_at)
        parsed = sources.parse_file(
            unit, self.registry, all_stations=self.all_stations, received_at=received_at, simulated=place.simulated,
            released_at=released_at,
        )  # fmt: skip
        parsed = as_first_delivered(parsed, self.releases)
        parsed, lines, said = _written(parsed, paced=bool(speed))
        for schema, topic in self.topics.items():
            if lines[schema]:
                topic.append(lines[schema], key=key)
        if speed:
            self._publish_paced([block for block in parsed.blocks if isinstance(block, HourByHour)], key, speed)
        self.intake.append(said, key=key)
        rows, gone = parsed.intake.rows, sum(parsed.intake.rejected.values())
        LOG.info("%s: %d rows, %d rejected or set aside, %d blocks", parsed.intake.file, rows, gone, len(parsed.blocks))
        return Summary(1, rows, gone, len(parsed.blocks), _complaint(parsed))

    def pass_over(self, aside: Aside) -> Summary:
        """Say of a file or folder that it is not read, and why; once for each reason."""
        name = printable(os.path.basename(aside.path))
        key = hashlib.sha256(os.fsencode(f"{os.path.abspath(aside.path)}\0{aside.reason}")).hexdigest()[:24]
        if not self.knows(f"{key}-aside"):
            (LOG.error if aside.wrong else LOG.info)("%s is not read: %s", printable(aside.path), aside.reason)
            rejected = Rejected(
                source=sources.UNKNOWN, file=name, position="file", reason=aside.reason, value=printable(aside.path)[-200:],
                expected=EXPECTED, rows=0, set_aside=not aside.wrong,
            )  # fmt: skip
            self.intake.append([messages.rejected_line(rejected, time.time())], key=f"{key}-aside")
        return Summary(complaints=(f"{name}: {aside.reason}",))

    def place_of(self, path: str | Path) -> Place:
        """Give where a file or folder lies, by whatever folder it was found: those that are watched may lie in one another."""
        places = _places(path)
        below = any(
            each == folder or each.startswith(f"{folder}/") for each in places for folder in self.simulated_below
        )
        return Place(places[0], self.simulated or below)

    def key_of(self, place: Place, stats: Iterable[tuple[str, os.stat_result]]) -> str:
        """Name a delivery: where it lies, and the sizes of its parts and when these were written.

        Another owner or other permissions make no new delivery, so that they cannot undo a correction that came meanwhile.

        stats: of the file itself under the name "", and of what lies beside an inventory under its names.
        """
        digest = hashlib.blake2b(os.fsencode(place.path), digest_size=12)
        for name, stat in stats:
            digest.update(os.fsencode(f"\0{name}\0{stat.st_size}\0{stat.st_mtime_ns}"))
        return f"{digest.hexdigest()}-{'all' if self.all_stations else 'own'}{'-simulated' if place.simulated else ''}"

    def knows(self, key: str) -> bool:
        """Tell whether a delivery was published."""
        return self.intake.holds(key)

    def _publish_paced(self, blocks: list[HourByHour], key: str, speed: float) -> None:
        by_hour: dict[int, list[HourByHour]] = {}
        for block in blocks:
            for hour in range(block.hours):
                by_hour.setdefault(block.first_hour + hour, []).append(_one_hour(block, hour))
        begun, first = time.monotonic(), min(by_hour, default=0)
        for hour in sorted(by_hour):
            due = begun + (hour - first) * 3600 / speed
            time.sleep(max(due - time.monotonic(), 0))
            for schema, lines in _lines_of(by_hour[hour]).items():
                if lines:
                    self.topics[schema].append(lines, key=f"{key}-{hour}")


def _written(parsed: Parsed, *, paced: bool) -> tuple[Parsed, dict[str, list[str]], list[str]]:
    """Write down what a file brought: its blocks by schema, but for those that are paced, and what is said of the file.

    What cannot be written down is one reject of the file.
    """
    try:
        blocks = [block for block in parsed.blocks if not (paced and isinstance(block, HourByHour))]
        return parsed, _lines_of(blocks), _said(parsed)
    except Exception as error:
        told = parsed.intake
        LOG.exception("%s: what it brought cannot be written down", told.file)
        origin = Origin(told.source, told.file, told.digest, told.received_at, told.simulated, told.released_at)
        reason = f"what it brought cannot be written down: {type(error).__name__}: {error}"
        refused = sources.refused(origin, Unusable("file", reason, told.file, f"a file of the layout {told.source}"))
        return refused, _lines_of([]), _said(refused)


def _lines_of(blocks: list[Block]) -> dict[str, list[str]]:
    lines: dict[str, list[str]] = {schema: [] for schema in messages.TOPICS}
    for block in blocks:
        lines[messages.schema_of(block)].append(messages.block_line(block))
    return lines


def _said(parsed: Parsed) -> list[str]:
    rejected = [messages.rejected_line(each, parsed.intake.received_at) for each in parsed.rejected]
    return [*rejected, messages.intake_line(parsed.intake)]


def _complaint(parsed: Parsed) -> tuple[str, ...]:
    """Say in one line what is wrong with a file, if anything is."""
    wrong = [each for each in parsed.rejected if not each.set_aside]
    if not wrong:
        return ()
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    return (f"{parsed.intake.file}: {wrong[0].position}: {wrong[0].reason}{more}",)


def _places(path: str | Path) -> tuple[str, str]:
    # Where a path leads, and where it is itself: a link in a folder lies in it.
    return os.path.realpath(path), os.path.abspath(path)


def _one_hour(block: HourByHour, hour: int) -> HourByHour:
    cut = slice(hour, hour + 1)
    arrays = {name: array for name in _OVER_TIME if (array := getattr(block, name, None)) is not None}
    return replace(
        block,
        first_hour=block.first_hour + hour,
        **{name: np.ascontiguousarray(array[..., cut]) for name, array in arrays.items()},
    )
