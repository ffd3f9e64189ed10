"""An office in each kind of database, and a portal with one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import argon2
import pytest
import sqlalchemy as sa

from dashboards.office import audit, passwords
from dashboards.office.records import open_office

NOON = dt.datetime(2026, 3, 2, 4)


@pytest.fixture
def office(store_url: str) -> Iterator[sa.Engine]:
    """An empty office: once in SQLite, once in PostgreSQL."""
    engine = open_office(store_url)
    yield engine
    engine.dispose()


RIGHT = "correct horse battery"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that take no time; what real ones are is tested in test_passwords."""
    monkeypatch.setattr(passwords, "HASHER", argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


def entries(engine: sa.Engine, what: str = "") -> list[audit.Entry]:
    """Give the entries of the log, the oldest first; what: only those of this kind."""
    with engine.connect() as connection:
        found = audit.newest(connection, 1000)[::-1]
    return [each for each in found if not what or each.what == what]
