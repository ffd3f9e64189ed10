"""A server with open data alone, on a filled store of its own."""

from __future__ import annotations

from pathlib import Path

import flask
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from dashboards.context import Context, install
from dashboards.opendata import blueprint
from dashboards.opendata.limits import Buckets
from streams import registry
from tests.dashboards import stores


def serve(engine: sa.Engine, files: Path, buckets: Buckets | None = None) -> FlaskClient:
    """Give a client of open data on a store; who asks is not limited unless buckets are given."""
    server = flask.Flask("opendata")
    install(server, Context(lambda: engine, registry.load(), files=files))
    server.register_blueprint(blueprint(Buckets(burst=10**9) if buckets is None else buckets))
    return server.test_client()


@pytest.fixture(scope="session")
def client(engine: sa.Engine, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client on the store that tests only read."""
    return serve(engine, tmp_path_factory.mktemp("files"))


@pytest.fixture
def own(tmp_path: Path) -> tuple[sa.Engine, FlaskClient]:
    """A store that a test may change, and a client on it."""
    engine = stores.empty_store(tmp_path)
    stores.fill(engine)
    return engine, serve(engine, tmp_path / "files")
