"""Parse a file once, and append what it brought to the topics.

A file's blocks, rejects and counts are appended under one key made of its place, size and times, so that a writer killed half-way
finishes the same appends when it is run again, and nothing is published twice. The same file delivered again is counted again
(as duplicates); the same delivery read again is not. What is delivered again keeps the moments of its first delivery
(streams.intake.releases), so that a file that is sent again after its correction does not undo it.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from standards.errors import AirshedError
from standards.whole_files import write_whole
from streams import sources
from streams.in_hand import InHand
from streams.intake import own
from streams.intake.ground import Ground
from streams.intake.readers import Ended, Event, Here, Reader
from streams.intake.reading import Asked, Brought
from streams.intake.releases import JOURNAL
from streams.intake.units import EXPECTED, Aside
from streams.records import Rejected
from streams.registry import Registry
from streams.sources.files import parts_of, printable
from streams.wire import messages
from streams.wire.seals import Line, checked, sealed_together
from streams.wire.topics import open_topic

ROOT = ".root"
"""The note of where the data directory was first, in the folder of the intake; hidden, so that it is no segment."""
LOG = logging.getLogger("airshed.ingest")
Stats = list[tuple[str, os.stat_result]]
"""The state of a file under the name "", and of what lies beside an inventory under its names."""
WAIT_S = 0.2
"""How long to wait at a time for what is being read [s]."""
ENDED_TWICE = "it ended the program that reads it twice"
READ_AGAIN = 3
"""How often a file is read that changes while it is read, before that is said of it."""


class ChangedError(AirshedError, RuntimeError):
    """A file has changed since it was asked for: it is to be read again."""


@dataclass(frozen=True, slots=True)
class FileSummary:
    """What came of one file: which feed read it, rows that came in, rejected and set aside, and the first reasons in words.

    digest: SHA-256 of what it holds, empty where it was not read.
    """

    source: str
    file: str
    digest: str = ""
    rows: int = 0
    rejected: int = 0
    set_aside: int = 0
    blocks: int = 0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """What was read: files, rows that came in, rows rejected or set aside, blocks published, and what is wrong with which file.

    by_file: the same for each file that was read, and for what was passed over. known: files that were published before as they
    are and so were not read.
    """

    files: int = 0
    rows: int = 0
    rejected: int = 0
    blocks: int = 0
    complaints: tuple[str, ...] = ()
    by_file: tuple[FileSummary, ...] = ()
    known: int = 0

    def __add__(self, other: Summary) -> Summary:
        return Summary(*(getattr(self, n) + getattr(other, n) for n in self.__slots__))

    def __str__(self) -> str:
        return f"{self.files} files, {self.rows} rows, {self.rejected} rejected or set aside, {self.blocks} blocks"

    @classmethod
    def of(cls, each: Iterable[Summary]) -> Summary:
        """Add many up."""
        many = list(each)
        counts = (sum(getattr(one, name) for one in many) for name in ("files", "rows", "rejected", "blocks"))
        lists = (tuple(x for one in many for x in getattr(one, name)) for name in ("complaints", "by_file"))
        return cls(*counts, *lists, known=sum(one.known for one in many))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file or folder lies in truth, whatever links lead there, and whether all that lies there is simulated."""

    path: str
    simulated: bool

    def of(self, name: str) -> Place:
        """Give the place of what lies in this folder and is no link."""
        return Place(f"{self.path}/{name}", self.simulated)


@dataclass(slots=True, eq=False)
class Delivery:
    """A file, inventory or archive that is being read, and what has come of it so far.

    state: of its parts when it was asked for. error: why it was not published; of_file: whether the file is to blame for that.
    """

    unit: Path
    place: Place
    state: Stats
    key: str
    paced: float = 0.0
    parts: int = 0
    summaries: list[Summary] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    error: Exception | None = None
    of_file: bool = False
    ended: bool = False

    def has_changed(self) -> bool:
        """Tell whether it is another one now; what is gone was read as it was."""
        try:
            now = state_of_parts(self.unit)
        except FileNotFoundError:
            return False
        return bool(now) and [*map(_sizes, now)] != [*map(_sizes, self.state)]

    @property
    def summary(self) -> Summary:
        """What came of it."""
        return Summary.of(self.summaries)


