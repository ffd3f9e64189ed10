"""The exploring pages say what the store holds: numbers against pandas, in both languages, with nothing where there is nothing."""

from __future__ import annotations

import datetime as dt
import re

import dash
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dashboards.analysis.choice import NAMES, SPANS, Asked, Quantity, Span
from dashboards.app import create_app
from dashboards.components.exploring import signed
from dashboards.context import Context
from dashboards.queries import analysis
from tests.dashboards.analysis import made
from tests.dashboards.analysis.conftest import KNOWN, PAGES, shown

HOUR = dt.timedelta(hours=1)
MONTH = Span("30d", made.NEWEST - 720 * HOUR + HOUR, made.NEWEST)
CHINESE = re.compile("[\u4e00-\u9fff]")


def last(values: np.ndarray, hours: int = 720) -> np.ndarray:
    return values[-hours:]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_section_is_drawn_in_both_languages_and_without_a_store(drawn, exploring, lang: str) -> None:
    assert {name.split("-")[0] for name in exploring} == set(PAGES)
    for name in exploring:
        said, nothing = str(drawn(name, lang=lang)), str(drawn(name, lang=lang, empty=True))
        assert ("等待数据" if lang == "zh" else "awaiting data") in nothing, name
        if lang == "en":
            for station in KNOWN.stations.values():  # a proper name that has no other form
                said = said.replace(station.name_zh, "")
            assert CHINESE.findall(said) == [], name


def test_the_scatter_has_the_line_of_scipy_and_its_pairs(drawn) -> None:
    x, y = last(made.pm25(made.HOME)), last(made.pm25(made.NORTH))
    expected = stats.linregress(x, y)
    said = str(drawn("series-against", params={"b": f"{made.NORTH}:air:pm25"}))
    assert (
        f"{expected.slope:.3f}" in said
        and f"{expected.rvalue:.2f} [" in said
        and "'720'" in said
        and "'number'" in said
    )


def test_the_quantities_are_what_the_store_holds(explored) -> None:
    with explored.connect() as connection:

        def values(text: str) -> np.ndarray:
            return analysis.hours_of(connection, Quantity.read(text, KNOWN.cities, KNOWN.stations), MONTH).values

        np.testing.assert_allclose(values("510100:air:pm25"), last(made.pm25(made.HOME)))
        np.testing.assert_allclose(values("510100:wind:wind_speed"), np.hypot(*map(last, made.wind(made.HOME))))
        hours = pd.date_range(MONTH.first, MONTH.last, freq="h")
        np.testing.assert_allclose(values("510100:emission:nox"), 100.0 + hours.hour)
        station = values(f"{made.STATION}:air:pm25")
        assert np.isnan(station[-1]) and np.isfinite(station[:-1]).all(), "a value that is set aside counts nowhere"
        assert np.isfinite(values("510100:attribution:pm25")).sum() == 1
        assert np.isnan(values("510100:air:so2")).all() and np.isnan(values("510600:emission:nox")).all()


def test_of_two_runs_the_one_that_started_last_counts(explored) -> None:
    """Runs 36 h and 24 h before the newest hour; the second replaces the first where both are of day 1."""
    with explored.connect() as connection:
        found = analysis.hours_of(connection, Quantity(made.HOME, "forecast", "pm25", 1), MONTH).values
        np.testing.assert_array_equal(found[-36:], [40.0] * 12 + [80.0] * 24)
        assert np.isnan(found[:-36]).all()
        cold = analysis.hours_of(connection, Quantity(made.HOME, "weather", "temperature_c", 1), MONTH).values
        assert cold[-1] == -2.5, "below zero is a temperature like any other"


def test_a_revised_hour_is_marked_and_its_old_value_listed(drawn) -> None:
    params = {"a": f"{made.STATION}:air:pm25", "span": "7d"}
    assert "1 个小时的记录曾被修订" in str(drawn("series-lines", params=params))
    said = str(drawn("series-revisions", params=params))
    assert "955" in said and "'55'" in said and "未审核 · 修订 0" in said
    assert "没有被修订" in str(drawn("series-lines", params={"span": "7d"}))


def test_simulated_hours_are_marked_and_editions_named(drawn) -> None:
    for name in ("series-lines", "cycles", "winds"):
        real, made_up = str(drawn(name)), str(drawn(name, city=made.SIMULATED))
        assert "sim-mark" in made_up and "sim-mark" not in real and "HJ 633-2012" in real, name
    assert "made-2020" in str(drawn("series-lines", params={"b": "510100:emission:nox"}))


def test_a_city_without_wind_says_so(drawn) -> None:
    assert "没有实测风" in str(drawn("winds", city=made.WINDLESS))
    assert "no measured wind" in str(drawn("winds", city=made.WINDLESS, lang="en")).lower()


