"""Constraints hold what they say and cost what is told; a rotation trades profiles against contributions."""

from __future__ import annotations

import numpy as np
import pytest

from research.receptor.constraints import AValue, Between, Pull, Ratio, constrain, rotate
from research.receptor.factorise import factorise
from research.receptor.problem import sums
from research.receptor.refusals import ReceptorError
from tests.research.receptor.made import PROFILES_PPB, SPECIES, made_table, matched


@pytest.fixture(scope="module")
def base():
    return factorise(made_table(hours=160)[0], factors=4, starts=10)


def of(base, name: str) -> tuple[int, int]:
    """Give the factor that has most of a species, and the species' place."""
    j = base.species.index(name)
    return int(base.profiles[:, j].argmax()), j


def test_an_element_that_is_set_to_zero_is_zero(base):
    k, _ = of(base, "isopentane")
    j = base.species.index("propane")
    found = constrain(base, [Between(factor=k, species="propane")])
    assert found.solution.profiles[k, j] == 0.0 and base.profiles[k, j] > 0.01
    assert found.dq > 0.0
    assert found.dq == pytest.approx(sums(base.problem, found.solution.g, found.solution.f)[0] - base.objective)
    assert found.solution.contributions.mean(axis=0) == pytest.approx(np.ones(4))


def test_an_element_keeps_within_its_bounds(base):
    k, j = of(base, "toluene")
    high = 0.8 * base.profiles[k, j]
    found = constrain(base, [Between(factor=k, species="toluene", low=0.1, high=high)])
    assert found.solution.profiles[k, j] == pytest.approx(high, rel=1e-6)


def test_a_pull_goes_as_far_as_it_may(base):
    k, j = of(base, "toluene")
    goal = 0.7 * base.profiles[k, j]
    little, much = (constrain(base, [Pull(factor=k, species="toluene", to=goal)], allowed_pct=p) for p in (0.2, 400.0))
    assert 0.0 < little.dq <= 0.0021 * base.objective
    assert goal < little.solution.profiles[k, j] < base.profiles[k, j]
    assert little.dq_pct == pytest.approx(0.2, abs=0.05)
    assert much.solution.profiles[k, j] == pytest.approx(goal, rel=1e-3)


def test_a_ratio_is_kept(base):
    k, j = of(base, "m,p-xylene")
    other = base.species.index("toluene")
    ratio = 1.2 * base.profiles[k, j] / base.profiles[k, other]
    found = constrain(base, [Ratio(factor=k, species="m,p-xylene", other="toluene", ratio=ratio)])
    assert found.solution.profiles[k, j] / found.solution.profiles[k, other] == pytest.approx(ratio, rel=1e-4)
    assert found.dq > 0.0


def test_a_known_profile_is_kept_within_its_a_value(base):
    k, _ = of(base, "isopentane")
    known = PROFILES_PPB[0] + 0.02
    found = constrain(base, [AValue(factor=k, profile=known, a=0.1)])
    over = found.solution.profiles[k] / known
    assert over.max() / over.min() <= 1.1 / 0.9 + 1e-9
    assert matched(found.solution.contributions, base.contributions).min() > 0.95


def test_a_rotation_parts_profiles_or_contributions():
    # fewer marks of the sources make room for a rotation
    table, _ = made_table(
        hours=160, categories=dict.fromkeys(("isoprene", "ethyl acetate", "acetylene"), "bad"), error=0.3
    )
    base = factorise(table, factors=3, starts=10)

    def overlap(values):
        shares = values / values.sum(axis=1, keepdims=True)
        return (shares.sum(axis=1) ** 2 - (shares**2).sum(axis=1)).sum()

    sharp, smeared = rotate(base, 0.3), rotate(base, -0.3)
    assert overlap(sharp.solution.f) < overlap(base.f)
    assert overlap(smeared.solution.g) < overlap(base.g)
    assert sharp.dq > 0.0 and smeared.dq > 0.0
    assert rotate(base, 0.05).dq < sharp.dq


@pytest.mark.parametrize(("constraint", "words"), [
    (Between(factor=4, species="propane"), "factor number is 5, expected 1 to 4"),
    (Between(factor=0, species="neon"), "'neon' is not modelled"),
    (Between(factor=0, species="propane", low=2.0, high=1.0), "expected 0 <= low <= high"),
    (Pull(factor=0, species="propane", to=-1.0), "pulled to -1"),
    (Ratio(factor=0, species="propane", other="propane", ratio=1.0), "expected another species"),
    (AValue(factor=0, profile=[1.0, 2.0]), r"expected 14 values"),
    (AValue(factor=0, profile=[1.0] * len(SPECIES), a=1.5), "a-value is 1.5"),
])  # fmt: skip
def test_constraints_that_make_no_sense_are_refused(base, constraint, words):
    with pytest.raises(ReceptorError, match=words):
        constrain(base, [constraint])


def test_constraints_that_contradict_each_other_are_refused(base):
    with pytest.raises(ReceptorError, match="leave no value for propane in factor 2"):
        constrain(
            base,
            [Between(factor=1, species="propane", low=2.0, high=3.0), Between(factor=1, species="propane", high=1.0)],
        )
    with pytest.raises(ReceptorError, match="scale of a factor free"):
        constrain(base, [AValue(factor=1, profile=[1.0] * len(SPECIES)), Pull(factor=0, species="propane", to=1.0)])
    with pytest.raises(ReceptorError, match="no constraint"):
        constrain(base, [])
    with pytest.raises(ReceptorError, match="strength"):
        rotate(base, float("nan"))


def test_a_rotation_of_strength_zero_is_the_base(base):
    found = rotate(base, 0.0)
    assert found.dq == found.dq_robust == 0.0
    assert np.array_equal(found.solution.profiles, base.profiles)
