"""The box of a day: budgets that close, and what it says of itself."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import numpy as np
import pytest

from research.ozone.conditions import Settings, conditions
from research.ozone.days import gather
from research.ozone.obm import obm_of
from tests.research.ozone.made import hours

DAY = dt.date(2024, 7, 3)
QUICK = Settings(window_s=600.0)


@pytest.fixture(scope="module")
def both():
    return obm_of([conditions(each, QUICK) for each in gather(hours(DAY, 2)).days])


def test_bars_add_up_to_the_net_rate(both):
    for day in both:
        np.testing.assert_allclose(sum(day.ozone_ppb_h.values()), day.net_ozone_ppb_h, atol=1e-9)


def test_losses_are_below_nothing_and_hydroperoxy_leads_production(both):
    noon = {name: values[12] for name, values in both[0].ozone_ppb_h.items()}
    assert noon["HO2 + NO"] > noon["RO2 + NO"] > noon["CH3O2 + NO"] > 0.0
    assert all(noon[name] < 0.0 for name in ("O1D + H2O", "O3 + HO2", "O3 + OH", "O3 + alkenes", "OH + NO2"))


def test_reactivity_of_what_was_measured_is_that_of_its_rate_constants(both):
    # Hour 13 of the day: 1 + 0.4 cos(2 pi (12.5 - 8) / 24) of the amounts; ethene 8.07, propene 28.7, BIGENE by 1-butene
    # 31.4e-12, 0.5 ppb: at 298 K and one atmosphere. The day is warmer and the air thinner: within a sixth.
    swing = 1.0 + 0.4 * np.cos(2 * np.pi * 4.5 / 24)
    expected = swing * (2.6 * 8.07 + 1.0 * 28.7 + 0.5 * 31.4) * 1e-12 * 2.4615e10
    assert both[0].oh_reactivity_per_s["alkenes"][12] == pytest.approx(expected, rel=0.17)


def test_radicals_sleep_at_night_and_nitrate_wakes(both):
    oh, no3 = both[0].concentration_ppb["OH"], both[0].concentration_ppb["NO3"]
    assert oh[12] > 20 * oh[2]
    assert no3[21] > no3[12]
    assert both[0].no3_ppb_h["NO2 + O3"][21] > 0.0 > both[0].no3_ppb_h["NO3 + VOC"][21]


def test_what_was_assumed_and_left_out_is_said(both):
    assert both[0].left_out == ("chloromethane",)
    assert 0.999 < both[0].reactivity_kept < 1.0
    assert set(both[0].assumed) == {"mixing_height_m"}
    assert both[0].simulated


def test_ozone_that_is_held_has_no_bias_and_free_ozone_has(both):
    held = obm_of([conditions(gather(hours(DAY, 1)).days[0], dataclasses.replace(QUICK, o3_held=True))])[0]
    assert np.isnan(held.o3_bias_ppb)
    np.testing.assert_allclose(held.concentration_ppb["O3"], 40.0)
    assert np.isfinite(both[0].o3_bias_ppb)


def test_a_record_is_plain(both):
    record = both[0].as_record()
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert len(record["ozone_ppb_h"]["HO2 + NO"]) == 24
