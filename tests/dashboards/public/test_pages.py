import re
from html.parser import HTMLParser

import brotli
import numpy as np
import pytest
import sqlalchemy as sa

from dashboards.queries import public
from dashboards.snapshots import pages
from dashboards.snapshots.figured import wanted
from standards.averaging import daily_values
from standards.days import day_of_date, first_hour_of_day
from standards.editions import EDITIONS, edition_for
from standards.index.aqi import daily_aqi
from standards.index.levels import LEVELS, levels_of, sensitive_groups_of
from standards.pollutants import ITEMS, POLLUTANTS
from streams.store.schema import air_city_day, air_city_hour, air_station_hour, forecast_city_hour, model_hour
from tests.dashboards import foreseen, stores
from tests.dashboards.public.conftest import REGISTRY, drawn

PATHS = (
    "/", "/city/510100", "/city/511100", "/city/511800", "/city/510100/2023-01-21T13", "/city/510100/month/2023-01",
    "/city/510100/day/2023-01-21", "/stations", "/station/1431A", "/station/1431A/2023-01-21T20", "/history",
    "/history/510100", "/method", "/embed/510100",
)  # fmt: skip
BUDGET = 30_000
NAMES = (
    "AQI",
    "NA",
    "HJ",
    "GB",
    "CDAQS",
    "SHA",
    "SO",
    "NO",
    "CO",
    "PM",
    "µg",
    "mg",
    "m³",
    "cnemc",
    "iframe",
    "HOST",
    "SVG",
    "PNG",
    "CSV",
    "h0",
)


