"""Which data directory feeds a store: one does, the store knows it by name, and no other one writes over what it has.

Positions in topics and the versions of rows are a directory's own. Rows of a second directory that has seen less would replace
better ones because they were assessed later. So a store takes rows from the directory that it knows, or from anyone while it is
empty; whoever hands it over says so (adopt).
"""

from __future__ import annotations

import datetime as dt
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from standards.errors import AirshedError
from streams.store.connect import begin_write
from streams.store.identity import Identity, identity_as_found
from streams.store.lines import EPOCH
from streams.store.schema import (
    air_city_day,
    air_city_hour,
    air_station_hour,
    feeder,
    feeding,
    source_file,
    source_total,
    topic_position,
)
from streams.wire import messages
from streams.wire.stamps import raise_to
from streams.wire.topics import open_topic

LONGEST_WHY, LONGEST_FOLDER = 400, 1000
_HOLDS = (topic_position, source_total, source_file, air_station_hour, air_city_hour, air_city_day)
"""Where one row stands in one of these, a store is not empty."""


class StrangerError(AirshedError, RuntimeError):
    """A data directory may not write into a store; the message says who may, and what to do."""


@dataclass(frozen=True, slots=True)
class Feeder:
    """A data directory as a store knows it. handed_over_at: None for the one that feeds the store (naive UTC)."""

    feeder: str
    folder: str
    host: str
    first_at: dt.datetime
    last_at: dt.datetime
    handed_over_at: dt.datetime | None
    why: str | None


def feeders(connection: sa.Connection) -> tuple[Feeder, ...]:
    """Give all directories that ever fed a store, the present one first, then those whose time ended last."""
    found = [Feeder(*row) for row in connection.execute(sa.select(feeder))]
    return tuple(sorted(found, key=lambda f: (f.handed_over_at is None, f.handed_over_at or f.last_at), reverse=True))


def is_empty(connection: sa.Connection) -> bool:
    """Tell whether a store has never taken anything in."""
    return all(connection.execute(sa.select(sa.literal(1)).select_from(of).limit(1)).first() is None for of in _HOLDS)


def admit(engine: sa.Engine, identity: Identity) -> None:
    """Let a data directory feed a store, and keep in mind that it does; raise StrangerError where it may not."""
    with begin_write(engine) as connection:
        require_known(connection, identity)
        _keep(connection, identity)


def require_known(connection: sa.Connection, identity: Identity) -> None:
    """Raise StrangerError, in words with the remedy, where a store is fed by another directory, or by another copy of this one."""
    known = {each.feeder: each for each in feeders(connection)}
    active = next((each for each in known.values() if each.handed_over_at is None), None)
    if active is None:
        _require_first(connection, identity)
    elif active.feeder != identity.name:
        if not is_empty(connection):
            raise StrangerError(_of_another(active, identity))
    elif (turn := connection.scalar(sa.select(feeding.c.turn))) is not None and not identity.knows(turn):
        raise StrangerError(
            f"another copy of the data directory {identity.root} has fed the store since, last from {active.folder} on "
            f"{active.host}: what came to it is missing here. Go on with that copy, give this one a store of its own (--store), "
            f"or hand the store over with airshed store adopt"
        )


def refusing_strangers(root: Path) -> Callable[[sa.Connection], None]:
    """Give what looks at a store before it is upgraded for a data directory (before_upgrade of open_store); see below."""
    return lambda connection: require_known_as_found(connection, identity_as_found(root))


def require_welcome(engine: sa.Engine, root: Path) -> None:
    """Raise StrangerError, before anything is made or changed, where a data directory may not feed a store as that is."""
    with engine.connect() as connection:
        require_known_as_found(connection, identity_as_found(root))


def require_known_as_found(connection: sa.Connection, identity: Identity) -> None:
    """Raise StrangerError as require_known does of a store whose schema is not yet this code's; changes and makes nothing.

    One of the time before a store knew its feeders is known by the segments that it took in.
    """
    there = set(sa.inspect(connection).get_table_names())
    if {feeder.name, feeding.name} <= there:
        require_known(connection, identity)
    elif topic_position.name in there:
        _require_first(connection, identity)


def adopt(engine: sa.Engine, identity: Identity, why: str) -> Feeder | None:
    """Hand a store over to a data directory, from now on; give who had it, None where nobody had.

    What is stored stays. Rows that the new directory assesses replace it as they come, also where it has seen less; so whoever
    calls this has read into the directory what the store rests on, or means it so.
    """
    with begin_write(engine) as connection:
        before = next((each for each in feeders(connection) if each.handed_over_at is None), None)
        _keep(connection, identity, why=why[:LONGEST_WHY] or None)
        connection.execute(sa.update(feeding).values(turn=None))
    return before if before is None or before.feeder != identity.name else None


def _require_first(connection: sa.Connection, identity: Identity) -> None:
    """Take a store that knows nobody: an empty one, or one of an earlier release that took in what lies in this directory."""
    stored = _feed_segments(connection)
    if stored and not stored & _own_segments(identity.root):
        raise StrangerError(
            f"the store was filled from another data directory than {identity.root}: not one of the {len(stored)} segments that it "
            f"took in lies here. Start with the directory that filled it (--data), give this one a store of its own (--store), "
            f"or hand the store over with airshed store adopt"
        )


def _of_another(active: Feeder, identity: Identity) -> str:
    return (
        f"the store is fed by the data directory {active.folder} on {active.host}, not by {identity.root}: rows from here would "
        f"replace better ones. Work with that directory (--data), give this one a store of its own (--store), or hand the store "
        f"over with airshed store adopt"
    )


def _feed_segments(connection: sa.Connection) -> set[tuple[str, str]]:
    c = topic_position.c
    query = sa.select(c.topic, c.segment).where(c.topic.in_(_topics()))
    return {(row.topic, row.segment) for row in connection.execute(query)}


def _own_segments(root: Path) -> set[tuple[str, str]]:
    folders = [folder for name in _topics() if (folder := root / "topics" / name).is_dir()]
    return {(folder.name, segment) for folder in folders for segment in open_topic(folder).segments()}


def _topics() -> list[str]:
    return sorted({*messages.STORED_TOPICS, *messages.TOPICS.values()})


def _keep(connection: sa.Connection, identity: Identity, *, why: str | None = None) -> None:
    """Make a directory the one that feeds a store; every other one has handed over."""
    if connection.execute(sa.select(feeding.c.one)).first() is None:
        connection.execute(sa.insert(feeding), [{"one": 1, "beats": 0, "held": False, "stamp": 0}])
    now = EPOCH + dt.timedelta(seconds=time.time())
    known = connection.scalar(sa.select(feeding.c.stamp)) or 0
    connection.execute(sa.update(feeding).values(stamp=raise_to(identity.root, known)))
    others = (feeder.c.feeder != identity.name) & feeder.c.handed_over_at.is_(None)
    connection.execute(sa.update(feeder).where(others).values(handed_over_at=now))
    place = {"folder": str(identity.root)[:LONGEST_FOLDER], "host": socket.gethostname()[:255], "last_at": now}
    said = {} if why is None else {"why": why}
    own = feeder.c.feeder == identity.name
    done = connection.execute(sa.update(feeder).where(own).values(handed_over_at=None, **place, **said))
    if not done.rowcount:
        row = {"feeder": identity.name, "first_at": now, "handed_over_at": None, "why": why, **place}
        connection.execute(sa.insert(feeder), [row])
