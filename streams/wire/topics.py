"""Topics: append-only sequences of lines, `key<TAB>json`, held in immutable segments.

The embedded topic is a folder of files. On the disk each line bears a seal (`streams.wire.seals`), which is verified
whenever it is read. A file is written under a hidden name (Flink's file source skips names that
begin with a dot or an underscore), forced to the disk and renamed, so that a reader sees all of it or nothing. The same
class reads the folders that a Flink FileSink writes.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import itertools
import logging
import os
import time
import uuid
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote, urlsplit

from standards.errors import AirshedError
from standards.whole_files import naming_where_full, sync_folder
from streams.wire.seals import Damage, Line, checked, sealed

LOG = logging.getLogger("airshed.topics")
SEGMENT_MB = 32
"""A segment is closed when it has grown beyond this size [MB], so that no transaction of the store has to be larger."""
SETTLED_S = 0.1
"""A folder's time stamp proves that nothing changed only when older than this [s]: file systems count in ticks."""
JOURNAL, _LOCK = ".keys", ".lock"
LEFT = ".left"
"""In a folder of a topic: segments have left it, so it does not tell all that ever came."""


class TopicError(AirshedError, ValueError):
    """A topic cannot be opened or written; the message says what was found and what was expected."""


class Topic(Protocol):
    """What every kind of topic can do."""

    name: str

    def append(self, lines: Iterable[str], *, key: str) -> None:
        """Append lines once: a second append with the same key does nothing, an interrupted one is finished."""

    def holds(self, key: str) -> bool:
        """Tell whether a key was appended and is complete."""

    def segments(self, after: Collection[str] = ()) -> list[str]:
        """Give the names of the visible segments that are not in after, oldest first."""

    def read(self, segment: str) -> Iterator[str]:
        """Read the lines of one segment, without their line ends; damaged ones are left out."""

    def checked(self, segment: str) -> Iterator[Line | Damage]:
        """Read the lines of one segment with their places, and in the place of a damaged one what is wrong with it."""

    def retain(self, older_than_s: float, keep: Collection[str] = ()) -> list[str]:
        """Remove segments older than older_than_s [s], except those in keep; give the names that were removed."""


def open_topic(location: str | Path) -> Topic:
    """Open the topic at a folder, a file:// URL or, one day, a kafka:// URL; raise TopicError for anything else."""
    parts = urlsplit(str(location))
    if parts.scheme == "kafka":
        raise TopicError(
            f"{location}: topics on Kafka have no adapter for use outside the engine yet; expected a folder, or a "
            "module that implements streams.wire.topics.Topic with kafka-python, opened here"
        )
    if parts.scheme not in ("", "file"):
        raise TopicError(f"{location}: unknown kind of topic {parts.scheme!r}, expected a folder or file:///folder")
    return DirectoryTopic(unquote(parts.path) if parts.scheme else location)


def keys_in(folder: Path) -> set[str]:
    """Give the keys that the journal of a topic in a folder knows, also of segments that have left; none where there is none."""
    try:
        entries = (folder / JOURNAL).read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return set()
    return {entry.split(" ")[1] for entry in entries if entry.count(" ") in (2, 3)}  # or with a checksum


