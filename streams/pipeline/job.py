"""The one job: all feeds joined by city, then seen together by region.

`build` wires operators between a source and a sink that are handed in, so that the same job runs on files or on Kafka, bounded
or unbounded. The arithmetic is elsewhere: operators fetch state, call a desk, and pass its rows on as lines.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyflink.common import Row, Types
from pyflink.datastream import DataStream, KeyedProcessFunction, OutputTag
from pyflink.datastream.functions import FlatMapFunction, RuntimeContext
from pyflink.datastream.state import MapState, MapStateDescriptor, ValueStateDescriptor

from streams.desks import citydesk, regiondesk, routing, scoredesk
from streams.desks.regiondesk import RegionBook
from streams.memory import book as books
from streams.memory.archive import Archive
from streams.memory.book import Book, Mapping
from streams.memory.shelf import Shelf
from streams.pipeline.in_hand import hand_of, named, taken
from streams.pipeline.places import parted, placed
from streams.records import RecordError, Rejected
from streams.registry.roster import Roster
from streams.results import Rows
from streams.scorers import Loader, Scorers
from streams.wire import messages
from streams.wire.arrays import WireError
from streams.wire.seals import sealed_together

LOG = logging.getLogger("airshed.engine")
KEYED = Types.ROW([Types.STRING(), Types.PRIMITIVE_ARRAY(Types.BYTE())])
LINE = Types.STRING()
REGION = OutputTag("region", KEYED)
REGION_KEY = "region"


@dataclass(frozen=True, slots=True)
class Versions:
    """What versions of rows are counted from. first: by a new state, above all that an earlier one of this directory gave.

    least: by any state; above 0 where the state is older than what is stored (streams.pipeline.recovery).
    """

    first: int = 0
    least: int = 0


def build(
    feed: DataStream, roster: Roster, *, archive: Path | None = None, capacity: int | None = None,
    load_scorer: Loader | None = None, versions: Versions = Versions(),
) -> tuple[DataStream, DataStream]:  # fmt: skip
    """Wire the job: lines (text) of all feeds in; result lines (text) of the cities and of the region out.

    archive: a folder that all workers see under this path, for the pieces that leave the keyed state; None: none leaves it.
    capacity: pieces of each kind that stay in keyed state, None: streams.memory.book.CAPACITY.
    load_scorer: makes a model of its announcement (streams.scorers); None where no models score.
    versions: what the versions of rows are counted from.

    The two are not united: a union would break the chain of operators, and every line would be serialised once more.
    """
    routed = feed.flat_map(Route(tuple(place.code for place in roster.cities)), output_type=KEYED)
    routed = routed.name("route").uid("route")
    cities = routed.key_by(lambda row: row[0], key_type=Types.STRING())
    shelves = Shelves(archive, capacity)
    cities = cities.process(CityOperator(roster, load_scorer, shelves, versions), output_type=LINE)
    cities = cities.name("assess-and-join").uid("assess-and-join")
    updates = cities.get_side_output(REGION)
    region = updates.key_by(lambda row: row[0], key_type=Types.STRING())
    region = region.process(RegionOperator(shelves, versions), output_type=LINE)
    region = region.set_parallelism(1).name("episodes").uid("episodes")
    return cities, region


class Route(FlatMapFunction):
    """Send each line to the desks that need it: emissions go to every city, whose upwind they may be."""

    def __init__(self, cities: tuple[str, ...]) -> None:
        self.cities = cities

    def flat_map(self, value: str) -> Iterator[Row]:
        """Give (city, line) pairs of one line."""
        line, place = parted(value)
        for key, routed in routing.route(line, self.cities):
            yield Row(key, (placed(routed, place) if place else routed).encode())


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


@dataclass(frozen=True, slots=True)
class Shelves:
    """Where the operators' pieces lie: in keyed state, and in the archive behind it."""

    archive: Path | None = None
    capacity: int | None = None

    def of(self, pieces: Mapping, name: str, layout: int) -> Shelf:
        """Give the shelf of a city's or the region's desk over its keyed state."""
        archive = Archive(self.archive, layout=layout) if self.archive else None
        return Shelf(pieces, archive, name, capacity=self.capacity)


def _keyed(context: RuntimeContext, name: str, layout: int) -> tuple:
    """Bind the book and the pieces of an operator under the number of their layout: another layout's are not read."""
    book = context.get_state(ValueStateDescriptor(f"{name}-book-{layout}", Types.PICKLED_BYTE_ARRAY()))
    pieces = MapStateDescriptor(f"{name}-pieces-{layout}", Types.STRING(), Types.PICKLED_BYTE_ARRAY())
    return book, KeyedPieces(context.get_map_state(pieces))


