"""The demo in step with a clock: what it lays down, and how it goes on after a stop. The clock is an argument."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.virtual_airshed import demo, live
from research.virtual_airshed.demo import Places, write_registry
from research.virtual_airshed.live import HISTORY_DAYS, LONGEST_DAYS, ended_hour, first_day_of, follow, half_year, spans
from standards.days import first_hour_of_day, natural_day
from streams import registry as registries
from streams.sources import parse_file

NOON = dt.datetime(2026, 11, 24, 12, 30, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp()
HOUR_S = 3_600


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo of one day of history, few micro-stations and short forecast runs."""
    whole = live.scenario_from
    monkeypatch.setattr(live, "HISTORY_DAYS", 1)
    monkeypatch.setattr(live, "FORECAST_DAYS", 0.6)
    monkeypatch.setattr(live, "MICRO_STATIONS", 8)
    monkeypatch.setattr(demo, "MICRO_STATIONS", 8)
    monkeypatch.setattr(live, "scenario_from", lambda day: replace(whole(day), forecast_hours=6))


def at(places: Places, seconds: float) -> None:
    """Run a demo up to a moment, as a process that is started and ends there."""
    follow(places, lambda: seconds, threading.Event(), once=True)


def files(places: Places) -> dict[str, bytes]:
    return {str(p.relative_to(places.root)): p.read_bytes() for p in sorted(places.root.rglob("*")) if p.is_file()}


def test_it_lays_down_days_hours_forecasts_and_an_inventory_that_say_they_are_simulated(tmp_path: Path) -> None:
    places = Places(tmp_path)
    write_registry(places)
    at(places, NOON)
    feeds = {path.name for path in places.outbox.iterdir()}
    assert feeds >= {"stations", "micro", "super", "voc", "cems", "forecast", "inventory-2026-07-01"}
    names = sorted(path.name for path in (places.outbox / "micro").iterdir())
    # Yesterday as a day, today hour by hour up to the last that has ended: 12:00.
    assert names == ["micro_20261123.csv", *(f"micro_20261124T{hour:02d}.csv" for hour in range(1, 13))]
    registry = registries.load(places.registry)
    for path in [p for p in places.outbox.iterdir() if p.name.startswith("inventory")] + list(
        places.outbox.rglob("*.nc")
    ):
        parsed = parse_file(path, registry, received_at=0.0)
        assert parsed.rejected == [] and parsed.blocks and all(block.simulated for block in parsed.blocks)
    hours = parse_file(places.outbox / "super" / "super_20261124T12.csv", registry, received_at=0.0)
    assert all(block.simulated and block.first_hour == ended_hour(NOON) for block in hours.blocks)


def test_a_demo_that_was_stopped_goes_on_and_rewrites_nothing(tmp_path: Path) -> None:
    places, again = Places(tmp_path / "a"), Places(tmp_path / "b")
    at(places, NOON)
    before = files(places)
    at(places, NOON)
    assert files(places) == before
    at(places, NOON + 2 * HOUR_S)
    after = files(places)
    kept = [name for name in before if "waiting" not in name]
    assert [after[name] for name in kept] == [before[name] for name in kept]
    assert {"outbox/stations/national_20261124T13.csv", "outbox/stations/national_20261124T14.csv"} <= set(after) - set(
        before
    )
    # One that was never stopped lays down the same but what a sensor stuck before the stop shows after it.
    at(again, NOON + 2 * HOUR_S)
    whole = files(again)
    same = [name for name in after if name.startswith("outbox/stations")]
    assert sum(after[name] == whole.get(name) for name in same) >= len(same) - 2


