"""Freshness, sums and the statutory clocks at fixed moments."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import sqlalchemy as sa

from streams.records import Rejected
from streams.store import begin_write
from streams.store.health import (
    RETENTION,
    Books,
    Clock,
    OpenHour,
    Reject,
    latest_rejects,
    newest_index,
    open_hours,
    rejects_of,
    source_books,
    source_books_of,
    statutory_clocks,
)
from streams.store.lines import Count, reject_row, summed
from streams.store.schema import COUNTS, air_city_hour, source_hour, source_total
from streams.store.upserts import add_counts, keep_rejects, upsert
from tests.streams.store.decoding import decoded

LOCAL = dt.timezone(dt.timedelta(hours=8))
TRACE = {"edition": "HJ633-2026", "simulated": False, "version": 1, "status": 0, "revision": 0}


def local(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """A moment in June 2026, Asia/Shanghai."""
    return dt.datetime(2026, 6, day, hour, minute, tzinfo=LOCAL)


def epoch(moment: dt.datetime) -> int:
    return int(moment.timestamp() // 3600)


def write(store, *batches) -> None:
    with begin_write(store) as connection:
        for batch in batches:
            upsert(connection, [batch])


def hours(city: str, first: dt.datetime, last: dt.datetime):
    return decoded(
        "air_city_hour", {"city": city, "hour_end": np.arange(epoch(first), epoch(last) + 1), "aqi": 50, **TRACE}
    )


def day(city: str, number: int):
    return decoded(
        "air_city_day", {"city": city, "day": [(dt.date(2026, 6, number) - dt.date(1970, 1, 1)).days], **TRACE}
    )


def forecast(city: str, start: dt.datetime, count: int, **columns):
    first, lead = epoch(start), np.arange(1, count + 1)
    return decoded(
        "forecast_city_hour",
        {
            "city": city, "hour_end": first + lead, "run": f"CDAQS/{start:%d%H}", "run_init": first,
            "lead_hours": lead, "lead_day": lead // 24, "points": 4, "forecast_aqi": 80,
            "edition": TRACE["edition"], "simulated": False, "version": 1, **columns,
        },
    )  # fmt: skip


def clocks(store, now, cities=None) -> tuple[Clock, ...]:
    with store.connect() as connection:
        return statutory_clocks(connection, now, cities=cities)


def verdicts(store, now, cities=None) -> dict[tuple[str, str], str]:
    return {(c.city, c.clock): c.verdict for c in clocks(store, now, cities)}


NOW = local(1, 14)


def books(store, now=NOW) -> dict[str, Books]:
    with store.connect() as connection:
        return {each.source: each for each in source_books(connection, now)}


def still_open(store, **when) -> tuple[OpenHour, ...]:
    with store.connect() as connection:
        return open_hours(connection, **when)


def count(store, *counts: Count) -> None:
    with begin_write(store) as connection:
        add_counts(connection, summed(counts))


def test_an_hour_may_be_one_hour_late_and_not_two(store):
    write(store, hours("510100", local(1, 1), local(1, 9)))
    assert verdicts(store, local(1, 10, 59))["510100", "hourly"] == "ok"
    assert verdicts(store, local(1, 11, 0))["510100", "hourly"] == "late"
    clock = clocks(store, local(1, 11, 30))[0]
    assert (clock.due, clock.found) == ("2026-06-01 10:00+08:00", "2026-06-01 09:00+08:00")
    assert clock.lag_hours == 2.5
    assert "HJ 633-2026" in clock.clause


def test_a_day_is_due_at_noon_of_the_next(store):
    write(store, hours("510100", local(1, 1), local(3, 0)), day("510100", 1))
    assert verdicts(store, local(3, 11, 59))["510100", "daily"] == "ok"
    assert verdicts(store, local(3, 12, 0))["510100", "daily"] == "late"
    write(store, day("510100", 2))
    assert verdicts(store, local(3, 12, 0))["510100", "daily"] == "ok"


def test_a_day_that_was_cut_short_is_late_though_it_has_a_row(store):
    write(store, hours("510100", local(1, 1), local(2, 10)), day("510100", 1), day("510100", 2))
    clock = clocks(store, local(3, 12))[1]
    assert (clock.verdict, clock.due, clock.found) == ("late", "2026-06-02", "2026-06-01")


def test_a_forecast_has_to_cover_three_days_by_eight_in_the_evening(store):
    write(store, forecast("510100", local(1, 20), 71))
    assert verdicts(store, local(2, 19, 59), ["510100"])["510100", "forecast"] == "late", "19 hours of the third day"
    write(store, forecast("510100", local(1, 20), 72))
    assert verdicts(store, local(2, 19, 59), ["510100"])["510100", "forecast"] == "ok"
    assert verdicts(store, local(2, 20), ["510100"])["510100", "forecast"] == "late", "the days after 2 June are due"
    write(store, forecast("510100", local(1, 20), 124))
    assert verdicts(store, local(2, 20), ["510100"])["510100", "forecast"] == "ok"
    assert verdicts(store, local(3, 19, 59), ["510100"])["510100", "forecast"] == "ok"
    clock = clocks(store, local(3, 20), ["510100"])[2]
    assert (clock.verdict, clock.due, clock.found) == ("late", "2026-06-04 to 2026-06-06", None), "the run is too old"


def test_a_forecast_without_an_index_is_no_forecast(store):
    write(store, forecast("510100", local(1, 20), 124, forecast_aqi=None))
    assert verdicts(store, local(2, 20), ["510100"])["510100", "forecast"] == "late"


def test_a_city_without_any_data_is_missing(store):
    assert set(verdicts(store, local(1, 12), ["510600"]).values()) == {"missing"}
    assert verdicts(store, local(1, 12)) == {}


def test_cities_are_found_in_the_store(store):
    write(store, *(hours(city, local(1, 1), local(1, 3)) for city in ("511400", "510100", "510600")))
    assert [c.city for c in clocks(store, local(1, 4))][::3] == ["510100", "510600", "511400"]


def test_clocks_do_not_know_what_is_of_later_than_their_moment(store):
    write(store, hours("510100", local(1, 1), local(5, 0)), *(day("510100", number) for number in (1, 2, 3, 4)))
    write(store, forecast("510100", local(3, 20), 124))
    now = local(3, 12, 30)
    assert verdicts(store, now) == {
        ("510100", "hourly"): "ok", ("510100", "daily"): "ok", ("510100", "forecast"): "late",
    }  # fmt: skip
    found = {clock.clock: clock.found for clock in clocks(store, now)}
    assert found == {"hourly": "2026-06-03 12:00+08:00", "daily": "2026-06-02", "forecast": None}


def test_a_moment_may_have_a_time_zone(store):
    write(store, hours("510100", local(1, 1), local(1, 9)))
    assert clocks(store, local(1, 10, 59)) == clocks(store, dt.datetime(2026, 6, 1, 2, 59))


def test_the_newest_hour_of_a_source_is_one_that_was_read_and_passed_on(store):
    noon = dt.datetime(2026, 6, 1, 4)
    count(
        store,
        Count("cnemc", noon, {"rows_in": 3}, noon + dt.timedelta(minutes=20)),
        Count("cnemc", dt.datetime(1970, 1, 1), {"rows_in": 1, "rejected": 1}, noon),
        Count("cnemc", dt.datetime(2099, 6, 1), {"rows_in": 1, "rejected": 1}, noon),  # refused: it moves nothing
        Count("unread", dt.datetime(1970, 1, 1), {"rows_in": 1, "rejected": 1}, noon),
    )
    assert {name: each.newest_hour for name, each in books(store).items()} == {"cnemc": noon, "unread": None}


def test_rows_add_up_by_source_and_what_is_open_is_named_by_hour(store):
    noon = dt.datetime(2026, 6, 1, 4)
    later = noon + dt.timedelta(hours=1)
    count(
        store,
        Count("cnemc", noon, {"rows_in": 10, "accepted": 6, "duplicate": 1, "late": 1, "rejected": 2}),
        Count("cnemc", later, {"rows_in": 5, "accepted": 3}, later),
        Count("cnemc", dt.datetime(1970, 1, 1), {"rows_in": 2, "rejected": 1}),
    )
    assert books(store)["cnemc"] == Books("cnemc", 17, 9, 1, 1, 3, later)
    assert books(store)["cnemc"].difference == 3
    assert still_open(store) == (OpenHour("cnemc", None, 1, None), OpenHour("cnemc", later, 2, later))
    with store.connect() as connection:
        assert source_books_of(connection, (later, later)) == (Books("cnemc", 5, 3, 0, 0, 0, later),)
        assert source_books_of(connection, (noon, later))[0].rows_in == 15


def test_what_is_open_for_longer_than_segments_are_kept_is_lost(store):
    noon = dt.datetime(2026, 6, 1, 4)
    for source, received in (("old", noon), ("young", noon + dt.timedelta(seconds=2))):
        count(store, Count(source, noon, {"rows_in": 7, "accepted": 4}, received))
    later = noon + RETENTION + dt.timedelta(seconds=1)
    assert {name: (each.difference, each.lost) for name, each in books(store, later).items()} == {
        "old": (3, 3), "young": (3, 0),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_the_totals_of_a_source_are_the_sums_of_its_hours_in_whatever_portions_they_come(store, seed):
    random = np.random.default_rng(seed)
    first = dt.datetime(2026, 6, 1)
    for _ in range(5):
        counts = []
        for _ in range(random.integers(1, 12)):
            hour = (
                dt.datetime(1970, 1, 1)
                if random.random() < 0.2
                else first + dt.timedelta(hours=int(random.integers(9)))
            )
            received = None if random.random() < 0.4 else first + dt.timedelta(minutes=int(random.integers(600)))
            numbers = {name: int(random.integers(5)) for name in COUNTS if random.random() < 0.7}
            counts.append(Count(f"s{random.integers(3)}", hour, numbers, received))
        count(store, *counts)
    c = source_hour.c
    sums = [sa.func.sum(c[name]) for name in COUNTS]
    newest = sa.func.max(sa.case((c.hour_end > dt.datetime(1970, 1, 1), c.hour_end)))
    expected = sa.select(c.source, *sums, newest, sa.func.max(c.last_received_at)).group_by(c.source).order_by(c.source)
    with store.connect() as connection:
        kept = connection.execute(sa.select(source_total).order_by(source_total.c.source)).all()
        assert [tuple(row) for row in kept] == [tuple(row) for row in connection.execute(expected)]
    assert len(kept) == 3
    assert sum(each.difference for each in still_open(store)) == sum(each.difference for each in books(store).values())


def test_an_index_that_is_missing_is_no_newest_hour(store):
    write(store, hours("510100", local(1, 1), local(1, 3)), hours("510600", local(1, 1), local(1, 2)))
    with begin_write(store) as connection:
        nothing = sa.update(air_city_hour).where(
            air_city_hour.c.hour_end == local(1, 3).astimezone(dt.UTC).replace(tzinfo=None)
        )
        connection.execute(nothing.values(aqi=None))
    with store.connect() as connection:
        assert newest_index(connection) == dict.fromkeys(("510100", "510600"), dt.datetime(2026, 5, 31, 18))


def reject(store, position: str, received: dt.datetime, *, hour: int = 494_000, set_aside: bool = False) -> None:
    row = Rejected("cnemc", position, "not a number", "x", "0 to 5000", hour_end=hour, set_aside=set_aside)
    with begin_write(store) as connection:
        keep_rejects(connection, [reject_row(row, received)])


def positions(rejects: tuple[Reject, ...]) -> list[str]:
    return [each.position for each in rejects]


def test_the_latest_rejects_come_first(store):
    for minute in range(5):
        reject(store, f"line {minute}", dt.datetime(2026, 6, 1, 4, minute), set_aside=minute == 3)
    with store.connect() as connection:
        latest = latest_rejects(connection, 2)
        assert positions(latest) == ["line 4", "line 3"]
        assert latest[0].received_at == dt.datetime(2026, 6, 1, 4, 4)
        assert [each.set_aside for each in latest] == [False, True]
        assert positions(latest_rejects(connection, 3, set_aside=False)) == ["line 4", "line 2", "line 1"]
        assert positions(latest_rejects(connection, 3, set_aside=True)) == ["line 3"]


def test_rejects_of_hours_are_those_of_these_hours_received_by_a_moment(store):
    noon = dt.datetime(2026, 6, 1, 4)
    of_noon = epoch(local(1, 12))
    for n, (hour, received, aside) in enumerate([
        (of_noon, noon, False), (of_noon + 1, noon, False), (of_noon - 1, noon + dt.timedelta(days=9), False),
        (of_noon, noon, True), (of_noon - 30, noon, False),
    ]):  # fmt: skip
        reject(store, f"line {n}", received, hour=hour, set_aside=aside)
    span = noon - dt.timedelta(hours=23), noon
    with store.connect() as connection:
        assert positions(rejects_of(connection, span)) == ["line 0", "line 2"]
        assert positions(rejects_of(connection, span, received_until=noon)) == ["line 0"]
        assert positions(rejects_of(connection, span, 1)) == ["line 0"]
