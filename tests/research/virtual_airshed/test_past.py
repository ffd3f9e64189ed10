"""The demo's past: which months, that each stands alone, that a stop changes nothing, and that it keeps away from what is real."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from research.virtual_airshed.demo import Places, write_registry
from research.virtual_airshed.past import __main__ as process
from research.virtual_airshed.past import bringing, giving_way, making, taking
from research.virtual_airshed.past.bringing import Bringing
from research.virtual_airshed.past.giving_way import GivingWay, OwnData, Stopped
from research.virtual_airshed.past.making import Maker
from research.virtual_airshed.past.months import Month, past_months
from research.virtual_airshed.world import shipped_world
from streams.history.runner import History
from streams.history.store_sink import StoreSink
from streams.ingest import ingest_path
from streams.intake import own
from streams.registry import Registry, load
from streams.registry.roster import roster_of
from streams.store import open_store
from streams.store.connect import begin_write
from streams.store.lines import EPOCH
from streams.store.materialiser import Materialiser
from streams.store.past import FORECAST, OBSERVED, note, past_of
from streams.store.schema import metadata
from streams.wire import messages
from streams.wire.topics import open_topic

LIVE = dt.date(2026, 3, 3)
MONTHS = (Month(dt.date(2026, 3, 1), LIVE), Month(dt.date(2026, 2, 27), dt.date(2026, 3, 1)))
"""Two days of each of two months; between them HJ 633-2026 comes into force."""
AFTER = Month(LIVE, dt.date(2026, 3, 5))
TABLES = ("air_station_hour", "air_city_hour", "air_station_day", "air_city_day", "emission_city_hour", "forecast_city_hour",
          "forecast_station_hour", "source_hour", "source_total")  # fmt: skip
MOVING = {"version", "released_at", "received_at", "first_received_at", "last_received_at"}
"""What depends on when a row was written."""
Rows = dict[str, dict[tuple, dict]]


def at_once() -> None:
    """Give way to nobody."""


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return load(write_registry(Places(tmp_path_factory.mktemp("registry"))))


@pytest.fixture(scope="module", autouse=True)
def short() -> Iterator[None]:
    """Forecast runs of 30 hours, two months of two days, a spin-up of one."""
    whole = making.scenario_from
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(making, "scenario_from", lambda day: replace(whole(day), forecast_hours=30))
        patch.setattr(bringing, "past_months", lambda live: MONTHS)
        patch.setattr(making, "SPIN_UP_DAYS", 1)
        yield


def bring(folder: Path, registry: Registry, breathe=at_once, *, forecasts: bool = True) -> sa.Engine:
    engine = open_store(folder / "store.sqlite")
    Bringing(folder / "past", engine, registry, shipped_world(), LIVE, breathe).bring(forecasts=forecasts)
    return engine


def rows_of(engine: sa.Engine) -> Rows:
    """Give the rows of a store by table and key, without what tells when they were written."""
    held: Rows = {}
    with engine.connect() as connection:
        for table in TABLES:
            keys = [c.name for c in metadata.tables[table].primary_key]
            found = connection.exec_driver_sql(f"SELECT * FROM {table}").mappings()
            held[table] = {tuple(r[k] for k in keys): {n: v for n, v in r.items() if n not in MOVING} for r in found}
    return held


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> sa.Engine:
    return bring(tmp_path_factory.mktemp("undisturbed"), registry)


@given(st.dates(dt.date(2003, 1, 1), dt.date(2097, 12, 31)))
def test_the_months_are_all_days_since_the_january_before_the_newest_first_and_no_day_twice(live: dt.date) -> None:
    months = past_months(live)
    assert months[-1].first == dt.date(live.year - 1, 1, 1)
    assert months[0].end == live
    assert all(older.end == newer.first for newer, older in pairwise(months))
    assert all(month.days > 0 and (month.end - dt.timedelta(days=1)).month == month.first.month for month in months)
    assert all(Month.of(month.span) == month for month in months)


CALM = Month(dt.date(2026, 1, 1), dt.date(2026, 1, 2))
"""The first day of a January before which the air stood still: it forgets its start more slowly than other months."""


def test_a_month_from_a_spin_up_of_its_own_has_the_air_of_a_run_that_went_through(monkeypatch) -> None:
    monkeypatch.setattr(making, "SPIN_UP_DAYS", 12)
    maker = Maker(shipped_world(), CALM.end)
    sites = maker.observer.network("stations").sites
    through = [*maker.days(Month(dt.date(2025, 12, 7), CALM.end))][-1]
    (alone,) = maker.days(CALM)
    pm25 = [day.ground.pm25_parts_ugm3().sum(axis=0)[sites.row, sites.column] for day in (alone, through)]
    # Stations report PM2.5 in whole ug/m3, as the shipped sample of real ones does: less than half of one shows in no value.
    assert np.abs(pm25[0] - pm25[1]).max() < 0.5
    assert pm25[1].mean() > 50


def test_all_of_it_is_simulated_and_reviewed_and_tells_of_all_eight_cities(undisturbed) -> None:
    rows = rows_of(undisturbed)
    for table in ("air_station_hour", "air_city_hour", "air_station_day", "air_city_day"):
        assert {(row["simulated"], row["status"]) for row in rows[table].values()} == {(1, "reviewed")}, table
    assert len({city for city, _ in rows["air_city_day"]}) == 8
    assert {day for _, day in rows["air_city_day"]} == {"2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"}
    assert len({station for station, _ in rows["air_station_day"]}) == 41
    assert {row["simulated"] for row in rows["forecast_city_hour"].values()} == {1}
    assert len({run for _, _, run in rows["forecast_city_hour"]}) == 4
    with undisturbed.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM source_file WHERE NOT simulated").scalar() == 0


def test_its_books_balance_and_nothing_was_refused(undisturbed) -> None:
    rows = rows_of(undisturbed)
    for row in (*rows["source_hour"].values(), *rows["source_total"].values()):
        assert row["rows_in"] == row["accepted"] > 0
        assert row["duplicate"] == row["late"] == row["rejected"] == 0
    told = rows["source_total"]
    assert told["station-csv",]["rows_in"] == len(rows["air_station_hour"])
    assert told["cdaqs",]["rows_in"] > 0


def test_nothing_is_left_of_its_files_and_topics_when_all_is_in(undisturbed) -> None:
    folder = Path(undisturbed.url.database).parent
    assert not (folder / "past").exists()
    with undisturbed.connect() as connection:
        past = past_of(connection)
    assert past is not None
    assert past.planned == tuple(month.span for month in MONTHS)
    assert past.observed == past.forecast == set(past.planned)
    assert past.next is None


def test_its_rows_are_those_of_the_same_files_on_the_ordinary_path(tmp_path, registry, undisturbed) -> None:
    maker = Maker(shipped_world(), LIVE)
    for month in reversed(MONTHS):
        for kind, make in (("observed", maker.observed), ("forecast", maker.forecast)):
            assert [*make(month, tmp_path / "files" / kind / month.name)]
    topics, engine = tmp_path / "topics", open_store(tmp_path / "store.sqlite")
    ingest_path(tmp_path / "files", topics, registry, simulated=True)
    History(topics, tmp_path / "history", roster_of(registry), StoreSink(engine), workers=1).run()
    intake = Materialiser(engine, [open_topic(topics / messages.INTAKE_TOPIC)])
    while intake.step():
        pass
    expected, found = rows_of(engine), rows_of(undisturbed)
    live = str(EPOCH + dt.timedelta(hours=MONTHS[0].end_hour))
    for table in ("air_station_hour", "air_city_hour"):  # moving means go on where the live demo's own rows stand
        expected[table] = {key: row for key, row in expected[table].items() if str(key[1]) < live}
    for table in ("air_station_day", "air_city_day"):
        expected[table] = {key: row for key, row in expected[table].items() if str(key[1]) < str(LIVE)}
    expected["forecast_station_hour"] = {
        key: row for key, row in expected["forecast_station_hour"].items() if row["lead_hours"] <= 24
    }
    for table in TABLES:
        assert found[table] == expected[table], table


class _Cut(Exception):
    pass


@pytest.mark.parametrize("after", [1, 4, 9, 15])
def test_a_past_that_was_cut_off_and_goes_on_is_as_if_undisturbed(tmp_path, registry, undisturbed, after) -> None:
    left = after

    def breathe() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise _Cut

    with pytest.raises(_Cut):
        bring(tmp_path, registry, breathe)
    assert rows_of(bring(tmp_path, registry)) == rows_of(undisturbed)


def test_a_past_that_was_cut_off_around_every_note_goes_on_as_if_undisturbed(
    tmp_path, registry, undisturbed, monkeypatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise _Cut

    for _ in range(4):
        with monkeypatch.context() as patch, pytest.raises(_Cut):
            patch.setattr(
                bringing, "shutil", SimpleNamespace(rmtree=killed)
            )  # a month was noted, and its files are still there
            bring(tmp_path, registry)
    with monkeypatch.context() as patch, pytest.raises(_Cut):
        patch.setattr(bringing, "shutil", SimpleNamespace(rmtree=killed))
        bring(tmp_path, registry)
    assert rows_of(bring(tmp_path, registry)) == rows_of(undisturbed)


def test_a_month_is_not_made_twice(tmp_path, registry, monkeypatch) -> None:
    engine = bring(tmp_path, registry, forecasts=False)
    monkeypatch.setattr(Maker, "observed", lambda *_: pytest.fail("made again"))
    bring(tmp_path, registry, forecasts=False)
    with engine.connect() as connection:
        assert past_of(connection).of_forecasts


def test_the_order_of_the_months_makes_no_difference(tmp_path, registry, undisturbed, monkeypatch) -> None:
    monkeypatch.setattr(Bringing, "plan", lambda self: MONTHS)
    engine = open_store(tmp_path / "store.sqlite")
    whole = Bringing(tmp_path / "past", engine, registry, shipped_world(), LIVE, at_once)
    maker = Maker(shipped_world(), LIVE)
    taker = taking.Taker(engine, registry, taking.PastSink(engine, MONTHS[0].end_hour, at_once))
    with begin_write(engine) as connection:
        note(connection, "simulated-past/planned", [month.span for month in MONTHS])
    for month in reversed(MONTHS):
        whole._month(OBSERVED, maker.observed, taker, month)
    found, expected = rows_of(engine), rows_of(undisturbed)
    for table in ("air_station_hour", "air_city_hour", "air_station_day", "air_city_day"):
        assert found[table] == expected[table], table


def test_what_the_live_demo_stored_stays_as_it_is(tmp_path, registry) -> None:
    maker = Maker(shipped_world(), LIVE)
    assert [*maker.observed(AFTER, tmp_path / "live")]
    engine = open_store(tmp_path / "store.sqlite")
    ingest_path(tmp_path / "live", tmp_path / "topics", registry, simulated=True)
    History(tmp_path / "topics", tmp_path / "history", roster_of(registry), StoreSink(engine), workers=0).run()
    before = rows_of(engine)
    after = rows_of(bring(tmp_path, registry, forecasts=False))
    for table in ("air_station_hour", "air_city_hour", "air_station_day", "air_city_day"):
        assert before[table], table
        assert {key: after[table][key] for key in before[table]} == before[table], table
        assert len(after[table]) > len(before[table]), table


def real_file(engine: sa.Engine, hour: int) -> None:
    at = EPOCH + dt.timedelta(hours=hour)
    with begin_write(engine) as connection:
        connection.execute(sa.insert(metadata.tables["source_file"]).values(
            digest="f" * 64, file="mine.csv", source="station-csv", first_hour=at, last_hour=at, rows_in=1, rejected=0,
            simulated=False, received_at=at))  # fmt: skip


def test_a_store_with_real_hours_among_those_of_the_past_gets_none_of_it(tmp_path, registry) -> None:
    real_file(open_store(tmp_path / "store.sqlite"), MONTHS[1].first_hour + 5)
    with pytest.raises(OwnData, match="real data"):
        bring(tmp_path, registry)
    assert not any(rows_of(open_store(tmp_path / "store.sqlite")).values())


def test_real_hours_that_come_meanwhile_keep_their_month_free_of_simulated_rows(tmp_path, registry) -> None:
    engine, come = open_store(tmp_path / "store.sqlite"), False

    def breathe() -> None:
        nonlocal come
        if not come:
            come = True
            real_file(engine, MONTHS[1].first_hour + 5)

    with pytest.raises(OwnData):
        bring(tmp_path, registry, breathe)
    days = {day for _, day in rows_of(engine)["air_city_day"]}
    assert days == {"2026-03-01", "2026-03-02"}


def test_a_folder_with_data_of_ones_own_never_gets_it(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(process.os, "nice", lambda _: None)  # for good, and it is the tests' own process
    monkeypatch.setattr(process.signal, "signal", lambda *_: None)
    own.note(tmp_path, 1_700_000_000.0)
    store = f"sqlite:///{tmp_path / 'store.sqlite'}"
    assert process.main(["--data", str(tmp_path), "--store", store]) == 0
    engine = open_store(store)
    assert not any(rows_of(engine).values())
    with engine.connect() as connection:
        assert past_of(connection).ended == "own-data"


def as_real(files: Path) -> None:
    """Say of files that they are no simulated ones."""
    for path in files.rglob("*.csv"):
        path.write_text(path.read_text(encoding="utf-8").replace(",true", ",false"), encoding="utf-8")


@pytest.mark.parametrize("real_first", [True, False])
def test_real_rows_stand_before_those_of_the_past_whichever_came_first(tmp_path, registry, real_first) -> None:
    month = Month(dt.date(2026, 2, 28), dt.date(2026, 3, 1))
    maker, engine = Maker(shipped_world(), LIVE), open_store(tmp_path / "store.sqlite")
    for name in ("past", "real"):
        list(maker.observed(month, tmp_path / name / "files"))
    as_real(tmp_path / "real" / "files" / "stations")
    taker = taking.Taker(engine, registry, taking.PastSink(engine, MONTHS[0].end_hour, at_once))

    def take_real() -> None:
        ingest_path(tmp_path / "real" / "files" / "stations", tmp_path / "topics", registry)
        History(tmp_path / "topics", tmp_path / "history", roster_of(registry), StoreSink(engine), workers=0).run()

    def take_past() -> None:
        taker.take(tmp_path / "past" / "files", tmp_path / "past" / "topics", tmp_path / "past" / "desks", at_once)

    for take in (take_real, take_past) if real_first else (take_past, take_real):
        take()
    rows = rows_of(engine)
    for table in ("air_station_hour", "air_city_hour", "air_station_day", "air_city_day"):
        assert rows[table], table
        assert {row["simulated"] for row in rows[table].values()} == {0}, table


class _Clock:
    """A clock that a waiting event moves on."""

    def __init__(self, at: float) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


class _Stop(threading.Event):
    def __init__(self, clock: _Clock, then=lambda: None) -> None:
        super().__init__()
        self.clock, self.then = clock, then

    def wait(self, timeout: float | None = None) -> bool:
        self.clock.at += timeout or 0.0
        self.then()
        return self.is_set()


HOUR = 493_000


def live_hour(engine: sa.Engine, registry: Registry, hour: int) -> None:
    values = {"city": next(iter(registry.cities)), "hour_end": EPOCH + dt.timedelta(hours=hour), "edition": "2026",
              "status": "provisional", "revision": 0, "simulated": True, "version": 1}  # fmt: skip
    with begin_write(engine) as connection:
        connection.execute(sa.insert(metadata.tables["air_city_hour"]).values(**values))


def way_at(tmp_path: Path, registry: Registry, then=lambda engine, clock: None) -> tuple[GivingWay, _Clock, sa.Engine]:
    engine, clock = open_store(tmp_path / "s.sqlite"), _Clock(HOUR * 3600 + 121.0)
    stop = _Stop(clock, lambda: then(engine, clock))
    return GivingWay(engine, tmp_path, tuple(registry.cities), stop, clock), clock, engine


def test_the_past_waits_while_the_live_hour_is_due_and_goes_on_when_it_is_stored(tmp_path, registry) -> None:
    def then(engine: sa.Engine, clock: _Clock) -> None:
        if clock.at >= HOUR * 3600 + 130 and not stored:
            stored.append(HOUR)
            live_hour(engine, registry, HOUR)

    stored: list[int] = []
    way, clock, _ = way_at(tmp_path, registry, then)
    way()
    assert stored
    assert 9.0 <= way.waited_s <= 9.0 + giving_way.LOOK_S + giving_way.SETTLE_S
    before = clock.at
    way()
    assert clock.at == before  # it is stored: no more waiting before the next hour is due


def test_a_live_demo_that_stands_still_holds_up_the_past_for_a_minute_an_hour_and_no_longer(tmp_path, registry) -> None:
    way, clock, _ = way_at(tmp_path, registry)
    begun = clock.at
    way()
    way()
    assert clock.at - begun <= giving_way.MOST_S + giving_way.LOOK_S + giving_way.SETTLE_S
    clock.at += 3600
    way()
    assert clock.at - begun - 3600 >= 2 * giving_way.MOST_S


def test_the_past_ends_when_it_is_asked_to(tmp_path, registry) -> None:
    way, _, _ = way_at(tmp_path, registry)
    way._stop.set()
    with pytest.raises(Stopped):
        way()


def test_the_past_ends_when_rows_of_ones_own_come(tmp_path, registry) -> None:
    way, _, _ = way_at(tmp_path, registry)
    own.note(tmp_path, 1_700_000_000.0)
    with pytest.raises(OwnData):
        way()


def test_a_past_that_makes_no_forecasts_keeps_what_a_later_one_goes_on_from(tmp_path, registry, undisturbed) -> None:
    bring(tmp_path, registry, forecasts=False)
    engine = bring(tmp_path, registry)
    assert rows_of(engine) == rows_of(undisturbed)
    with engine.connect() as connection:
        assert past_of(connection).forecast == {month.span for month in MONTHS}
        assert FORECAST in {row.topic for row in connection.execute(sa.select(metadata.tables["topic_position"]))}