class Publisher:
    """Has files and inventories read, and appends what they bring to the topics.

    simulated: mark all as simulated, whatever the files say. simulated_below: folders; mark all that lies below any of them.
    reader: who reads them; this process itself where nobody is given. in_hand: the note of what is published just now: a delivery
    over which this process died twice is passed over, until it is another one.
    """

    def __init__(self, topics: Path, registry: Registry, *, all_stations: bool, simulated: bool = False,
                 simulated_below: Sequence[Path] = (), reader: Reader | None = None,
                 in_hand: InHand | None = None) -> None:  # fmt: skip
        self.registry, self.all_stations, self.simulated = registry, all_stations, simulated
        self.simulated_below = [place for folder in simulated_below for place in _places(folder)]
        self.topics = {schema: open_topic(topics / name) for schema, name in messages.TOPICS.items()}
        self.intake = open_topic(topics / messages.INTAKE_TOPIC)
        self.data, self._own_noted = topics.parent, False
        self.journal = topics / messages.INTAKE_TOPIC / JOURNAL
        self._root, self._first_root = _roots(topics.parent, topics / messages.INTAKE_TOPIC / ROOT)
        self.reader: Reader = reader or Here(registry)
        self.in_hand = in_hand
        self._being_read: dict[int, Delivery] = {}

    def publish(self, unit: Path, *, speed: float | None = None) -> Summary:
        """Read a file or the folder of an inventory and publish it, once for each delivery.

        speed: publish what was measured hour by hour, so many times as fast as it happened, instead of at once.
        Errors: OSError where the file cannot be read, or the topics cannot be written.
        """
        for _ in range(READ_AGAIN):
            delivery = self.start(unit, speed=speed)
            if delivery is None:
                return Summary(known=1)
            self.wait_for(delivery)
            if delivery.error is None:
                return delivery.summary
            if not isinstance(delivery.error, ChangedError):
                raise delivery.error
        raise OSError(0, "it changes while it is read", str(unit))

    def wait_for(self, delivery: Delivery) -> None:
        """Publish what is being read until a delivery has come to its end."""
        while not delivery.ended:
            self.finished(WAIT_S)

    def start(self, unit: Path, *, ground: Ground | None = None, speed: float | None = None) -> Delivery | None:
        """Have a file read, or the folder of an inventory; None where this delivery was published before.

        ground: below which it must lie in truth, anywhere if None. Errors: OSError where it is not there.
        """
        place = self.place_of(unit)
        state = state_of_parts(unit)
        key = self.key_of(place, state)
        if self.knows(key):
            return None
        if self.in_hand is not None and self.in_hand.poison(key):
            self.pass_over(Aside(str(unit), ENDED_TWICE, wrong=True))
            return None
        stats = [stat for _, stat in state]
        asked = Asked(
            str(unit), max((stat.st_ctime for stat in stats), default=0.0), place.simulated, self.all_stations,
            roots=ground.real_roots() if ground else (), paced=bool(speed), journal=str(self.journal),
        )  # fmt: skip
        size, changed_at = sum(s.st_size for s in stats), max((s.st_mtime for s in stats), default=0.0)
        delivery = Delivery(unit, place, state, key, paced=speed or 0.0)
        self._being_read[self.reader.submit(asked, size=size, changed_at=changed_at)] = delivery
        return delivery

    def finished(self, wait_s: float = 0.0) -> list[Delivery]:
        """Append what has been read since, waiting up to wait_s [s] for it; give the deliveries that have come to their end."""
        ended = []
        for number, event in self.reader.events(wait_s):
            delivery = self._being_read.get(number)
            if delivery is None:  # asked for by another publisher, which gave up
                continue
            if isinstance(event, Ended):
                del self._being_read[number]
                ended.append(delivery)
            with contextlib.nullcontext() if self.in_hand is None else self.in_hand.hold(delivery.key):
                self._take(delivery, event)
            delivery.ended = isinstance(event, Ended)
        return ended

    def close(self) -> None:
        """Let go of what is being read."""
        self.reader.close()

    def _take(self, delivery: Delivery, event: Event) -> None:
        """Append what came of a delivery; a failure is kept with it, and what comes after is left."""
        if delivery.error is not None:
            return
        try:
            if isinstance(event, Brought):
                self._append(delivery, event)
            elif event.error is not None:
                delivery.error, delivery.of_file = event.error, True
            else:
                self.intake.append(delivery.said, key=delivery.key)
        except Exception as error:
            delivery.error = error

    def _append(self, delivery: Delivery, brought: Brought) -> None:
        if delivery.has_changed():
            raise ChangedError(f"{delivery.unit} has changed")
        key = delivery.key if not delivery.parts else f"{delivery.key}-part-{delivery.parts}"
        delivery.parts += 1
        for schema, lines in brought.lines.items():
            self.topics[schema].append(lines, key=key)
        self._note_own(delivery, brought)
        if delivery.paced:
            self._append_paced(brought, key, delivery.paced)
        delivery.said += brought.said
        gone = brought.rejected + brought.set_aside
        LOG.info("%s: %d rows, %d rejected or set aside, %d blocks", brought.file, brought.rows, gone, brought.blocks)
        told = FileSummary(
            brought.source, brought.file, brought.digest, brought.rows, brought.rejected, brought.set_aside, brought.blocks,
            brought.reasons,
        )  # fmt: skip
        is_file = int(bool(brought.rows or brought.said))
        complaints = (brought.complaint,) if brought.complaint else ()
        delivery.summaries.append(Summary(is_file, brought.rows, gone, brought.blocks, complaints, (told,)))

    def _note_own(self, delivery: Delivery, brought: Brought) -> None:
        """Note, once, that data of the user's own were taken in: the demo ends with them."""
        if brought.blocks and not self._own_noted and own.is_own(self.data, delivery.place.path, brought.digest):
            self._own_noted = own.note(self.data, time.time())

    def pass_over(self, aside: Aside) -> Summary:
        """Say of a file or folder that it is not read, and why; once for each reason."""
        name = printable(os.path.basename(aside.path))
        key = hashlib.sha256(os.fsencode(f"{os.path.abspath(aside.path)}\0{aside.reason}")).hexdigest()[:24]
        if not self.knows(f"{key}-aside"):
            if aside.wrong:
                LOG.error("%s is not read: %s", printable(aside.path), aside.reason)
            else:
                LOG.info("%s is left out: %s", printable(aside.path), aside.reason)
            rejected = Rejected(
                source=sources.UNKNOWN, file=name, position="file", reason=aside.reason, value=printable(aside.path)[-200:],
                expected=EXPECTED, rows=0, set_aside=not aside.wrong,
            )  # fmt: skip
            self.intake.append([messages.rejected_line(rejected, time.time())], key=f"{key}-aside")
        return Summary(
            complaints=(f"{name}: {aside.reason}",),
            by_file=(FileSummary(sources.UNKNOWN, name, reasons=(aside.reason,)),),
        )

    def place_of(self, path: str | Path) -> Place:
        """Give where a file or folder lies, by whatever folder it was found: those that are watched may lie in one another."""
        places = _places(path)
        below = any(
            each == folder or each.startswith(f"{folder}/") for each in places for folder in self.simulated_below
        )
        return Place(places[0], self.simulated or below)

    def key_of(self, place: Place, stats: Iterable[tuple[str, os.stat_result]]) -> str:
        """Name a delivery: where it lies, and the sizes of its parts and when these were written.

        What lies in the data directory has the name that it had where that was first, so that a move brings nothing again.

        Another owner or other permissions make no new delivery, so that they cannot undo a correction that came meanwhile.

        stats: of the file itself under the name "", and of what lies beside an inventory under its names.
        """
        digest = hashlib.blake2b(os.fsencode(self._at_first(place.path)), digest_size=12)
        for name, stat in stats:
            digest.update(os.fsencode(f"\0{name}\0{stat.st_size}\0{stat.st_mtime_ns}"))
        return f"{digest.hexdigest()}-{'all' if self.all_stations else 'own'}{own.SIMULATED_KEY if place.simulated else ''}"

    def _at_first(self, path: str) -> str:
        inside = path == self._root or path.startswith(f"{self._root}/")
        return f"{self._first_root}{path[len(self._root) :]}" if inside else path

    def knows(self, key: str) -> bool:
        """Tell whether a delivery was published."""
        return self.intake.holds(key)

    def _append_paced(self, brought: Brought, key: str, speed: float) -> None:
        by_hour: dict[int, dict[str, list[str]]] = {}
        for hour, schema, line in brought.hourly:
            by_hour.setdefault(hour, {}).setdefault(schema, []).append(line)
        begun, first = time.monotonic(), min(by_hour, default=0)
        for hour in sorted(by_hour):
            due = begun + (hour - first) * 3600 / speed
            time.sleep(max(due - time.monotonic(), 0))
            for schema, lines in by_hour[hour].items():
                self.topics[schema].append(lines, key=f"{key}-{hour}")


