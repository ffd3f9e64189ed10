"""The solver against closed solutions and against another method (Radau IIA of scipy) on the same equations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from research.chemistry import Mechanism, Windows, compiled, integrate
from research.chemistry.mechanism import MOLECULES_CM3
from research.virtual_airshed.chemistry.reactions import Reaction


def given(reactants, products, name):
    """A reaction whose rate constant is given from outside in 1/s."""
    return Reaction(reactants, products, {"type": "USER_DEFINED", "name": name, "scaling factor": 1.0})


def fixed(reactants, products, cm3):
    """A reaction of a fixed rate constant [cm3/molecule/s]."""
    return Reaction(reactants, products, {"type": "ARRHENIUS", "A": cm3, "B": 0.0, "C": 0.0, "D": 300.0, "E": 0.0})


def mechanism(*reactions, **more):
    return Mechanism("made", tuple(reactions), MOLECULES_CM3, **more)


def windows(count=6, seconds=600.0, **more):
    return Windows(seconds=seconds, temperature_k=np.full(count, 298.15), pressure_pa=1e5, h2o_ppb=1e7, **more)


PPB = 1e5 / (1.380649e-23 * 298.15) * 1e-6 * 1e-9
"""Molecules in a cm3 that are 1 ppb: the ideal gas."""


def test_a_decay_is_the_exponential():
    k = compiled(mechanism(given({"A": 1}, {"B": 1}, "j")))
    run = integrate(k, {"A": 10.0}, windows(photolysis_s1={"j": 1e-3}), rtol=1e-8, atol_ppb=1e-9)
    t = 600.0 * np.arange(1, 7)
    np.testing.assert_allclose(run.ppb("A")[0], 10.0 * np.exp(-1e-3 * t), rtol=1e-6)
    np.testing.assert_allclose(run.ppb("A") + run.ppb("B"), 10.0, rtol=1e-12)


def test_a_reaction_with_itself_is_the_hyperbola():
    # d[A]/dt = -2 k [A]^2
    k = compiled(mechanism(fixed({"A": 2}, {"B": 1}, 1e-13)))
    run = integrate(k, {"A": 50.0}, windows(), rtol=1e-8, atol_ppb=1e-9)
    t = 600.0 * np.arange(1, 7)
    np.testing.assert_allclose(run.ppb("A")[0], 1.0 / (1.0 / 50.0 + 2.0 * 1e-13 * PPB * t), rtol=1e-6)


def test_robertson_agrees_with_radau():
    # Robertson 1966, the constants of the usual test set (Hairer and Wanner, Solving ODEs II, IV.10), in ppb and s.
    to_cm3 = 1.0 / PPB
    robertson = mechanism(
        given({"A": 1}, {"B": 1}, "k1"),
        fixed({"B": 2}, {"B": 1, "C": 1}, 3e7 * to_cm3),
        fixed({"B": 1, "C": 1}, {"A": 1, "C": 1}, 1e4 * to_cm3),
    )
    w = windows(count=1, seconds=1000.0, photolysis_s1={"k1": 0.04})
    run = integrate(compiled(robertson), {"A": 1.0}, w, rtol=1e-7, atol_ppb=1e-12)

    def right(_, y):
        one, two, three = 0.04 * y[0], 3e7 * y[1] ** 2, 1e4 * y[1] * y[2]
        return [-one + three, one - two - three, two]

    told = solve_ivp(right, (0.0, 1000.0), [1.0, 0.0, 0.0], method="Radau", rtol=1e-10, atol=1e-14).y[:, -1]
    np.testing.assert_allclose([run.ppb(s)[0, 0] for s in "ABC"], told, rtol=2e-6)


def test_each_box_is_solved_by_itself():
    k = compiled(mechanism(fixed({"A": 1, "B": 1}, {"C": 1}, 1e-13)))
    amounts = np.linspace(1.0, 60.0, 19)  # more than two blocks, the last one not full
    many = integrate(k, {"A": amounts, "B": 20.0}, windows(), rtol=1e-8, atol_ppb=1e-9).ppb("C")
    for i in (0, 7, 8, 18):
        alone = integrate(k, {"A": amounts[i], "B": 20.0}, windows(), rtol=1e-8, atol_ppb=1e-9).ppb("C")
        np.testing.assert_allclose(many[i], alone[0], rtol=1e-7)


def test_threads_change_nothing():
    k = compiled(mechanism(fixed({"A": 1, "B": 1}, {"C": 1}, 1e-13)))
    start = {"A": np.linspace(1.0, 60.0, 100), "B": 20.0}
    one, two = (integrate(k, start, windows(), threads=n).concentration_ppb for n in (1, 2))
    np.testing.assert_array_equal(one, two)


def test_mixing_goes_to_the_background():
    # dy/dt = d (b - y) - v y + s
    inert = mechanism(given({"A": 1}, {"B": 1}, "never"))
    w = windows(
        photolysis_s1={"never": 0.0},
        dilution_s1=1e-4,
        background_ppb={"A": 40.0},
        deposition_s1={"A": 2e-5},
        source_ppb_s={"A": 1e-3},
    )
    run = integrate(compiled(inert), {"A": 10.0, "B": 5.0}, w, rtol=1e-8, atol_ppb=1e-9)
    t, loss = 600.0 * np.arange(1, 7), 1.2e-4
    end = (1e-4 * 40.0 + 1e-3) / loss
    np.testing.assert_allclose(run.ppb("A")[0], end + (10.0 - end) * np.exp(-loss * t), rtol=1e-6)
    np.testing.assert_allclose(run.ppb("B")[0], 5.0 * np.exp(-1e-4 * t), rtol=1e-6)


def test_what_is_held_stays_and_still_reacts():
    # A held at a: d[B]/dt = j a, exactly; mixing does not touch A.
    k = compiled(mechanism(given({"A": 1}, {"B": 1}, "j")), held=("A",))
    held = np.array([3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    run = integrate(k, {}, windows(photolysis_s1={"j": 1e-4}, held_ppb={"A": held}))
    np.testing.assert_array_equal(run.ppb("A")[0], held)
    np.testing.assert_allclose(run.ppb("B")[0], np.cumsum(held) * 600.0 * 1e-4, rtol=1e-9)


def test_a_sum_follows_its_members():
    # RO2 = A + B; C is lost by k [C] RO2, which does not use RO2 up.
    reactions = (
        given({"P": 1}, {"A": 1, "RO2": 1}, "j"),
        given({"A": 1}, {"B": 1}, "k"),
        given({"B": 1, }, {"RO2": -1}, "k"),
        fixed({"C": 1, "RO2": 1}, {"RO2": 1}, 1e-14),
    )  # fmt: skip
    made = mechanism(*reactions, sums={"RO2": ("A", "B")})
    run = integrate(compiled(made), {"P": 10.0, "C": 1.0}, windows(photolysis_s1={"j": 1e-3, "k": 1e-3}), rtol=1e-6)
    np.testing.assert_allclose(run.ppb("RO2"), run.ppb("A") + run.ppb("B"), atol=1e-9)


def test_what_reactions_did_is_what_changed():
    # The counters use the solver's own stages: budgets close up to rounding at any tolerance.
    made = mechanism(
        given({"A": 1}, {"B": 2}, "j"), fixed({"B": 2}, {"C": 1}, 1e-13), fixed({"A": 1, "C": 1}, {"B": 1}, 1e-14)
    )
    run = integrate(compiled(made), {"A": 10.0}, windows(photolysis_s1={"j": 1e-3}), count=np.eye(3), rtol=1e-2)
    first, second, third = run.totals_ppb[0].cumsum(axis=0).T
    np.testing.assert_allclose(run.ppb("A")[0], 10.0 - first - third, rtol=1e-10)
    np.testing.assert_allclose(run.ppb("B")[0], 2.0 * first - 2.0 * second + third, rtol=1e-10)
    np.testing.assert_allclose(run.ppb("C")[0], second - third, rtol=1e-10)


def test_what_no_step_can_follow_is_named():
    # A -> 2 A a thousand times a second from the second window on: no number of a computer holds exp(600,000).
    away = compiled(mechanism(given({"A": 1}, {"A": 2}, "j")))
    rate = {"j": np.array([0.0, 1e3, 1e3])}
    with pytest.raises(RuntimeError, match="no step succeeds in cells 0 to 7, window 1"):
        integrate(away, {"A": np.full(10, 100.0)}, windows(count=3, photolysis_s1=rate))


def test_an_empty_box_stays_empty():
    k = compiled(mechanism(fixed({"A": 1, "B": 1}, {"C": 1}, 1e-13)))
    assert not integrate(k, {}, windows()).concentration_ppb.any()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"held_ppb": {}}, "held_ppb is of nothing, expected what the kernel holds: A"),
        ({"held_ppb": {"A": np.nan}}, "held_ppb of A is nan"),
        ({"held_ppb": {"A": np.zeros(5)}}, r"held_ppb of A has shape \(5,\)"),
        ({"photolysis_s1": {}}, "photolysis_s1 lacks j"),
        ({"photolysis_s1": {"j": -1.0}}, "j is -1"),
        ({"dilution_s1": -1.0}, "dilution_s1 is -1"),
        ({"temperature_k": np.full(6, 25.0)}, "temperature_k is 25"),
        ({"source_ppb_s": {"X": 1.0}}, "species is 'X'"),
        ({"site": np.array([1])}, "site goes from 1 to 1, expected 0 to 0"),
        ({"seconds": 0.0}, "seconds is 0"),
    ],
)
def test_what_does_not_fit_is_refused(change, words):
    k = compiled(mechanism(given({"A": 1}, {"B": 1}, "j")), held=("A",))
    good = {"photolysis_s1": {"j": 1e-4}, "held_ppb": {"A": 1.0}, "seconds": 600.0, "temperature_k": np.full(6, 298.0)}
    with pytest.raises(ValueError, match=words):
        integrate(k, {}, Windows(pressure_pa=1e5, h2o_ppb=1e7, **(good | change)))


@pytest.mark.parametrize(
    ("start", "words"),
    [({"X": 1.0}, "species is 'X'"), ({"A": -1.0}, "start_ppb of A is -1"), (np.zeros((2, 3)), r"shape \(2, 3\)")],
)
def test_a_start_that_does_not_fit_is_refused(start, words):
    k = compiled(mechanism(given({"A": 1}, {"B": 1}, "j")))
    with pytest.raises(ValueError, match=words):
        integrate(k, start, windows(photolysis_s1={"j": 1e-4}))


@pytest.mark.parametrize(
    ("reactants", "words"),
    [({"A": 0.5}, "0.5 A comes in"), ({"A": 2, "B": 2}, "expected at most 3 besides the air")],
)
def test_a_reaction_that_cannot_be_is_refused(reactants, words):
    with pytest.raises(ValueError, match=words):
        compiled(mechanism(fixed(reactants, {"C": 1}, 1e-13)))
