"""Published daily values: read with or without a header, kept as what they are, never in the place of a day from hours."""

import datetime as dt

import pytest
import sqlalchemy as sa

from standards.pollutants import ITEMS
from streams import registry
from streams.published.keeping import keep_days
from streams.published.reading import read_days
from streams.store import open_store, schema
from tests.dashboards.phase import made

KNOWN = registry.load()
NOW = dt.datetime(2026, 11, 1)
LINE = "成都,2016-12-02,236,216~256,重度污染,215.1,311.4,39.4,1.95,117.8,68,92\n"
SECOND = "成都,2016-12-03,275,259~288,重度污染,219,333.8,37.7,2.586,106,103,92\n"


@pytest.fixture
def engine(tmp_path):
    return open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")


def keep(engine, tmp_path, text, name="days.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8-sig")
    found = keep_days(engine, path, KNOWN, now=NOW)
    return found.accepted, found.duplicate, found.rejected


def rows(engine, table=schema.air_city_day):
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def test_a_line_without_a_header_is_read_by_its_place():
    days, rejects = read_days("\ufeff" + LINE, "f", KNOWN)
    assert rejects == [] and days[0].city == "510100" and days[0].day == dt.date(2016, 12, 2)
    assert dict(zip(ITEMS, days[0].values, strict=True)) == {
        "so2": 39.4, "no2": 117.8, "co": 1.95, "o3": 68, "pm10": 311.4, "pm25": 215.1
    }  # fmt: skip


def test_with_a_header_its_names_say_what_stands_where_and_what_it_lacks_is_missing():
    days, _ = read_days("date,city,PM2.5,note\n2016-01-31,Chengdu,35,x\n", "f", KNOWN)
    assert days[0].values == (None, None, None, None, None, 35.0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (LINE.replace("成都", "重庆"), "unknown city"),
        (LINE.replace("2016-12-02", "2016-13-02"), "no date"),
        (LINE.replace("215.1", "-1"), "pm25 is no concentration"),
        (LINE.replace("215.1", "inf"), "pm25 is no concentration"),
        (LINE.replace("215.1", "many"), "pm25 is no concentration"),
        ("成都,2016-12-02\n", "too few columns"),
        ("成都,2016-12-02,1,1,1,,,,,,,\n", "no value at all"),
    ],
)
def test_a_row_that_is_no_day_is_rejected_with_its_line(text, reason):
    days, rejects = read_days(SECOND + text, "f", KNOWN)
    assert len(days) == 1 and (rejects[0].reason, rejects[0].position) == (reason, "line 2")


def test_a_day_is_kept_as_published_and_every_row_is_in_the_books(engine, tmp_path):
    assert keep(engine, tmp_path, LINE + SECOND + LINE + LINE.replace("2016-12-02", "never")) == (2, 1, 1)
    first = rows(engine)[0]
    assert (first["stations_valid"], first["status"], first["version"], first["simulated"]) == (
        None,
        "reviewed",
        0,
        False,
    )
    # The file's own index of that day is 236, from values before rounding.
    assert abs(first["aqi"] - 236) <= 40 and first["primary_pollutants"] == "pm25"
    total = rows(engine, schema.source_total)[0]
    assert total["rows_in"] == 4 == total["accepted"] + total["duplicate"] + total["rejected"]
    assert len(rows(engine, schema.rejected)) == 1 and rows(engine, schema.source_file)[0]["rows_in"] == 4


def test_a_file_of_which_nothing_is_known_is_refused_whole_and_fills_no_books_row_by_row(engine, tmp_path):
    assert keep(engine, tmp_path, "# 说明\n\none, two\nthree\n", "README.md") == (0, 0, 1)
    (refused,) = rows(engine, schema.rejected)
    assert (refused["position"], refused["reason"]) == ("file", "the layout is not recognised")
    assert rows(engine, schema.source_total)[0]["rows_in"] == 1


def test_a_file_with_a_header_is_refused_by_row_also_where_no_row_is_a_day():
    _, rejects = read_days("date,city,PM2.5\nx,成都,35\ny,成都,36\n", "f", KNOWN)
    assert [each.position for each in rejects] == ["line 2", "line 3"]


def test_the_same_file_again_changes_nothing(engine, tmp_path):
    keep(engine, tmp_path, LINE + SECOND)
    before = rows(engine)
    assert keep(engine, tmp_path, LINE + SECOND) == (0, 2, 0)
    assert rows(engine) == before and rows(engine, schema.row_history) == []


def test_a_corrected_value_is_a_revision_and_the_old_row_is_kept(engine, tmp_path):
    keep(engine, tmp_path, LINE)
    assert keep(engine, tmp_path, LINE.replace("215.1", "200.1"), "again.csv") == (1, 0, 0)
    assert [(row["pm25_ugm3"], row["revision"]) for row in rows(engine)] == [(200.1, 1)]
    assert '"pm25_ugm3":215.1' in rows(engine, schema.row_history)[0]["row"]


def test_a_day_from_hours_is_never_replaced_by_a_published_one(engine, tmp_path):
    made.put_cities(
        engine, made.daily(1, dt.date(2016, 12, 2), dt.date(2016, 12, 2), gaps=0), dt.date(2016, 12, 2), ("510100",)
    )
    before = rows(engine)
    assert keep(engine, tmp_path, LINE + SECOND) == (1, 0, 1)
    assert rows(engine)[0] == before[0]
    assert rows(engine, schema.rejected)[0]["reason"] == "a day computed from hours is there"


def test_a_day_from_hours_takes_the_place_of_a_published_one_when_it_comes(engine, tmp_path):
    from streams.results import rows_of
    from streams.store.rows import decoded
    from streams.store.upserts import upsert

    keep(engine, tmp_path, LINE)
    held = rows(engine)[0]
    computed = held | {"day": (held["day"] - dt.date(1970, 1, 1)).days, "pm25_ugm3": 210.0, "stations_valid": 8.0,
                       "stations_expected": 8.0, "completeness": 1.0, "version": 5.0, "status": 0.0, "primary_pollutants": 32.0,
                       "revision": 0.0, "aqi": 250.0, "suspect": 0.0, "simulated": 0.0}  # fmt: skip
    told = rows_of("air_city_day", {name: value if name == "edition" else [value] for name, value in computed.items()})
    with engine.begin() as connection:
        upsert(connection, [decoded(told)])
    assert [(row["pm25_ugm3"], row["stations_valid"]) for row in rows(engine)] == [(210.0, 8)]
    assert '"pm25_ugm3":215.1' in rows(engine, schema.row_history)[0]["row"]


def test_the_same_day_twice_with_other_values_is_refused(engine, tmp_path):
    assert keep(engine, tmp_path, LINE + LINE.replace("215.1", "3")) == (1, 0, 1)
