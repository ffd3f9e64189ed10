"""Watch folders: find what is new or has changed, wait until it has settled, and publish it; files are left where they are.

What a look costs does not grow with the files that have been read. A folder is listed when its time stamp says that something came
or went, and once in RELISTED_S in case the stamp did not tell. Files that changed in place are found by a round over all known
files, RECHECKED of them at a look: all of a small inbox each time, a hundred thousand in eight minutes. Those that were read last
are looked at each time.
"""

from __future__ import annotations

import logging
import os
import stat
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from threading import Event

from standards.whole_files import FULL
from streams.intake.ground import DEEPEST, Ground
from streams.intake.known import NOT_READ, Folder, Stats, System, Waiting, state_of, still_written
from streams.intake.publisher import ChangedError, Delivery, Publisher
from streams.intake.units import LOOP, Aside, contents, is_unfinished, unlistable, unreadable
from streams.sources.files import INVENTORY, PROFILES, printable

LOG = logging.getLogger("airshed.ingest")
READING_S, POLL_S, IDLE_S = 0.02, 0.2, 0.5
"""Time between two looks [s]: while something is being read, shortly after something moved, and else."""
MOVING_S = 2.1
"""How long after a change looks are frequent [s]. A folder's time stamp, too, proves only when it is older that nothing changed
since: some file systems count in two seconds."""
SETTLED_S = 0.4
"""How long a file must stay as it is before it is read [s]."""
WRITTEN_S = 1.0
"""When to look again at a NetCDF file that is not whole yet [s]."""
GIVE_UP_S = 600.0
"""How long an upload is waited for that does not go on [s]."""
LOOK_S, NEW_S = 1.0, 10.0
"""How long a look may take up and publish files [s], so that what comes meanwhile is seen; how long a file counts as new [s]."""
GROWS_S = 600.0
"""After how long a file is named that goes on changing [s]; it is waited for all the same."""
GROWS = f"it has not stayed as it is for {GROWS_S / 60:.0f} minutes; it is read when it does"
RETRY_S = 60.0
"""When to try a file again that could not be read, or whose blocks could not be written [s]."""
FULL_RETRY_S = 5.0
"""When to try again to write blocks for which the disk had no room [s]."""
RELISTED_S = 60.0
"""When to list a folder again whose time stamp stays as it is [s]."""
RECHECKED, RECENT, FOLDERS = 100, 50, 200
"""At one look: known files that are looked at again, files and folders that moved last, and folders that are asked for their
time stamps."""
LISTED_A_SECOND = 50_000
"""Names that may be listed a second: a folder of 100,000 files is listed every two seconds at most."""


