"""Budgets of species and families: rows, names, and that they close."""

from __future__ import annotations

import numpy as np
import pytest

from research.chemistry import Windows, compiled, integrate, load_mechanism, photolysis, reduced
from research.chemistry.pathways import EXCHANGE, LOSS, PRODUCTION, partner_label, pathways
from research.virtual_airshed.chemistry.held import ODD_OXYGEN

START = {"O3": 40.0, "NO": 5.0, "NO2": 15.0, "CO": 500.0, "CH4": 1900.0, "C3H6": 5.0, "TOLUENE": 5.0, "CH2O": 3.0}


@pytest.fixture(scope="module")
def mechanism():
    return reduced(load_mechanism("t1s2"), present=START, to=("O3", "NO", "NO2", "HNO3"))


@pytest.fixture(scope="module")
def run(mechanism):
    cosine = np.full(24, 0.8)
    windows = Windows(
        seconds=300.0,
        temperature_k=np.full(24, 300.0),
        pressure_pa=95000.0,
        h2o_ppb=1.8e7,
        photolysis_s1=photolysis(mechanism, cosine),
    )
    odd, oh = pathways(mechanism), pathways(mechanism, {"OH": 1.0}, label=partner_label("OH"))
    done = integrate(compiled(mechanism), START, windows, count=np.vstack([odd.count, oh.count]))
    return odd, oh, done


def test_the_budget_of_odd_oxygen_closes(run):
    odd, _, done = run
    family = sum(weight * done.ppb(s)[0] for s, weight in ODD_OXYGEN.items())
    made = odd.net(done.totals_ppb[0, :, : len(odd.labels)])
    begin = START["O3"] + START["NO2"]
    np.testing.assert_allclose(begin + np.cumsum(made), family, rtol=1e-6)
    assert made.sum() > 10.0  # something happened


def test_the_usual_pathways_have_their_usual_names(run):
    odd, _, _ = run
    made = {label for label, side in zip(odd.labels, odd.sides, strict=True) if side == PRODUCTION}
    used = {label for label, side in zip(odd.labels, odd.sides, strict=True) if side == LOSS}
    fro = {label for label, side in zip(odd.labels, odd.sides, strict=True) if side == EXCHANGE}
    assert {"HO2 + NO", "RO2 + NO"} <= made
    assert {"O1D + H2O", "HO2 + O3", "OH + O3", "O3 + VOC", "NO3 + VOC"} <= {*used, *map(turned, used)}
    assert "CH3CO3 + NO2" in fro and not any("OH" in label for label in fro)
    assert {"OH + NO2", "NO2 + OH"} & used


def turned(label):
    return " + ".join(reversed(label.split(" + ")))


def test_losses_of_oh_by_partner_are_its_reactivity(mechanism, run):
    odd, oh, done = run
    by_partner = dict(zip(oh.labels, done.totals_ppb[0, -1, len(odd.labels) :], strict=True))
    # CO + OH: 144 (1 + [N2]/4.2e19)e-15 cm3/s at 300 K (IUPAC) = 2.24e-13, JPL 19-5 within 10 %; CH4 + OH 6.6e-15 (both).
    assert by_partner["CO"] / by_partner["CH4"] == pytest.approx(2.24e-13 * 500.0 / (6.6e-15 * 1900.0), rel=0.12)


def test_a_family_that_is_not_there_is_refused(mechanism):
    with pytest.raises(ValueError, match="family is XYZ"):
        pathways(mechanism, {"XYZ": 1.0})
