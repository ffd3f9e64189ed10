"""Tells the job what there is to read, over a connection that the job opens to this process.

The job's own way of watching folders lists all of them at every look and remembers each file for ever, so it costs more with
every week; here a look costs one question for each folder, and what the job remembers is what the topics still hold.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import select
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from streams.pipeline.announcements import UNDATED, Announcement, Piece, announcements, day_of, pieces_of
from streams.wire.changes import FolderChanges
from streams.wire.mended import mended_in

LOG = logging.getLogger("airshed.pipeline")
LOOPBACK = "127.0.0.1"
TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
LOOK_S = 0.04
"""How often to look for new segments [s]."""
WINDOW_BYTES = 8 << 20
"""So much may be announced and not yet read: a checkpoint has to wait for what was announced before it."""


class Announcer:
    """Announces all segments of topics to each connection, and what comes; counts what it said.

    bounded: announce what is there, then close. port, answers: where to connect for announcements, and where to say that one
    was read. news: is set at each announcement.
    """

    def __init__(self, topics: Path, names: Sequence[str], *, bounded: bool, window: int = WINDOW_BYTES) -> None:
        self.topics, self.names, self.bounded = topics, tuple(names), bounded
        self.news, self._said = threading.Event(), 0
        self._window_bytes, self._windows, self._sessions = window, {}, itertools.count()
        self._servers = [socket.create_server((LOOPBACK, 0)) for _ in range(2)]
        self.port, self.answers = (server.getsockname()[1] for server in self._servers)

    def start(self) -> None:
        """Accept connections from now on."""
        for server, serve in zip(self._servers, (self._announce, self._listen), strict=True):
            threading.Thread(target=_accept, args=(server, serve), daemon=True).start()

    def count(self) -> int:
        """Give how many announcements were made."""
        return self._said

    def unread(self) -> bool:
        """Tell whether any of them was not answered yet."""
        return any(window.under_way for window in list(self._windows.values()))

    def close(self) -> None:
        """Accept no more connections."""
        for server in self._servers:
            server.close()

    def _announce(self, connection: socket.socket) -> None:
        session = next(self._sessions)
        window = self._windows[session] = Window(self._window_bytes)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        news = News(self.topics, self.names)
        try:
            while True:
                pieces = news.pieces()
                for each in announcements(pieces, session=session, oldest=news.oldest):
                    self._say(each, connection, window)
                if self.bounded or gone(connection, LOOK_S):
                    return
        finally:
            del self._windows[session]

    def _say(self, announcement: Announcement, connection: socket.socket, window: Window) -> None:
        while not window.take(announcement.size, within_s=1.0):
            if gone(connection, 0):
                raise ConnectionResetError("the job has gone")
        connection.sendall(f"{announcement.line()}\n".encode("ascii"))
        self._said += 1
        self.news.set()

    def _listen(self, connection: socket.socket) -> None:
        with connection.makefile("r", encoding="ascii") as answers:
            for answer in answers:
                session, size = (int(part) for part in answer.split())
                if window := self._windows.get(session):
                    window.give_back(size)


class News:
    """The pieces of topics that were not given before, oldest segments first.

    oldest: the day [since 1970-01-01, UTC] of each topic's oldest segment, where one is dated. A topic keeps its segments for
    another while than the next: announcements of models are never removed.
    """

    def __init__(self, topics: Path, names: Sequence[str]) -> None:
        self.topics, self.oldest = topics, {}
        self._folders = {name: NewFiles(topics / name) for name in names}

    def pieces(self) -> list[Piece]:
        """Give the pieces of what is new."""
        new = []
        for name, files in self._folders.items():
            came, went = files.look()
            new += [(segment, name) for segment in came]
            days = {day_of(segment) for segment in (files.held() if went else came)} - {UNDATED}
            if days and not went:
                days.add(self.oldest.get(name, min(days)))
            if days:
                self.oldest[name] = min(days)
        return [
            piece
            for segment, name in sorted(new)
            for piece in pieces_of(self.topics, name, segment, mended=self._folders[name].mended.get(segment, 0))
        ]


class NewFiles:
    """The visible files of a folder and its sub-folders, as they come and go; a look that finds one new lists names alone.

    mended: by name, since when those that were damaged are whole again [ms]; one comes again with each such moment.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._changes = folder, FolderChanges(folder)
        self._names: dict[str, frozenset[str]] = {}
        self._sub_folders: set[str] = set()
        self.mended: dict[str, int] = {}

    def look(self) -> tuple[list[str], bool]:
        """Give the files that have come since the last look, and whether any has gone."""
        came, went = [], False
        for folder in self._changes.look():
            came += self._mended_again() if not folder else []
            before, now = self._names.get(folder, frozenset()), self._list(folder)
            self._names[folder], went = now, went or bool(before - now)
            came += [name for name in now - before if not self._is_folder(name)]
        return came, went

    def _mended_again(self) -> list[str]:
        """Read which are whole again since when, and give those of them that came before."""
        before, self.mended = self.mended, mended_in(self._folder)
        changed = (name for name, moment in self.mended.items() if before.get(name) != moment)
        return [name for name in changed if name in self._names.get(name.rpartition("/")[0], ())]

    def held(self) -> Iterator[str]:
        """Give all that are there."""
        return (name for names in self._names.values() for name in names if name not in self._sub_folders)

    def _list(self, folder: str) -> frozenset[str]:
        try:
            names = os.listdir(self._folder / folder)
        except FileNotFoundError:
            return frozenset()
        inner = f"{folder}/" if folder else ""
        return frozenset(inner + name for name in names if name[0] not in "._")

    def _is_folder(self, name: str) -> bool:
        if is_folder := (self._folder / name).is_dir():
            self._sub_folders.add(name)
        return is_folder