class DirectoryTopic:
    """A topic in a folder: `<milliseconds>-<key>.jsonl`; a long append has `<milliseconds>-<key>.0000.jsonl` … before.

    The journal `.keys` remembers which key has which time stamp and whether it is complete, also after its segments are
    gone, so that a key can never be appended twice. Once a segment has left, the file `.left` says so.
    """

    def __init__(
        self, folder: str | Path, *, segment_mb: float = SEGMENT_MB, clock: Callable[[], float] = time.time
    ) -> None:
        self.folder = Path(folder)
        self.name = self.folder.name
        self.folder.mkdir(parents=True, exist_ok=True)
        self._limit, self._clock = int(segment_mb * 1_000_000), clock
        self._journal = _Journal(self.folder)
        self._left = (self.folder / LEFT).exists()
        self._listing = _Listing(self.folder)

    def append(self, lines: Iterable[str], *, key: str) -> None:
        """Append lines under a key; nothing is written where the key is complete or there are no lines.

        Raises TopicError where a line holds a line break, or where an interrupted append is repeated with other lines.
        """
        with naming_where_full(self.folder):
            self._append(lines, _file_key(key))

    def _append(self, lines: Iterable[str], safe: str) -> None:
        stamp, done = self._journal.claim(safe, f"{int(self._clock() * 1000):013d}")
        if done:
            return
        for name, temporary in self._parts(lines, f"{stamp}-{safe}"):
            try:
                self._publish(temporary, self.folder / name)
            except OSError:
                temporary.unlink(missing_ok=True)
                raise
        sync_folder(self.folder)
        self._journal.finish(safe, stamp)

    def holds(self, key: str) -> bool:
        """Tell whether a key was appended and is complete."""
        return self._journal.holds(_file_key(key))

    def segments(self, after: Collection[str] = ()) -> list[str]:
        """Give the visible segments that are not in after, oldest first; a name holds its sub-folder."""
        return [name for name in self._listing.names() if name not in after]

    def read(self, segment: str) -> Iterator[str]:
        """Read the lines of a segment; one that is damaged is left out, and is named by `checked`."""
        return (each.text for each in self.checked(segment) if isinstance(each, Line))

    def checked(self, segment: str) -> Iterator[Line | Damage]:
        """Read the lines of a segment and name what is damaged; as streams.wire.seals.checked."""
        with open(self.folder / segment, "rb") as file:
            yield from checked(file, segment)

    def retain(self, older_than_s: float, keep: Collection[str] = ()) -> list[str]:
        """Remove segments last written more than older_than_s [s] ago and not in keep; give their names."""
        horizon, removed = self._clock() - older_than_s, []
        for name in self.segments(keep):
            path = self.folder / name
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < horizon:
                    self._journal.retire(name)
                    self._note_that_some_left()
                    path.unlink()
                    removed.append(name)
        self._remove_leftovers(horizon)
        return removed

    def _note_that_some_left(self) -> None:
        # Files that the engine wrote stand in no journal: without this nothing would tell that there were more.
        if not self._left:
            with contextlib.suppress(OSError):  # on a full disk what goes makes the room; the next one to go notes it
                (self.folder / LEFT).touch()
                self._left = True

    def _parts(self, lines: Iterable[str], stem: str) -> Iterator[tuple[str, Path]]:
        """Write lines to hidden files of at most one segment's size; only the last one has no part number."""
        part, pending = 0, _Hidden(self.folder)
        try:
            for line in lines:
                if "\n" in line:
                    raise TopicError(f"the line {line[:60]!r} holds a line break, expected one line per message")
                encoded = line.encode()
                if pending.size and pending.size + len(encoded) + 1 > self._limit:
                    yield f"{stem}.{part:04d}.jsonl", pending.close()
                    part, pending = part + 1, _Hidden(self.folder)
                pending.write(encoded)
            if pending.size:
                yield f"{stem}.jsonl", pending.close()
        finally:
            pending.discard()

    def _publish(self, temporary: Path, target: Path) -> None:
        if target.exists():
            same = target.stat().st_size == temporary.stat().st_size or self._alike(temporary.name, target.name)
            temporary.unlink()
            if not same:
                raise TopicError(
                    f"{target.name} is already there with other lines, expected the same lines for the same key"
                )
            return
        os.rename(temporary, target)

    def _alike(self, one: str, other: str) -> bool:
        """Tell whether two segments hold the same lines: one of them may be of the time before there were seals."""
        return all(mine == theirs for mine, theirs in itertools.zip_longest(self.read(one), self.read(other)))

    def _remove_leftovers(self, horizon: float) -> None:
        # What a killed writer left half written: nobody will ever rename it.
        for path in self.folder.glob(".tmp-*"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < horizon:
                    path.unlink()


class _Hidden:
    """A file of sealed lines that is being written under a hidden name; it is created with its second line or its end."""

    def __init__(self, folder: Path) -> None:
        self.path, self.size, self._file = folder / f".tmp-{uuid.uuid4().hex}", 0, None
        self._held: bytes | None = None

    def write(self, line: bytes) -> None:
        """Add a line; it is held back until it is known whether it is the last one."""
        if self._held is not None:
            self._put(sealed(self._held, last=False))
        self._held = line
        # Without the seals, so that an append that was begun before there were any is finished in the same parts.
        self.size += len(line) + 1

    def close(self) -> Path:
        """Write the last line and force all to the disk."""
        self._put(sealed(self._held, last=True))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._file = None
        return self.path

    def discard(self) -> None:
        """Remove what was written of it: on a full disk, too, where closing it fails once more."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self.path.unlink(missing_ok=True)

    def _put(self, line: bytes) -> None:
        if self._file is None:
            self._file = open(self.path, "wb", buffering=1 << 20)  # noqa: SIM115 - closed by close or discard
        self._file.write(line + b"\n")


class _Journal:
    """Which keys were appended: lines `<milliseconds> <key> begun|done <CRC-32>`, read on from where the last look ended.

    An entry that is damaged is left out; a segment tells its key by its name, and what the journal lacks is entered again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._offset = folder, 0
        self._keys: dict[str, tuple[str, bool]] = {}

    def claim(self, key: str, stamp: str) -> tuple[str, bool]:
        """Give the time stamp of the key's segments and whether they are complete, entering the key where it is new."""
        with self._locked() as file:
            if key not in self._keys:
                self._write(file, stamp, key, "begun")
            return self._keys[key]

    def holds(self, key: str) -> bool:
        """Tell whether a key is complete; what was complete once is so for ever."""
        if self._keys.get(key, ("", False))[1]:
            return True
        with self._locked():
            return self._keys.get(key, ("", False))[1]

    def finish(self, key: str, stamp: str) -> None:
        """Remember that every segment of the key is in place."""
        with self._locked() as file:
            if not self._keys.get(key, ("", False))[1]:
                self._write(file, stamp, key, "done")

    def retire(self, segment: str) -> None:
        """Remember a key whose last segment goes away: a writer killed before finish must not write it again."""
        stamp, _, key = segment.removesuffix(".jsonl").partition("-")
        if segment.endswith(".jsonl") and "/" not in segment and "." not in key:
            self.finish(key, stamp)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[object]:
        with open(self._folder / _LOCK, "ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Without a buffer: what a full disk did not take must not be written later, behind what others wrote meanwhile.
            with open(self._folder / JOURNAL, "a+b", buffering=0) as file:
                size = os.fstat(file.fileno()).st_size
                anew = not self._offset or size < self._offset
                self._offset = 0 if anew else self._offset
                file.seek(self._offset)
                news = file.read()
                self._offset += len(news)
                damaged, place = 0, self._offset - len(news)
                if news and not news.endswith(b"\n"):  # a writer was killed in the middle of an entry
                    self._offset += file.write(b"\n")
                for entry in news.split(b"\n"):
                    if not self._read(entry.decode("ascii", "replace")):
                        damaged += 1
                        self._blank(place, len(entry))
                    place += len(entry) + 1
                if anew or damaged:
                    self._learn_from_names(file, damaged)
                yield file

    def _write(self, file, stamp: str, key: str, state: str) -> None:
        self._put(file, [f"{stamp} {key} {state}"])
        self._enter(stamp, key, state)

    def _put(self, file, texts: Sequence[str]) -> None:
        """Add entries to the end of the file, all or none of them, and force them to the disk."""
        before = os.fstat(file.fileno()).st_size
        entries = "".join(f"{text} {zlib.crc32(text.encode('ascii')):08x}\n" for text in texts).encode("ascii")
        if not entries:
            return
        try:
            written = file.write(entries)
            if written != len(entries):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), file.name)
            os.fsync(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), before)  # half an entry would spoil the next one
            raise
        self._offset += len(entries)

    def _read(self, line: str) -> bool:
        """Take an entry; those of the time before they had checksums have three words. False where it is damaged."""
        entry, _, checksum = line.rpartition(" ")
        words = line.split(" ") if line.count(" ") == 2 else entry.split(" ")
        whole = line.count(" ") == 2 or checksum == f"{zlib.crc32(entry.encode('ascii', 'replace')):08x}"
        if whole and len(words) == 3 and words[2] in ("begun", "done"):
            self._enter(*words)
            return True
        return not line

    def _learn_from_names(self, file, damaged: int) -> None:
        """Enter the keys of all appends whose last segment is in place and that the journal does not tell.

        A journal that was cut between two entries looks whole, so the names are asked whenever it is read from its start.
        """
        found = {}
        for path in self._folder.glob("*.jsonl"):
            stamp, _, key = path.name.removesuffix(".jsonl").partition("-")
            if len(stamp) == 13 and stamp.isdigit() and "." not in key and not self._keys.get(key, ("", False))[1]:
                found[key] = stamp
        lost = found.keys() - self._keys
        if lost or damaged:
            LOG.warning(
                "the journal .keys of topic %s is damaged or cut: %d entries cannot be read,"
                " %d keys are taken from the names of segments",
                self._folder.name,
                damaged,
                len(lost),
            )
        with contextlib.suppress(OSError):  # on a full disk it is known until the next opening asks the names again
            self._put(file, [f"{stamp} {key} done" for key, stamp in found.items()])
        self._keys |= {key: (stamp, True) for key, stamp in found.items()}

    def _blank(self, place: int, size: int) -> None:
        """Write line ends over an entry that cannot be read, so that it is told once and other readers' places stay true."""
        with contextlib.suppress(OSError), open(self._folder / JOURNAL, "r+b", buffering=0) as file:
            file.seek(place)
            file.write(b"\n" * size)

    def _enter(self, stamp: str, key: str, state: str) -> None:
        self._keys[key] = (stamp, state == "done" or self._keys.get(key, ("", False))[1])


