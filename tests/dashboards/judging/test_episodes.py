"""The list of episodes and the dossier of one say what the store holds; what it does not hold is NA or said in words."""

from __future__ import annotations

import datetime as dt
import json
import math

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from dashboards.asked import Listing
from dashboards.components.dossier_tables import wind_words
from dashboards.queries import dossiers
from dashboards.similar import Traits, likeness, nearest, season_days
from streams.store import schema
from tests.dashboards import foreseen, stores
from tests.dashboards.judging import forecasts
from tests.dashboards.judging.conftest import said, scene_on

HOUR = dt.timedelta(hours=1)
START = dt.datetime(2023, 1, 20, 6)
NAME = "haze/2023-01-20T06Z"
PARTS = ("_what", "_transport", "_foreseen", "_makers", "_weather", "_cuts", "_similar")


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> sa.Engine:
    engine = stores.empty_store(tmp_path_factory.mktemp("dossiers"))
    forecasts.fill(engine)
    common = {"kind": "haze", "phase": "ended", "peak_city": "511400", "growth_ugm3_per_h": 2.0, "city_hours": 90,
              "edition": "HJ 633-2012", "simulated": False, "version": 1}  # fmt: skip
    rows = [common | {"episode": NAME, "start": START, "peak": START + 30 * HOUR, "end": START + 47 * HOUR, 
                      "peak_value_ugm3": 150.0,                      "cities": "511400@01-20T06Z 510100@01-20T15Z"}]  # fmt: skip
    for k in range(45):
        start = dt.datetime(2022, 1, 3, 2) + k * 72 * HOUR
        rows.append(common | {"episode": f"haze/{start:%Y-%m-%dT%H}Z", "start": start, "peak": start + 5 * HOUR,
                              "end": start + (k + 10) * HOUR, "peak_value_ugm3": 90.0 + k,
                              "cities": "510700@01-03T02Z"})  # fmt: skip
    rows.append(rows[1] | {"episode": "haze/2022-12-01T00Z", "start": dt.datetime(2022, 12, 1), "phase": "withdrawn"})
    with engine.begin() as connection:
        connection.execute(sa.insert(schema.episode_event), rows)
        c = schema.air_city_hour.c
        connection.execute(
            sa.update(schema.air_city_hour).where(c.city == "510100", c.hour_end.between(START - 3 * HOUR, START + 9 * HOUR))
            .values(wind_u_ms=-2.0, wind_v_ms=0.0, upwind_weights=json.dumps({"512000": 0.75}))
        )  # fmt: skip
        means = forecasts.observed(forecasts.CITIES.index("511400"))
        for k in range(-2, 60):
            at = int((START - forecasts.FIRST) / HOUR) + k
            connection.execute(
                sa.update(schema.air_city_hour).where(c.city == "511400", c.hour_end == START + k * HOUR)
                .values(pm25_24h_ugm3=float(np.nanmean(means[at - 23 : at + 1])))
            )  # fmt: skip
    return engine


@pytest.fixture
def scene(engine):
    with engine.connect() as connection:
        yield lambda **asked: scene_on(connection, forecasts.NEWEST, **asked)


@pytest.fixture(scope="module")
def pages(overview):
    from dashboards.pages import episode, episodes

    return episodes, episode


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_year_is_listed_by_pages_and_a_withdrawn_episode_is_none(pages, scene, lang) -> None:
    listing, _ = pages
    first = said(listing._listing(scene(lang=lang, params={"year": "2022"})))
    assert first.count("HJ 633-2012") == dossiers.PER_PAGE and "45" in first
    last = said(listing._listing(scene(lang=lang, params={"year": "2022", "page": "3"})))
    assert last.count("HJ 633-2012") == 5 and "2022-12-01" not in first + last
    assert "150" in said(listing._listing(scene(lang=lang))), "the year of the hour shown comes first"


def test_filters_choose_by_city_and_kind(pages, scene) -> None:
    listing, _ = pages
    assert "150" in said(listing._listing(scene(params={"of": "510100"})))
    for params in ({"of": "512000"}, {"kind": "ozone"}):
        assert "没有符合条件的过程" in said(listing._listing(scene(params=params)))


@pytest.mark.parametrize(
    "params",
    [{"year": "1999"}, {"year": "2024"}, {"kind": "dust"}, {"of": "110000"}, {"page": "0"}, {"page": "9" * 9}],
    ids=str,
)
def test_a_filter_that_cannot_be_read_falls_back_and_is_named(pages, scene, params) -> None:
    asked = Listing.read(params, forecasts.CITIES, forecasts.NEWEST)
    assert asked.troubles == tuple(params) and asked.page == 1
    assert "已改用默认值" in said(pages[0]._listing(scene(params=params)))