def state_of_parts(unit: Path) -> Stats:
    """Ask for the state of a file, under the name "", or of the parts of an inventory, the first of which has that name."""
    return [(part.name if n else "", part.stat()) for n, part in enumerate(parts_of(unit))]


def _sizes(part: tuple[str, os.stat_result]) -> tuple[str, int, int]:
    return part[0], part[1].st_size, part[1].st_mtime_ns


def _roots(data: Path, note: Path) -> tuple[str, str]:
    """Give where the data directory is, and where it was when the first file was read, as a note says that lies with its topics.

    A note that is damaged or cannot be written counts as none.
    """
    now = os.path.realpath(data)
    try:
        if note.exists():
            with open(note, "rb") as file:
                found = [each.text for each in checked(file, ROOT) if isinstance(each, Line)]
            return now, found[0] if len(found) == 1 and sealed_together(
                found
            ).encode() == note.read_bytes().strip() else now
        write_whole(note, f"{sealed_together([now])}\n".encode(errors="surrogateescape"), synced=False)
    except (OSError, UnicodeError) as error:
        LOG.debug("no note of where the data directory was first: %s", error)
    return now, now


def _places(path: str | Path) -> tuple[str, str]:
    # Where a path leads, and where it is itself: a link in a folder lies in it.
    return os.path.realpath(path), os.path.abspath(path)
