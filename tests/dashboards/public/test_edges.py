"""At the ends of the years that an address may name no link is dead, and a day that lies ahead says so instead of listing hours."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from dashboards.snapshots import pages
from dashboards.snapshots.figured import wanted
from dashboards.view import View
from tests.dashboards import stores
from tests.dashboards.public.conftest import REGISTRY, drawn

EDGES = [
    "/city/510100/1970-01-01T08", "/city/510100/1970-01-01T09", "/station/1431A/1970-01-01T08", "/city/510100/month/1970-01",
    "/city/510100/month/2199-12", "/city/510100/day/1970-01-01", "/city/510100/day/2199-12-31", "/city/510100/2200-01-01T07",
    "/city/510100/2199-12-31T23", "/station/1431A/2200-01-01T07",
]  # fmt: skip


def links(parts: dict[str, str]) -> list[str]:
    """Give the addresses of pages as text that the parts of a page lead to, without those of files, feeds and forms."""
    found = re.findall(r'href="(/[^"#?]*)"', "".join(parts.values()))
    return [each for each in found if not each.startswith(("/feeds/", "/data/", "/api/", "/analysis"))]


@pytest.mark.parametrize("lang", ["", "/en"])
@pytest.mark.parametrize("path", EDGES)
def test_no_link_at_the_ends_of_the_years_is_dead(engine, path: str, lang: str) -> None:
    assert pages.found(lang + path, REGISTRY), path
    found = links(drawn(engine, lang + path, dt.datetime(2200, 1, 1)))
    assert found and [each for each in found if not (pages.found(each, REGISTRY) or wanted(each, REGISTRY))] == []


def test_inside_the_years_both_steps_are_there(engine) -> None:
    for path in ("/city/510100/2023-01-21T13", "/city/510100/day/2023-01-20", "/city/510100/month/2023-01"):
        text = "".join(drawn(engine, path).values())
        assert "← " in text and " →" in text


@pytest.mark.parametrize("hour", ["0001-01-01T00:00Z", "1969-12-31T23:00Z", "9999-12-31T23:00Z", "2200-01-01T00:00Z"])
def test_a_selection_names_no_hour_outside_the_years(hour: str) -> None:
    assert View.from_query({"hour": hour}, REGISTRY.cities).hour is None
    assert View.from_query({"hour": "1970-01-01T00:00Z"}, REGISTRY.cities).hour == dt.datetime(1970, 1, 1)


def test_a_day_that_lies_ahead_says_so_and_lists_no_hours(engine) -> None:
    now = stores.NEWEST + dt.timedelta(minutes=10)
    for path, words in (("", "尚未到来"), ("/en", "lies ahead")):
        text = "".join(drawn(engine, f"{path}/city/510100/day/2023-02-10", now).values())
        assert (
            words in text
            and "<table" not in text
            and "本时次无数据" not in text
            and "no data for this hour" not in text
        )


def test_of_a_day_under_way_the_hours_that_have_not_come_are_not_missing(engine) -> None:
    """The newest hour ends at 23:00 in Beijing, ten minutes ago: the hour to 24:00 has not come."""
    now = stores.NEWEST + dt.timedelta(minutes=10)
    text = "".join(drawn(engine, "/city/510100/day/2023-01-21", now).values())
    assert text.count('scope="row"') == 24 and "尚未到来" in text and "本时次无数据" not in text
    later = "".join(drawn(engine, "/city/510100/day/2023-01-21", now + dt.timedelta(hours=3)).values())
    assert "尚未到来" not in later and later.count("本时次无数据") == 1


def test_a_past_day_without_data_still_says_that_there_are_none(engine) -> None:
    text = "".join(drawn(engine, "/city/510100/day/2020-05-05").values())
    assert text.count("本时次无数据") == 24