@pytest.mark.parametrize(
    "name", ["haze/2021-01-20T06Z", "haze/2022-12-01T00Z", "ozone/2023-01-20T06Z", "x", "'; DROP TABLE", ""]
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_episode_that_is_not_there_is_said_not_to_be(pages, scene, name, lang) -> None:
    shown = scene(lang=lang, params={"id": name})
    assert shown.text("dossier.not_found") in said(pages[1]._what(shown))
    assert all(getattr(pages[1], part)(shown) == [] for part in PARTS[1:])


def test_before_it_began_there_is_no_episode(pages, scene) -> None:
    shown = scene(params={"id": NAME}, hour=START - HOUR)
    assert shown.text("dossier.not_found") in said(pages[1]._what(shown))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_dossier_tells_what_when_where_and_how_high(pages, scene, lang) -> None:
    shown = scene(lang=lang, params={"id": NAME})
    words = said(pages[1]._what(shown))
    for each in ("2023-01-20 14:00", "2023-01-22 13:00", "150 µg/m³", "2.0 µg/m³/h", "48", NAME, "HJ 633-2012"):
        assert each in words, each


def test_a_city_that_joined_later_has_its_lag_and_the_wind_before(pages, scene, engine) -> None:
    """A wind from the east at 2 m/s blew in all of the 12 hours up to 15 UTC."""
    shown = scene(params={"id": NAME})
    with engine.connect() as connection:
        row = dossiers.episode(connection, NAME, forecasts.NEWEST, forecasts.CITIES, newest=forecasts.NEWEST)
        values, limits = dossiers.series(connection, row, forecasts.NEWEST, forecasts.CITIES)
        found = {
            each.city: each
            for each in dossiers.onsets(connection, row, forecasts.NEWEST, forecasts.CITIES, values, limits)
        }
    assert list(found)[:2] == ["511400", "510100"] and found["510100"].lag == 9 and found["511400"].lag == 0
    assert (
        found["510100"].wind == (-2.0, 0.0)
        and found["510100"].winds == 12
        and found["510100"].upwind == pytest.approx({"512000": 0.75})
    )
    assert found["511400"].wind is None and found["510700"].joined is None and found["510700"].above is None
    assert (limits == 75).all(), "GB 3095-2012, grade 2, 24 hours"
    assert found["511400"].above == int((values[forecasts.CITIES.index("511400")] > 75).sum()) > 0
    words = said(pages[1]._transport(shown))
    assert "东风 2.0" in words and "+9" in words and "资阳 75%" in words and "NA" in words


@pytest.mark.parametrize(
    ("wind", "word"),
    [((0.0, -3.0), "北风 3.0"), ((2.0, 2.0), "西南风 2.8"), ((0.1, 0.0), "静风 0.1"), (None, "NA")],
    ids=str,
)
def test_a_wind_is_named_by_where_it_comes_from(scene, wind, word) -> None:
    assert wind_words(scene(), wind) == word


def test_runs_before_it_have_the_error_that_pandas_finds(pages, scene, engine) -> None:
    shown = said(pages[1]._foreseen(scene(city="510100", params={"id": NAME})))
    with engine.connect() as connection:
        said_ = pd.read_sql(schema.forecast_city_hour.select(), connection)
        seen = pd.read_sql(schema.air_city_hour.select(), connection)[["city", "hour_end", "pm25_ugm3"]]
    both = said_[(said_.run == "CDAQS/2023-01-20T00Z") & (said_.city == "510100")].merge(seen, on=["city", "hour_end"])
    both = both[(both.hour_end >= START) & (both.hour_end <= START + 47 * HOUR)].dropna(subset=["pm25_ugm3"])
    error = math.sqrt(((both.forecast_pm25_ugm3 - both.pm25_ugm3) ** 2).mean())
    row = shown[shown.index("CDAQS/2023-01-20T00Z") :].split(" | ")
    assert row[1] == "6" and row[5] == f"{error:.0f}" and row[9] == str(len(both))
    assert "CDAQS/2023-01-21T00Z" not in shown, "it began after the episode"


def test_likeness_is_the_stated_distance() -> None:
    """One notch each of peak and season, none of duration, two of wind: sqrt((1 + 1 + 0 + 4) / 4)."""
    one = Traits("a", dt.datetime(2023, 1, 20), 100.0, 48.0, (0.0, 0.0))
    other = Traits("b", dt.datetime(2022, 2, 19), 125.0, 48.0, (0.0, 4.0))
    found = likeness(one, other)
    assert found.steps == pytest.approx({"peak": 1.0, "duration": 0.0, "season": 1.0, "wind": 2.0})
    assert found.distance == pytest.approx(math.sqrt(6 / 4))
    assert likeness(one, Traits("c", one.start, None, None)) is None, "the season alone makes nothing alike"
    assert set(likeness(one, Traits("d", one.start, 80.0, None)).steps) == {"peak", "season"}
    assert season_days(dt.datetime(2023, 12, 31), dt.datetime(2023, 1, 2)) == pytest.approx(2.25)
    assert [each.traits.name for each in nearest(one, [other, Traits("e", one.start, 101.0, 48.0)], 1)] == ["e"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_nearest_past_episodes_are_named_with_how_many_were_compared(pages, scene, lang) -> None:
    words = said(pages[1]._similar(scene(lang=lang, params={"id": NAME})))
    assert "45" in words and words.count("haze/2022-") == dossiers.ALIKE


def test_what_a_cut_would_have_given_is_what_was_known_when_it_began(pages, tmp_path) -> None:
    engine = stores.empty_store(tmp_path)
    foreseen.fill(engine)
    start = foreseen.RUN + 4 * HOUR
    row = {"episode": f"haze/{start:%Y-%m-%dT%H}Z", "kind": "haze", "start": start, "phase": "growing",
           "peak_city": foreseen.WARNED,
           "cities": f"{foreseen.WARNED}@{start:%m-%dT%H}Z", "edition": "HJ 633-2012", "simulated": True, "version": 1}  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.insert(schema.episode_event), [row])
        shown = scene_on(connection, foreseen.NEWEST, params={"id": row["episode"]})
        words = said(pages[1]._cuts(shown))
    assert "−15.6" in words and "模拟" in words, "12 % of 130 ug/m3, as on the page of measures"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_empty_store_waits(pages, lang) -> None:
    nothing = scene_on(None, None, lang=lang, params={"id": NAME})
    assert nothing.text("card.awaiting") in said(pages[0]._listing(nothing))
    assert nothing.text("card.awaiting") in said(pages[1]._what(nothing))
    assert all(getattr(pages[1], part)(nothing) == [] for part in PARTS[1:])
