"""An assessment made by hand for the tests of documents: all tables, all sorts of columns; long ones and ones of NAs."""

from __future__ import annotations

import datetime as dt
import random
import tomllib
from dataclasses import replace
from pathlib import Path

from dashboards.documents.publication import Publication
from dashboards.phase.content import (
    CODE,
    DATE,
    TEXT,
    VERDICT,
    Column,
    Content,
    Sentence,
    Table,
    as_bytes,
    digest,
)
from dashboards.text import _flat

CITIES = ("510100", "510600", "510700", "510900", "511100", "511400", "511800", "512000")
CITY = Column("city", CODE, family="city.")
STATION = Column("station", CODE, family="station.")
UG, PCT, DAYS = "µg/m³", "%", "d"


def number(key: str, unit: str = "", decimals: int = 0) -> Column:
    return Column(key, unit=unit, decimals=decimals)


COLUMNS = (
    number("pm25_mean_ugm3", UG, 1),
    number("pm25_before_ugm3", UG, 1),
    number("pm10_mean_ugm3", UG),
    number("o3_mda8_p90_ugm3", UG),
    number("no2_mean_ugm3", UG),
    number("so2_mean_ugm3", UG),
    number("co_p95_mgm3", "mg/m³", 1),
    number("composite_index", "", 2),
    number("max_index", "", 2),
    Column("complies", VERDICT),
    number("good_days_pct", PCT, 1),
    number("heavy_days", DAYS),
    number("valid_days", DAYS),
    number("pm25_day_p95_ugm3", UG),
    number("pm10_day_p95_ugm3", UG),
    number("exceedance_multiple", "", 2),
)


def _cities(chance: random.Random, cities=CITIES) -> Table:
    rows = []
    for place, city in enumerate(cities):
        pm25 = round(chance.uniform(24, 48), 1)
        rows.append(
            (
                city,
                pm25,
                round(pm25 + chance.uniform(-4, 6), 1),
                round(pm25 * 1.5),
                chance.randint(130, 172),
                chance.randint(14, 34),
                chance.randint(5, 9),
                round(chance.uniform(0.7, 1.2), 1),
                round(chance.uniform(2.9, 4.4), 2),
                round(chance.uniform(0.9, 1.4), 2),
                "met" if place % 3 else "exceeded",
                round(chance.uniform(72, 96), 1),
                chance.randint(0, 4),
                chance.randint(352, 365),
                chance.randint(70, 110),
                chance.randint(110, 150),
                round(chance.uniform(0, 0.4), 2),
            )
        )
    rows[-1] = (*rows[-1][:4], None, *rows[-1][5:])
    return Table(
        "cities",
        (CITY, *COLUMNS),
        tuple(rows),
        ("percentiles",),
        ("HJ 663-2013 6.2", "cnemc"),
        {f"{len(rows) - 1}:o3_mda8_p90_ugm3": "few_days"},
    )


def _by_item(key: str, chance: random.Random, prefix: str = "") -> Table:
    columns = tuple(number(f"{prefix}{item}_days", DAYS) for item in ("pm25", "pm10", "o3", "no2", "so2", "co"))
    rows = tuple(
        (c, chance.randint(40, 90), chance.randint(2, 20), chance.randint(60, 120), chance.randint(0, 9), 0, 0)
        for c in CITIES
    )
    return Table(key, (CITY, *columns), rows, sources=("HJ 633-2012 4.4",))