class CityOperator(KeyedProcessFunction):
    """A city's desk in the stream; its keyed state is bounded by streams.memory.book.CAPACITY, the rest lies in the archive."""

    hand = None

    def __init__(
        self, roster: Roster, load_scorer: Loader | None = None, shelves: Shelves = Shelves(),
        versions: Versions = Versions(),
    ) -> None:  # fmt: skip
        self.roster, self.load_scorer, self.shelves, self.versions = roster, load_scorer, shelves, versions

    def open(self, runtime_context: RuntimeContext) -> None:
        """Bind the keyed state."""
        self.book, self.pieces = _keyed(runtime_context, "city", books.LAYOUT)
        self.scorers = Scorers(self.load_scorer) if self.load_scorer else None
        self.hand = hand_of(runtime_context, "city", self.shelves.archive)

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator:
        """Take one line; one that is no block, or ended this worker twice, becomes a stored reject and nothing else is lost."""
        key, (line, place) = value[0], parted(bytes(value[1]).decode())
        if routing.is_reject(line):
            yield sealed_together([line])
            return
        yield from taken(
            self.hand, named(line), lambda: self._line(key, line, place), lambda error: _said([_reject(line, error)])
        )

    def _line(self, key: str, line: str, place: str) -> Iterator:
        kept = self.book.value()
        book = Book(**kept) if kept else Book(version=self.versions.first)
        book.version = max(book.version, self.versions.least)
        try:
            yield from self._notice(line, book) if routing.is_notice(line) else self._block(line, place, key, book)
        except (WireError, RecordError) as error:
            yield from _said([_reject(line, error)])
        except Exception as error:
            # A block that cannot be assessed is our fault; it must not stop the cities that could be. Nothing of it has
            # reached the state, and its rows stay open in the books.
            LOG.exception("a block of %s could not be assessed", key)
            yield from _said([_reject(line, error)])

    def _notice(self, line: str, book: Book) -> Iterator:
        notice = messages.scorer_from(line)
        book.scorers[notice.name] = {name: getattr(notice, name) for name in notice.__slots__}
        self.book.update(book.state())
        return iter(())

    def _block(self, line: str, place: str, key: str, book: Book) -> Iterator:
        shelf = self.shelves.of(self.pieces, key, books.LAYOUT)
        outcome = citydesk.handle(messages.block_from(line), key, book, shelf, self.roster)
        self.book.update(book.state())
        yield from _lines([_counted_at(place, rows) for rows in outcome.rows], key)
        yield from _said(outcome.rejected)
        for update in outcome.region:
            yield REGION, Row(REGION_KEY, regiondesk.update_line(update).encode())
        if self.scorers is not None and book.scorers:
            for changed in outcome.changed:
                scored = scoredesk.score(changed, key, book, shelf, self.roster, self.scorers)
                yield from _lines(scored.rows, key)
                yield from _said(scored.rejected)


def _lines(rows: list[Rows], key: str) -> Iterator[str]:
    # One text for all rows of a block: each crossing from Python to Java costs, whatever its length.
    if rows:
        yield sealed_together(messages.rows_line(each, key) for each in rows)


def _counted_at(place: str, rows: Rows) -> Rows:
    """Say with counts which line they are of: a job that starts from an older state, or from none, tells them again."""
    return rows.same(position=place) if place and rows.table in ("source_hour", "source_file") else rows


def _said(rejected: list[Rejected]) -> Iterator[str]:
    return (sealed_together([messages.rejected_line(each, time.time())]) for each in rejected)


class RegionOperator(KeyedProcessFunction):
    """The region's desk in the stream: episodes over all cities."""

    hand = None

    def __init__(self, shelves: Shelves = Shelves(), versions: Versions = Versions()) -> None:
        self.shelves, self.versions = shelves, versions

    def open(self, runtime_context: RuntimeContext) -> None:
        """Bind the keyed state."""
        self.book, self.pieces = _keyed(runtime_context, "region", regiondesk.LAYOUT)
        self.hand = hand_of(runtime_context, "region", self.shelves.archive)

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[str]:
        """Take one city's update and give the episode rows that it changes; one that cannot be taken stops nothing."""
        line = bytes(value[1]).decode()
        yield from taken(self.hand, named(line), lambda: self._line(line), lambda error: _said([_reject(line, error)]))

    def _line(self, line: str) -> Iterator[str]:
        kept = self.book.value()
        book = RegionBook(**kept) if kept else RegionBook(version=self.versions.first)
        book.version = max(book.version, self.versions.least)
        try:
            shelf = self.shelves.of(self.pieces, REGION_KEY, regiondesk.LAYOUT)
            outcome = regiondesk.handle(regiondesk.update_from(line), book, shelf)
            self.book.update(book.state())
        except Exception as error:
            LOG.exception("an update of the region could not be taken")
            yield from _said([_reject(line, error)])
            return
        yield from _lines(outcome.rows, REGION_KEY)
        yield from _said(outcome.rejected)


def _reject(line: str, error: Exception) -> Rejected:
    return Rejected(
        source="engine",
        position="message",
        reason=str(error)[:200],
        value=line[:120],
        expected="a block of a known schema",
        rows=0,
    )
