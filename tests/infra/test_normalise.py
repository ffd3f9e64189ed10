"""`airshed normalise`: the months of a store, what is said of them, and what is refused."""

from __future__ import annotations

import sqlalchemy as sa

from infra import cli
from streams.store.connect import open_store
from streams.store.schema import normalised_month
from tests.ml.normalise import years


def said(tmp_path, monkeypatch, capsys, *arguments: str, hours: int = 0) -> tuple[int, str, list]:
    monkeypatch.setenv("AIRSHED_LANG", "en")
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    engine = open_store(url)
    if hours:
        years.fill(engine, hours=hours)
    code = cli.main(["normalise", *arguments, "--store", url, "--data", str(tmp_path)])
    with engine.connect() as connection:
        rows = connection.execute(sa.select(normalised_month)).mappings().all()
    return code, "".join(capsys.readouterr()), rows


def test_a_year_of_a_city_is_filled_month_by_month(tmp_path, monkeypatch, capsys):
    code, told, rows = said(tmp_path, monkeypatch, capsys, "--cities", years.CITY, "--items", "pm25", hours=24 * 380)
    # Of the thirteenth month there are 14 days.
    assert code == 0 and "510100 pm25: 13 months, 12 of them told" in " ".join(told.split())
    assert [row["unanswered"] for row in rows] == [None] * 12 + ["hours"]
    assert all(row["version"] > 10**12 for row in rows)


def test_a_record_too_short_for_a_model_says_so_for_each_item(tmp_path, monkeypatch, capsys):
    code, told, rows = said(tmp_path, monkeypatch, capsys, hours=24 * 40)
    told = " ".join(told.split())
    assert code == 0 and told.count("the record with weather is shorter than a year") == 2
    assert {(row["item"], row["unanswered"]) for row in rows} == {("pm25", "record"), ("o3", "record")}


def test_a_store_without_hours_and_a_city_or_item_that_is_none_are_refused(tmp_path, monkeypatch, capsys):
    code, told, rows = said(tmp_path, monkeypatch, capsys)
    assert code == 1 and "nothing to normalise" in told and rows == []
    assert said(tmp_path, monkeypatch, capsys, "--cities", "999999")[0] == 2
    code, told, _ = said(tmp_path, monkeypatch, capsys, "--items", "pm1")
    assert code == 2 and "pm1, expected some of" in told
