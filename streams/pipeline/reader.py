"""Reading topics inside the job: each announced piece is read once, however often it is announced.

What was read is keyed state, so it stands or falls with what followed from it. It is as small as the topics: what they no longer
hold is forgotten.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from pathlib import Path

from pyflink.common import Types
from pyflink.datastream import KeyedProcessFunction
from pyflink.datastream.functions import RuntimeContext
from pyflink.datastream.state import MapStateDescriptor

from streams.pipeline.announcements import Announcement, Piece, lines_of

LOG = logging.getLogger("airshed.engine")


class PieceReader(KeyedProcessFunction):
    """Gives the lines of the announced pieces that were not read before, and answers when they are passed on."""

    def __init__(self, topics: Path, answers: tuple[str, int]) -> None:
        self.topics, self.answers = topics, answers

    def open(self, runtime_context: RuntimeContext) -> None:
        """Bind the keyed state, for each day the names of the pieces that were read, and connect."""
        descriptor = MapStateDescriptor("read", Types.LONG(), Types.PICKLED_BYTE_ARRAY())
        self.read = runtime_context.get_map_state(descriptor)
        self.forgotten: dict[int, int] = {}
        self.connection = socket.create_connection(self.answers)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        """Disconnect."""
        self.connection.close()

    def process_element(self, value: str, ctx: KeyedProcessFunction.Context) -> Iterator[str]:
        """Take one announcement."""
        announcement = Announcement.parse(value)
        for day in sorted({piece.day for piece in announcement.pieces}):
            yield from self._read_day(day, [piece for piece in announcement.pieces if piece.day == day])
        self._forget(announcement)
        self.connection.sendall(f"{announcement.session} {announcement.size}\n".encode("ascii"))

    def _read_day(self, day: int, pieces: list[Piece]) -> Iterator[str]:
        before = self.read.get(day) or frozenset()
        new = [piece for piece in pieces if piece.name not in before]
        for piece in new:
            try:
                yield from lines_of(self.topics, piece)
            except FileNotFoundError:
                LOG.error("segment %s of topic %s has gone before it was read", piece.segment, piece.topic)
        if new:
            self.read.put(day, before.union(piece.name for piece in new))

    def _forget(self, announcement: Announcement) -> None:
        lane, oldest = announcement.pieces[0].lane, announcement.oldest
        if self.forgotten.get(lane) == oldest:
            return
        self.forgotten[lane] = oldest
        for day in [day for day in list(self.read.keys()) if 0 <= day < oldest]:
            self.read.remove(day)
