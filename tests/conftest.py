"""What several tests share: an empty store in each kind of database."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from standards.temporary import sweep_all
from streams.store import open_store
from tests.postgres import NoPostgres, private_cluster

os.environ.setdefault("AIRSHED_HISTORY", "off")
"""A test that starts a demo waits for its hours, not for two years before them; one that wants them asks."""


@pytest.fixture(autouse=True)
def quiet_root() -> Iterator[None]:
    """What a program of the platform does to the root logger when a test calls its main ends with that test."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


@pytest.fixture(autouse=True)
def own_words() -> Iterator[None]:
    """The language that a command was asked for, and its traces, end with the test that called it."""
    before = {name: os.environ.get(name) for name in ("AIRSHED_LANG", "AIRSHED_DEBUG")}
    yield
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture(scope="session", autouse=True)
def nothing_left_in_the_place_for_temporary_files() -> Iterator[None]:
    """Tests kill processes, which then leave a folder behind: none of them stays when all tests are over."""
    yield
    sweep_all()


@pytest.fixture(scope="session")
def forecast_runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four simulated forecast runs of January 2023, made once."""
    from tests.companions import write_runs

    return write_runs(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL for the tests: AIRSHED_TEST_POSTGRES, or a private one; skips where there is none."""
    given = os.environ.get("AIRSHED_TEST_POSTGRES")
    if given:
        yield given
        return
    cluster = private_cluster()
    try:
        url = cluster.__enter__()
    except NoPostgres as error:
        pytest.skip(str(error))
    yield url
    cluster.__exit__(None, None, None)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path) -> Iterator[str]:
    """The URL of an empty store, once in SQLite and once in PostgreSQL (in a schema of its own)."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.sqlite"
        return
    base = sa.make_url(request.getfixturevalue("postgres_url"))
    schema, admin = f"t{uuid.uuid4().hex[:12]}", sa.create_engine(base)
    with admin.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    address = base.update_query_dict({"options": f"-csearch_path={schema}"})
    yield address.render_as_string(hide_password=False)
    with admin.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    admin.dispose()


@pytest.fixture
def store(store_url: str) -> Iterator[sa.Engine]:
    """An empty store at the newest schema."""
    engine = open_store(store_url)
    yield engine
    engine.dispose()
