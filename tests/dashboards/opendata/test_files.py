"""Files of a month hold the rows of the store, are made once for each state of the month, and are served by range."""

from __future__ import annotations

import datetime as dt
import io

import pyarrow.csv
import pyarrow.parquet
import pytest
import sqlalchemy as sa
import xarray as xr

from dashboards.opendata.files import Shelf
from dashboards.opendata.writers import About, span
from streams.store import schema
from tests.dashboards import stores
from tests.dashboards.opendata.conftest import serve

TABLES = {"city-hours": schema.air_city_hour, "station-hours": schema.air_station_hour}


def _stored(engine, table) -> dict:
    place, time = list(table.primary_key)
    with engine.connect() as connection:
        rows = connection.execute(sa.select(place, time, table.c.pm25_ugm3, table.c.aqi)).all()
    return {(p, t): (v, aqi) for p, t, v, aqi in rows}


def _stored_at(engine, moment: dt.datetime) -> None:
    """Say when the store was last written, as the materialiser does with each block."""
    with engine.begin() as connection:
        connection.execute(sa.update(schema.topic_position).values(stored_at=moment))


def _naive(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment


@pytest.mark.parametrize("kind", TABLES)
def test_parquet_and_csv_hold_the_rows_of_the_store(client, engine, kind):
    stored = _stored(engine, TABLES[kind])
    parquet = pyarrow.parquet.read_table(io.BytesIO(client.get(f"/data/{kind}/2023-01.parquet").data))
    text = client.get(f"/data/{kind}/2023-01.csv").data
    head = [line for line in text.decode().splitlines() if line.startswith("#")]
    options = pyarrow.csv.ReadOptions(skip_rows=len(head))
    as_text = pyarrow.csv.ConvertOptions(column_types={"city": "string", "station": "string"})
    csv = pyarrow.csv.read_csv(io.BytesIO(text), read_options=options, convert_options=as_text)
    for table in (parquet, csv):
        rows = table.to_pylist()
        place = kind.partition("-")[0]
        assert {(r[place], _naive(r["hour_end"])): (r["pm25_ugm3"], r["aqi"]) for r in rows} == stored
    assert any(line.startswith("# licence: CC BY 4.0") for line in head)
    assert "# unit of pm25_ugm3: ug m-3" in head and "# edition: HJ 633-2012" in head
    assert parquet.schema.field("pm25_ugm3").metadata[b"unit"] == b"ug m-3"


@pytest.mark.parametrize("kind", TABLES)
def test_netcdf_holds_the_rows_of_the_store(client, engine, kind, tmp_path):
    path = tmp_path / "month.nc"
    path.write_bytes(client.get(f"/data/{kind}/2023-01.nc").data)
    with xr.open_dataset(path) as dataset:
        assert dataset.attrs["Conventions"].startswith("CF-") and "CC BY 4.0" in dataset.attrs["licence"]
        place = kind.partition("-")[0]
        for (name, hour), (value, _) in list(_stored(engine, TABLES[kind]).items())[::7]:
            assert str(dataset["status"].sel({place: name, "hour_end": hour}).item()) == "provisional"
            assert float(dataset["pm25_ugm3"].sel({place: name, "hour_end": hour})) == pytest.approx(value)


def test_simulated_rows_are_named_in_the_name_of_the_file(client, tmp_path):
    response = client.get("/data/city-hours/2023-01.csv")
    assert "city-hours-2023-01-simulated.csv" in response.headers["Content-Disposition"]
    assert response.headers["X-Simulated"] == "true" and "# simulated: some or all rows" in response.text
    real = stores.empty_store(tmp_path)
    stores.fill(real, simulated=False)
    response = serve(real, tmp_path / "files").get("/data/city-hours/2023-01.csv")
    assert "filename=city-hours-2023-01.csv" in response.headers["Content-Disposition"]


def test_a_month_is_not_made_anew_where_another_one_has_changed(own):
    engine, client = own
    first = client.get("/data/city-hours/2023-01.csv")
    stores.add_city_hour(engine, "510100", dt.datetime(2023, 2, 10), 80)
    again = client.get("/data/city-hours/2023-01.csv", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/data/city-hours/2023-02.csv").status_code == 200
    stores.add_city_hour(engine, "510100", stores.NEWEST + stores.HOUR, 80)
    _stored_at(engine, dt.datetime(2026, 1, 3))
    changed = client.get("/data/city-hours/2023-01.csv", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200 and changed.headers["ETag"] != first.headers["ETag"]


def test_a_row_of_the_month_that_is_replaced_makes_another_file(own):
    engine, client = own
    first = client.get("/data/city-hours/2023-01.csv").headers["ETag"]
    table = schema.air_city_hour
    with engine.begin() as connection:
        one = (table.c.city == "510100") & (table.c.hour_end == stores.NEWEST - 9 * stores.HOUR)
        connection.execute(sa.update(table).where(one).values(pm25_ugm3=1.0, version=2))
    _stored_at(engine, dt.datetime(2026, 1, 3))
    assert client.get("/data/city-hours/2023-01.csv").headers["ETag"] != first


def test_a_range_of_a_file_is_that_part_of_it(client):
    whole = client.get("/data/city-hours/2023-01.csv")
    part = client.get("/data/city-hours/2023-01.csv", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.data) == (206, whole.data[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole.data)}"
    beyond = client.get("/data/city-hours/2023-01.csv", headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416 and beyond.headers["Content-Range"] == f"bytes */{len(whole.data)}"


@pytest.mark.parametrize("odd", ["lines=1-2", "bytes=0-0,4-5", "bytes=a-b", "bytes", "bytes=9" + "9" * 5000 + "-", ""])
def test_a_range_that_is_not_one_of_bytes_gives_the_whole_file(client, odd):
    # RFC 9110, 14.2: a range unit that is not understood must be ignored, several ranges may be.
    whole = client.get("/data/city-hours/2023-01.csv")
    answer = client.get("/data/city-hours/2023-01.csv", headers={"Range": odd})
    assert (answer.status_code, answer.data) == (200, whole.data)


def test_files_that_nobody_asks_for_make_room(own, tmp_path):
    from dashboards.context import Context
    from dashboards.opendata.offered import MONTHLY
    from streams import registry

    engine, _ = own
    shelf, context = Shelf(most_files=3), Context(lambda: engine, registry.load(), files=tmp_path / "few")
    for n in range(8):
        shelf.file(context, About(MONTHLY["city-hours"], dt.date(2023, 1, 1), f"{n:020}", False), "csv")
    left = sorted(path.name for path in (tmp_path / "few").iterdir())
    assert len(left) == 3 and shelf.made == 8 and any(f"{7:020}" in name for name in left)


@pytest.mark.parametrize(
    "path",
    ["city-hours/2023-13.csv", "city-hours/2023-00.csv", "city-hours/1990-01.csv", "city-hours/2023-01.exe",
     "city-hours/..%2f..%2fetc%2fpasswd", "..%2f/2023-01.csv", "city-hours/2023-01.csv%00", "other/2023-01.csv",
     "city-hours/9999-12.csv", "city-hours/%D9%A2%D9%A0%D9%A2%D9%A3-01.csv"],
)  # fmt: skip
def test_what_is_no_file_is_said_to_be_none(client, path):
    response = client.get(f"/data/{path}", follow_redirects=True)
    assert response.status_code == 404 and "root:" not in response.text


def test_a_month_is_one_of_beijing():
    # 2026-12-01 00:00 in Beijing ends the last hour of November: 16:00 UTC on the 30th.
    assert span(dt.date(2026, 11, 1)) == (dt.datetime(2026, 10, 31, 17), dt.datetime(2026, 11, 30, 16))
    assert span(dt.date(2026, 12, 1))[1] == dt.datetime(2026, 12, 31, 16)


def test_a_file_that_was_removed_is_made_again(own, tmp_path):
    _, client = own
    first = client.get("/data/station-hours/2023-01.csv")
    for path in (tmp_path / "files").iterdir():
        path.unlink()
    assert client.get("/data/station-hours/2023-01.csv").data == first.data


def test_a_file_that_cannot_be_made_is_said_to_be_so_and_leaves_nothing(own, tmp_path, monkeypatch):
    from dashboards.opendata import files

    def full(_engine, _about, path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(files.WRITERS, "csv", full)
    response = own[1].get("/data/city-hours/2023-01.csv")
    assert response.status_code == 503 and "space" not in response.text
    assert list((tmp_path / "files").iterdir()) == []


def test_the_state_of_a_month_is_asked_once_for_a_data_version(own):
    engine, client = own
    client.get("/data/city-hours/2023-01.csv")
    asked = []
    sa.event.listen(engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    client.get("/data/city-hours/2023-01.csv")
    assert asked and not any("status" in each for each in asked), asked