def test_missing_hours_are_counted(drawn) -> None:
    """Twelve of the 120 days' hours are missing; the year before them is not stored."""
    said = str(drawn("cycles", params={"span": "year"}))
    assert f"有效小时 {made.HOURS - 12} / {366 * 24}" in said
    assert "没有有效数据" in str(drawn("cycles", item="so2"))


def test_the_table_of_a_cycle_has_the_numbers_of_pandas(drawn) -> None:
    values = pd.Series(last(made.pm25(made.HOME)), pd.date_range(MONTH.first + 8 * HOUR, periods=720, freq="h"))
    mean = values[values.index.hour == 15].mean()
    said = str(drawn("cycles", params={"span": "30d"}))
    assert f"'15', scope='row'), Td(children='{mean:.1f}'" in said and "'30'" in said
    middle = values[values.index.hour == 15].median()
    assert f"'15', scope='row'), Td(children='{middle:.1f}'" in str(
        drawn("cycles", params={"span": "30d", "stat": "quartiles"})
    )


@pytest.mark.parametrize(
    "params",
    [
        {"span": "8d"}, {"from": "yesterday"}, {"from": "2023-05-01"}, {"from": "2010-01-01"}, {"to": "1999-01-01"},
        {"from": "0000-00-00", "to": "<script>"}, {"span": "7d\n"}, {"to": "2023-02-30"},
    ],
)  # fmt: skip
def test_a_span_that_cannot_be_shown_falls_back_and_says_so(drawn, params: dict[str, str]) -> None:
    for page in ("series", "cycles", "winds"):
        said = str(drawn(f"{page}-choice", params=params))
        assert "无法识别" in said and "<script>" not in said and all(name in said for name in list(params)[:1])
        assert shown(drawn("cycles", params=params)) == shown(drawn("cycles"))


@pytest.mark.parametrize(
    "text",
    ["510100", "510100:air:xyz", "999999:air:pm25", "1431A:emission:nox", "510100:forecast:pm25", "510100:forecast:pm25:8",
     "510100:forecast:pm25:0", "510100:forecast:pm25:１", "510100:air:pm25:1", "510100:air:pm25:", "'; DROP TABLE", ""],
)  # fmt: skip
def test_a_quantity_that_does_not_exist_falls_back_and_says_so(drawn, text: str) -> None:
    assert "无法识别或超出范围，已改用默认值：b" in str(drawn("series-choice", params={"b": text}))
    assert shown(drawn("series-lines", params={"b": text})) == shown(drawn("series-lines"))


def test_every_quantity_that_is_offered_can_be_read_back_and_drawn(drawn) -> None:
    for kind, names in NAMES.items():
        for name in names:
            quantity = Quantity("510100", kind, name, 2 if kind in ("forecast", "weather") else 0)
            assert Quantity.read(str(quantity), KNOWN.cities, KNOWN.stations) == quantity
            drawn("series-lines", params={"a": str(quantity), "b": f"{made.STATION}:air:aqi"}, lang="en")


def test_spans_end_with_the_hour_shown_and_days_are_those_of_beijing() -> None:
    hour = dt.datetime(2023, 4, 30, 10)
    for name, days in SPANS.items():
        span = Asked({"span": name}).span(hour, "30d")
        assert (span.last, span.count) == (hour, days * 24)
    day = Asked({"from": "2023-04-01", "to": "2023-04-01"}).span(hour, "30d")
    assert (day.first, day.last) == (dt.datetime(2023, 3, 31, 17), dt.datetime(2023, 4, 1, 16)), (
        "01:00 to 24:00 in Beijing"
    )
    assert Asked({"from": "2023-04-30", "to": "2023-05-09"}).span(hour, "30d").last == hour, "nothing of the future"


def test_going_back_shows_nothing_that_came_later(drawn) -> None:
    back = made.NEWEST - 10 * 24 * HOUR
    assert "2023-04-20 23:00" in str(drawn("series-lines", hour=back))
    assert "没有被修订" in str(drawn("series-lines", hour=back, params={"a": f"{made.STATION}:air:pm25", "span": "7d"}))


def test_a_number_that_rounds_to_zero_has_no_sign() -> None:
    assert [signed(value) for value in (-0.004, -0.006, 0.0, float("nan"))] == ["0.00", "−0.01", "0.00", "NA"]


def test_every_page_is_found_by_the_portal(explored) -> None:
    """Dash reads the files of pages itself: what cannot be read so stops the whole portal."""
    create_app(Context(lambda: explored, KNOWN))
    assert {f"/analysis/{page}" for page in PAGES} <= {entry["path"] for entry in dash.page_registry.values()}
