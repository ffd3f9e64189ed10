"""A store of forecasts to judge, and scenes on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from dashboards.context import Scene
from dashboards.moment import at
from dashboards.text import Text
from dashboards.view import View
from streams import registry
from tests.dashboards import stores
from tests.dashboards.judging import forecasts
from tests.dashboards.test_unknown import words


@pytest.fixture(scope="session")
def judged_engine(tmp_path_factory: pytest.TempPathFactory) -> sa.Engine:
    """Forecasts with known errors. Tests only read it."""
    engine = stores.empty_store(tmp_path_factory.mktemp("judged"))
    forecasts.fill(engine)
    return engine


@pytest.fixture
def looking(judged_engine: sa.Engine) -> Callable[..., Scene]:
    """Give a scene on the store: looking(city=..., lang=..., hour=..., params=...)."""
    with judged_engine.connect() as connection:
        yield lambda **asked: scene_on(connection, forecasts.NEWEST, **asked)


def scene_on(
    connection: sa.Connection | None, newest: dt.datetime | None, *, city: str = "510100", lang: str = "zh", item: str = "pm25",
    hour: dt.datetime | None = None, params: dict | None = None,
) -> Scene:  # fmt: skip
    """Give a scene at an hour of a store, the newest by default."""
    moment = at(newest, dt.datetime(2026, 3, 2), hour)
    return Scene(
        connection,
        View(city, item=item, lang=lang, hour=hour),
        moment,
        Text(lang),
        registry.load(),
        params=params or {},
    )


def said(component: object) -> str:
    """Give all words of a component. Unlike that of test_unknown it allows 0, which a bias may be and a count often is."""
    return " | ".join(words(component))