def content(seed: int = 1) -> Content:
    """An assessment of a year of eight cities with all tables."""
    chance = random.Random(seed)
    cities = _cities(chance)
    levels = tuple(
        (c, 80 + i, 220 - 3 * i, 50 + i, 12 + i, i % 3, 0, 365 - 80 - 220 - 62) for i, c in enumerate(CITIES)
    )
    change = tuple(
        (row[0], row[1], row[2], round((row[1] - row[2]) / row[2] * 100, 1), round(chance.uniform(-9, 5), 1), place + 1)
        for place, row in enumerate(cities.rows)
    )
    days = [dt.date(2016, 1, 1) + dt.timedelta(days=n) for n in range(366)]
    tables = (
        cities,
        Table(
            "ranking",
            (
                CITY,
                number("rank"),
                number("composite_index", "", 2),
                number("rank_before"),
                Column("main_item", CODE, family="item."),
            ),
            tuple(
                (row[0], place + 1, row[8], 8 - place, ("pm25", "o3", "pm10")[place % 3])
                for place, row in enumerate(cities.rows)
            ),
            ("ties",),
            ("HJ 663-2013",),
        ),
        Table(
            "levels",
            (CITY, *(number(f"level_{n}_days", DAYS) for n in range(1, 7)), number("invalid_days", DAYS)),
            levels,
            sources=("HJ 633-2012",),
        ),
        _by_item("primary", chance, "primary_"),
        Table(
            "days",
            (CITY, Column("date", DATE), number("aqi"), Column("level", CODE, family="phase.level.")),
            tuple(
                (c, str(d), 25 + (d.day * 7 + i * 13 + d.month * 5) % 260, None)
                for i, c in enumerate(CITIES)
                for d in days
            ),
        ),
        Table(
            "months",
            (CITY, Column("month", TEXT), number("good_ratio_pct", PCT, 1), number("good_ratio_to_date_pct", PCT, 1)),
            tuple(
                (c, f"2016-{m:02}", 60.0 + (m * 7 + i * 3) % 40, 70.0 + (m + i * 2) % 25)
                for i, c in enumerate(CITIES)
                for m in range(1, 13)
            ),
        ),
        Table(
            "change",
            (
                CITY,
                number("pm25_mean_ugm3", UG, 1),
                number("pm25_before_ugm3", UG, 1),
                number("pm25_change_pct", PCT, 1),
                number("composite_change_pct", PCT, 1),
                number("rank"),
            ),
            change,
            sources=("HJ 663-2013",),
        ),
        Table(
            "targets",
            (
                CITY,
                number("good_ratio_to_date_pct", PCT, 1),
                number("good_ratio_target_pct", PCT, 1),
                Column("kept", VERDICT),
            ),
            tuple(
                (c, round(chance.uniform(78, 95), 1), 85.0 + i % 4, "met" if i % 2 else "exceeded")
                for i, c in enumerate(CITIES)
            ),
            sources=("targets.toml",),
        ),
        Table(
            "exceptional",
            (
                CITY,
                Column("event", CODE),
                Column("first", DATE),
                Column("last", DATE),
                number("pm10_with_ugm3", UG),
                number("pm10_without_ugm3", UG),
            ),
            (
                ("510100", "dust", "2016-03-06", "2016-03-08", 98.0, 96.0),
                ("510700", "dust", "2016-03-06", "2016-03-07", 85.0, 84.0),
            ),
            sources=("环办监测〔2016〕120号",),
        ),
        Table(
            "trend",
            (
                CITY,
                Column("quantity", CODE),
                number("years"),
                number("slope_pct", PCT, 1),
                number("p_value", "", 3),
                Column("verdict", VERDICT),
            ),
            tuple(
                (c, "pm25_mean_ugm3", 9, round(chance.uniform(-6, 1), 1), round(chance.uniform(0, 0.2), 3), "down")
                for c in CITIES
            ),
        ),
        Table(
            "episodes",
            (
                Column("episode", TEXT),
                Column("first", DATE),
                Column("last", DATE),
                Column("item", CODE, family="item."),
                number("peak", UG),
                Column("remark", TEXT),
            ),
            tuple(
                (
                    f"EP-2016-{n:02}",
                    f"2016-{n:02}-04",
                    f"2016-{n:02}-09",
                    "pm25",
                    140.0 + n,
                    "静稳、逆温，区域传输明显；短时重度污染",
                )
                for n in range(1, 5)
            ),
        ),
        Table(
            "scores",
            (
                Column("lead", CODE),
                Column("model", CODE),
                number("mae", UG, 1),
                number("nmb_pct", PCT, 1),
                number("ts", "", 2),
            ),
            tuple((str(lead), "CDAQS", 12.0 + lead, -3.5 + lead, 0.61 - lead / 50) for lead in (24, 48, 72)),
        ),
        Table(
            "coverage",
            (
                STATION,
                CITY,
                *(number(f"{i}_pct", PCT, 1) for i in ("so2", "no2", "co", "o3", "pm10", "pm25")),
                number("valid_days", DAYS),
            ),
            tuple(
                (f"{1430 + n}A", CITIES[n % 8], *(round(chance.uniform(80, 100), 1) for _ in range(6)), 360 - n)
                for n in range(45)
            ),
        ),
        Table("revisions", (STATION, Column("hour", TEXT), number("before", UG), number("after", UG)), ()),
        Table(
            "attribution",
            (CITY, *(number(f"{s}_pct", PCT, 1) for s in ("traffic", "industry", "residential", "dust", "outside"))),
            tuple((c, 18.2, 24.1, 9.9, 11.0, 36.8) for c in CITIES),
            ("spread",),
            ("model attribution 3",),
        ),
        Table(
            "weather",
            (
                CITY,
                number("observed_change_pct", PCT, 1),
                number("weather_pct", PCT, 1),
                number("emissions_pct", PCT, 1),
            ),
            tuple((c, -5.0 - i, -1.2 + i, -3.8 - 2 * i) for i, c in enumerate(CITIES)),
        ),
        Table(
            "stations",
            (STATION, CITY, *COLUMNS),
            tuple((f"{1430 + n}A", CITIES[n % 8], *cities.rows[n % 8][1:]) for n in range(45)),
            ("percentiles",),
            ("HJ 663-2013",),
        ),
    )
    summary = (
        Sentence(
            "phase.say.test_pm25",
            (("value", "cities", CITIES[0], "pm25_mean_ugm3"), ("before", "cities", CITIES[0], "pm25_before_ugm3")),
            {"city": f"city.{CITIES[0]}"},
        ),
        Sentence(
            "phase.say.test_good", (("value", "cities", CITIES[1], "good_days_pct"),), {"city": f"city.{CITIES[1]}"}
        ),
        Sentence("phase.say.test_ozone", (("value", "cities", CITIES[-1], "o3_mda8_p90_ugm3"),)),
        Sentence(
            "phase.say.test_change",
            (("value", "change", CITIES[0], "composite_change_pct"),),
            {"city": f"city.{CITIES[0]}", "way": "phase.way.test_down"},
        ),
    )
    again = tuple(
        Table(t.key, t.columns, tuple((r[0], *(v + 1 if isinstance(v, float) else v for v in r[1:])) for r in t.rows))
        for t in tables[:4]
    )
    about = {
        "simulated": False,
        "status": "reviewed",
        "provisional_pct": 1.2,
        "registry_sha256": "ab" * 32,
        "models": ["attribution 3", "scenario 2"],
        "software": "0.1.0+736bf9a",
    }
    question = {
        "period": "2016",
        "first": "2016-01-01",
        "last": "2016-12-31",
        "edition": "2012",
        "places": list(CITIES),
        "comparison": "2015",
    }
    return Content(question, about, tables, summary, {"2012": tables[:4], "2026T": again})


