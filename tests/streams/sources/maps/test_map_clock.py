"""Times of tables: which hour ends where, and what is no hour."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sources.maps import clock
from streams.sources.maps.clock import ClockError, hour_reader, reader_of, zone_of

RIGHT = 474_000
"""The hour that ends at 2024-01-28T00:00Z: 54 years, 14 of them leap, and 27 days are 19750 days."""


def hour(text: str, *, zone: str = "+08:00", label: str = "end", form: str = clock.AUTO) -> int | str:
    return hour_reader(zone_of(zone), label, reader_of(form))(text)


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-28 08:00", "2024-01-28T08:00:00", "2024/1/28 8:00", "2024.01.28 08:00:00", "2024-01-28 8", "2024年1月28日 8时",
        "2024年01月28日08:00", "2024年1月28日 8点", "2024012808", "202401280800", "20240128080000", "20240128T080000",
        "2024-01-28 08:00:00.000", "2024-01-28 08:00+08:00", "2024-01-28T08:00:00+0800", " 2024-01-28 08:00 ",
    ],
)  # fmt: skip
def test_a_time_that_begins_with_its_year_is_read(text: str) -> None:
    assert hour(text) == RIGHT


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%d.%m.%Y %H:%M", "28.01.2024 08:00"), ("%d/%m/%y %H", "28/1/24 8"), ("%m/%d/%Y %I:%M %p", "1/28/2024 08:00 AM"),
        ("%d %b %Y %H:%M:%S", "28 Jan 2024 08:00:00"), ("%d %b %Y %H:%M", "28 January 2024 08:00"), ("%Y%j", None),
        ("excel", "45319.333333333336"), ("excel", "45319.3333"),
    ],
)  # fmt: skip
def test_a_format_is_obeyed(form: str, text: str | None) -> None:
    if text is None:
        with pytest.raises(ClockError):
            reader_of(form)
    elif text == "45319.3333":
        assert hour(text, form=form) == clock.NO_HOUR  # 07:59:57
    else:
        assert hour(text, form=form) == RIGHT


def test_seconds_since_1970_say_their_zone() -> None:
    assert hour(str(RIGHT * 3600), zone="cell", form="epoch_s") == RIGHT
    assert hour(f"{RIGHT * 3600}000", zone="cell", form="epoch_ms", label="start") == RIGHT + 1
    assert hour(f"{RIGHT * 3600}000", zone="cell", form="epoch_s") == clock.NO_TIME


@pytest.mark.parametrize("zone", ["UTC", "Z", "+00:00", "GMT", "UTC+0", "Etc/UTC", "Africa/Abidjan"])
def test_a_zone_may_be_written_in_several_ways(zone: str) -> None:
    assert hour("2024-01-28 00:00", zone=zone) == RIGHT


@pytest.mark.parametrize(
    "zone", ["CST", "EST", "Beijing", "+25:00", "+15:00", "", "local", "../../etc/passwd", "Asia/Nowhere", "+8:99"]
)
def test_what_names_no_one_zone_is_refused(zone: str) -> None:
    with pytest.raises(ClockError):
        zone_of(zone)


def test_the_label_says_which_hour_it_is() -> None:
    assert hour("2024-01-28 07:00", label="start") == RIGHT
    assert hour("2024-01-28 07:30", label="middle") == RIGHT
    assert hour("2024-01-27 24:00", zone="UTC") == RIGHT
    assert hour("2024-01-27 23:00", zone="UTC", label="start") == RIGHT
    assert hour("2024-01-28 05:30", zone="+05:30") == RIGHT


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2024-01-28 08:30", "end"),
        ("2024-01-28 08:00:01", "end"),
        ("2024-01-28 08:00", "middle"),
        ("2024-01-28 08:59", "start"),
    ],
)
def test_a_time_that_is_not_where_the_label_says_is_refused(text: str, label: str) -> None:
    assert isinstance(hour(text, label=label), str)


def test_an_hour_that_comes_twice_or_never_in_its_zone_is_refused() -> None:
    # EU: clocks go back at 03:00 on 2023-10-29 and forward at 02:00 on 2023-03-26 (Directive 2000/84/EC).
    # 2023-10-29 is day 19659.
    assert hour("2023-10-29 02:00", zone="Europe/Berlin") == clock.TWICE
    assert hour("2023-03-26 02:00", zone="Europe/Berlin") == clock.NEVER
    assert hour("2023-10-29 02:00+02:00", zone="Europe/Berlin") == 471_816
    assert hour("2023-10-29 02:00+01:00", zone="Europe/Berlin") == 471_817
    assert hour("2023-10-29 03:00", zone="Europe/Berlin") == 471_818


def test_an_offset_in_the_cell_must_not_contradict_the_map() -> None:
    assert hour("2024-01-28 08:00+09:00") == clock.OTHER_OFFSET
    assert hour("2024-01-28 08:00", zone="cell") == clock.NO_OFFSET
    assert hour("2024-01-28 08:00+08:00", zone="cell") == RIGHT


@pytest.mark.parametrize(
    "text",
    ["", "2024-01-28", "08:00", "28/01/2024 08:00", "2024-02-30 08:00", "2024-01-28 25:00", "2024-01-28 24:30", "2024-1/28 08:00",
     "２０２４-01-28 08:00", "٢٠٢٤-01-28 08:00", "2024-01-28 08:60", "2024-01-28 08:00+99:00", "date", "1e3", "20240128"],
)  # fmt: skip
def test_what_is_no_time_is_refused(text: str) -> None:
    assert hour(text) == clock.NO_TIME


def test_a_year_of_no_network_is_out_of_range() -> None:
    assert hour("1899-12-31 08:00") == clock.OUT_OF_RANGE and hour("2100-01-01 08:00") == clock.OUT_OF_RANGE


@pytest.mark.parametrize(
    ("day", "time"), [("2024-01-28", "8"), ("20240128", "08"), ("2024/1/28", "08:00"), ("2024年1月28日", "0800")]
)
def test_day_and_hour_may_stand_in_cells_of_their_own(day: str, time: str) -> None:
    assert clock.hour_end(clock.wall_of(day, time), zone_of("+08:00"), "end") == RIGHT


def test_year_month_day_and_hour_may_stand_in_cells_of_their_own() -> None:
    assert clock.hour_end(clock.wall_of_numbers("2024", "1", "28", "8"), zone_of("+08:00"), "end") == RIGHT
    assert clock.hour_end(clock.wall_of_numbers("2024.0", "01", "27", "24"), zone_of("UTC"), "end") == RIGHT
    for wrong in (
        ("2024", "13", "1", "0"),
        ("2024", "2", "30", "0"),
        ("2024", "1", "1", "25"),
        ("x", "1", "1", "1"),
        ("1e3", "1", "1", "1"),
    ):
        assert clock.wall_of_numbers(*wrong) is None


@given(
    st.text(max_size=30),
    st.sampled_from(["auto", "excel", "epoch_s", "epoch_ms", "%d.%m.%y %I:%M %p %z", "%b %d %Y %H"]),
)
def test_no_text_makes_a_clock_raise(text: str, form: str) -> None:
    assert isinstance(hour(text, zone="cell", form=form), int | str)


@given(st.datetimes(dt.datetime(1992, 1, 1), dt.datetime(2099, 12, 30)), st.integers(-840, 840))
def test_any_hour_with_any_offset_comes_back(moment: dt.datetime, minutes: int) -> None:
    moment = moment.replace(minute=0, second=0, microsecond=0, tzinfo=dt.timezone(dt.timedelta(minutes=minutes)))
    right = moment.timestamp() / 3600
    found = hour(moment.isoformat(), zone="cell")
    assert found == (right if right.is_integer() else clock.NO_HOUR)
