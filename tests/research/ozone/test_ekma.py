"""EKMA of a day: its node is the day itself, its ridge parts the regimes, and a finer solver gives the same."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest

from research.ozone.boxes import run
from research.ozone.conditions import Settings, conditions
from research.ozone.days import gather
from research.ozone.ekma import ekma_of, hours_of, l_n_q_counts, start_at
from research.ozone.isopleths import ridge
from tests.research.ozone.made import hours

DAY = dt.date(2024, 7, 3)
COARSE = np.array([0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0])


@pytest.fixture(scope="module")
def day():
    return conditions(gather(hours(DAY, 1)).days[0], Settings(window_s=600.0))


@pytest.fixture(scope="module")
def town(day):
    return ekma_of(day, voc_factor=COARSE, nox_factor=COARSE)


def test_the_node_of_ones_is_the_day_as_it_was(day, town):
    part = hours_of(day, (7.0, 19.0))
    alone = run([day], l_n_q_counts(day), start_ppb=start_at(day, part), windows=part)
    assert town.o3_ppb[4, 4] == pytest.approx(alone.ppb("O3").max(), abs=0.08)
    assert town.base_o3_ppb == pytest.approx(town.o3_ppb[4, 4])


def test_a_finer_solver_gives_the_same_peaks(day, town):
    tight = ekma_of(day, voc_factor=COARSE, nox_factor=COARSE, rtol=1e-6)
    np.testing.assert_allclose(town.o3_ppb, tight.o3_ppb, atol=0.05)


def test_a_town_lies_above_the_ridge_and_l_n_q_says_so(town):
    found = ridge(town.grid)
    assert found.nox_factor[4] < 0.8
    by_voc, by_nox = town.grid.slopes()
    assert by_voc > 0.0 > by_nox
    # Kleinman 2005: NOx is a brake where more than two thirds of the radicals end with it, fuel below a half.
    assert town.l_n_q[4, 4] > 2 / 3
    assert town.l_n_q[6, 1] < town.l_n_q[4, 4]


def test_without_nox_there_is_no_ozone_to_make(town):
    assert np.ptp(town.o3_ppb[:, 0]) < 1.0
    assert (town.o3_ppb[1:, 1:] > town.o3_ppb[1:, :1]).all()


def test_biogenic_compounds_stay_unless_asked(day, town):
    assert "isoprene" not in town.scaled
    every = ekma_of(day, voc_factor=COARSE[:5], nox_factor=COARSE[2:], biogenic=True)
    assert "isoprene" in every.scaled
    assert every.o3_ppb[0, 2] < town.o3_ppb[0, 4]


def test_a_record_is_plain(town):
    record = town.as_record()
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["day"] == "2024-07-03"
    assert len(record["o3_ppb"]) == 7
    assert record["settings"]["window_s"] == 600.0
    assert record["simulated"] is True


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"voc_factor": [0.0, 1.0, 2.0]}, "voc_factor is .0.0, 1.0, 2.0., expected 4 to 200"),
        ({"nox_factor": [0.0, 0.5, 0.6, 0.7]}, "expected the day itself, 1, to be inside"),
        ({"nox_factor": [-1.0, 0.5, 1.0, 2.0]}, "growing factors from 0 on"),
        ({"hours": (19.0, 7.0)}, "hours are .19.0, 7.0."),
        ({"hours": (7.01, 19.0)}, "as whole windows"),
        ({"hours": (7.0, 25.0)}, "within the day"),
    ],
)
def test_bad_questions_are_refused_in_words(day, given, words):
    with pytest.raises(ValueError, match=words):
        ekma_of(day, **given)
