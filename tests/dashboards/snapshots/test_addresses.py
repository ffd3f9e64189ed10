"""An address is one page, says the same tomorrow, and names nothing that is not known."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.snapshots import pages
from streams import registry

KNOWN = registry.load()
MOMENTS = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2090, 1, 1)).map(
    lambda m: m.replace(minute=0, second=0, microsecond=0)
)


@pytest.fixture
def probes(monkeypatch):
    monkeypatch.setattr(pages, "_PAGES", {})
    pages.page("home", "/", {})
    pages.page("hour", "/city/<city>/<hour>", {})
    pages.page("day", "/city/<city>/day/<day>", {})
    pages.page("station", "/station/<station>", {})
    return pages.pages()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_address_is_read_as_what_it_was_written_for(probes, lang):
    @given(MOMENTS, st.sampled_from(list(KNOWN.cities)))
    def holds(moment, city):
        page, view, params = pages.found(probes["hour"].address(lang, city=city, hour=moment), KNOWN)
        assert (page.name, view.city, view.hour, view.lang, params) == ("hour", city, moment, lang, {})
        page, _, params = pages.found(probes["day"].address(lang, city=city, day=moment.date()), KNOWN)
        assert page.name == "day" and params == {"day": moment.date()}

    holds()


def test_hours_are_those_of_beijing(probes):
    assert (
        probes["hour"].address("zh", city="510100", hour=dt.datetime(2026, 11, 29, 16)) == "/city/510100/2026-11-30T00"
    )


def test_a_station_brings_its_city(probes):
    station = next(s for s in KNOWN.stations.values() if s.city == "510700")
    _, view, params = pages.found(f"/en/station/{station.code}", KNOWN)
    assert (view.city, view.lang, params) == ("510700", "en", {"station": station.code})


@pytest.mark.parametrize(
    "path",
    [
        "", "//", "/x", "/city", "/city/510100", "/city/999999/2026-01-01T01", "/city/510100/2026-1-1T1",
        "/city/510100/2026-02-30T01", "/city/510100/2026-01-01T24", "/city/510100/9999-12-31T23", "/city/510100/0001-01-01T00",
        "/station/../../etc/passwd", "/station/%2e%2e", "/station/\0", "/en/en/", "/enx", "/station/" + "9" * 500,
    ],
)  # fmt: skip
def test_what_is_no_address_is_no_page(probes, path):
    known = pages.found(path, KNOWN)
    assert known is None or known[0].address(known[1].lang, city=known[1].city, hour=known[1].hour) == path


def test_two_pages_cannot_have_one_address(probes):
    with pytest.raises(ValueError, match="two pages have the address /"):
        pages.page("other", "/", {})
    with pytest.raises(ValueError, match="frame 'poster' of page 'other' is unknown"):
        pages.page("other", "/other", {}, frame="poster")
