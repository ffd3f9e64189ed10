"""Every page, section and answer of the portal says the same from PostgreSQL as from SQLite."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
import sqlalchemy as sa
from werkzeug.test import Client

from dashboards import live
from dashboards.app import create_app, create_portal
from dashboards.context import Context, open_scene
from dashboards.snapshots import declared, pages
from dashboards.snapshots.drawn import drawn
from streams import registry
from streams.store import open_store
from tests.dashboards import foreseen, stores

pytestmark = pytest.mark.postgres
KNOWN = registry.load()
STATION = next(s.code for s in KNOWN.stations.values() if s.city == "510100" and s.kind == "national")
NAMED = {
    "city": "510100",
    "station": STATION,
    "hour": stores.NEWEST,
    "day": dt.date(2023, 1, 21),
    "month": dt.date(2023, 1, 1),
}
SINCE = "from=2023-01-21T00:00Z"
ASKED = (
    f"city-hours?city=510100&{SINCE}", f"station-hours?station={STATION}&{SINCE}", "cities", "stations", "episodes",
    "city-days?city=510100", f"forecasts?city=510100&{SINCE}", f"attributions?city=510100&{SINCE}",
    "changes?since=2020-01-01T00:00Z",
)  # fmt: skip


@pytest.fixture(scope="module", params=[stores, foreseen], ids=["past", "warned"])
def both(request, postgres_url, tmp_path_factory):
    """The same rows in both databases, with the newest hour."""
    schema, admin, made = f"t{uuid.uuid4().hex[:12]}", sa.create_engine(postgres_url), []
    with admin.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    own = sa.make_url(postgres_url).update_query_dict({"options": f"-csearch_path={schema}"})
    for url in (
        f"sqlite:///{tmp_path_factory.mktemp('alike')}/store.sqlite",
        own.render_as_string(hide_password=False),
    ):
        engine = open_store(url)
        request.param.fill(engine)
        made.append(engine)
    yield made, request.param.NEWEST
    for engine in made:
        engine.dispose()
    with admin.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    admin.dispose()


def contexts(both) -> list[Context]:
    engines, newest = both
    return [Context(lambda engine=engine: engine, KNOWN, clock=lambda: newest + stores.HOUR / 2) for engine in engines]


def test_pages_as_text_are_the_same(both):
    declared.load()
    for name, page in pages.pages().items():
        for lang in ("zh", "en"):
            path = page.address(lang, **NAMED)
            _, view, params = pages.found(path, KNOWN)
            one, other = (drawn(context, page, view, params, "v").fragments for context in contexts(both))
            assert one == other, (name, lang)


def test_sections_of_analysis_are_the_same(both):
    told = []
    for context in contexts(both):
        server = create_app(context).server
        with server.app_context(), open_scene({"city": "510100", "source": "cnemc"}) as scene:
            told.append({name: str(part.render(scene)) for name, part in live.sections().items()})
    assert {name for name in told[0] if told[0][name] != told[1][name]} == set()


@pytest.mark.parametrize("asked", ASKED)
def test_answers_of_the_interface_are_the_same(both, asked):
    one, other = (Client(create_portal(context)).get(f"/api/v1/{asked}") for context in contexts(both))
    assert one.status_code == other.status_code == 200, one.text
    assert one.json["data"] == other.json["data"] if "data" in one.json else one.json == other.json
