"""What the desks do at the limits of their memory, when something fails, and with what is simulated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from streams.desks import citydesk
from streams.memory import book as books
from streams.records import CITY_MEAN, FORECAST_VARIABLES, SPECIES, EmissionBlock, ForecastBlock, RecordError
from streams.wire import messages
from streams.wire.arrays import WireError
from tests.streams import replaying as r
from tests.streams.desks.test_desks import _moment

CITY, OTHER = "510100", "510600"


@pytest.fixture
def short(monkeypatch) -> int:
    """Let keyed state hold three pieces of each kind; give the first hour of a piece."""
    monkeypatch.setattr(books, "CAPACITY", 3)
    return -(-r.FIRST // books.PIECE_HOURS) * books.PIECE_HOURS


def _long(desks: r.Desks, first: int, count: int, city: str = CITY) -> None:
    values = r.observations(city, books.PIECE_HOURS * count, 4, first=first, missing=0)
    for block in r.blocks_of(city, values, first=first, size=books.PIECE_HOURS):
        desks.take(block)


def test_a_forecast_repeated_after_its_hours_have_left_the_state_is_a_duplicate(short, tmp_path) -> None:
    desks, runs = r.Desks(archive=tmp_path), r.forecasts(CITY, 24, 1, first=short)
    for run in runs:
        desks.take(run)
    _long(desks, short, 6)
    for later in range(1, 6):
        for run in r.forecasts(CITY, 24, later, first=short + later * books.PIECE_HOURS):
            desks.take(run)
    before = desks.rows()["air_joined_hour"]
    for run in runs:
        desks.take(run)
    after = desks.rows()
    assert after["air_joined_hour"] == before
    counts = [
        counts for (source, hour), counts in after["source_hour"].items() if source == "cdaqs" and hour < short + 24
    ]
    assert {name: sum(each[name] for each in counts) for name in counts[0]} == {
        "accepted": 2 * (24 + 12), "duplicate": 2 * (24 + 12), "late": 0,
    }  # fmt: skip


def test_a_revision_of_hours_that_have_left_the_state_reaches_what_it_touches_and_destroys_no_mean(
    short, tmp_path
) -> None:
    desks, unbounded = r.Desks(archive=tmp_path), r.Desks()
    for each in (desks, unbounded):
        _long(each, short, 6)
    before = desks.rows()
    values = r.observations(CITY, 1, 9, first=short + 2)
    for hour in (short + 2, short + 30, short + books.PIECE_HOURS):
        for each in (desks, unbounded):
            each.take(r.blocks_of(CITY, values, first=hour, size=1, revision=1, status="reviewed")[0])
    after = desks.rows()
    assert after == unbounded.rows()
    assert after["air_city_day"] != before["air_city_day"]
    assert all(row["pm25_ugm3"] is not None for row in list(after["air_city_day"].values())[1:-1])
    assert not any(counts["late"] for counts in after["source_hour"].values())


def test_an_episode_that_has_left_the_state_is_not_told_twice(short, tmp_path) -> None:
    desks = r.Desks(archive=tmp_path)
    for piece in range(7):
        for city in (CITY, OTHER):
            values = np.full((6, 4, books.PIECE_HOURS), 20.0)
            values[2] = 0.5
            if piece in (0, 1):
                values[5, :, slice(200, None) if piece == 0 else slice(0, 60)] = 190.0
            desks.take(r.blocks_of(city, values, first=short + piece * books.PIECE_HOURS, size=books.PIECE_HOURS)[0])
    assert len(desks.rows()["episode_event"]) == 1


def test_the_region_hears_only_of_hours_that_have_happened() -> None:
    desks, values = r.Desks(), np.full((6, 4, 48), 20.0)
    values[2], values[5] = 0.5, np.linspace(90, 300, 48)
    for city in (CITY, OTHER):
        desks.take(r.blocks_of(city, values, size=48)[0])
    (episode,) = desks.rows()["episode_event"].values()
    assert episode["peak"] == _moment(r.FIRST + 47) and episode["phase"] == "growing"
    assert episode["peak_value_ugm3"] == pytest.approx(np.rint(values[5, 0, 24:]).mean(), abs=1e-3)


def test_haze_does_not_end_because_only_ozone_is_still_measured() -> None:
    desks, values = r.Desks(), np.full((6, 4, 96), 20.0)
    values[2], values[5, :, :48], values[5, :, 48:] = 0.5, 200, np.nan
    for city in (CITY, OTHER):
        desks.take(r.blocks_of(city, values, size=96)[0])
    (haze,) = [row for row in desks.rows()["episode_event"].values() if row["kind"] == "haze"]
    assert haze["end"] is None


def test_a_block_that_fails_leaves_no_trace(monkeypatch) -> None:
    desks = r.Desks()
    first, second = r.blocks_of(CITY, r.observations(CITY, 48, 1))
    desks.take(first)
    book, held = desks.books[CITY].copy(), dict(desks.pieces[CITY])

    def broken(*_, **__):
        raise ZeroDivisionError("made")

    with monkeypatch.context() as patch:
        patch.setattr(citydesk, "assess", broken)
        with pytest.raises(ZeroDivisionError):
            desks.take(replace(second, stations=("A", "B", "C", "D")))
    assert desks.books[CITY] == book and dict(desks.pieces[CITY]) == held
    desks.take(second)
    assert len(desks.rows()["air_station_hour"]) == 4 * 48


def test_the_stations_of_a_run_may_come_in_blocks_of_their_own() -> None:
    desks = r.Desks()
    (run, _) = r.forecasts(CITY, 24, 2)
    one, other = (replace(run, places=(CITY_MEAN, station)) for station in r.STATIONS[CITY][:2])
    for block in (one, other):
        desks.take(block)
    stored = desks.rows()
    assert {key[0] for key in stored["forecast_station_hour"]} == set(r.STATIONS[CITY][:2])
    counts = stored["source_hour"]["cdaqs", r.FIRST]
    assert (counts["accepted"], counts["duplicate"]) == (3, 1)


def test_points_alone_make_the_mean_of_a_city_but_not_its_weather() -> None:
    desks = r.Desks()
    values = np.full((len(FORECAST_VARIABLES), 1, 6), 20.0)
    block = ForecastBlock(
        source="cdaqs",
        model="CDAQS",
        run_init=r.FIRST,
        city=CITY,
        places=(r.STATIONS[CITY][0],),
        first_hour=r.FIRST,
        values=values,
    )
    desks.take(block)
    rows = desks.rows()
    assert len(rows["forecast_station_hour"]) == 6
    found = rows["forecast_city_hour"].values()
    assert [(row["forecast_pm25_ugm3"], row["points"], row["wind_u_ms"]) for row in found] == [(20.0, 1, None)] * 6


def test_a_run_without_points_gives_the_city_weather_but_no_concentrations() -> None:
    desks = r.Desks()
    (run, _) = r.forecasts(CITY, 24, 2)
    desks.take(replace(run, places=(CITY_MEAN,), values=run.values[:, :1]))
    row = desks.rows()["forecast_city_hour"][CITY, _moment(r.FIRST + 5), run.run]
    assert (row["forecast_pm25_ugm3"], row["forecast_aqi"], row["points"]) == (None, None, 0)
    assert row["wind_u_ms"] == run.values[6, 0, 5] and row["upwind_weights"] is not None


def _emission(city: str, sectors: tuple[str, ...], kgh: float, *, simulated: bool = False) -> EmissionBlock:
    return EmissionBlock(
        source="emissions", city=city, inventory="made", sectors=sectors, first_hour=r.FIRST,
        values=np.full((len(sectors), len(SPECIES), 24), kgh), simulated=simulated,
    )  # fmt: skip


@pytest.mark.parametrize("simulated", [False, True])
def test_sectors_of_two_files_add_up_upwind_and_simulated_is_said(simulated) -> None:
    def upwind(*blocks: EmissionBlock) -> tuple[float, bool]:
        desks = r.Desks()
        run = next(block for block in r.forecasts(CITY, 24, 3) if block.run_init == r.FIRST - 12)
        values = run.values.copy()
        values[6:8] = np.array([-1.0, -1.5])[:, None, None]  # from the north-east, where the other city lies
        desks.take(replace(run, values=values))
        for block in blocks:
            desks.take(block)
        row = desks.rows()["air_joined_hour"][CITY, _moment(r.FIRST + 5), run.run]
        return row["upwind_nox_kgh"], bool(row["simulated"])

    once = upwind(_emission(OTHER, ("a", "b"), 100.0, simulated=simulated))
    both = upwind(_emission(OTHER, ("a", "b"), 100.0, simulated=simulated), _emission(OTHER, ("c",), 150.0))
    assert once[0] > 0 and both[0] == pytest.approx(once[0] * 350 / 200, rel=1e-3)
    assert once[1] is simulated


def test_upwind_is_unknown_in_the_hours_that_no_other_city_tells_of() -> None:
    desks = r.Desks()
    run = next(block for block in r.forecasts(CITY, 48, 3) if block.run_init == r.FIRST - 12)
    values = run.values.copy()
    values[6:8] = np.array([2.0, 0.0])[:, None, None]  # from the west, where no other city lies
    desks.take(_emission(OTHER, ("a",), 100.0))  # of the first 24 hours
    desks.take(replace(run, values=values))
    rows = desks.rows()["air_joined_hour"]
    assert rows[CITY, _moment(r.FIRST + 5), run.run]["upwind_nox_kgh"] == 0.0
    assert rows[CITY, _moment(r.FIRST + 30), run.run]["upwind_nox_kgh"] is None


def test_equal_rows_of_two_sources_give_one_answer() -> None:
    values = r.observations(CITY, 24, 1)
    (real,) = r.blocks_of(CITY, values, source="z-feed")
    (made,) = (
        replace(block, simulated=True, wind_ms=np.ones((2, 4, 24)))
        for block in r.blocks_of(CITY, values, source="a-feed")
    )
    answers = []
    for order in ((real, made), (made, real)):
        desks = r.Desks()
        for block in order:
            desks.take(block)
        answers.append(desks.rows()["air_station_hour"])
    assert answers[0] == answers[1] and not any(row["simulated"] for row in answers[0].values())


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["values"].update(shape=[]),
        lambda m: m["values"].update(dtype="<i2", data=[70_000]),
        lambda m: m["values"].update(scale=10),
        lambda m: m.update(first_hour=1_600_000_000_000),
        lambda m: m.update(first_hour=465_000.5),
        lambda m: m.update(source=5),
        lambda m: m.update(revision=1.5),
        lambda m: m.update(simulated="no"),
        lambda m: m.update(stations=[1, 2, 3, 4]),
        lambda m: m.update(source="x" * 41),
        lambda m: m.pop("present"),
    ],
)
def test_a_message_that_is_not_right_is_refused_in_words(change) -> None:
    import orjson

    text = messages.block_line(r.blocks_of(CITY, r.observations(CITY, 2, 1))[0])
    key, _, body = text.partition("\t")
    message = orjson.loads(body)
    change(message)
    with pytest.raises((WireError, RecordError)):
        messages.block_from(f"{key}\t{orjson.dumps(message).decode()}")


def test_a_wrong_unit_in_an_inventory_is_refused() -> None:
    with pytest.raises(RecordError, match="at most"):
        _emission(CITY, ("industry",), 3e6)
