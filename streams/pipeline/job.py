"""The one job: all feeds joined by city, then seen together by region.

`build` wires operators between a source and a sink that are handed in, so that the same job runs on files or on Kafka, bounded
or unbounded. The arithmetic is elsewhere: operators fetch state, call a desk, and pass its lines on.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

from pyflink.common import Row, Types
from pyflink.datastream import DataStream, KeyedProcessFunction, OutputTag
from pyflink.datastream.functions import FlatMapFunction, RuntimeContext
from pyflink.datastream.state import MapState, MapStateDescriptor, ValueStateDescriptor

from streams.desks import regiondesk, routing
from streams.desks.citydesk import handle
from streams.memory.pieces import Book
from streams.records import RecordError, Rejected
from streams.registry.roster import Roster
from streams.wire import messages
from streams.wire.arrays import WireError

LOG = logging.getLogger("airshed.engine")
KEYED = Types.ROW([Types.STRING(), Types.PRIMITIVE_ARRAY(Types.BYTE())])
LINE = Types.STRING()
REGION = OutputTag("region", KEYED)
REGION_KEY = "region"
LAYOUT = 2
"""Number of the layout of a city's state; to be raised with every change of what Book or the pieces hold. A state of another layout
is not read: the city starts from nothing, with its next hours."""


def build(feed: DataStream, roster: Roster) -> tuple[DataStream, DataStream]:
    """Wire the job: lines (text) of all feeds in; result lines (text) of the cities and of the region out.

    The two are not united: a union would break the chain of operators, and every line would be serialised once more.
    """
    routed = feed.flat_map(Route(tuple(place.code for place in roster.cities)), output_type=KEYED)
    routed = routed.name("route").uid("route")
    cities = routed.key_by(lambda row: row[0], key_type=Types.STRING()).process(CityOperator(roster), output_type=LINE)
    cities = cities.name("assess-and-join").uid("assess-and-join")
    updates = cities.get_side_output(REGION)
    region = updates.key_by(lambda row: row[0], key_type=Types.STRING()).process(RegionOperator(), output_type=LINE)
    region = region.set_parallelism(1).name("episodes").uid("episodes")
    return cities, region


class Route(FlatMapFunction):
    """Send each line to the desks that need it: emissions go to every city, whose upwind they may be."""

    def __init__(self, cities: tuple[str, ...]) -> None:
        self.cities = cities

    def flat_map(self, value: str) -> Iterator[Row]:
        """Give (city, line) pairs of one line."""
        for key, line in routing.route(value, self.cities):
            yield Row(key, line.encode())


class KeyedPieces:
    """The pieces mapping over Flink's map state."""

    def __init__(self, state: MapState) -> None:
        self.state = state

    def get(self, key: str):
        """Give the value of a key, None where there is none."""
        return self.state.get(key)

    def put(self, key: str, value) -> None:
        """Keep a value."""
        self.state.put(key, value)

    def remove(self, key: str) -> None:
        """Forget a key."""
        self.state.remove(key)


class CityOperator(KeyedProcessFunction):
    """A city's desk in the stream; its state is bounded by streams.memory.pieces.CAPACITY."""

    def __init__(self, roster: Roster) -> None:
        self.roster = roster

    def open(self, runtime_context: RuntimeContext) -> None:
        """Bind the keyed state."""
        self.book = runtime_context.get_state(ValueStateDescriptor(f"book-{LAYOUT}", Types.PICKLED_BYTE_ARRAY()))
        pieces = MapStateDescriptor(f"pieces-{LAYOUT}", Types.STRING(), Types.PICKLED_BYTE_ARRAY())
        self.pieces = KeyedPieces(runtime_context.get_map_state(pieces))

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator:
        """Take one line; a line that is no block becomes a stored reject and nothing else is lost."""
        key, line = value[0], bytes(value[1]).decode()
        try:
            block = messages.block_from(line)
        except (WireError, RecordError) as error:
            yield messages.rejected_line(_reject(line, error), time.time())
            return
        book = self.book.value() or Book(version=first_version())
        try:
            outcome = handle(block, key, book, self.pieces, self.roster)
        except Exception as error:
            # A block that cannot be assessed is our fault; it must not stop the cities that could be. Nothing of it has
            # reached the state, and its rows stay open in the books.
            LOG.exception("a block of %s could not be assessed", key)
            yield messages.rejected_line(_reject(line, error), time.time())
            return
        self.book.update(book)
        yield from outcome.lines
        if outcome.region is not None:
            yield REGION, Row(REGION_KEY, regiondesk.update_line(outcome.region).encode())


class RegionOperator(KeyedProcessFunction):
    """The region's desk in the stream: episodes over all cities."""

    def open(self, runtime_context: RuntimeContext) -> None:
        """Bind the keyed state."""
        self.book = runtime_context.get_state(ValueStateDescriptor("region-book", Types.PICKLED_BYTE_ARRAY()))
        pieces = MapStateDescriptor("region-pieces", Types.STRING(), Types.PICKLED_BYTE_ARRAY())
        self.pieces = KeyedPieces(runtime_context.get_map_state(pieces))

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[str]:
        """Take one city's update and give the episode rows that it changes."""
        book = self.book.value() or regiondesk.RegionBook(version=first_version())
        update = regiondesk.update_from(bytes(value[1]).decode())
        lines = regiondesk.handle(update, book, self.pieces)
        self.book.update(book)
        yield from lines


def first_version() -> int:
    """Give the version that a new state starts from: later states override what earlier ones stored."""
    return int(time.time() * 1000) * 1000


def _reject(line: str, error: Exception) -> Rejected:
    return Rejected(
        source="engine",
        position="message",
        reason=str(error)[:200],
        value=line[:120],
        expected="a block of a known schema",
        rows=0,
    )
