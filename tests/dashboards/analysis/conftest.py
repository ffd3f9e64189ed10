"""The made store and a way to draw sections on it."""

from __future__ import annotations

import datetime as dt
import re

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
from tests.dashboards.analysis import made

KNOWN = registry.load()


@pytest.fixture(scope="session")
def explored(tmp_path_factory) -> sa.Engine:
    """The made store. Tests only read it."""
    engine = stores.empty_store(tmp_path_factory.mktemp("explored"))
    made.fill(engine)
    return engine


@pytest.fixture(scope="session")
def exploring() -> dict[str, live.Section]:
    """Every section of the exploring pages."""
    dash.Dash("exploring", use_pages=True, pages_folder="")
    declared.load()
    from dashboards.pages import between, cycles, months, series, winds  # noqa: F401 - they declare their sections

    return {name: each for name, each in live.sections().items() if name.split("-")[0] in PAGES}


def shown(section) -> str:
    """Give what a section shows: all but its addresses, which repeat what the page was asked."""
    return re.sub(r"href=[\"'][^\"']*", "", str(section))


PAGES = ("series", "cycles", "winds", "months", "between")


@pytest.fixture
def drawn(explored, exploring):
    """Draw a section: drawn("cycles", lang="en", city=..., item=..., params={...}, empty=True) gives its components."""

    def draw(
        name: str, *, params: dict[str, str] | None = None, empty: bool = False, hour: dt.datetime | None = None, **view
    ):
        view = {"city": made.HOME, "lang": "zh", **view}
        with explored.connect() as connection:
            moment = at(None if empty else made.NEWEST, made.NEWEST + dt.timedelta(minutes=20), hour)
            text = Text(view["lang"])
            scene = Scene(None if empty else connection, View(**view), moment, text, KNOWN, params=params or {})
            return exploring[name].render(scene)

    return draw