def test_a_demo_of_a_version_without_the_background_site_goes_on_with_it(tmp_path: Path) -> None:
    places, older = Places(tmp_path / "a"), "SIM-B01"
    write_registry(places)
    at(places, NOON)
    for path in (places.registry / "stations.csv", places.truth / "sites.csv"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        assert any(line.startswith(older) for line in lines)
        path.write_text("".join(line for line in lines if not line.startswith(older)), encoding="utf-8")
    assert older not in registries.load(places.registry).stations
    write_registry(places)
    at(places, NOON + HOUR_S)
    registry = registries.load(places.registry)
    assert older in registry.stations and older in (places.truth / "sites.csv").read_text(encoding="utf-8")
    hours = parse_file(places.outbox / "super" / "super_20261124T13.csv", registry, received_at=0.0)
    assert {station for block in hours.blocks for station in block.stations} >= {"SIM-S01", older}


def test_a_demo_that_knew_the_background_site_as_a_super_site_goes_on_with_its_kind(tmp_path: Path) -> None:
    places, site = Places(tmp_path), "SIM-B01"
    write_registry(places)
    at(places, NOON)
    stations = places.registry / "stations.csv"
    stations.write_text(stations.read_text(encoding="utf-8").replace(",background,", ",super,"), encoding="utf-8")
    assert registries.load(places.registry).stations[site].kind == "super"
    before = (places.outbox / "super" / "super_20261124T12.csv").read_bytes()
    write_registry(places)
    at(places, NOON + HOUR_S)
    assert registries.load(places.registry).stations[site].kind == "background"
    assert (places.outbox / "super" / "super_20261124T12.csv").read_bytes() == before
    hours = parse_file(
        places.outbox / "super" / "super_20261124T13.csv", registries.load(places.registry), received_at=0.0
    )
    assert site in {station for block in hours.blocks for station in block.stations}


def test_a_day_that_was_begun_hour_by_hour_is_ended_so(tmp_path: Path) -> None:
    places = Places(tmp_path)
    at(places, NOON)
    at(places, NOON + 20 * HOUR_S)
    names = {path.name for path in (places.outbox / "super").iterdir()}
    assert "super_20261124.csv" not in names
    assert {f"super_20261124T{hour:02d}.csv" for hour in range(1, 25)} <= names


def test_a_stop_in_the_middle_leaves_whole_files_and_the_next_start_the_rest(tmp_path: Path) -> None:
    places, stop = Places(tmp_path), threading.Event()
    calls = []

    def clock() -> float:
        calls.append(None)
        if len(calls) > 2:
            stop.set()
        return NOON

    follow(places, clock, stop, once=True)
    assert not list(places.root.rglob("*.part"))
    at(places, NOON)
    whole = Places(tmp_path / "whole")
    at(whole, NOON)
    assert {n for n in files(places) if n.startswith("outbox")} == {n for n in files(whole) if n.startswith("outbox")}


@given(st.integers(20_000, 30_000), st.integers(0, 400), st.sets(st.integers(20_000, 20_020)))
def test_spans_follow_each_other_up_to_now(day: int, hours: int, by_hour: set[int]) -> None:
    first = first_hour_of_day(day)
    found = list(spans(first, first + hours - 1, by_hour))
    assert [end for _, end in found[:-1]] == [begin for begin, _ in found[1:]]
    assert sum(end - begin for begin, end in found) == hours
    for begin, end in found:
        assert end - begin in (1, 24)
        assert natural_day(begin) == natural_day(end - 1)
        assert end - begin == 1 or natural_day(begin) not in by_hour


def test_a_demo_begins_where_it_began_unless_that_is_long_ago() -> None:
    assert first_day_of(None, 20_000) == 20_000 - live.HISTORY_DAYS
    assert first_day_of(19_980, 20_000) == 19_980
    assert first_day_of(20_000 - LONGEST_DAYS - 1, 20_000) == 20_000 - live.HISTORY_DAYS
    assert first_day_of(20_001, 20_000) == 20_000 - live.HISTORY_DAYS  # a clock that was wrong
    assert HISTORY_DAYS > 2  # curves of the pages reach two days back


def test_half_years_and_hours_are_the_calendars() -> None:
    assert half_year(dt.date(2026, 6, 30)) == (dt.date(2026, 1, 1), dt.date(2026, 6, 30))
    assert half_year(dt.date(2026, 7, 1)) == (dt.date(2026, 7, 1), dt.date(2026, 12, 31))
    # An hour counts as ended when its files are out, two minutes later.
    assert ended_hour(100 * HOUR_S + 119) == 99
    assert ended_hour(100 * HOUR_S + 120) == 100
