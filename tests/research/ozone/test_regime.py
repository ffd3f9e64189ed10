"""Signs of the regime stand beside each other, and disagreement is said."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math

import numpy as np
import pytest

from research.ozone.conditions import Settings, conditions
from research.ozone.days import gather
from research.ozone.ekma import ekma_of
from research.ozone.groups import usual_groups
from research.ozone.obm import obm_of
from research.ozone.regime import (
    Sign,
    by_slopes,
    regime_of,
    sign_of_peroxide,
    sign_of_radicals,
    sign_of_ratio,
    weighed,
)
from research.ozone.rir import rir_of
from tests.research.ozone.made import hours

DAY = dt.date(2024, 7, 3)
COARSE = np.array([0.0, 0.5, 1.0, 1.5, 2.0])


def day_of(**changes):
    return conditions(gather(hours(DAY, 1, **changes)).days[0], Settings(window_s=600.0))


def sign(kind, reading):
    return Sign(kind, reading, 0.0, "", "box")


@pytest.fixture(scope="module")
def town():
    day = day_of()
    rir = rir_of([day], lambda each: usual_groups(each.lumping))[0]
    return regime_of(day, obm_of([day])[0], ekma=ekma_of(day, voc_factor=COARSE, nox_factor=COARSE), rir=rir)


def test_all_signs_of_a_town_say_voc(town):
    assert [each.kind for each in town.signs] == ["EKMA", "RIR", "L_N/Q", "H2O2/HNO3", "VOC/NOx"]
    assert {each.reading for each in town.signs[:4]} == {"voc"}
    assert town.most == ("voc",)
    assert not town.contradicted


def test_clean_air_with_much_voc_says_nox():
    day = day_of(nox=0.05)
    found = regime_of(day, obm_of([day])[0], rir=rir_of([day], lambda each: usual_groups(each.lumping))[0])
    assert found.of("RIR").reading == "nox"
    assert found.of("L_N/Q").reading == "nox"
    assert found.of("VOC/NOx").reading == "nox"
    assert found.most == ("nox",)


def test_disagreement_is_named_and_never_averaged():
    found = weighed(
        "S", DAY, [sign("EKMA", "voc"), sign("L_N/Q", "voc"), sign("VOC/NOx", "nox"), sign("RIR", "unknown")]
    )
    assert (found.most, found.agreeing, found.told) == (("voc",), 2, 3)
    assert found.contradicted
    assert found.disagreeing == ("VOC/NOx",)
    tie = weighed("S", DAY, [sign("EKMA", "voc"), sign("L_N/Q", "transition")])
    assert tie.most == ("voc", "transition")
    assert tie.disagreeing == ()  # both stand in most: a tie does not disagree with itself
    third = weighed("S", DAY, [sign(*each) for each in (("EKMA", "voc"), ("RIR", "voc"), ("L_N/Q", "nox"), ("VOC/NOx", "nox"))]
                    + [sign("H2O2/HNO3", "transition")])  # fmt: skip
    assert (third.most, third.agreeing, third.disagreeing) == (("voc", "nox"), 2, ("H2O2/HNO3",))
    assert not tie.contradicted
    nothing = weighed("S", DAY, [sign("EKMA", "unknown")])
    assert (nothing.most, nothing.agreeing, nothing.told) == ((), 0, 0)


@pytest.mark.parametrize(
    ("value", "reading"), [(0.3, "nox"), (0.5, "transition"), (0.6, "transition"), (0.7, "voc"), (math.nan, "unknown")]
)
def test_radicals_are_read_by_kleinman(value, reading):
    # d ln P/d ln NO = (1 - 3/2 x)/(1 - 1/2 x), d ln P/d ln VOC = (1/2 x)/(1 - 1/2 x): at x = 0.5 both are 1/3, at 2/3 the
    # first is 0.
    assert sign_of_radicals(value).reading == reading


@pytest.mark.parametrize(
    ("value", "reading"),
    [(0.03, "voc"), (0.1, "transition"), (0.3, "nox"), (math.nan, "unknown"), (math.inf, "unknown")],
)
def test_peroxides_are_read_by_tonnesen_and_dennis(value, reading):
    assert sign_of_peroxide(value).reading == reading


def test_the_ratio_of_eight_to_one_is_of_carbon():
    # Hours 6 to 9: 17 compounds with carbon of 154.9 ppbC and 18 ppb of NO2 for the same swing.
    found = sign_of_ratio(day_of())
    carbon = {"ethane": 2, "propane": 3, "n-butane": 4, "isopentane": 5, "acetylene": 2, "ethene": 2, "propene": 3, "1-butene": 4,
              "isoprene": 5, "benzene": 6, "toluene": 7, "m,p-xylene": 8, "o-xylene": 8, "formaldehyde": 1, "acetaldehyde": 2,
              "acetone": 3, "2-butanone": 4, "chloromethane": 1}  # fmt: skip
    ppb = {"ethane": 4.4, "propane": 3.6, "n-butane": 3.0, "isopentane": 2.4, "acetylene": 3.6, "ethene": 2.6, "propene": 1.0,
           "1-butene": 0.5, "isoprene": 0.6, "benzene": 1.4, "toluene": 3.2, "m,p-xylene": 1.6, "o-xylene": 0.6,
           "formaldehyde": 4.0, "acetaldehyde": 1.8, "acetone": 2.5, "2-butanone": 0.8, "chloromethane": 0.6}  # fmt: skip
    assert found.value == pytest.approx(sum(carbon[n] * ppb[n] for n in ppb) / 18.0, rel=1e-6)
    assert (found.reading, found.rests_on) == ("voc", "measurements")
    assert "NO2 alone" in found.what
    assert sign_of_ratio(day_of(nox=0.5)).reading == "transition"


@pytest.mark.parametrize(
    ("slopes", "reading"),
    [
        ((10.0, -5.0), "voc"), ((10.0, 4.0), "voc"), ((10.0, 6.0), "transition"), ((6.0, 10.0), "transition"),
        ((4.0, 10.0), "nox"), ((-1.0, 3.0), "nox"), ((-1.0, -1.0), "unknown"), ((math.nan, 1.0), "unknown"),
    ],
)  # fmt: skip
def test_answers_to_both_are_read_by_which_is_twice_the_other(slopes, reading):
    assert by_slopes(*slopes) == reading


def test_results_of_other_days_are_refused(town):
    day = day_of()
    other = dataclasses.replace(obm_of([day])[0], day=dt.date(2024, 7, 4))
    with pytest.raises(ValueError, match="results are of S510100 2024-07-04 and S510100 2024-07-03"):
        regime_of(day, other)
    with pytest.raises(ValueError, match="sign is 'FNR', expected one of EKMA"):
        town.of("FNR")
