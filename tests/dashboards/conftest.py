"""A filled store and the portal on it."""

from __future__ import annotations

import datetime as dt
from types import ModuleType

import dash
import pytest
import sqlalchemy as sa

from dashboards import live
from dashboards.context import Scene
from dashboards.moment import at
from dashboards.snapshots import declared
from dashboards.text import Text
from dashboards.view import View
from streams import registry
from tests.dashboards import stores

NOW = dt.datetime(2026, 3, 2, 4, 20)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> sa.Engine:
    """A store with 48 hours of 2023. Tests only read it."""
    engine = stores.empty_store(tmp_path_factory.mktemp("portal"))
    stores.fill(engine)
    return engine


@pytest.fixture(scope="session")
def overview() -> ModuleType:
    """The page of the overview; pages can be read only once there is an application."""
    dash.Dash("pages", use_pages=True, pages_folder="")
    declared.load()
    from dashboards.pages import overview

    return overview


@pytest.fixture(scope="session")
def sections(overview) -> dict[str, live.Section]:
    """Every section of the portal, by its name."""
    from dashboards.pages import (  # noqa: F401 - they declare their sections
        attribution_days,
        between,
        cycles,
        data_health,
        episode,
        episodes,
        laboratory,
        models,
        months,
        ozone,
        scenario,
        series,
        verification,
        winds,
    )

    return live.sections()


@pytest.fixture
def connection(engine: sa.Engine):
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def scene(connection: sa.Connection) -> Scene:
    """The newest hour, in Chinese, with the first city selected."""
    moment = at(stores.NEWEST, NOW, None)
    return Scene(connection, View("510100"), moment, Text("zh"), registry.load())


@pytest.fixture(autouse=True)
def nothing_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the files of publications to who asks for them: a test that publishes is not about documents."""
    from dashboards.publications import making

    monkeypatch.setattr(making, "AHEAD", ())