class _Listing:
    """The visible files of a folder and its sub-folders, oldest first; an unchanged folder is not read again."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders: dict[str, tuple[int, list[str], list[tuple[int, str]]]] = {}

    def names(self) -> list[str]:
        files: list[tuple[int, str]] = []
        self._gather("", files)
        return [name for _, name in sorted(files)]

    def _gather(self, folder: str, files: list[tuple[int, str]]) -> None:
        try:
            changed = os.stat(self._root / folder).st_mtime_ns
            known = self._folders.get(folder)
            if known is None or known[0] != changed:
                known = (changed, *self._scan(folder))
                settled = (
                    abs(time.time_ns() - changed) > SETTLED_S * 1e9
                )  # a clock that was set back leaves times ahead
                self._folders[folder] = known if settled else (-1, *known[1:])
        except FileNotFoundError:
            self._folders.pop(folder, None)
            return
        files += known[2]
        for inner in known[1]:
            self._gather(inner, files)

    def _scan(self, folder: str) -> tuple[list[str], list[tuple[int, str]]]:
        """Read one folder: the names of its sub-folders and its files with their order [ms]."""
        ages = {name: age for age, name in self._folders.get(folder, (0, [], []))[2]}
        inner, files = [], []
        with os.scandir(self._root / folder) as entries:
            for entry in entries:
                if entry.name.startswith((".", "_")):
                    continue
                name = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir():
                    inner.append(name)
                else:
                    files.append((ages[name] if name in ages else _age_order(entry), name))
        return sorted(inner), files


def _age_order(entry: os.DirEntry) -> int:
    """Give the millisecond under which a file is sorted: from its name, or where the name has none, its last change."""
    stamp = entry.name.partition("-")[0]
    if len(stamp) == 13 and stamp.isdigit():
        return int(stamp)
    try:
        return entry.stat().st_mtime_ns // 1_000_000
    except FileNotFoundError:
        return 0


def _file_key(key: str) -> str:
    """Write a key so that it fits a file name; a dot would look like a part number."""
    if not key:
        raise TopicError("the key is empty, expected a text that is the same whenever the same lines are appended")
    safe = quote(key, safe="").replace(".", "%2E")
    return safe if len(safe) <= 150 else f"{safe[:100]}~{hashlib.sha1(key.encode()).hexdigest()}"
