"""A station's line leads to the file and line that it stands in, and to those of what was replaced."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from dashboards.components.origin import origin_details
from dashboards.queries.origins import origins
from streams.store import begin_write, open_store, schema
from streams.store.upserts import keep_files
from tests.dashboards import stores
from tests.dashboards.test_unknown import words

HOUR = stores.NEWEST
TRACE = {"edition": "HJ 633-2012", "status": "provisional", "revision": 0, "simulated": False}


def _file(digest: str, name: str) -> dict[str, object]:
    return {
        "digest": digest * 16, "file": name, "source": "cnemc-wide", "first_hour": HOUR, "last_hour": HOUR, "rows_in": 1,
        "rejected": 0, "accepted": 1, "duplicate": 0, "late": 0, "simulated": False, "released_at": None, "received_at": HOUR,
    }  # fmt: skip


def _row(version: int, pm25: float | None, digest: str | None, line: int) -> dict[str, object]:
    return {
        "station": "1431A", "hour_end": HOUR, "city": "510100", "source": "cnemc-wide", "pm25_ugm3": pm25, "version": version,
        "file_digest": digest and (digest * 4)[:15], "line": line, "released_at": HOUR + dt.timedelta(minutes=25 * version),
        "received_at": HOUR + dt.timedelta(minutes=30 * version), **TRACE,
    }  # fmt: skip


def _shown(tmp_path, scene, *rows: dict[str, object]) -> str:
    engine = open_store(tmp_path / "store.sqlite")
    with begin_write(engine) as connection:
        connection.execute(sa.insert(schema.air_station_hour), [rows[0]])
        for row in rows[1:]:
            connection.execute(sa.update(schema.air_station_hour).values(**row))
        keep_files(connection, [_file("84ab", "first.csv"), _file("b10c", "corrected.csv"), _file("c0de", "other.csv")])
    with engine.connect() as connection:
        held = {"1431A": dict(connection.execute(sa.select(schema.air_station_hour)).mappings().one())}
        return " | ".join(words(origin_details(scene, held["1431A"], origins(connection, held)["1431A"])))


def test_a_station_names_its_file_line_digest_and_moments_and_those_of_what_it_replaced(tmp_path, scene) -> None:
    text = _shown(tmp_path, scene, _row(1, 940.0, "84ab", 7), _row(2, 42.0, "b10c", 9))
    own, _, old = text.partition("被替换的数值")
    assert "corrected.csv" in own and "第 9 行" in own and "SHA-256 b10cb10c" in own
    assert "first.csv" in old and "第 7 行" in old and "SHA-256 84ab84ab" in old and "PM₂.₅ 940 → 42" in old
    assert "other.csv" not in text
    # 00:50 and 01:00 after the hour, in Beijing time.
    hour = HOUR + dt.timedelta(hours=8)
    for minutes in (50, 60):
        assert f"{hour + dt.timedelta(minutes=minutes):%H:%M}" in own


def test_a_row_that_names_no_file_shows_those_that_may_have_brought_it(tmp_path, scene) -> None:
    text = _shown(tmp_path, scene, _row(1, 40.0, None, 0))
    assert all(name in text for name in ("first.csv", "corrected.csv", "other.csv")) and "行" not in text
