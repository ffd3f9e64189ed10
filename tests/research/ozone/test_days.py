"""Which days of a record can be computed, and what is said of those that cannot."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

from research.ozone.days import LeftOut, briefly, gather, longest_gap, pressure_at
from tests.research.ozone.made import hours

FIRST = dt.date(2024, 7, 3)


def changed(record, *, series=None, voc=None):
    """Give a record with gaps: name to hours counted from its start."""
    new = {name: values.copy() for name, values in record.series.items()}
    amounts = record.voc_ppb.copy()
    for name, at in (series or {}).items():
        new[name][list(at)] = np.nan
    for name, at in (voc or {}).items():
        amounts[record.compounds.index(name), list(at)] = np.nan
    return dataclasses.replace(record, series=new, voc_ppb=amounts)


def test_a_whole_record_gives_its_days_as_they_are():
    record = hours(FIRST)
    found = gather(record)
    assert [each.day for each in found.days] == [FIRST, dt.date(2024, 7, 4)]
    assert not found.left_out
    assert not found.days[0].bridged
    np.testing.assert_array_equal(found.days[1].voc_ppb, record.voc_ppb[:, 24:])


def test_three_hours_are_bridged_by_a_straight_line_and_counted():
    record = hours(FIRST)
    found = gather(changed(record, series={"no2_ppb": range(9, 12)}))
    day = found.days[0]
    assert day.bridged == {"no2_ppb": 3}
    before, after = record.series["no2_ppb"][8], record.series["no2_ppb"][12]
    np.testing.assert_allclose(day.series["no2_ppb"][9:12], before + (after - before) * np.array([0.25, 0.5, 0.75]))


def test_a_bridge_reaches_over_midnight_and_both_days_count_their_part():
    found = gather(changed(hours(FIRST), voc={"toluene": (22, 23, 24)}))
    assert [each.bridged for each in found.days] == [{"toluene": 2}, {"toluene": 1}]


def test_four_hours_leave_the_day_out_by_name():
    found = gather(changed(hours(FIRST), voc={"toluene": range(9, 13)}))
    assert [each.day for each in found.days] == [dt.date(2024, 7, 4)]
    (left,) = found.left_out
    # Hour 9 of the local day ends at 10:00 in China, said with its zone.
    assert (left.what, left.gap_h, left.gap_from) == ("toluene", 4, "2024-07-03T10:00+08:00")
    assert str(left) == "S510100 2024-07-03: toluene lacks 4 h on end from 2024-07-03T10:00+08:00"


def test_a_minor_compound_with_a_gap_is_left_out_of_its_day_and_named():
    record = hours(FIRST)
    found = gather(changed(record, voc={"benzene": range(9, 13)}))
    assert not found.left_out
    day, next_day = found.days
    assert "benzene" not in day.compounds and "benzene" in next_day.compounds and not next_day.without
    # Atkinson and Arey 2003, Chem. Rev. 103, 4605: 1.22 for benzene [1e-12 cm3/molecule/s], 1.4 ppb of it; the whole made
    # mixture at their constants is 272 in this unit: 0.63 %, less where the hours with the least of it are the ones left.
    assert day.without == {"benzene": pytest.approx(0.0063, abs=0.0005)}
    np.testing.assert_array_equal(day.voc_ppb[day.compounds.index("toluene")], record.voc_ppb[10, :24])


def test_a_minor_compound_that_is_not_there_all_day_is_left_out_too():
    found = gather(changed(hours(FIRST, 3), voc={"benzene": range(24, 48)}))
    assert [list(each.without) for each in found.days] == [[], ["benzene"], []]


def test_minor_compounds_that_are_much_together_leave_the_day_out():
    record = hours(FIRST)
    minor = ("ethane", "propane", "acetylene", "benzene", "acetone", "2-butanone")
    amounts = record.voc_ppb.copy()
    for name, rate in zip(
        minor, (0.248, 1.09, 0.815, 1.22, 0.17, 1.22), strict=True
    ):  # Atkinson and Arey 2003, as above
        amounts[record.compounds.index(name)] = 5.1 / rate  # some 1.8 % of the air each, 10.5 % together
    even = dataclasses.replace(record, voc_ppb=amounts)
    four = range(9, 13)
    assert list(gather(changed(even, voc=dict.fromkeys(minor[:5], four))).days[0].without) == list(minor[:5])
    assert gather(changed(even, voc=dict.fromkeys(minor, four))).left_out[0].what == "ethane"


def test_each_day_is_told_with_what_it_lacks_and_like_days_in_one():
    lacks = [(1, "toluene", 4), (2, "co_ppb", 0), (3, "co_ppb", 0), (5, "co_ppb", 0)]
    days = [LeftOut("X", dt.date(2024, 7, day), what, hours, "") for day, what, hours in lacks]
    assert briefly(days) == "07-01 toluene 4 h; 07-02–07-03 co_ppb 24 h; 07-05 co_ppb 24 h"


def test_hours_that_are_not_there_are_a_gap_like_any_other():
    record = hours(FIRST)
    kept = np.delete(np.arange(48), range(30, 36))
    cut = dataclasses.replace(
        record, hour_end=record.hour_end[kept], voc_ppb=record.voc_ppb[:, kept], below_ppb=record.below_ppb[:, kept],
        series={name: values[kept] for name, values in record.series.items()},
    )  # fmt: skip
    found = gather(cut)
    assert [each.day for each in found.days] == [FIRST]
    assert found.left_out[0].gap_h == 6


def test_a_day_at_the_end_that_is_not_whole_is_left_out():
    record = hours(FIRST)
    cut = dataclasses.replace(
        record, hour_end=record.hour_end[:47], voc_ppb=record.voc_ppb[:, :47], below_ppb=record.below_ppb[:, :47],
        series={name: values[:47] for name, values in record.series.items()},
    )  # fmt: skip
    assert [(each.day, each.gap_h) for each in gather(cut).left_out] == [(dt.date(2024, 7, 4), 1)]


def test_a_series_that_is_needed_and_was_never_measured_is_named():
    found = gather(hours(FIRST, without=("co_ppb",)))
    assert not found.days
    assert str(found.left_out[0]) == "S510100 2024-07-03: no co_ppb"


def test_a_compound_that_the_record_hardly_has_is_not_waited_for():
    found = gather(changed(hours(FIRST), voc={"acetone": range(30)}))
    assert len(found.days) == 2
    assert found.days[0].unmeasured == ("acetone",)
    assert "acetone" not in found.days[0].compounds


@pytest.mark.parametrize(("below", "share"), [("zero", 0.0), ("half", 0.5), ("limit", 1.0)])
def test_what_lies_below_a_limit_is_what_was_chosen(below, share):
    record = changed(hours(FIRST), voc={"toluene": range(24)})
    record.below_ppb[record.compounds.index("toluene"), :24] = 0.2
    day = gather(record, below=below).days[0]
    np.testing.assert_allclose(day.voc_ppb[day.compounds.index("toluene")], 0.2 * share)
    assert day.below == pytest.approx(1 / len(record.compounds))


def test_pressure_that_was_not_measured_is_said_to_be_assumed():
    day = gather(hours(FIRST, without=("pressure_pa",)), altitude_m=500.0).days[0]
    # US Standard Atmosphere 1976, table I: 954.61 hPa at 500 m.
    assert day.series["pressure_pa"][0] == pytest.approx(95_461.0, abs=3.0)
    assert day.assumed["pressure_pa"] == "95461 Pa (500 m)"


def test_the_standard_atmosphere_at_sea_level_and_two_kilometres():
    # US Standard Atmosphere 1976, table I: 794.95 hPa at 2000 m.
    assert pressure_at(0.0) == 101_325.0
    assert pressure_at(2000.0) == pytest.approx(79_495.0, abs=10.0)


def test_an_optional_series_with_a_gap_is_not_used_that_day():
    found = gather(changed(hours(FIRST), series={"cloud_transmission": range(10, 16)}))
    assert "cloud_transmission" not in found.days[0].series
    assert "cloud_transmission" in found.days[1].series


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: {"hour_end": np.concatenate([r.hour_end[:1], r.hour_end[:-1]])}, "stands twice"),
        (lambda r: {"hour_end": r.hour_end[::-1]}, "not in the order of time"),
        (lambda r: {"voc_ppb": -r.voc_ppb}, "ethane .ppb. is -"),
        (lambda r: {"series": {**r.series, "temperature_c": r.series["temperature_c"] + 273.15}}, "temperature_c is 2"),
        (lambda r: {"series": {**r.series, "no2": r.series["no2_ppb"]}}, "the series is no2, expected"),
        (lambda r: {"series": {**r.series, "no2_ppb": np.full(48, np.inf)}}, "no2_ppb is inf"),
        (lambda r: {"lat": 104.0}, "lon, lat are"),
        (lambda r: {"voc_ppb": r.voc_ppb[1:]}, "expected .18, 48.: compound, hour"),
    ],
)
def test_bad_records_are_refused_in_words(change, words):
    record = hours(FIRST)
    with pytest.raises(ValueError, match=words):
        dataclasses.replace(record, **change(record))


def test_an_unknown_choice_and_an_empty_record_are_refused():
    record = hours(FIRST)
    with pytest.raises(ValueError, match="below is 'third', expected one of zero, half, limit"):
        gather(record, below="third")
    empty = dataclasses.replace(
        record, hour_end=record.hour_end[:0], voc_ppb=record.voc_ppb[:, :0], below_ppb=record.below_ppb[:, :0],
        series={name: values[:0] for name, values in record.series.items()},
    )  # fmt: skip
    with pytest.raises(ValueError, match="there are no hours"):
        gather(empty)
    with pytest.raises(ValueError, match="no compound has a value"):
        gather(dataclasses.replace(record, voc_ppb=np.full(record.voc_ppb.shape, np.nan)))


def test_the_longest_gap_is_the_first_of_equals():
    assert longest_gap(np.array([0, 1, 1, 0, 1, 1, 0], bool)) == (1, 2)
    assert longest_gap(np.zeros(4, bool)) == (0, 0)
    assert longest_gap(np.ones(4, bool)) == (0, 4)
