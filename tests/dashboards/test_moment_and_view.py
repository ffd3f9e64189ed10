import datetime as dt

import pytest

from dashboards.moment import at, beijing
from dashboards.view import View

NOW = dt.datetime(2026, 3, 2, 4, 20)
HOUR = dt.timedelta(hours=1)
CITIES = ("510100", "510700")


@pytest.mark.parametrize(
    ("age", "mode"),
    [(HOUR / 3, "live"), (HOUR, "live"), (HOUR * 1.1, "late"), (HOUR * 3, "late"), (HOUR * 3.1, "stale"),
     (HOUR * 72, "stale"), (HOUR * 73, "replay"), (-HOUR * 2, "replay")],
)  # fmt: skip
def test_the_age_of_the_newest_hour_decides_how_live_it_is_called(age, mode):
    assert at(NOW - age, NOW, None).mode == mode


def test_nothing_stored_is_waiting():
    assert at(None, NOW, NOW).mode == "waiting" and at(None, NOW, None).hour is None


def test_going_back_in_a_replay_still_says_that_it_is_one():
    newest = dt.datetime(2023, 1, 21, 15)
    moment = at(newest, NOW, newest - HOUR)
    assert (moment.mode, moment.replayed, moment.hour) == ("back", True, newest - HOUR)


def test_ages_count_from_the_hour_shown_in_a_replay_and_from_the_clock_when_live():
    assert at(NOW - HOUR * 100, NOW, None).reference == NOW - HOUR * 100
    assert at(NOW - HOUR * 2, NOW, None).reference == NOW


def test_an_hour_after_the_newest_shows_the_newest():
    assert at(NOW - HOUR, NOW, NOW + HOUR).hour == NOW - HOUR


def test_display_is_in_beijing_time():
    assert beijing(dt.datetime(2023, 1, 21, 15)) == "2023-01-21 23:00"


def test_a_view_survives_the_url():
    view = View("510700", "o3", "en", dt.datetime(2023, 1, 20, 12))
    link = view.link()
    assert link == "?city=510700&item=o3&lang=en&hour=2023-01-20T12:00Z"
    assert View.from_query(dict(pair.split("=") for pair in link[1:].split("&")), CITIES) == view


@pytest.mark.parametrize("bad", [{}, {"city": "x", "item": "<b>", "lang": "fr", "hour": "yesterday"}, {"hour": None}])
def test_what_cannot_be_read_in_a_url_falls_back(bad):
    assert View.from_query(bad, CITIES) == View("510100", "pm25", "zh", None)