def long_content() -> Content:
    """24 tables, among them five of 45 stations with many columns."""
    base = content(2)
    stations = base.table("stations")
    more = tuple(
        replace(
            stations,
            key=f"stations_{n}",
            columns=(*stations.columns, *(number(f"more_{i}_ugm3", UG, 1) for i in range(n))),
            rows=tuple((*row, *(float(i) for i in range(n))) for row in stations.rows),
        )
        for n in range(1, 9)
    )
    return replace(base, tables=(*base.tables, *more))


def missing_content() -> Content:
    """The same tables with nothing known but codes."""
    base = content(3)
    return replace(
        base, tables=tuple(map(_bare, base.tables)), by_edition={"2012": tuple(map(_bare, base.by_edition["2012"]))}
    )


def _bare(table: Table) -> Table:
    known = [at == 0 or column.kind != "number" for at, column in enumerate(table.columns)]
    rows = tuple(tuple(v if keep else None for v, keep in zip(row, known, strict=True)) for row in table.rows)
    return replace(table, rows=rows)


def publication(lang: str = "zh", of: Content | None = None, **changed) -> Publication:
    words = {
        "zh": (
            "2016年度成都平原八城市空气质量联合评估",
            "德阳市生态环境局",
            "2016年1月1日至12月31日",
            "德环评〔2017〕3号",
        ),
        "en": (
            "Joint assessment of the air quality of the eight cities of the Chengdu Plain in 2016",
            "Deyang Bureau of Ecology and Environment",
            "1 January to 31 December 2016",
            "DHP [2017] No. 3",
        ),
    }[lang]
    digests = {"inputs": "0123456789abcdef" * 4} | ({"content": digest(as_bytes(of))} if of else {})
    given = {
        "title": words[0],
        "organ": words[1],
        "period": words[2],
        "number": words[3],
        "issued": dt.date(2017, 1, 20),
        "state": "frozen",
        "sha256s": digests,
        "lang": lang,
    }
    return Publication(**given | changed)


def entries() -> dict[str, dict[str, str]]:
    """The words of the example, key -> {"zh": ..., "en": ...}."""
    return dict(_flat("", tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))))