class Watcher:
    """Looks at folders (or single files) again and again, and publishes what is new in them.

    clock: goes on evenly [s]. wall: what the times of files are compared with [epoch s].
    """

    def __init__(
        self,
        roots: Sequence[Path],
        publisher: Publisher,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        system: System = os,  # type: ignore[assignment]
    ) -> None:
        self._publisher, self._clock, self._wall, self._system = publisher, clock, wall, system
        self._roots = [str(root) for root in roots]
        self._ground = Ground(roots)
        self._reading: dict[int, tuple[str, str]] = {}
        self._folders: dict[str, Folder] = {}
        self._waiting: dict[tuple[str, str], Waiting] = {}
        self._recent: deque[tuple[str, str]] = deque(maxlen=RECENT)
        self._busy: deque[str] = deque(maxlen=RECENT)
        self._turn: Iterator[str] = iter(())
        self._round: Iterator[tuple[str, str]] = iter(())
        self._complaints: dict[str, str] = {}
        self._moved_at = clock()

    def look(self, stop: Event | None = None) -> float:
        """Look once, and give the time until the next look [s]; stop breaks off between two files."""
        now = self._clock()
        due = deque(self._due())
        while due and not _set(stop):
            due.extend(self._visit(due.popleft(), now))
        for at in self._next(now):
            if _set(stop) or self._clock() - now > LOOK_S:
                break
            self._settle(at, now)
        self._collect(now)
        for path, name in chain(list(self._recent), self._rechecked()):
            self._compare(path, name, now)
        if self._reading:
            return max(READING_S, len(self._waiting) / LISTED_A_SECOND)
        left = any(waiting.due <= now for waiting in self._waiting.values())
        return READING_S if left else POLL_S if now - self._moved_at < MOVING_S else IDLE_S

    def _next(self, now: float) -> list[tuple[str, str]]:
        """Give the files whose time has come: those first that were met just now, then the others in their order."""
        due = [at for at, waiting in self._waiting.items() if waiting.due <= now]
        return sorted(due, key=lambda at: now - self._waiting[at].since > NEW_S) if len(due) > 1 else due

    def _due(self) -> dict[str, None]:
        """Give the folders to be asked now: those that are watched, those that moved last, and the others in turn."""
        turn = list(islice(self._turn, FOLDERS))
        if len(turn) < FOLDERS:
            self._turn = iter(tuple(self._folders))
            turn += islice(self._turn, FOLDERS - len(turn))
        return dict.fromkeys((*self._roots, *self._busy, *turn))

    def _visit(self, key: str, now: float) -> list[str]:
        """Ask a folder for its time stamp, and list it where something came or went; give the folders that are new in it."""
        folder = self._folders.get(key)
        try:
            asked = self._system.stat(key)
        except OSError as error:
            self._forget(key)
            if not isinstance(error, FileNotFoundError | NotADirectoryError):
                self._complain(key, unlistable(error))
            return []
        if folder is None:
            if key not in self._roots:
                return []
            alone = not stat.S_ISDIR(asked.st_mode)
            folder = Folder(os.path.dirname(key) or ".", only=os.path.basename(key)) if alone else Folder(key)
            self._folders[key] = folder
        stamp = (asked.st_mtime_ns, asked.st_ctime_ns)
        told = stamp != folder.stamp or now - folder.listed_at > RELISTED_S
        if not told or now < folder.listed_after:
            return []
        is_new = abs(self._wall() - max(stamp) / 1e9) < MOVING_S
        folder.stamp, folder.listed_at = None if is_new else stamp, now
        return self._list(key, folder, now)

    def _list(self, key: str, folder: Folder, now: float) -> list[str]:
        """List a folder: meet what is new, forget what is gone, and give the folders that are new."""
        folder.place = self._publisher.place_of(folder.path)
        if folder.place.path in folder.above:
            self._complain(key, LOOP, wrong=False)
            return []
        try:
            names = folder.names(self._system, self._ground)
        except OSError as error:
            self._complain(key, unlistable(error))
            return []
        self._complaints.pop(key, None)
        folder.listed_after = now + len(names) / LISTED_A_SECOND
        folder.forget_all_but(names)
        inventory_above = INVENTORY in self._files(folder.parent)
        deep = len(folder.above) >= DEEPEST
        found = contents(folder.path, folder.unsorted(names), inventory_above=inventory_above, deep=deep)
        for name in [name for name in folder.files if folder.files[name] == NOT_READ and name not in found.aside]:
            del folder.files[name]  # it has become a part of an inventory, or something else under the same name
        for name, reason in found.aside.items():
            if folder.files.get(name) != NOT_READ:
                self._pass_over(key, folder, name, reason, now)
        for name in found.to_read:
            if name not in folder.files:
                self._meet(key, folder, name, now)
        if os.path.basename(folder.path) == PROFILES:
            self._compare(folder.parent, INVENTORY, now)
        self._compare(key, INVENTORY, now)
        return self._inner(key, folder, found.folders)

    def _files(self, key: str) -> dict[str, int]:
        return self._folders[key].files if key in self._folders else {}

    def _inner(self, key: str, folder: Folder, names: Sequence[str]) -> list[str]:
        """Take up the folders that are new in a folder, and forget those that are gone."""
        paths = {folder.path_of(name) for name in names}
        for gone in folder.inner - paths:
            self._forget(gone)
        fresh = [path for path in sorted(paths) if path not in self._folders]
        for path in fresh:
            self._folders[path] = Folder(path, above=(*folder.above, folder.place.path), parent=key)
        if fresh:
            self._moved(key)
        folder.inner = paths
        return fresh

    def _meet(self, key: str, folder: Folder, name: str, now: float) -> None:
        """Take up a file that was not known: as read where it was published, else as one to wait for."""
        folder.files[name] = 0
        try:
            stats = folder.stats(name, self._system)
        except OSError:
            self._waiting[key, name] = Waiting(0, now, now)
            return
        if self._publisher.knows(self._publisher.key_of(folder.place_of(name), stats)):
            folder.files[name] = state_of(stats)
            return
        self._waiting[key, name] = Waiting(state_of(stats), now + SETTLED_S, now)
        self._moved(key)

    def _pass_over(self, key: str, folder: Folder, name: str, reason: str, now: float) -> None:
        if is_unfinished(name):
            self._waiting[key, name] = Waiting(0, now, now, reason)
        else:
            self._publisher.pass_over(Aside(folder.path_of(name), reason))
        folder.files[name] = NOT_READ

    def _settle(self, at: tuple[str, str], now: float) -> None:
        """Read a file that has stayed as it was, and pass over an upload that does not go on."""
        waiting, (key, name) = self._waiting[at], at
        folder = self._folders.get(key)
        if now < waiting.due:
            return
        if folder is None or name not in folder.files:
            del self._waiting[at]
            return
        try:
            stats = folder.stats(name, self._system)
            if waiting.reason:
                if self._given_up(folder, name, waiting, stats, now):
                    self._done(at, folder)
            elif self._ready(folder, name, waiting, stats, now):
                self._start(at, folder, waiting, now)
        except Exception as error:
            of_file = isinstance(error, OSError) and str(error.filename).startswith(folder.path)
            self._failed(at, folder, error, now, of_file=of_file)

    def _start(self, at: tuple[str, str], folder: Folder, waiting: Waiting, now: float) -> None:
        """Have a file read; what comes of it is collected when it has come."""
        delivery = self._publisher.start(folder.unit(at[1]), ground=self._ground)
        if delivery is None:  # it was published by another name
            folder.files[at[1]] = waiting.state
            self._done(at, folder)
            return
        waiting.due, waiting.delivery = float("inf"), delivery
        self._reading[id(delivery)] = at
        self._collect(now)

    def _collect(self, now: float) -> None:
        """Take note of the files that have been read, or could not be."""
        for delivery in self._publisher.finished():
            at = self._reading.pop(id(delivery))
            folder, waiting = self._folders.get(at[0]), self._waiting.get(at)
            if folder is None or waiting is None or at[1] not in folder.files:
                self._waiting.pop(at, None)
            elif delivery.error is None:
                folder.files[at[1]] = waiting.state
                self._recent.append(at)
                self._done(at, folder)
            else:
                self._not_published(at, folder, waiting, delivery, now)

    def _not_published(
        self, at: tuple[str, str], folder: Folder, waiting: Waiting, delivery: Delivery, now: float
    ) -> None:
        waiting.delivery = None
        if isinstance(delivery.error, ChangedError):
            waiting.due = now + SETTLED_S
        elif delivery.error is not None:
            self._failed(at, folder, delivery.error, now, of_file=delivery.of_file)

    def _done(self, at: tuple[str, str], folder: Folder) -> None:
        del self._waiting[at]
        self._complaints.pop(folder.path_of(at[1]), None)
        self._moved(at[0])

    def _ready(self, folder: Folder, name: str, waiting: Waiting, stats: Stats, now: float) -> bool:
        state = state_of(stats)
        if state != waiting.state:
            waiting.state, waiting.due, waiting.still, self._moved_at = state, now + SETTLED_S, now, now
            if now - waiting.since > GROWS_S:
                self._complain(folder.path_of(name), GROWS, wrong=False)
            return False
        if name != INVENTORY and still_written(folder.unit(name), self._moment(stats, waiting, now)):
            waiting.due = now + WRITTEN_S
            return False
        return True

    def _given_up(self, folder: Folder, name: str, waiting: Waiting, stats: Stats, now: float) -> bool:
        left_s = stats[0][1].st_mtime + GIVE_UP_S - self._moment(stats, waiting, now)
        if left_s > 0:
            waiting.due = now + min(left_s, RETRY_S)
            return False
        self._publisher.pass_over(Aside(folder.path_of(name), waiting.reason))
        return True

    def _moment(self, stats: Stats, waiting: Waiting, now: float) -> float:
        """Give the moment [epoch s] with which a file's last change is compared.

        A change in the future (another machine's clock, or ours was set back) tells no age: it is counted from when it was seen.
        """
        changed, wall = max(each.st_mtime for _, each in stats), self._wall()
        seen = waiting.since if waiting.still is None else waiting.still
        return wall if changed <= wall else changed + now - seen

    def _failed(self, at: tuple[str, str], folder: Folder, error: Exception, now: float, *, of_file: bool) -> None:
        """Say once what is the matter with a file, and try it again later; the others are read all the same."""
        path = folder.path_of(at[1])
        full = isinstance(error, OSError) and error.errno in FULL and not of_file
        self._waiting[at].due = now + (FULL_RETRY_S if full else RETRY_S)
        if of_file and isinstance(error, FileNotFoundError):
            del self._waiting[at], folder.files[at[1]]  # gone again
        elif of_file and isinstance(error, OSError):
            self._complain(path, unreadable(error))
        elif self._complaints.get(path) != str(error):
            self._complaints[path] = str(error)
            shown = printable(path)
            LOG.error("%s could not be published, and is tried again every %.0f s", shown, RETRY_S, exc_info=error)

    def _complain(self, path: str, reason: str, *, wrong: bool = True) -> None:
        if self._complaints.get(path) != reason:
            self._complaints[path] = reason
            self._publisher.pass_over(Aside(path, reason, wrong=wrong))

    def _rechecked(self) -> Iterator[tuple[str, str]]:
        """Give the files whose turn it is to be looked at again; a round that ends goes on at the next look."""
        files = list(islice(self._round, RECHECKED))
        if len(files) < RECHECKED:
            self._round = self._whole_round()
        return iter(files)

    def _whole_round(self) -> Iterator[tuple[str, str]]:
        for key in tuple(self._folders):
            for name in tuple(self._folders[key].files) if key in self._folders else ():
                yield key, name

    def _compare(self, key: str, name: str, now: float) -> None:
        """Look at a file that was read; where it has changed, it is waited for and read again."""
        folder = self._folders.get(key)
        read = folder.files.get(name, NOT_READ) if folder else NOT_READ
        if folder is None or read == NOT_READ or (key, name) in self._waiting:
            return
        try:
            state = state_of(folder.stats(name, self._system))
        except OSError:
            folder.stamp = None  # gone, or no longer to be seen: the listing will tell
            return
        if state != read:
            self._waiting[key, name] = Waiting(state, now + SETTLED_S, now)
            self._moved(key)

    def _forget(self, key: str) -> None:
        gone = [key]
        while gone:
            folder = self._folders.pop(gone.pop(), None)
            gone += folder.inner if folder else ()

    def _moved(self, key: str) -> None:
        self._moved_at = self._clock()
        if key not in self._busy:
            self._busy.append(key)


def watch(roots: Sequence[Path], publisher: Publisher, stop: Event) -> None:
    """Publish what lies in the folders and what is dropped there, until stop; files are left where they are.

    A file is read when it has stopped growing; a NetCDF file when its header says that it is whole. Nothing that lies in the
    folders ends this.
    """
    watcher, told = Watcher(roots, publisher), ""
    while True:
        try:
            pause = watcher.look(stop)
        except Exception as error:
            pause = RETRY_S / 10
            if str(error) != told:
                told = str(error)
                LOG.exception("a look at the folders was broken off, and is tried again every %.0f s", pause)
        if stop.wait(pause):
            publisher.close()
            return


def _set(stop: Event | None) -> bool:
    return stop is not None and stop.is_set()
