"""CAS numbers, units of media, and the list of new pollutants."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from standards.dated_tables import read_table
from standards.laboratory.cas import cas_of
from standards.laboratory.media import MEDIUM_OF, UNIT_OF, medium_of, scale_of
from standards.laboratory.new_pollutants import list_for

LIST = list_for(dt.date(2026, 1, 1))


# Numbers from CAS's own page on check digits (107-07-3) and of substances that everybody knows: water, ethanol, caffeine.
@pytest.mark.parametrize("text", ["107-07-3", "7732-18-5", "64-17-5", "58-08-2", " 1763‑23‑1 ", "1763－23－1"])
def test_a_cas_number_is_read(text):
    assert cas_of(text) is not None


@pytest.mark.parametrize(
    "text", ["107-07-4", "7732-18-6", "1763231", "PFOS", "", "0-00-0", "1763-23-1 PFOS", "1763-23-10"]
)
def test_what_is_no_cas_number_or_fails_its_check_digit_is_none(text):
    assert cas_of(text) is None


@pytest.mark.parametrize(
    ("unit", "medium", "scale"),
    [
        ("ng/L", "surface_water", "1"), ("µg/L", "groundwater", "1000"), ("μg／L", "groundwater", "1000"),
        ("mg·L⁻¹", "wastewater", "1000000"), ("微克/升", "drinking_water", "1000"), ("纳克/毫升", "surface_water", "1000"),
        ("μg/kg", "sediment", "1"), ("mg/kg", "soil", "1000"), ("毫克/千克", "soil", "1000"), ("ng/g", "biota", "1"),
        ("μg/m³", "air", "1000"), ("pg/m3", "air", "0.001"), ("纳克/立方米", "air", "1"),
    ],
)  # fmt: skip
def test_units_are_turned_into_that_of_the_medium(unit, medium, scale):
    assert scale_of(unit, medium) == Decimal(scale)


@pytest.mark.parametrize(
    ("unit", "medium"),
    [("ppb", "surface_water"), ("ng/g", "surface_water"), ("ng/L", "soil"), ("", "air"), ("ng", "air")],
)
def test_units_that_say_too_little_or_are_of_another_medium_are_none(unit, medium):
    assert scale_of(unit, medium) is None


def test_media_are_known_by_their_words_and_water_alone_is_none():
    assert (
        medium_of(" 地表水 ") == "surface_water"
        and medium_of("Ambient  Air") == "air"
        and medium_of("底泥") == "sediment"
    )
    assert medium_of("水") is None and medium_of("water") is None
    assert set(MEDIUM_OF.values()) == set(UNIT_OF)


def test_the_list_has_fourteen_kinds_from_its_day_on():
    # 14 kinds, in force 2023-03-01: the decree as news and reproductions have it.
    assert [kind.number for kind in LIST.kinds] == list(range(1, 15))
    assert list_for(dt.date(2023, 2, 28)) is None and list_for(dt.date(2023, 3, 1)) == LIST


def test_every_cas_number_of_the_list_passes_its_check_digit_and_is_of_one_kind():
    numbers = [each.cas for kind in LIST.kinds for each in kind.substances]
    assert all(cas_of(each) == each for each in numbers) and len(set(numbers)) == len(numbers)
    assert all(kind.substances for kind in LIST.kinds)


def test_what_is_also_among_the_117_compounds_has_the_same_number_there():
    others = {row["name_zh"]: row["cas"] for row in read_table("voc117").rows}
    for name, theirs in {"二氯甲烷": "二氯甲烷", "三氯甲烷": "三氯甲烷", "六氯丁二烯": "六氯-1,3-丁二烯"}.items():
        (mine,) = [each.cas for kind in LIST.kinds for each in kind.substances if each.name_zh == name]
        assert mine == others[theirs]


def test_a_number_tells_its_kind_or_none():
    assert LIST.kind_of("335-67-1").short == "PFOA" and LIST.kind_of("7732-18-5") is None
    assert {kind.confidence for kind in LIST.kinds} == {"quoted"}
    assert {each.confidence for each in LIST.kinds[12].substances} == {"assumed"}


@pytest.mark.parametrize(
    ("cas", "name", "other"),
    [
        ("1763-23-1", "PFOA", "335-67-1"), ("335-67-1", "perfluorooctanesulfonic acid", "1763-23-1"),
        ("80214-83-1", "红霉素", "114-07-8"),  # 罗红霉素 ends in 红霉素 and is another one
        ("57-62-5", "Tetracycline", "60-54-8"), ("319-85-7", "α-六氯环己烷", "319-84-6"), ("58-08-2", "ＰＦＯＳ", "1763-23-1"),
        ("1031-07-8", "endosulfan", "115-29-7"),
    ],
)  # fmt: skip
def test_a_name_beside_the_number_of_another_substance_is_found(cas, name, other):
    assert LIST.other_than(cas, name).cas == other


@pytest.mark.parametrize(
    ("cas", "name"),
    [
        ("1763-23-1", "PFOS"), ("1763-23-1", "全氟辛基磺酸"), ("1763-23-1", "perfluorooctane sulfonate"), ("1763-23-1", ""),
        ("2795-39-3", "PFOS"), ("85535-84-8", "短链氯化石蜡"), ("85535-84-8", "SCCP"), ("84852-15-3", "壬基酚"),
        ("84852-15-3", "Nonylphenol"), ("3194-55-6", "六溴环十二烷"), ("11066-49-2", "nonylphenol"), ("58-08-2", "caffeine"),
    ],
)  # fmt: skip
def test_other_names_contradict_nothing(cas, name):
    assert LIST.other_than(cas, name) is None
