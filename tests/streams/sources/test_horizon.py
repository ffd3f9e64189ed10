"""Hours that cannot have happened yet are refused by name, whatever feed brings them, and the good file after them is stored."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from streams import sources
from streams.history.runner import History
from streams.history.store_sink import StoreSink
from streams.memory import book as books
from streams.records import CompositionBlock, EmissionBlock, ForecastBlock, ObservationBlock, VocBlock, epoch_hour
from streams.registry import load
from streams.registry.roster import roster_of
from streams.sources.horizon import horizon_of
from streams.store import open_store
from streams.store.health import source_books
from streams.store.materialiser import Materialiser
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.streams.replaying import Desks
from tests.streams.sources.forecasts.test_cdaqs import cf

REGISTRY = load()
NOW = dt.datetime(2026, 3, 10, 4, 30, tzinfo=dt.UTC)
HEADER = "station,hour_end,pm25_ugm3,pm10_ugm3,so2_ugm3,no2_ugm3,o3_ugm3,co_mgm3"
FUTURE = f"{HEADER}\n1431A,2099-06-01T08:00+08:00,30,60,5,30,40,0.7\n"
MANY = "\n".join(
    [HEADER, *(f"1431A,20{90 + n // 12}-{n % 12 + 1:02d}-15T08:00+08:00,30,60,5,30,40,0.7" for n in range(60))]
)
GOOD = f"{HEADER}\n1431A,2026-03-10T08:00+08:00,35,60,5,30,40,0.7\n"


def _parse(path: Path, text: str | None = None, *, later_s: float = 0.0):
    if text is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    parsed = sources.parse_file(path, REGISTRY, received_at=NOW.timestamp() + later_s, now=NOW.timestamp())
    assert not [each for each in parsed.rejected if each.position == "file"], (
        "the books of a file balance, or it is refused"
    )
    return parsed


@pytest.mark.parametrize(("text", "rows"), [(FUTURE, 1), (MANY, 60)])
def test_measured_hours_of_the_future_are_refused_by_name_and_the_good_file_after_them_is_taken(
    tmp_path, text, rows
) -> None:
    parsed = _parse(tmp_path / "ahead.csv", text)
    assert not parsed.blocks and len(parsed.rejected) == rows
    reject = parsed.rejected[-1]
    assert (reject.reason, reject.rows) == ("the hour lies in the future", 1)
    assert reject.position == "city 510100, station 1431A"
    assert reject.value in ("2099-06-01T00:00Z", "2094-12-15T00:00Z")
    assert reject.expected == "hours that have ended, by 2026-03-10T05:00Z"
    desks = Desks(roster_of(REGISTRY))
    for block in _parse(tmp_path / "good.csv", GOOD).blocks:
        desks.take(block)
    assert [row["pm25_ugm3"] for row in desks.rows()["air_station_hour"].values()] == [35.0]


def test_rows_of_sixty_months_of_the_past_are_taken_and_push_nothing_out(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(books, "CAPACITY", 3)
    desks = Desks(roster_of(REGISTRY), archive=tmp_path / "archive")
    for n, (name, text) in enumerate((
        ("good.csv", GOOD),
        ("past.csv", MANY.replace(",209", ",200")),
        ("again.csv", GOOD.replace(",35,", ",37,")),
    )):  # fmt: skip
        parsed = _parse(tmp_path / name, text, later_s=n)
        assert not parsed.rejected
        for block in parsed.blocks:
            desks.take(block)
    rows = desks.rows()
    assert len(rows["air_station_hour"]) == 61 and not any(each["late"] for each in rows["source_hour"].values())
    assert rows["air_station_hour"]["1431A", "2026-03-10 00:00:00.000000"]["pm25_ugm3"] == 37.0


def test_what_lies_on_this_side_of_now_is_kept_and_the_rest_of_the_file_is_refused_hour_by_hour(tmp_path) -> None:
    lines = [f"1431A,2026-03-10T{hour:02d}:00Z,30,60,5,30,40,0.7" for hour in range(3, 9)]
    parsed = _parse(tmp_path / "across.csv", "\n".join([HEADER, *lines]))
    (block,) = parsed.blocks
    assert block.first_hour + block.hours - 1 == epoch_hour(dt.datetime(2026, 3, 10, 5, tzinfo=dt.UTC))
    assert [each.value for each in parsed.rejected] == [f"2026-03-10T{hour:02d}:00Z" for hour in (6, 7, 8)]
    assert sum(parsed.intake.rejected.values()) == 3


def test_an_hour_that_ends_within_the_next_one_is_taken(tmp_path) -> None:
    for stamp, blocks in (("2026-03-10T05:00Z", 1), ("2026-03-10T06:00Z", 0)):
        assert len(_parse(tmp_path / "edge.csv", GOOD.replace("2026-03-10T08:00+08:00", stamp)).blocks) == blocks


OTHERS = {
    "wide.csv": "date,hour,type,1431A,1432A\n20990101,0,PM2.5,35,36\n",
    "voc.csv": "station,hour_end,status,revision,simulated,toluene_ppb\n1431A,2099-01-22T08:00+08:00,provisional,0,false,1\n",
    "composition.csv": "station,hour_end,averaging_h,oc_ugm3\n1431A,2099-01-22T08:00+08:00,24,1\n",
    "measured.csv": "city,sector,species,hour_end,emission_kgh\n510100,power,so2,2099-01-22T08:00+08:00,5\n",
}


@pytest.mark.parametrize("name", OTHERS)
def test_no_feed_of_measured_values_passes_an_hour_of_the_future_on(tmp_path, name) -> None:
    parsed = _parse(tmp_path / name, OTHERS[name])
    assert parsed.intake.source != sources.UNKNOWN and not parsed.blocks
    assert {each.reason for each in parsed.rejected if not each.set_aside} == {"the hour lies in the future"}


def test_a_run_that_starts_in_the_future_is_refused_and_one_that_has_started_may_reach_on(tmp_path) -> None:
    ahead, started = (epoch_hour(dt.datetime(2026, 3, 10, hour, tzinfo=dt.UTC)) for hour in (12, 4))
    parsed = _parse(cf(tmp_path / "ahead.nc", run_init=ahead, first_stamp=ahead, steps=30))
    assert not parsed.blocks
    assert {(each.reason, each.value) for each in parsed.rejected} == {
        ("the run starts in the future", "2026-03-10T12:00Z")
    }
    assert (
        len(_parse(cf(tmp_path / "now.nc", run_init=started, first_stamp=started, steps=30)).blocks[0].values[0, 0])
        == 30
    )


def test_an_inventory_of_a_scenario_is_taken_for_the_years_that_its_layout_promises(tmp_path) -> None:
    folder = tmp_path / "scenario"
    parsed = _parse(folder / "inventory.csv", "city,sector,species,year,emission_t\n510100,power,so2,2060,1\n")
    assert sum(block.hours for block in parsed.blocks) == 8784 and not parsed.intake.rejected


@pytest.mark.parametrize("kind", [ObservationBlock, VocBlock, CompositionBlock, EmissionBlock])
def test_a_block_that_ends_by_now_has_no_horizon(kind) -> None:
    import numpy as np

    hour = int(NOW.timestamp() // 3600)
    fields = {"first_hour": hour - 5, "values": np.zeros((1, 1, 7)), "measured": True}
    assert horizon_of(kind, fields, NOW.timestamp()) is None
    assert horizon_of(kind, fields | {"first_hour": hour - 4}, NOW.timestamp()).end == hour + 2
    run = {"run_init": hour + 1, "first_hour": hour, "values": np.zeros((1, 1, 7))}
    assert horizon_of(ForecastBlock, run, NOW.timestamp()) is None


def test_rows_of_the_future_move_nothing_in_the_store_and_the_good_file_after_them_is_stored(tmp_path) -> None:
    topics = tmp_path / "topics"
    for name, text in (("a_future.csv", FUTURE), ("a_evict.csv", MANY), ("good.csv", GOOD)):
        parsed = _parse(tmp_path / name, text)
        for block in parsed.blocks:
            topic = open_topic(topics / messages.TOPICS[messages.schema_of(block)])
            topic.append([messages.block_line(block)], key=name)
        said = [messages.rejected_line(each, NOW.timestamp()) for each in parsed.rejected]
        open_topic(topics / messages.INTAKE_TOPIC).append([*said, messages.intake_line(parsed.intake)], key=name)
    engine = open_store(tmp_path / "s.sqlite")
    History(topics, tmp_path / "history", roster_of(REGISTRY), StoreSink(engine), workers=1).run()
    intake = Materialiser(engine, [open_topic(topics / messages.INTAKE_TOPIC)])
    while intake.step():
        pass
    with engine.connect() as connection:
        (books,) = source_books(connection, NOW)
        stored = connection.exec_driver_sql("SELECT station, pm25_ugm3 FROM air_station_hour").all()
        refused = connection.exec_driver_sql("SELECT count(*) FROM rejected").scalar()
    assert stored == [("1431A", 35.0)] and refused == 61
    assert (books.rows_in, books.accepted, books.rejected, books.late) == (62, 1, 61, 0)
    assert books.newest_hour == dt.datetime(2026, 3, 10, 0)
