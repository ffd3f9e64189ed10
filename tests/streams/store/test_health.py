"""Freshness, sums and the statutory clocks at fixed moments."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from streams.records import Rejected
from streams.store import begin_write
from streams.store.health import latest_rejects, rows_add_up, source_freshness, statutory_clocks
from streams.store.lines import Count, reject_row, summed
from streams.store.rows import decoded
from streams.store.upserts import add_counts, keep_rejects, upsert

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


def verdicts(store, now, cities=None) -> dict[tuple[str, str], str]:
    return {(c.city, c.clock): c.verdict for c in statutory_clocks(store, now, cities=cities)}


def test_an_hour_may_be_one_hour_late_and_not_two(store):
    write(store, hours("510100", local(1, 1), local(1, 9)))
    assert verdicts(store, local(1, 10, 59))["510100", "hourly"] == "ok"
    assert verdicts(store, local(1, 11, 0))["510100", "hourly"] == "late"
    clock = statutory_clocks(store, local(1, 11, 30))[0]
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
    clock = statutory_clocks(store, local(3, 12))[1]
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
    clock = statutory_clocks(store, local(3, 20), cities=["510100"])[2]
    assert (clock.verdict, clock.due, clock.found) == ("late", "2026-06-04 to 2026-06-06", None), "the run is too old"


def test_a_forecast_without_an_index_is_no_forecast(store):
    write(store, forecast("510100", local(1, 20), 124, forecast_aqi=None))
    assert verdicts(store, local(2, 20), ["510100"])["510100", "forecast"] == "late"


def test_a_city_without_any_data_is_missing(store):
    assert set(verdicts(store, local(1, 12), ["510600"]).values()) == {"missing"}
    assert verdicts(store, local(1, 12)) == {}


def test_cities_are_found_in_the_store(store):
    write(store, *(hours(city, local(1, 1), local(1, 3)) for city in ("511400", "510100", "510600")))
    assert [c.city for c in statutory_clocks(store, local(1, 4))][::3] == ["510100", "510600", "511400"]


def test_freshness_leaves_out_hours_that_could_not_be_read(store):
    noon = dt.datetime(2026, 6, 1, 4)
    with begin_write(store) as connection:
        counts = [
            Count("cnemc", noon, {"rows_in": 3}, noon + dt.timedelta(minutes=20)),
            Count("cnemc", dt.datetime(1970, 1, 1), {"rows_in": 1, "rejected": 1}, noon),
            Count("engine only", noon - dt.timedelta(hours=5), {"accepted": 1}),
        ]
        add_counts(connection, summed(counts))
    cnemc, engine = source_freshness(store, local(1, 14))
    assert (cnemc.oldest_hour, cnemc.newest_hour) == (noon.replace(tzinfo=dt.UTC),) * 2
    assert (cnemc.age_hours, cnemc.receipt_age_s) == (2.0, 6000.0)
    assert (engine.age_hours, engine.last_receipt, engine.receipt_age_s) == (7.0, None, None)


def test_rows_add_up_per_source_and_per_hour(store):
    noon = dt.datetime(2026, 6, 1, 4)
    with begin_write(store) as connection:
        counts = [
            Count("cnemc", noon, {"rows_in": 10, "accepted": 6, "duplicate": 1, "late": 1, "rejected": 2}),
            Count("cnemc", noon + dt.timedelta(hours=1), {"rows_in": 5, "accepted": 3}),
            Count("cnemc", dt.datetime(1970, 1, 1), {"rows_in": 1, "rejected": 1}),
        ]
        add_counts(connection, summed(counts))
    (total,) = rows_add_up(store)
    assert (total.rows_in, total.accepted, total.duplicate, total.late, total.rejected) == (16, 9, 1, 1, 3)
    assert (total.difference, total.hour_end) == (2, None)
    unread, first, second = rows_add_up(store, by_hour=True)
    assert (unread.unread, unread.hour_end, unread.difference) == (True, None, 0)
    assert (first.difference, second.difference) == (0, 2)
    assert rows_add_up(store, by_hour=True, only_open=True) == (second,)


def test_the_latest_rejects_come_first(store):
    with begin_write(store) as connection:
        for minute in range(5):
            reject = Rejected("cnemc", f"line {minute}", "not a number", "x", "0 to 5000", hour_end=494_000)
            keep_rejects(connection, [reject_row(reject, dt.datetime(2026, 6, 1, 4, minute))])
    latest = latest_rejects(store, 2)
    assert [reject.position for reject in latest] == ["line 4", "line 3"]
    assert latest[0].received_at == dt.datetime(2026, 6, 1, 4, 4, tzinfo=dt.UTC)
    assert latest[0].set_aside is False


def test_a_moment_without_a_time_zone_is_refused(store):
    with pytest.raises(ValueError, match="expected an aware moment"):
        source_freshness(store, dt.datetime(2026, 6, 1))
    with pytest.raises(ValueError, match="expected an aware moment"):
        statutory_clocks(store, dt.datetime(2026, 6, 1))
