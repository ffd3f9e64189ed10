"""Every point of a figure can be asked where it comes from: what is said of it is what the store holds."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest

from dashboards.analysis.choice import Quantity, Span, hour_in
from dashboards.app import create_app
from dashboards.components.drawing import Drawing
from dashboards.context import Context
from dashboards.snapshots import pages
from tests.dashboards.analysis import made
from tests.dashboards.analysis.conftest import KNOWN
from tests.dashboards.test_taken import walked

HOUR = dt.timedelta(hours=1)
FIGURES = ("series-lines", "cycles", "months", "between")


def links(section) -> list[str]:
    return [each.href for each in walked(section) if getattr(each, "href", None)]


def at(hour: dt.datetime) -> str:
    return pages.written("hour", hour)


@pytest.mark.parametrize("name", FIGURES)
def test_every_point_of_a_figure_leads_to_what_stands_behind_it(drawn, name) -> None:
    section = drawn(name, params={"span": "7d", "year": "2023"})
    drawings = [each.svg for each in walked(section) if isinstance(each, Drawing)]
    targets = [parse_qs(urlsplit(href.replace("&amp;", "&")).query) for svg in drawings
               for href in re.findall(r'<a href="([^"]+)"', svg)]  # fmt: skip
    assert targets and all('role="group"' in svg for svg in drawings if "<a " in svg), "links inside an image are none"
    panel = {"series-lines": "series-point"}.get(name, f"{name}-point")
    for asked in targets[:: max(len(targets) // 7, 1)]:
        said = str(drawn(panel, params={"span": "7d", "at": asked["at"][0]}))
        assert "无法识别" not in said and "数值" in said, asked["at"]


def test_an_hour_of_a_city_says_value_trace_and_the_page_of_that_hour(drawn) -> None:
    hour = made.NEWEST - 5 * HOUR
    section = drawn("series-point", params={"span": "7d", "at": at(hour)})
    said, value = str(section), made.pm25(made.HOME)[-6]
    assert f"{value:g}" in said and "µg/m³" in said and "HJ 633-2012" in said and "完整率" in said and "修订" in said
    to = pages.pages()["city_hour"].address("zh", city=made.HOME, hour=hour)
    assert to in links(section) and pages.found(to, KNOWN) is not None
    rows = next(href for href in links(section) if href.startswith("/api/v1/city-hours"))
    asked = parse_qs(urlsplit(rows).query)
    assert asked["city"] == [made.HOME] and asked["from"] == asked["to"] == [f"{hour:%Y-%m-%dT%H:00Z}"]


def test_a_revised_hour_of_a_station_says_what_stood_there_before(drawn, explored) -> None:
    params = {"a": f"{made.STATION}:air:pm25", "b": f"{made.STATION}:air:pm25", "span": "7d"}
    hour = made.REVISED
    said = str(drawn("series-point", params={**params, "at": at(hour)}))
    assert "被替换的数值" in said and "B('955')" in said and "'55'" in said
    assert "没有被修订过" in str(drawn("series-point", params={**params, "at": at(hour - HOUR)}))


@pytest.mark.parametrize(
    ("quantity", "words"),
    [("510100:forecast:pm25:1", ("模式运行", "预报时效")), ("510100:emission:nox", ("排放清单", "made-2020")),
     ("510100:weather:temperature_c:1", ("模式运行", "-2.5")), ("510100:wind:wind_speed", ("m/s",))],
)  # fmt: skip
def test_what_a_model_or_an_inventory_told_names_it(drawn, quantity, words) -> None:
    said = str(drawn("series-point", params={"a": quantity, "b": quantity, "span": "7d"}))
    assert all(word in said for word in words), said


def test_a_mean_of_a_cycle_says_its_definition_its_hours_and_where_the_rows_are(drawn) -> None:
    hours = pd.date_range(made.NEWEST - 719 * HOUR, made.NEWEST, freq="h") + pd.Timedelta(hours=8)
    values = pd.Series(made.pm25(made.HOME)[-720:], index=hours)
    section = drawn("cycles-point", params={"span": "30d", "at": "hour:15"})
    said = str(section)
    assert f"{values[values.index.hour == 15].mean():.1f}" in said and "720 / 720（100.0 %）" in said
    assert "以 15:00 结束的小时值" in said and "HJ 633-2012" in said and "'30'" in said
    assert any(href.startswith("/api/v1/city-hours") for href in links(section))
    assert "中位数" in str(drawn("cycles-point", params={"span": "30d", "at": "hour:15", "stat": "quartiles"}))
    assert "20 个有效小时" in str(drawn("cycles-point", params={"at": "weekday:6"}))


def test_a_day_says_what_it_rests_on_and_leads_to_its_hours(drawn) -> None:
    section = drawn("months-point", params={"at": "2023-02-01"})
    said = str(section)
    assert "'32'" in said and "自然日评价值" in said and "完整率" in said
    assert pages.pages()["day"].address("zh", city=made.HOME, day=dt.date(2023, 2, 1)) in links(section)
    assert "没有存储这一天" in str(drawn("months-point", params={"at": "2023-01-20"}))


def test_a_lag_says_its_pairs_and_both_series(drawn) -> None:
    section = drawn("between-point", params={"span": "30d", "at": "-3", "by": "raw", "with": made.NORTH})
    said, (x, y) = str(section), (made.pm25(made.HOME)[-720:], made.pm25(made.NORTH)[-720:])
    expected = np.corrcoef(x[3:], y[:-3])[0, 1]
    assert f"{expected:.3f}".replace("-", "−") in said and "'717'" in said and "皮尔逊" in said
    rows = next(href for href in links(section) if href.startswith("/api/v1/"))
    assert parse_qs(urlsplit(rows).query)["city"] == [f"{made.HOME},{made.NORTH}"]


@pytest.mark.parametrize("section", ["series-point", "cycles-point", "months-point", "between-point"])
@pytest.mark.parametrize(
    "said", ["x", "2023-13-01T99", "hour:25", "hour:x", "9999", "-99", "<script>", "1999-01-01", ""]
)
def test_a_point_that_there_is_not_falls_back_and_says_so(drawn, section, said) -> None:
    shown = str(drawn(section, params={"at": said}))
    assert "无法识别" in shown and "<script>" not in re.sub(r"href='[^']*'", "", shown)


def test_every_link_of_a_panel_answers(explored, drawn) -> None:
    context = Context(lambda: explored, KNOWN, lambda: made.NEWEST + dt.timedelta(minutes=20))
    client = create_app(context).server.test_client()
    told = ["510100:forecast:pm25:1", "510100:attribution:pm25", "510100:wind:wind_speed", f"{made.STATION}:air:pm25"]
    sections = [drawn("series-point", params={"a": each, "b": "510100:air:aqi", "span": "7d"}) for each in told]
    sections += [drawn(f"{name}-point") for name in ("cycles", "months", "between")]
    asked = {href for section in sections for href in links(section)}
    rows = [href for href in asked if href.startswith("/api/")]
    assert len(rows) >= 6
    for href in rows:
        assert client.get(href).status_code == 200, href
    for href in asked - set(rows):
        assert href.startswith("?") or pages.found(href, KNOWN) is not None, href


def test_an_hour_of_a_span_is_read_within_it_alone() -> None:
    span = Span("", made.NEWEST - 2 * HOUR, made.NEWEST)
    assert hour_in(at(made.NEWEST), span) == made.NEWEST and hour_in(at(span.first), span) == span.first
    for each in (at(made.NEWEST + HOUR), at(span.first - HOUR), "0001-01-01T00"):
        with pytest.raises(ValueError):
            hour_in(each, span)
    assert Quantity("510100", "air", "pm25")
