"""Attempts to sign in, counted by account and by address: after a few free ones each failure doubles the wait for the next."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from dashboards.office.office_tables import attempt as table
from standards.clocks import doubled_pause

FREE_OF_ACCOUNT, FREE_OF_ADDRESS = 5, 20
"""Failures without a wait; behind one address many may sit."""
LONGEST_S = 900
FORGOTTEN = dt.timedelta(days=1)


def wait_s(failures: int, free: int) -> int:
    """Give how long the next attempt must wait after so many failures [s]: 0, then 1, 2, 4, ... up to LONGEST_S."""
    return 0 if failures < free else int(doubled_pause(1, failures - free, LONGEST_S))


def keys_of(name: str, address: str) -> dict[str, int]:
    """Give the keys under which an attempt counts, with how many of each are free. An unknown name counts like a known one."""
    return {f"account {name}": FREE_OF_ACCOUNT, f"address {address}": FREE_OF_ADDRESS}


def reserve(connection: sa.Connection, keys: dict[str, int], at: dt.datetime) -> dt.datetime | None:
    """Count an attempt as a failure before it is looked at, so that many at once gain nothing; give None where it may go on.

    Gives the moment until which nothing is looked at where it may not; then it is counted as turned away.
    """
    connection.execute(sa.delete(table).where(table.c.at < at - FORGOTTEN))
    found = {row.key: row for row in connection.execute(sa.select(table).where(table.c.key.in_(keys)))}
    shut = [row.until for row in found.values() if row.until > at]
    if shut:
        this = sa.update(table).where(table.c.key.in_(keys), table.c.until > at)
        connection.execute(this.values(turned_away=table.c.turned_away + 1))
        return max(shut)
    for key, free in keys.items():
        failures = found[key].failures + 1 if key in found else 1
        until = at + dt.timedelta(seconds=wait_s(failures, free))
        _put(connection, key, key in found, failures=failures, at=at, until=until)
    return None


def passed(connection: sa.Connection, name: str, address: str) -> None:
    """Take back what was counted for an attempt that was right: all of the account, of the address this one alone."""
    ours, theirs = keys_of(name, address)
    connection.execute(sa.delete(table).where(table.c.key == ours))
    this = sa.update(table).where(table.c.key == theirs, table.c.failures > 0)
    connection.execute(this.values(failures=table.c.failures - 1, until=table.c.at))


def forget(connection: sa.Connection, name: str) -> None:
    """Let an account be tried again at once."""
    connection.execute(sa.delete(table).where(table.c.key == f"account {name}"))


def told(connection: sa.Connection, keys: dict[str, int]) -> dict[str, int]:
    """Give what an entry in the log says of an attempt, {"failures", "turned_away"}; what was turned away counts anew."""
    c = table.c
    query = sa.select(sa.func.max(c.failures), sa.func.coalesce(sa.func.sum(c.turned_away), 0)).where(c.key.in_(keys))
    failures, away = connection.execute(query).one()
    connection.execute(sa.update(table).where(c.key.in_(keys)).values(turned_away=0))
    return {"failures": int(failures or 0), "turned_away": int(away)}


def is_to_be_told(connection: sa.Connection, key: str, at: dt.datetime) -> int:
    """Count something of which a stranger can make as much as he likes; give the count at 1, 2, 4, 8, ..., else 0."""
    key = key[:120]
    found = connection.scalar(sa.select(table.c.failures).where(table.c.key == key))
    count = (found or 0) + 1
    _put(connection, key, found is not None, failures=count, at=at, until=at)
    return count if count & (count - 1) == 0 else 0


def _put(connection: sa.Connection, key: str, known: bool, **values: object) -> None:
    if known:
        connection.execute(sa.update(table).where(table.c.key == key).values(**values))
    else:
        connection.execute(sa.insert(table).values(key=key, turned_away=0, **values))