class _Words(HTMLParser):
    """The text that people read or hear: no attributes but titles and names to screen readers, no code."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.silent += tag in ("code", "style")
        self.said += [value for name, value in attrs if name in ("title", "aria-label") and value]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("code", "style")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.said.append(data)


def _read(markup: str) -> list[str]:
    words = _Words()
    words.feed(markup)
    return words.said


def _row(engine: sa.Engine, table: sa.Table, **keys) -> dict:
    with engine.connect() as connection:
        query = sa.select(table).where(*(table.c[name] == value for name, value in keys.items()))
        return dict(connection.execute(query).mappings().one())


@pytest.mark.parametrize("city", ["510100", "510600", "511800"])
def test_a_city_shows_the_index_and_concentrations_of_its_row(engine, city):
    row = _row(engine, air_city_hour, city=city, hour_end=stores.NEWEST)
    now = drawn(engine, f"/city/{city}")["now"]
    assert f'data-aqi="{row["aqi"]}"' in now
    shown = re.findall(r"<dd>([\d.]+|NA)<small> [µm]g/m³</small></dd>", now)
    assert shown == [f"{row[POLLUTANTS[item].column]:.{POLLUTANTS[item].decimals}f}" for item in ITEMS]


def test_a_city_without_an_index_says_na_and_why(engine):
    parts = drawn(engine, f"/city/{stores.ABSENT}")
    assert 'data-aqi="NA"' in parts["now"] and "缺 CO、O₃" in parts["now"]
    assert "不作健康建议" in parts["advice"]
    assert "1 个城市没有有效指数" in drawn(engine, "/")["cities"]


def test_simulated_values_are_marked_wherever_they_stand(engine):
    parts = drawn(engine, f"/city/{stores.SIMULATED}")
    assert all("sim-mark" in parts[name] for name in ("now", "past", "stations", "ahead"))
    assert "sim-mark" not in drawn(engine, "/city/510100")["now"]
    assert "sim-mark" in drawn(engine, f"/embed/{stores.SIMULATED}")["card"]
    assert drawn(engine, "/")["cities"].count("sim-mark") == 1


def test_advice_is_in_the_words_of_the_edition_of_the_row(engine):
    row = _row(engine, air_city_hour, city="510100", hour_end=stores.NEWEST)
    level = next(each for each in levels_of(EDITIONS[0]) if each.aqi_from <= row["aqi"] <= each.aqi_to)
    advice = drawn(engine, "/city/510100")["advice"]
    assert row["edition"] == EDITIONS[0].code and level.advice_zh in advice and level.effect_zh in advice
    newer = levels_of(EDITIONS[1])[level.level - 1]
    assert newer.advice_zh != level.advice_zh and newer.advice_zh not in advice


def test_who_is_sensitive_is_named_where_an_item_exceeds_100(tmp_path):
    engine = stores.empty_store(tmp_path)
    stores.fill(engine)
    # HJ 633-2026 Table 3: 116 ug/m3 of PM2.5 is above the 75 at which its index is 100 in either edition; ozone is far below.
    values = {
        "edition": "HJ 633-2026",
        "pm25_ugm3": 116.0,
        "o3_ugm3": 40.0,
        "no2_ugm3": 40.0,
        "co_mgm3": 1.0,
        "pm10_ugm3": 90.0,
    }
    with engine.begin() as connection:
        connection.execute(sa.update(air_city_hour).values(**values))
    advice = drawn(engine, "/city/510100")["advice"]
    groups = sensitive_groups_of(EDITIONS[1])
    assert "敏感人群：" in advice and groups["pm25"].groups_zh in advice
    assert groups["o3"].groups_zh not in advice and groups["co"].groups_zh != groups["pm25"].groups_zh
    older = drawn(engine, "/en/city/510100")["advice"]
    assert groups["pm25"].groups_en in older


def test_the_days_ahead_are_the_indices_of_the_runs_by_the_standard(ahead_engine):
    days = re.findall(r'<span class="range">([\d–]+)</span>', drawn(ahead_engine, "/city/510100")["ahead"])
    with ahead_engine.connect() as connection:
        c = forecast_city_hour.c
        rows = connection.execute(
            sa.select(forecast_city_hour).where(c.city == "510100", c.run_init == foreseen.RUN)
        ).mappings()
        by_hour = {row["hour_end"]: row for row in rows}
    day = day_of_date(foreseen.NEWEST.date()) + 1
    first = int(first_hour_of_day(day))
    hours = [np.datetime64(first + n, "h").astype("datetime64[us]").item() for n in range(72)]
    values = np.array([[by_hour[hour][f"forecast_{POLLUTANTS[item].column}"] for hour in hours] for item in ITEMS])
    means = daily_values(values, first).means
    expected = daily_aqi(means, edition=edition_for(foreseen.NEWEST.date())).aqi
    assert [each.split("–")[0] for each in days] == [str(int(aqi)) for aqi in expected]


def test_a_short_forecast_is_no_day(engine):
    # The newest run of ten hours before begins at 20:00 of the day before and reaches 72 hours: not into the third day.
    path = f"/city/510100/{pages.written('hour', stores.NEWEST - 10 * stores.HOUR)}"
    assert drawn(engine, path)["ahead"].count("预报不足整日") == 1


def test_a_month_has_the_stored_days_and_na_for_the_others(ahead_engine):
    month = drawn(ahead_engine, "/city/510100/month/2025-12")["month"]
    assert len(re.findall(r"Ⅴ</b> 214<", month)) == 3 and len(re.findall(r"Ⅱ</b> 82<", month)) == 3
    assert month.count('class="no-day"') == 14
    # Hours reach from the 15th, 15:00, to the 20th; the 14th has a stored day.
    linked = sorted(int(day) for day in re.findall(r'href="/city/510100/day/2025-12-(\d\d)"', month))
    assert linked == [14, 15, 16, 17, 18, 19, 20]
    # 1 to 19 December are over, six of them are stored; the 20th is under way.
    assert "NA</span><b> 13 </b>天" in month


def test_a_day_shows_its_hours_and_its_own_index(engine, ahead_engine):
    day = drawn(ahead_engine, "/city/510100/day/2025-12-18")["day"]
    assert "Ⅴ</b> 214<" not in day and ">214</div>" in day
    assert len(re.findall(r'href="/city/510100/2025-12-(?:18T\d\d|19T00)"', day)) == 24
    with_gaps = drawn(engine, "/city/510100/day/2023-01-18")["day"]
    assert with_gaps.count("本时次无数据") == 24 and "没有该日的日均值" in with_gaps


def test_a_day_shows_its_own_means_as_they_are_reported(tmp_path):
    engine = stores.empty_store(tmp_path)
    foreseen.fill(engine)
    with engine.begin() as connection:
        connection.execute(sa.update(air_city_day).values(o3_mda8_ugm3=152.0, co_mgm3=1.26, pm25_ugm3=64.5))
    day = drawn(engine, "/city/510100/day/2025-12-18")["day"]
    # HJ 633-2026 4.2.2: CO to one decimal, the others to whole numbers, half to even (GB/T 8170): 64.5 is 64.
    assert re.findall(r"<dd>([\d.]+|NA)<small>", day) == ["NA", "NA", "1.3", "152", "NA", "64"]


def test_the_days_ahead_are_a_models_quantiles_where_it_tells_them(tmp_path):
    engine = stores.empty_store(tmp_path)
    foreseen.fill(engine)
    day = foreseen.NEWEST.date() + public.DAY
    frame = {"city": "510100", "hour_end": public.hours_of(day)[1], "run": f"CDAQS/{foreseen.RUN:%Y-%m-%dT%H}Z",
             "model": "city", "model_version": "7", "simulated": False, "version": 1}  # fmt: skip
    told = {"aqi_day_q10": 88.0, "aqi_day_q50": 104.0, "aqi_day_q90": 131.4}
    with engine.begin() as connection:
        connection.execute(sa.insert(model_hour), [frame | {"quantity": name, "value": v} for name, v in told.items()])
    ahead = drawn(engine, "/city/510100")["ahead"]
    assert '<span class="range">88–131</span>' in ahead and "10% 至 90% 分位" in ahead
    assert levels_of(edition_for(day))[2].advice_zh in ahead


def test_an_hour_of_the_past_shows_that_hour_and_no_later_one(engine):
    hour = stores.NEWEST - 10 * stores.HOUR
    parts = drawn(engine, f"/city/510100/{pages.written('hour', hour)}")
    assert f'data-aqi="{_row(engine, air_city_hour, city="510100", hour_end=hour)["aqi"]}"' in parts["now"]
    assert "2023-01-21 23:00" not in "".join(parts.values())
    later = f"/city/510100/{pages.written('hour', hour + stores.HOUR)}"
    assert later in parts["now"]


def test_an_hour_says_the_same_when_newer_data_have_come(tmp_path):
    engine = stores.empty_store(tmp_path)
    stores.fill(engine)
    path = f"/city/510100/{pages.written('hour', stores.NEWEST - stores.HOUR)}"
    before = drawn(engine, path)
    stores.add_city_hour(engine, "510100", stores.NEWEST + stores.HOUR, 321)
    assert drawn(engine, path) == before


def test_an_hour_that_has_not_come_says_so(engine):
    assert "还没有数据" in drawn(engine, "/city/510100/2023-02-01T08")["now"]


def test_a_station_shows_its_row_and_the_values_that_a_revision_replaced(engine):
    row = _row(engine, air_station_hour, station=stores.REVISED, hour_end=stores.NEWEST)
    station = drawn(engine, f"/station/{stores.REVISED}")["station"]
    assert f'data-aqi="{row["aqi"]}"' in station
    assert "被替换的数值" in station and "国控站" in station


def test_the_numbers_of_a_city_lead_to_its_stations_rows(engine):
    now = drawn(engine, "/city/510100")["now"]
    row = _row(engine, air_station_hour, station="1432A", hour_end=stores.NEWEST)
    assert "/station/1432A/2023-01-21T23" in now and f'<td class="number">{row["aqi"]}</td>' in now


def test_the_method_page_has_every_number_of_the_tables(engine):
    page = "".join(drawn(engine, "/method").values())
    for edition in EDITIONS:
        for line in edition.breakpoints.values():
            cells = [f'<td class="number">{float(value):g}</td>' for value in line.concentration]
            assert all(cell in page for cell in cells)
        for (item, _), (grade1, grade2) in edition.limits.items():
            if item in ITEMS:
                assert f'<td class="number">{grade1:g}</td><td class="number">{grade2:g}</td>' in page
    assert all(level.advice_zh in page for edition in EDITIONS for level in levels_of(edition))


@pytest.mark.parametrize("path", PATHS)
def test_every_link_leads_to_a_declared_page(engine, path):
    for prefix in ("", "/en"):
        own = prefix + path if path != "/" else prefix + "/"
        links = re.findall(r'href="([^"]+)"', "".join(drawn(engine, own).values()))
        assert all((pages.found(link, REGISTRY) or wanted(link, REGISTRY)) is not None for link in links)
        assert all(link.startswith("/en") == (prefix == "/en") for link in links)


@pytest.mark.parametrize("path", PATHS)
def test_no_english_word_stands_on_a_chinese_page(engine, path):
    said = " ".join(_read("".join(drawn(engine, path).values())))
    said = re.sub(
        r"[\w/.\-]*(?:\.(?:csv|json|xlsx|txt|zip))|CDAQS/\S+|[0-9a-f]{8}…|[0-9a-f]{40,}|\d{4}[A-Z]", " ", said
    )
    left = {word for word in re.findall(r"[A-Za-zµ]{2,}", said) if word not in NAMES}
    assert not left


@pytest.mark.parametrize("path", PATHS)
def test_no_chinese_word_but_names_stands_on_an_english_page(engine, path):
    own = "/en" + path
    names = [s.name_zh for s in REGISTRY.stations.values()]
    said = "\n".join(_read("".join(drawn(engine, own).values())))
    for name in sorted(names, key=len, reverse=True):
        said = said.replace(name, "")
    said = re.sub(r"\S+\.(?:csv|xlsx|json)", "", said)  # files keep the names that their senders gave
    assert not re.findall(r"[\u4e00-\u9fff]+", said)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_stays_within_its_budget(engine, path):
    body = "".join(drawn(engine, path).values()).encode()
    assert 0 < len(brotli.compress(body, quality=9)) <= BUDGET


@pytest.mark.parametrize("path", PATHS)
def test_a_page_without_data_says_no_number(void_engine, path):
    parts = drawn(void_engine, path)
    assert "data-aqi" not in "".join(parts.values())


def test_levels_have_a_symbol_beside_their_colour(engine):
    legend = drawn(engine, "/")["region"]
    symbols = re.findall(r'class="chip level-(\d)"><b>(.)</b>', legend)
    assert dict(symbols) == {"1": "Ⅰ", "2": "Ⅱ", "3": "Ⅲ", "4": "Ⅳ", "5": "Ⅴ", "6": "Ⅵ", "0": "–"}
    assert len(LEVELS) == 6


@pytest.mark.parametrize(
    "path",
    ["/city/510100/day/9999-12-31", "/city/510100/month/9999-12", "/city/510100/9999-12-31T23", "/city/510100/1000-01-01T08",
     "/city/510100/day/1000-01-01", "/city/510100/month/1000-01", "/station/1431A/1000-01-01T09"],
)  # fmt: skip
def test_a_year_of_which_there_can_be_no_data_is_no_page(path):
    assert pages.found(path, REGISTRY) is None


@pytest.mark.parametrize("value", [2e6, 1e12, float("inf"), -1.0])
def test_a_forecast_that_holds_no_concentration_leaves_the_page_standing(tmp_path, value):
    engine = stores.empty_store(tmp_path)
    foreseen.fill(engine)
    with engine.begin() as connection:
        connection.execute(sa.update(forecast_city_hour).values(forecast_pm25_ugm3=value))
    assert "没有覆盖未来三天整日的预报" in drawn(engine, "/city/510600")["ahead"]


@pytest.mark.parametrize("value", [2e9, 1e12])
def test_an_hour_that_holds_no_concentration_leaves_the_page_standing(tmp_path, value):
    engine = stores.empty_store(tmp_path)
    stores.fill(engine)
    with engine.begin() as connection:
        connection.execute(sa.update(air_city_hour).values(no2_ugm3=value))
    assert "健康建议" in drawn(engine, "/city/510100")["advice"]
