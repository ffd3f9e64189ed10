"""EKMA over emissions: what is supplied brings the measured air back, and cuts of it answer as emissions do."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from research.ozone.conditions import Settings, conditions
from research.ozone.days import gather
from research.ozone.ekma import ekma_of
from research.ozone.emitted import emitted_ekma_of, supply_of
from research.ozone.errors import OzoneError
from tests.research.ozone.made import hours

COARSE = np.array([0.0, 0.5, 1.0, 1.5, 2.0])


@pytest.fixture(scope="module")
def day():
    return conditions(gather(hours(dt.date(2024, 7, 3), 1)).days[0], Settings(window_s=600.0))


@pytest.fixture(scope="module")
def supply(day):
    return supply_of(day)


def test_the_supply_brings_back_what_was_held(day, supply):
    for species, off in supply.back_ppb.items():
        mean = day.held_ppb[species][42:114].mean()
        assert abs(off) < 0.1 * mean, species


def test_what_the_air_loses_is_supplied(day, supply):
    # Toluene at noon: 2 to 4 ppb, thinned by 1/24 h and a growing layer, used up by OH: a tenth to one ppb an hour.
    assert 0.1 < 3600.0 * supply.ppb_s["TOLUENE"][30] < 2.0
    assert supply.ppb_s["NO"][30] == pytest.approx(9.0 * supply.ppb_s["NO2"][30])


def test_nox_that_is_emitted_as_no_takes_ozone_that_held_no2_does_not(day, supply):
    emitted = emitted_ekma_of(day, supply, voc_factor=COARSE, nox_factor=COARSE)
    held = ekma_of(day, voc_factor=COARSE, nox_factor=COARSE)
    assert emitted.precursors == "emitted"
    assert emitted.scaled == held.scaled
    assert emitted.base_o3_ppb < held.base_o3_ppb
    by_voc, by_nox = emitted.grid.slopes()
    assert by_voc > 0.0 > by_nox
    tight = emitted_ekma_of(day, supply, voc_factor=COARSE, nox_factor=COARSE, rtol=1e-6)
    np.testing.assert_allclose(emitted.o3_ppb, tight.o3_ppb, atol=0.05)


def test_hours_that_are_none_are_refused(day):
    with pytest.raises(OzoneError, match="hours are"):
        supply_of(day, hours=(9.0, 9.0))
