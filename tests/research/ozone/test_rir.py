"""Reactivities: their signs, their sums, and what compounds of one lump share."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

from research.ozone.conditions import Settings, conditions
from research.ozone.days import gather
from research.ozone.groups import (
    REST,
    Factors,
    Group,
    co_group,
    compound_groups,
    factors_of,
    family_groups,
    nox_group,
    usual_groups,
    voc_group,
)
from research.ozone.lumping import lumping
from research.ozone.rir import mean_rir, rir_of
from tests.research.ozone.made import hours

DAY = dt.date(2024, 7, 3)
QUICK = Settings(window_s=600.0)


def days_of(*, days=1, settings=QUICK, **changes):
    return [conditions(each, settings) for each in gather(hours(DAY, days, **changes)).days]


def usual(day):
    return usual_groups(day.lumping)


@pytest.fixture(scope="module")
def town():
    return rir_of(days_of(), usual)[0]


def test_less_nox_makes_more_ozone_in_a_town_and_less_in_the_country(town):
    assert town.of("NOx") < -0.3
    assert town.of("VOC") > 0.5
    country = rir_of(days_of(nox=0.05), usual)[0]
    assert country.of("NOx") > 0.3
    assert country.of("VOC") < 0.3


def test_groups_of_compounds_add_up_to_all_of_them(town):
    # For a small cut the response is linear; families and biogenic compounds make all of them.
    parts = sum(town.of(name) for name in ("alkanes", "alkenes", "aromatics", "ovoc", "biogenic"))
    assert parts == pytest.approx(town.of("VOC"), rel=0.03)


def test_a_tighter_solver_gives_the_same(town):
    tight = rir_of(days_of(), usual, rtol=1e-6)[0]
    np.testing.assert_allclose(town.rir, tight.rir, atol=0.002)


def test_the_answer_does_not_hang_on_the_size_of_the_cut(town):
    small = rir_of(days_of(), usual, cut=0.02, rtol=1e-6)[0]
    np.testing.assert_allclose(town.rir, small.rir, atol=0.08)


def test_compounds_of_one_lump_share_it_by_what_they_react():
    found = rir_of(days_of(), lambda day: compound_groups(day.lumping), rtol=1e-6)[0]
    # m,p-xylene 1.6 ppb at 18.7e-12, o-xylene 0.6 ppb at 13.6e-12 (Atkinson and Arey 2003), both under XYLENES.
    assert found.of("m,p-xylene") / found.of("o-xylene") == pytest.approx(1.6 * 18.7 / (0.6 * 13.6), rel=0.02)
    assert "chloromethane" not in found.groups


def test_factors_share_what_they_contribute():
    (day,) = days_of()
    n, names = 24, ("traffic", "solvent")
    profile = np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0]])
    contribution = np.array([np.full(n, 1.0), np.full(n, 0.5)])
    ends = day.day.first_hour_end + np.arange(n)
    factors = factors_of(names, ["ethene", "toluene", "o-xylene"], profile, contribution, ends)
    traffic, solvent, rest = factors.groups(day)
    # Toluene: 1 x 1 from traffic and 3 x 0.5 from solvents.
    np.testing.assert_allclose(traffic.voc_share["toluene"], 0.4)
    np.testing.assert_allclose(solvent.voc_share["toluene"], 0.6)
    np.testing.assert_allclose(rest.voc_share["toluene"], 0.0, atol=1e-12)
    assert rest.voc_share["propene"] == 1.0
    assert rest.name == REST
    found = rir_of([day], lambda d: [*factors.groups(d), voc_group(d.lumping)])[0]
    assert found.of("traffic") + found.of("solvent") + found.of(REST) == pytest.approx(found.of("VOC"), rel=0.03)


def test_factors_that_are_not_there_for_a_day_are_named():
    (day,) = days_of()
    ends = day.day.first_hour_end + np.arange(24)
    amounts = np.ones((1, 1, 24))
    amounts[..., 5:10] = np.nan
    with pytest.raises(ValueError, match="S510100 2024-07-03: the factors lack 5 h on end"):
        Factors(("a",), ("toluene",), amounts, ends).groups(day)
    amounts[..., 7:10] = 1.0
    assert len(Factors(("a",), ("toluene",), amounts, ends).groups(day)) == 2


def test_a_day_without_ozone_to_share_has_no_answer():
    found = rir_of(
        days_of(settings=dataclasses.replace(QUICK, transmission=0.01), without=("cloud_transmission",)), usual
    )[0]
    assert found.net_ppb < 1.0
    assert np.isnan(found.rir).all()


def test_days_with_other_compounds_go_their_own_way_and_keep_their_order():
    many = hours(DAY, 2)
    amounts = many.voc_ppb.copy()
    first, second = days_of(days=2)
    without = dataclasses.replace(
        many, compounds=many.compounds[:-5], voc_ppb=amounts[:-5], below_ppb=many.below_ppb[:-5]
    )
    fewer = conditions(gather(without).days[0], QUICK)
    results = rir_of([second, fewer, first], usual)
    assert [each.day for each in results] == [dt.date(2024, 7, 4), DAY, DAY]
    assert results[1].net_ppb != results[2].net_ppb


def test_the_mean_over_days_is_weighed_by_what_they_make(town):
    other = dataclasses.replace(town, net_ppb=3.0 * town.net_ppb, rir=town.rir + 1.0)
    silent = dataclasses.replace(town, rir=np.full(len(town.rir), np.nan))
    means, spread = mean_rir([town, other, silent])
    assert means["VOC"] == pytest.approx(town.of("VOC") + 0.75)
    assert spread["VOC"] == pytest.approx(np.sqrt(0.5))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: rir_of(days_of(), usual, cut=0.0), "cut is 0.0"),
        (lambda: rir_of(days_of(), lambda day: []), "groups are none"),
        (lambda: rir_of(days_of(), lambda day: [nox_group(), nox_group()]), "groups are NOx, NOx"),
        (
            lambda: factors_of(["a"], ["toluene"], np.ones((1, 2)), np.ones((1, 3)), np.arange(3)),
            "profiles and contributions",
        ),
        (lambda: factors_of(["a"], ["toluol"], np.ones((1, 1)), np.ones((1, 3)), np.arange(3)), "species is 'toluol'"),
        (lambda: Factors(("a", "a"), ("toluene",), np.ones((2, 1, 1)), np.arange(1)), "names, each once"),
        (lambda: Factors(("a",), ("toluene",), np.ones((1, 1, 2)), np.array([3, 3])), "hours of the factors"),
        (lambda: Factors(("a",), ("toluene",), np.ones((1, 1, 2)), np.arange(3)), "factor, compound, hour"),
    ],
)
def test_bad_questions_are_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_an_unknown_group_is_refused(town):
    with pytest.raises(ValueError, match="group is 'HONO', expected one of alkanes"):
        town.of("HONO")


def test_families_are_those_that_are_there():
    assert [g.name for g in family_groups(lumping(["toluene", "ethane", "chloroform"]))] == ["alkanes", "aromatics"]
    assert co_group().change(days_of()[0], 0.1) == {"CO": 0.9}
    assert not Group("nothing", {"chloromethane": 1.0}).change(days_of()[0], 0.1)
