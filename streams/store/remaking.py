"""Make a store anew: what the topics tell comes from them, and what they no longer tell is carried over from the store of before.

The new store is filled beside the old one, in three steps, so that the books come out right although they are sums:

1. what replaced rows said is carried over, so that nothing is noted a second time;
2. the segments that the old store has, then its rows where the topics tell none or a lower version, then its counts where they
   know more, namely of segments that have left;
3. the segments that it has not, which add to the counts as they always do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from streams.store.materialiser import Materialiser
from streams.store.mending import settle_whole
from streams.store.origins import ORIGINS, RUNS, Origin
from streams.store.refusals import StoreDamaged
from streams.store.schema import BY_FILE, COUNTS, metadata, source_total, topic_position
from streams.wire import messages
from streams.wire.seals import Damage, Line
from streams.wire.topics import LEFT, Topic, open_topic

SMALLEST = 64
"""Of rows that cannot be read, so many that lie together are given up as one."""
MOST_FAULTS = 2_000
"""A table with more places that cannot be read is given up from there on."""
_JOURNAL = ".keys"
Tell = Callable[[str, int], object]


@dataclass(frozen=True, slots=True)
class Old:
    """The store of before, as the connection of the new one names its tables. prefix: "old." with the dot."""

    prefix: str
    tables: dict[str, tuple[str, ...]]
    """By table the columns that it has; older schemas have fewer. Empty where nothing of it can be read."""


@dataclass(slots=True)
class Remade:
    """What became of each table: rows that the topics gave, rows in all, and rows of before that cannot be read (0: not known)."""

    told: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    whole: bool = True
    """Whether the topics still hold all that ever came."""
    alone: bool = False
    """Whether nothing of a store of before could be read, so that all there is came from the topics."""

    @property
    def short(self) -> bool:
        """Tell whether rows are missing that were stored: of what has left the topics nothing else knew."""
        return self.alone and not self.whole

    @property
    def carried(self) -> dict[str, int]:
        """Give by table how many rows came from the store of before."""
        found = {name: self.rows[name] - self.told.get(name, 0) for name in self.rows}
        return {name: count for name, count in found.items() if count > 0}


def remake(
    new: sa.Engine, connection: sa.Connection, old: Old | None, topics: Path, tell: Tell = lambda *_: None
) -> Remade:
    """Fill a new, empty store; connection: one to it that commits by itself and reads the old one, None where that is unreadable.

    tell: is told a step and a number while it lasts. Errors: those of the database.
    """
    found, unreadable = Remade(), old is not None and not old.tables
    old = None if unreadable else old
    stored = _positions(connection, old)
    found.whole = not _gone(topics) and not any(topic == RUNS for topic, _ in stored)
    found.alone = old is None
    if unreadable:
        told = (Origin.TOPICS, Origin.SUMS) if found.whole else (Origin.SUMS,)
        found.lost = {name: 0 for name, origin in ORIGINS.items() if origin not in told}
    if old:
        _carry(connection, old, "row_history", found)
        _number_on(connection)
    _store(new, topics, tell, {(topic, segment) for topic, segment in stored} if old else None)
    found.told = {name: _count(connection, name) for name in metadata.tables}
    if old:
        for name, origin in ORIGINS.items():
            if origin not in (Origin.SUMS, Origin.LOG):
                _carry(connection, old, name, found)
        _sum_up(connection)
        _store(new, topics, tell, None)
        settle_whole(connection, topics, dt.datetime.now(dt.UTC).replace(tzinfo=None))
    found.rows = {name: _count(connection, name) for name in metadata.tables}
    return found


def differing(
    new: sa.Engine, connection: sa.Connection, old: Old, topics: Path, tell: Tell = lambda *_: None
) -> dict[str, int]:
    """Count by table the rows of a store that say something else than the topics say under the same key and version.

    new, connection: an empty store and a connection to it, as of remake. Rows that either of the two lacks, or has in another
    version, are no difference: segments leave, and what has just come is not stored yet. Errors: StoreDamaged.
    """
    _store(new, topics, tell, None)
    found = {}
    for name, origin in ORIGINS.items():
        if origin in (Origin.TOPICS, Origin.MIXED) and name in old.tables:
            found[name] = connection.exec_driver_sql(_differences(connection, old, name)).scalar() or 0
    return {name: count for name, count in found.items() if count}


def _differences(connection: sa.Connection, old: Old, name: str) -> str:
    table = metadata.tables[name]
    unlike = "IS NOT" if connection.dialect.name == "sqlite" else "IS DISTINCT FROM"
    keys = [*(c.name for c in table.primary_key), "version"]
    alike = " AND ".join(f'o."{key}" = n."{key}"' for key in keys)
    others = [c.name for c in table.c if c.name not in keys and c.name in old.tables[name]]
    changed = " OR ".join(f'o."{c}" {unlike} n."{c}"' for c in others)
    return f'SELECT count(*) FROM "{name}" AS n JOIN {old.prefix}"{name}" AS o ON {alike} WHERE {changed}'


class _Only:
    """A topic of which some segments alone are seen."""

    def __init__(self, topic: Topic, wanted: Collection[str] | None) -> None:
        self._topic, self._wanted, self.name = topic, wanted, topic.name

    def segments(self, after: Collection[str] = ()) -> list[str]:
        """Give the segments that are wanted and not in after."""
        return [name for name in self._topic.segments(after) if self._wanted is None or name in self._wanted]

    def checked(self, segment: str) -> Iterator[Line | Damage]:
        """Read the lines of a segment, and name what is damaged."""
        return self._topic.checked(segment)


def _store(new: sa.Engine, topics: Path, tell: Tell, wanted: set[tuple[str, str]] | None) -> None:
    seen = []
    for name in messages.STORED_TOPICS:
        of_topic = None if wanted is None else {segment for topic, segment in wanted if topic == name}
        seen.append(_Only(open_topic(topics / name), of_topic))
    materialiser, done = Materialiser(new, seen), 0
    while stored := materialiser.step():
        done += stored
        tell("segments", done)


def _positions(connection: sa.Connection, old: Old | None) -> set[tuple[str, str]]:
    if old is None or topic_position.name not in old.tables:
        return set()
    try:
        query = f"SELECT topic, segment FROM {old.prefix}topic_position"
        return {(topic, segment) for topic, segment in connection.exec_driver_sql(query)}
    except StoreDamaged:
        return set()


def _gone(topics: Path) -> bool:
    """Tell whether anything has left the topics: they note it, and the journals of before that remember each key."""
    for folder in topics.glob("*"):
        if (folder / LEFT).exists():
            return True
        try:
            lines = (folder / _JOURNAL).read_text(encoding="ascii", errors="replace").splitlines()
        except OSError:
            continue
        entries = [line.split(" ")[:3] for line in lines if line.count(" ") in (2, 3)]  # with a checksum or without
        done = {f"{stamp}-{key}" for stamp, key, state in entries if state == "done"}
        there = {path.name.removesuffix(".jsonl").partition(".")[0] for path in folder.glob("*.jsonl")}
        if done - there:
            return True
    return False


def _carry(connection: sa.Connection, old: Old, name: str, found: Remade) -> None:
    """Bring the rows of a table over, by its law; what cannot be read is counted as lost."""
    if name not in old.tables:
        return
    statement = _statement(old, name, found.whole)
    lost = _run(connection, statement, None)
    if lost and connection.dialect.name == "sqlite":
        try:
            first, last = connection.exec_driver_sql(f'SELECT min(rowid), max(rowid) FROM {old.prefix}"{name}"').one()
        except StoreDamaged:
            first, last = None, None
        lost = 1 if first is None else _salvage(connection, statement, first, last)
        # There were no more rows than numbers: where the topics have told as many, they have told these, too.
        told_all = first is not None and found.told.get(name, 0) > last - first
        if told_all and found.whole and ORIGINS[name] is Origin.TOPICS:
            lost = 0
    if lost:
        found.lost[name] = found.lost.get(name, 0) + lost


def _salvage(connection: sa.Connection, statement: str, first: int, last: int) -> int:
    """Bring over what can be read of rows numbered first to last, in halves; give about how many cannot."""
    waiting, lost, faults = [(first, last)], 0, 0
    while waiting:
        low, high = waiting.pop()
        if faults > MOST_FAULTS:
            lost += high - low + 1
        elif _run(connection, statement, (low, high)):
            faults += 1
            if high - low < SMALLEST:
                lost += high - low + 1
            else:
                middle = (low + high) // 2
                waiting += [(middle + 1, high), (low, middle)]
    return lost


def _run(connection: sa.Connection, statement: str, between: tuple[int, int] | None) -> bool:
    """Run a statement on all rows or those numbered between two; tell whether something could not be read or is not valid."""
    which = "true" if between is None else f"o.rowid BETWEEN {int(between[0])} AND {int(between[1])}"
    try:
        connection.exec_driver_sql(statement.replace("[rows]", which))
    except (StoreDamaged, sa.exc.IntegrityError, sa.exc.DataError):
        return True
    return False


def _statement(old: Old, name: str, whole: bool) -> str:
    table = metadata.tables[name]
    columns = [c.name for c in table.c if c.name in old.tables[name]]
    keys = [c.name for c in table.primary_key]
    listed, marked = ", ".join(f'"{c}"' for c in columns), ", ".join(f'o."{c}"' for c in columns)
    rows, others = _of_positions() if name == topic_position.name else "", [c for c in columns if c not in keys]
    taken, where = {c: f'excluded."{c}"' for c in others}, ""
    if "version" in columns and name != "row_history":
        where = f' WHERE excluded."version" > "{name}"."version"'
    elif name in ("source_hour", "source_file"):
        # The old counts also what has left the topics; where nothing has, they are the topics' own.
        counts = {c for c in (*COUNTS, *BY_FILE) if c in others}
        kept = {c: f'coalesce(excluded."{c}", "{name}"."{c}")' for c in others}
        taken = {} if whole else kept | {c: _larger(name, c) for c in counts}
    does = "NOTHING" if not taken else "UPDATE SET " + ", ".join(f'"{c}" = {v}' for c, v in taken.items()) + where
    keyed = ", ".join(f'"{k}"' for k in keys)
    return (
        f'INSERT INTO "{name}" ({listed}) SELECT {marked} FROM {old.prefix}"{name}" AS o WHERE [rows]{rows} '
        f"ON CONFLICT ({keyed}) DO {does}"
    )


def _larger(table: str, column: str) -> str:
    ours, theirs = f'"{table}"."{column}"', f'excluded."{column}"'
    return f"CASE WHEN {ours} IS NULL OR {theirs} > {ours} THEN {theirs} ELSE {ours} END"


def _of_positions() -> str:
    """Leave out segments that have left: of what the topics hold the new store knows by itself which it has."""
    named = ", ".join(f"'{topic}'" for topic in messages.STORED_TOPICS)
    known = "SELECT 1 FROM topic_position n WHERE n.topic = o.topic AND n.segment = o.segment"
    return f" AND (o.topic NOT IN ({named}) OR EXISTS ({known}))"


def _sum_up(connection: sa.Connection) -> None:
    sums = ", ".join(f"sum({name})" for name in COUNTS)
    passed = "hour_end > '1970-01-01 00:00:00.000000' AND (rows_in > rejected OR accepted + duplicate + late > 0)"
    connection.exec_driver_sql(f"DELETE FROM {source_total.name}")
    connection.exec_driver_sql(
        f"INSERT INTO source_total (source, {', '.join(COUNTS)}, newest_hour, last_received_at) SELECT source, {sums}, "
        f"max(CASE WHEN {passed} THEN hour_end END), max(last_received_at) FROM source_hour GROUP BY source"
    )


def _number_on(connection: sa.Connection) -> None:
    """Let PostgreSQL number what will be replaced on from what is carried over; SQLite does so by itself."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "SELECT setval(pg_get_serial_sequence('row_history', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM row_history), false)"
        )


def _count(connection: sa.Connection, name: str) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(metadata.tables[name]))
