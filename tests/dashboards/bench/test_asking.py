"""Asking and cancelling in the office: who may, what is refused in words, and what the log keeps."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from dashboards.app import create_portal
from dashboards.context import Context
from dashboards.office import accounts
from dashboards.office.accounts import Caller
from dashboards.office.records import engine_of
from streams.store import bench_requests as requests
from streams.store.schema import bench_request
from tests.dashboards import stores
from tests.dashboards.bench import filled
from tests.dashboards.conftest import NOW
from tests.dashboards.office.conftest import RIGHT, entries, quick  # noqa: F401 - a fixture
from tests.dashboards.office.test_pages import Browser, Client

PAGE = "/en/office/bench"
ASKED = {"station": filled.SITE, "first": "2023-01-01", "last": "2023-01-10", "below": "half"}


@pytest.fixture
def context(tmp_path, quick, monkeypatch):  # noqa: F811
    monkeypatch.delenv("AIRSHED_OFFICE", raising=False)
    engine = stores.empty_store(tmp_path)
    stores.fill(engine)
    known = filled.known()
    made = Context(lambda: engine, known, clock=lambda: NOW, folder=tmp_path / "portal")
    office, caller = engine_of(made), Caller("console", NOW, "", "console")
    for name, role, city in (("li", "researcher", None), ("wang", "city_officer", "510600")):
        accounts.add(office, name, role, RIGHT, caller, city=city, display=name, cities=known.cities, must_change=False)
    yield made
    office.dispose()
    engine.dispose()


@pytest.fixture
def browser(context):
    portal = create_portal(context)
    return lambda: Browser(Client(portal))


def rows(context) -> list:
    with context.engine().connect() as connection:
        return connection.execute(sa.select(bench_request)).mappings().all()


def test_a_researcher_asks_sees_it_wait_and_cancels_it(context, browser):
    li = browser()
    li.sign_in("li")
    answer = li.send(f"{PAGE}?kind=ekma", "Grid points a side", **ASKED | {"size": "11", "target_ppb": "80"})
    assert answer.status_code == 303
    (row,) = rows(context)
    assert (row["kind"], row["station"], row["state"], row["asked_by"]) == ("ekma", filled.SITE, "queued", "li")
    assert '"size":11' in row["question"] and '"target_ppb":80' in row["question"]
    li.get(PAGE)
    assert "EKMA" in li.page and "queued" in li.page
    li.send(PAGE, row["id"])
    assert rows(context)[0]["state"] == requests.CANCELLED
    office = engine_of(context)
    assert [entries(office, what)[0].who for what in ("bench.ask", "bench.cancel")] == ["li", "li"]


def test_a_city_officer_asks_for_the_sites_of_the_own_city_alone(context, browser):
    wang = browser()
    wang.sign_in("wang")
    wang.get(PAGE)
    assert "The registry has no super-site" in wang.page and 'name="kind"' not in wang.page


def test_who_is_not_signed_in_is_led_to_the_door(context, browser):
    assert browser().get(PAGE).status_code == 303


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"first": "2023-01-10", "last": "2023-01-01"}, "the period has -8 days, expected 1 to 31 for ekma"),
        ({"size": "999"}, "expected a whole number from 5 to 31"),
        ({"target_ppb": "-5"}, "expected a whole number from 0 to 400"),
        ({"station": "1431A"}, "The registry has no super-site"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words_and_nothing_waits(context, browser, typed, why):
    li = browser()
    li.sign_in("li")
    li.send(f"{PAGE}?kind=ekma", "Grid points a side", **ASKED | typed)
    assert why in li.page and not rows(context)


def test_the_sectors_of_factors_are_chosen_by_sector_and_asked_in_one_way(context, browser):
    receptor = filled.fill(context.engine())["receptor"]
    li = browser()
    li.sign_in("li")
    form = f"{PAGE}?kind=source_ozone&station={filled.SITE}&receptor={receptor}"
    li.get(form)
    assert f'<option value="{receptor}" selected>' in li.page and "Factor 2 (may be vehicle exhaust)" in li.page
    asked = ASKED | {"receptor": receptor, "sector_vehicles": "2", "sector_solvent": "1", "sector_coal": "1"}
    assert li.send(form, "Vehicles is of", **asked).status_code == 303
    newest = next(row for row in rows(context) if row["kind"] == "source_ozone")
    assert '"sectors":"coal=1,vehicles=2,solvent=1"' in newest["question"] and receptor in newest["question"]


def test_a_form_that_an_address_fills_in_for_what_is_none_says_so(context, browser):
    li = browser()
    li.sign_in("li")
    li.get(f"{PAGE}?kind=%27%20OR%201&station=1431A&receptor=x&sectors=x&first=x")
    assert "kind, station; shown instead: Composition, 超级站 9001A" in li.page
    li.get(f"{PAGE}?kind=rir&station={filled.SITE}&by=factors")
    assert "shown instead" not in li.page and '<option value="factors" selected>' in li.page
