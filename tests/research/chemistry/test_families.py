"""Families whose sum is held: NOx with a free ratio."""

from __future__ import annotations

import numpy as np
import pytest

from research.chemistry import Windows, compiled, integrate, load_mechanism, photolysis, reduced
from research.chemistry.families import balanced
from research.virtual_airshed.chemistry.held import NOX

START = {"O3": 40.0, "NO": 2.0, "NO2": 8.0, "CO": 400.0, "CH4": 1900.0, "C3H6": 3.0, "CH2O": 3.0}
TOLD = np.linspace(12.0, 4.0, 24)


@pytest.fixture(scope="module")
def mechanism():
    return reduced(load_mechanism("t1s2"), present=START, to=("O3", "NO", "NO2", "HNO3"))


def windows(mechanism, mixing=3e-5, **more):
    return Windows(
        seconds=600.0,
        temperature_k=np.full(24, 298.0),
        pressure_pa=95000.0,
        h2o_ppb=1.8e7,
        photolysis_s1=photolysis(mechanism, np.full(24, 0.8)),
        dilution_s1=mixing,
        background_ppb={"O3": 40.0},
        **more,
    )


def nox(run):
    return sum(weight * run.ppb(s) for s, weight in NOX.items())


def test_the_sum_is_what_is_told_and_the_ratio_is_free(mechanism):
    kernel = compiled(mechanism, families={"NOX": NOX})
    run = integrate(kernel, START, windows(mechanism, held_ppb={"NOX": TOLD}))
    np.testing.assert_allclose(nox(run)[0], TOLD, rtol=1e-9)
    # Leighton: NO and NO2 follow j(NO2) and ozone; peroxy radicals only lower NO further.
    leighton = run.ppb("NO2") * photolysis(mechanism, np.array(0.8))["jno2"] / run.ppb("O3")
    k = 3.0e-12 * np.exp(-1500.0 / 298.0) * 95000.0 / (1.380649e-23 * 298.0) * 1e-15  # JPL 19-5 [1/ppb/s]
    assert 0.6 < (run.ppb("NO") * k / leighton)[0, -1] < 1.0


def test_it_is_what_adding_nox_at_every_instant_gives(mechanism):
    # The other way to hold a sum: no rewriting, but windows so short that NOx hardly changes in one.
    kernel = compiled(mechanism, families={"NOX": NOX})
    run = integrate(kernel, START, windows(mechanism, 0.0, held_ppb={"NOX": 10.0}), rtol=1e-5)
    plain, now, step = compiled(mechanism), dict(START), 20.0
    short = Windows(
        seconds=step, temperature_k=np.full(1, 298.0), pressure_pa=95000.0, h2o_ppb=1.8e7,
        photolysis_s1=photolysis(mechanism, np.full(1, 0.8)),
    )  # fmt: skip
    for _ in range(round(6 * 600.0 / step)):
        done = integrate(plain, now, short, rtol=1e-5)
        now = dict(zip(done.species, done.concentration_ppb[0, -1], strict=True))
        lost = 10.0 - sum(weight * now[s] for s, weight in NOX.items())
        now["NO2"] += lost  # OH + NO2 takes most of it
    assert run.ppb("O3")[0, 5] == pytest.approx(now["O3"], abs=0.1)
    assert run.ppb("NO2")[0, 5] == pytest.approx(now["NO2"], rel=0.01)


@pytest.mark.parametrize(
    ("net", "reactants", "balance"),
    [
        ({"NO2": -1, "OH": -1, "HNO3": 1}, {"NO2": 1, "OH": 1}, {"OH": -1, "HNO3": 1}),
        ({"NO": -1, "RO2": -1, "RONO2": 1}, {"NO": 1, "RO2": 1}, {"RO2": -1, "RONO2": 1}),
        ({"NO3": -1, "A": -1, "B": 1}, {"NO3": 1, "A": 1}, {"NO3": -1, "NO2": 1, "A": -1, "B": 1}),
        ({"N2O5": -1, "HNO3": 2}, {"N2O5": 1}, {"N2O5": -1, "NO2": 2, "HNO3": 2}),
        ({"PAN": -1, "NO2": 1}, {"PAN": 1}, {"PAN": -1}),
        ({"NO": -1, "O3": -1, "NO2": 1}, {"NO": 1, "O3": 1}, {"NO": -1, "O3": -1, "NO2": 1}),
    ],
)
def test_what_is_taken_is_returned_as_it_came(net, reactants, balance):
    assert balanced(net, reactants, NOX) == balance


@pytest.mark.parametrize(
    ("families", "held", "words"),
    [
        ({"NOX": {"NO": 1.0, "XYZ": 1.0}}, (), "member of NOX is 'XYZ'"),
        ({"O3": {"NO": 1.0}}, (), "family is called 'O3'"),
        ({"NOX": NOX}, ("NO2",), "NO2 is of NOX and of what is held"),
        ({"NOX": NOX, "NOZ": {"NO3": 1.0}}, (), "NO3 is of NOZ and of NOX"),
        ({"NOX": {"NO": 0.0}}, (), "weight of NO in NOX is 0"),
    ],
)
def test_families_that_cannot_be_held_are_refused(mechanism, families, held, words):
    with pytest.raises(ValueError, match=words):
        compiled(mechanism, held=held, families=families)


def test_a_sum_that_is_not_told_is_refused(mechanism):
    with pytest.raises(ValueError, match="held_ppb is of nothing, expected what the kernel holds: NOX"):
        integrate(compiled(mechanism, families={"NOX": NOX}), START, windows(mechanism))
