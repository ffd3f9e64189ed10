"""Ozone of sources by three methods, and how far they lie apart."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest

from research.ozone.conditions import Settings, conditions
from research.ozone.days import gather
from research.ozone.groups import REST, factors_of
from research.ozone.sources import Attributed, source_ozone_of
from tests.research.ozone.made import MIXTURE, hours

DAY = dt.date(2024, 7, 3)
NAMES = ("traffic", "solvent")
COMPOUNDS = ("ethene", "propene", "toluene", "m,p-xylene")
ATTRIBUTED = Attributed(
    {"vehicles": 30.0, "nonroad": 10.0, "solvent": 20.0, "industry": 20.0, "outside": 20.0},
    {"quantity": "o3", "span": "mda8", "tier": "raw tags", "confidence": "medium"},
)
SECTORS = {"traffic": ("vehicles", "nonroad"), "solvent": ("solvent", "industry")}


@pytest.fixture(scope="module")
def day():
    return conditions(gather(hours(DAY, 1)).days[0], Settings(window_s=600.0))


@pytest.fixture(scope="module")
def factors(day):
    profile = np.array([[1.0, 1.0, 0.25, 0.0], [0.0, 0.0, 0.75, 1.0]])
    ends = day.day.first_hour_end + np.arange(24)
    return factors_of(NAMES, COMPOUNDS, profile, np.ones((2, 24)), ends)


@pytest.fixture(scope="module")
def told(day, factors):
    return source_ozone_of(day, factors, attributed=ATTRIBUTED, sectors=SECTORS)


def test_ofp_of_factors_is_mir_by_mass(told):
    # MIR by Carter 2010: ethene 9, propene 11.66, toluene 4, m,p-xylene 7.8 g/g; masses 28.05, 42.08, 92.14, 106.17.
    # The swing of the made day has the mean 1.
    each = {"ethene": 9.0 * 28.05, "propene": 11.66 * 42.08, "toluene": 4.0 * 92.14, "m,p-xylene": 7.8 * 106.17}
    ofp = {name: MIXTURE[name] * value / 24.465 for name, value in each.items()}
    traffic = ofp["ethene"] + ofp["propene"] + 0.25 * ofp["toluene"]
    solvent = 0.75 * ofp["toluene"] + ofp["m,p-xylene"]
    np.testing.assert_allclose(told.per_source["ofp"][:2], [traffic, solvent], rtol=1e-4)


def test_shares_make_the_whole_by_each_method(told):
    for method, share in told.share.items():
        assert np.nansum(share) == pytest.approx(1.0), method
    assert set(told.share) == {"ofp", "box, a tenth", "box, all", "attribution"}


def test_the_attribution_is_shared_among_the_sectors_that_stand_for_factors(told):
    np.testing.assert_allclose(told.share["attribution"], [0.5, 0.5, np.nan])
    assert told.attribution["left_aside"] == "0.20 of the whole"
    assert told.attribution["confidence"] == "medium"


def test_the_spread_is_from_the_lowest_to_the_highest(told):
    table = np.stack(list(told.share.values()))
    np.testing.assert_allclose(told.spread, np.nanmax(table, axis=0) - np.nanmin(table, axis=0))
    assert told.agree.tolist() == (told.spread <= 0.1).tolist()


def test_a_part_of_the_box_is_nearly_the_whole_divided(told):
    # A factor of a few tenths of all compounds: taking all of it away says more than a tenth of it times ten, not twice as much.
    ratio = told.per_source["box, all"] / told.per_source["box, a tenth"]
    assert (ratio > 0.9).all()
    assert (ratio < 2.0).all()


def test_without_an_attribution_it_says_why(day, factors):
    found = source_ozone_of(day, factors, why_none="no model of ozone is approved")
    assert "attribution" not in found.share
    assert found.why_none == "no model of ozone is approved"
    assert found.attribution == {}
    record = found.as_record()
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["sources"] == ["traffic", "solvent", REST]


@pytest.mark.parametrize(
    ("sectors", "words"),
    [
        ({"traffic": ("vehicles",), "solvent": ("vehicles",)}, "the sector vehicles stands for two factors"),
        ({"cooking": ("residential",)}, "sectors are given for cooking"),
        ({"traffic": ("ships",)}, "sector is ships, expected some of vehicles"),
    ],
)
def test_bad_sectors_are_refused_in_words(day, factors, sectors, words):
    with pytest.raises(ValueError, match=words):
        source_ozone_of(day, factors, attributed=ATTRIBUTED, sectors=sectors)
