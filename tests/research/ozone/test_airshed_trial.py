"""The box of a super-site against the nature run's own sensitivities."""

from __future__ import annotations

import numpy as np
import pytest

from research.ozone.airshed_trial import trial, true_slopes
from research.virtual_airshed.grid import Cells
from research.virtual_airshed.run import simulate
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.world import shipped_world


@pytest.fixture(scope="module")
def found():
    return trial("summer_ozone", days=4)


def test_in_town_the_box_reads_what_nature_has(found):
    town = found[0]
    assert town.site == "SIM-S01"
    assert town.hours > 30
    assert town.same >= 0.9
    assert town.leading >= 0.9


def test_box_and_nature_never_contradict_each_other(found):
    assert all(each.no_contradiction >= 0.95 for each in found)


def test_at_the_ozone_that_nature_holds_the_box_reads_nature_at_both_sites():
    for each in trial("summer_ozone", days=4, ozone_ppb=60.0):
        assert each.same >= 0.9, each.site
        assert each.leading >= 0.95, each.site


def test_nature_makes_nothing_at_night_and_answers_to_voc_in_town():
    asked = scenario("summer_ozone", days=1)
    world = asked.world(shipped_world())
    ran = list(
        simulate(asked.plan(), world, tags=Tags(world.grid.cities, tagged=False), cells=Cells(*np.array([[28], [24]])))
    )
    made, by_voc, by_nox = true_slopes(ran, world, 28, 24)
    night = ran[0].weather.cos_zenith <= 0.0
    assert night.sum() > 8
    assert not made[night].any() and not by_voc[night].any() and not by_nox[night].any()
    lit = made > 2.0
    assert (by_voc[lit] > 0.0).all()
    assert by_voc[lit].sum() > by_nox[lit].sum()
