"""An office in each kind of database, and a portal with one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from dashboards.office.records import open_office

NOON = dt.datetime(2026, 3, 2, 4)


@pytest.fixture
def office(store_url: str) -> Iterator[sa.Engine]:
    """An empty office: once in SQLite, once in PostgreSQL."""
    engine = open_office(store_url)
    yield engine
    engine.dispose()
