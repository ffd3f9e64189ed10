"""Means, groups and hours of the day of an air of compounds, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from standards.voc.composition import GROUPS, composition
from standards.voc.species import ALL_SPECIES

NAN = float("nan")
NAMES = ["ethane", "ethylene", "toluene"]
HOUR = np.array([1, 2, 1, 2])


def test_means_groups_and_hours_by_hand():
    ppb = np.array([[2.0, 4.0, 6.0, 8.0], [1.0, NAN, 3.0, NAN], [NAN, NAN, NAN, 5.0]])
    below = np.array([[NAN] * 4, [NAN, 0.4, NAN, NAN], [NAN] * 4])
    found = composition(ppb, below, NAMES, HOUR, least_hours=2)
    # ethylene: (1 + 0.4 / 2 + 3) / 3 = 1.4; toluene has one hour, fewer than two.
    np.testing.assert_allclose(found.mean_ppb, [5.0, 1.4, NAN])
    assert found.hours.tolist() == [4, 3, 1]
    np.testing.assert_allclose(found.below, [0.0, 1 / 3, 0.0])
    groups = dict(zip(GROUPS, found.group_ppb, strict=True))
    assert groups["alkane"] == 5.0 and groups["alkene"] == pytest.approx(1.4) and np.isnan(groups["aromatic"])
    # hour 1: ethane (2 + 6) / 2, ethylene (1 + 3) / 2; hour 2: ethane (4 + 8) / 2, ethylene one hour alone
    assert found.diurnal_ppb[GROUPS.index("alkane"), :2].tolist() == [4.0, 6.0]
    assert found.diurnal_ppb[GROUPS.index("alkene"), 0] == 2.0 and np.isnan(
        found.diurnal_ppb[GROUPS.index("alkene"), 1]
    )
    assert np.isnan(found.diurnal_ppb[:, 2:]).all() and found.total_ppb == pytest.approx(6.4)
    # Carter 2010: MIR of ethane 0.28 g O3/g; 5 ppb of 30.07 g/mol at 24.465 L/mol.
    assert found.ofp_ugm3[0] == pytest.approx(5.0 * 30.07 / 24.465 * 0.28, rel=1e-3)


def test_groups_are_those_of_the_list():
    assert {each.group for each in ALL_SPECIES} == set(GROUPS)


def test_nothing_in_gives_nothing_out():
    found = composition(np.full((1, 3), NAN), np.full((1, 3), NAN), ["ethane"], np.array([1, 2, 3]))
    assert np.isnan(found.mean_ppb).all() and np.isnan(found.below).all() and np.isnan(found.total_ppb)
    assert composition(np.zeros((0, 0)), np.zeros((0, 0)), [], np.zeros(0, int)).species == ()


@pytest.mark.parametrize(
    ("hour", "names", "why"),
    [
        ([0, 1, 2, 3], NAMES, "hours of the day 1 to 24"),
        ([1, 2, 3], NAMES, "have shapes"),
        (HOUR, ["ethane"], "have shapes"),
    ],
)
def test_what_does_not_fit_is_refused(hour, names, why):
    with pytest.raises(ValueError, match=why):
        composition(np.ones((3, 4)), np.full((3, 4), NAN), names, np.array(hour))