class Window:
    """How many bytes may be under way."""

    def __init__(self, most: int) -> None:
        self._most, self.under_way, self._changed = most, 0, threading.Condition()

    def take(self, size: int, *, within_s: float) -> bool:
        """Wait until so many bytes more may be under way; False where that does not come within the time [s]."""
        with self._changed:
            free = self._changed.wait_for(
                lambda: not self.under_way or self.under_way + size <= self._most, timeout=within_s
            )
            if free:
                self.under_way += size
            return free

    def give_back(self, size: int) -> None:
        """Say that so many bytes have arrived."""
        with self._changed:
            self.under_way -= size
            self._changed.notify_all()


def gone(connection: socket.socket, within_s: float) -> bool:
    """Wait so long [s] and tell whether the other end has closed the connection meanwhile; it never says anything."""
    ready, _, _ = select.select([connection], [], [], within_s)
    return bool(ready) and not connection.recv(1)


def of_this_user(connection: socket.socket, tables: Sequence[Path] = TABLES) -> bool:
    """Tell whether the process at the other end belongs to this user or to root; where the system does not tell, it does.

    tables: the system's lists of connections (proc_pid_net(5)), each with addresses, and the user at field 8.
    """
    if not sys.platform.startswith("linux"):
        return True
    there, here = (_as_listed(address) for address in (connection.getpeername(), connection.getsockname()))
    for table in tables:
        for line in table.read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[1].endswith(there) and fields[2].endswith(here):
                return int(fields[7]) in (os.geteuid(), 0)
    return False


def _as_listed(address: tuple[str, int]) -> str:
    """Write an IPv4 address as the lists do; the list of IPv6 has more before it."""
    (word,) = struct.unpack("=I", socket.inet_aton(address[0]))
    return f"{word:08X}:{address[1]:04X}"


def _accept(server: socket.socket, serve: Callable[[socket.socket], None]) -> None:
    with contextlib.suppress(OSError):  # closed
        while True:
            connection, _ = server.accept()
            if not of_this_user(connection):
                LOG.warning("another user of this machine asked for the topics and was refused")
                connection.close()
                continue
            threading.Thread(target=_serve, args=(connection, serve), daemon=True).start()


def _serve(connection: socket.socket, serve: Callable[[socket.socket], None]) -> None:
    try:
        with connection:
            serve(connection)
    except OSError as error:
        # The job connects again, and hears everything again.
        LOG.warning("the connection with the job broke: %s", error)
    except Exception:
        LOG.exception("the connection with the job was given up")
