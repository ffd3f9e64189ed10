"""The way back from a row to the file that it was read from begins with what the intake says of each file."""

from __future__ import annotations

import sqlalchemy as sa

from streams.records import Intake
from streams.store.materialiser import Materialiser
from streams.store.schema import source_file
from streams.wire.messages import intake_line
from streams.wire.topics import open_topic

INTAKE = Intake("cnemc-wide", "china_sites_20230120.csv", 1_674_200_000.0, {465_000: 41, 465_005: 41, -1: 3},
                {465_005: 41, -1: 3}, "ab" * 32, True)  # fmt: skip


def _files(store: sa.Engine) -> list[dict]:
    with store.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(source_file)).mappings()]


def test_a_file_that_was_read_is_on_record_with_its_digest_and_hours(store, tmp_path) -> None:
    topic = open_topic(tmp_path / "intake")
    topic.append([intake_line(INTAKE)], key="1")
    Materialiser(store, [topic]).step()
    (row,) = _files(store)
    assert (row["digest"], row["file"], row["source"]) == ("ab" * 32, "china_sites_20230120.csv", "cnemc-wide")
    assert row["first_hour"] == row["last_hour"] and str(row["first_hour"]) == "2023-01-18 00:00:00"
    assert (row["rows_in"], row["rejected"], bool(row["simulated"])) == (85, 44, True)


def test_the_same_file_again_stays_one_and_counts_without_a_digest_leave_none(store, tmp_path) -> None:
    topic = open_topic(tmp_path / "intake")
    again = Intake(INTAKE.source, INTAKE.file, 1_674_300_000.0, INTAKE.rows_in, INTAKE.rejected, INTAKE.digest, True)
    nameless = Intake("old", "old.csv", 1.0, {465_000: 1})
    topic.append([intake_line(INTAKE), intake_line(again), intake_line(nameless)], key="1")
    topic.append([intake_line(again)], key="2")
    Materialiser(store, [topic]).step()
    assert [str(row["received_at"])[:16] for row in _files(store)] == ["2023-01-20 07:33"]
