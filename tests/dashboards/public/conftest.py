"""Public pages drawn from a store, by their addresses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from dashboards.context import Context, Scene, scene_of
from dashboards.snapshots import declared, pages
from dashboards.snapshots.markup import markup
from streams import registry
from tests.dashboards import foreseen, stores

Draw = Callable[..., str]
REGISTRY = registry.load()


@pytest.fixture(scope="session", autouse=True)
def loaded() -> None:
    """Declare the pages."""
    declared.load()


@pytest.fixture(scope="session")
def ahead_engine(tmp_path_factory: pytest.TempPathFactory) -> sa.Engine:
    """A store with days, and with runs that reach over the days ahead. Tests only read it."""
    engine = stores.empty_store(tmp_path_factory.mktemp("ahead"))
    foreseen.fill(engine)
    return engine


@pytest.fixture(scope="session")
def void_engine(tmp_path_factory: pytest.TempPathFactory) -> sa.Engine:
    """A store that has its tables and nothing in them."""
    return stores.empty_store(tmp_path_factory.mktemp("void"))


def drawn(engine: sa.Engine, path: str, now: dt.datetime | None = None) -> dict[str, str]:
    """Draw the parts of the page at an address, by id."""
    found = pages.found(path, REGISTRY)
    assert found is not None, path
    page, view, params = found
    with scene_of(_context(engine, now), view, params) as scene:
        return {name: markup(render(scene)) for name, render in page.parts.items()}


def _context(engine: sa.Engine, now: dt.datetime | None) -> Context:
    return Context(lambda: engine, REGISTRY, lambda: now or dt.datetime(2026, 3, 2, 4, 20))


@pytest.fixture
def live(engine: sa.Engine) -> Iterator[Scene]:
    """The newest hour of the store, ten minutes old, in Chinese."""
    context = _context(engine, stores.NEWEST + dt.timedelta(minutes=10))
    with scene_of(context, pages.found("/", REGISTRY)[1]) as scene:
        yield scene
