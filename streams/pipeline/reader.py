"""Reading topics inside the job: each announced piece is read once, however often it is announced.

What was read is keyed state, so it stands or falls with what followed from it. It is as small as the topics: what they
no longer hold is forgotten. All of it has one key, so one reader reads everything, in the order in which it is announced:
a city that got a year before the one that came first would have to refuse the earlier one as late.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from pyflink.common import Types
from pyflink.datastream import KeyedProcessFunction
from pyflink.datastream.functions import RuntimeContext
from pyflink.datastream.state import MapStateDescriptor

from streams.pipeline.announcements import Announcement, Piece, lines_of, topic_of
from streams.pipeline.places import placed
from streams.wire import messages
from streams.wire.seals import Line

KEY = "topics"
LOG = logging.getLogger("airshed.engine")


class PieceReader(KeyedProcessFunction):
    """Gives the lines of the announced pieces that were not read before, and answers when they are passed on."""

    def __init__(self, topics: Path, answers: tuple[str, int]) -> None:
        self.topics, self.answers = topics, answers

    def open(self, runtime_context: RuntimeContext) -> None:
        """Bind the keyed state, the days of the pieces that were read by their names, and connect."""
        self.state = runtime_context.get_map_state(MapStateDescriptor("read", Types.STRING(), Types.LONG()))
        self.read: dict[str, int] | None = None
        self.oldest: Mapping[str, int] | None = None
        self.connection = socket.create_connection(self.answers)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        """Disconnect."""
        self.connection.close()

    def process_element(self, value: str, ctx: KeyedProcessFunction.Context) -> Iterator[str]:
        """Take one announcement."""
        announcement = Announcement.parse(value)
        if self.read is None:  # nobody else changes the state, so it is fetched once
            self.read = dict(self.state.items())
        for piece in announcement.pieces:
            if piece.name not in self.read:
                yield from self._lines(piece)
                self.state.put(piece.name, piece.day)
                self.read[piece.name] = piece.day
        self._forget(announcement.oldest)
        self.connection.sendall(f"{announcement.session} {announcement.size}\n".encode("ascii"))

    def _lines(self, piece: Piece) -> Iterator[str]:
        try:
            for found in lines_of(self.topics, piece):
                if isinstance(found, Line):
                    yield placed(found.text, f"{piece.topic}/{piece.segment}@{found.start}")
                else:
                    LOG.error("%s/%s is damaged at byte %d: %s", piece.topic, piece.segment, found.start, found.reason)
                    yield messages.rejected_line(messages.damage_of(found, piece.topic), time.time())
        except FileNotFoundError:
            LOG.error("segment %s of topic %s has gone before it was read", piece.segment, piece.topic)

    def _forget(self, oldest: Mapping[str, int]) -> None:
        if oldest == self.oldest:
            return
        self.oldest = oldest
        for name in [name for name, day in self.read.items() if 0 <= day < oldest.get(topic_of(name), 0)]:
            self.state.remove(name)
            del self.read[name]
