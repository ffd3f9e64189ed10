"""The office says and writes the same whether it lies in a file or in PostgreSQL, beside a store."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from werkzeug.test import Client

from dashboards.app import create_portal
from dashboards.context import Context
from dashboards.office import accounts
from dashboards.office.accounts import Caller
from dashboards.office.records import engine_of, office_url
from streams import registry
from streams.store import open_store
from tests.dashboards.office.conftest import NOON, RIGHT, entries, quick  # noqa: F401 - a fixture
from tests.dashboards.office.test_pages import Browser, Clock

pytestmark = pytest.mark.postgres
KNOWN = registry.load()


def _week(url: str, folder) -> tuple[list[str], list[tuple[str, ...]]]:
    """Work with an office as people do; give the pages that were seen, without what is random, and what the log says."""
    store = open_store(url)
    context = Context(lambda: store, KNOWN, clock=Clock(), folder=folder, office=office_url(folder, url))
    office, caller = engine_of(context), Caller("console", NOON, "", "console")
    accounts.add(office, "root", "administrator", RIGHT, caller, cities=KNOWN.cities, must_change=False)
    root, seen = Browser(Client(create_portal(context))), []

    def saw(answer) -> None:
        seen.append(
            f"{answer.status_code} {answer.headers.get('Location')} " + re.sub(r'value="[\w.-]{60,}"', "", answer.text)
        )

    for _ in range(7):
        saw(root.sign_in("root", "a wrong password"))
    context.clock.at += dt.timedelta(minutes=1)
    saw(root.sign_in("root"))
    typed = {
        "name": "王工",
        "display": "王工",
        "role": "city_officer",
        "city": "510100",
        "password": "violet-ladder-spoon",
    }
    saw(root.send("/office/users", 'name="display"', **typed))
    saw(root.send("/office/users", 'name="display"', **typed))
    root.get("/office/users/王工")
    fields = root.fields('value="lock"')
    for _ in range(2):
        saw(root.post("/office/users/王工", fields))
    for path in ("/office", "/office/users", "/en/office/users/王工", "/office/audit"):
        saw(root.get(path))
    told = [(e.who, e.place, e.what, e.subject, e.detail) for e in entries(office)]
    office.dispose()
    store.dispose()
    return seen, told


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_people_see_and_the_log_says_the_same(store_url, tmp_path, quick, monkeypatch):  # noqa: F811
    monkeypatch.delenv("AIRSHED_OFFICE", raising=False)
    beside = _week(store_url, tmp_path / "one")
    alone = _week(f"sqlite:///{tmp_path}/other.sqlite", tmp_path / "two")
    assert (tmp_path / "two" / "office" / "office.db").exists() and not (tmp_path / "one" / "office").exists()
    assert beside == alone and len(alone[1]) == 10
