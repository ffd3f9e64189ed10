"""Organic compounds of super-sites: groups add up, air ages as the platform's own functions read it, limits are told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.virtual_airshed.inventories import voc_profiles
from research.virtual_airshed.observe import chromatograph, speciation
from research.virtual_airshed.sources import INVENTORY, inventory_voc_t
from research.virtual_airshed.tracers import SECTORS, VOC_GROUPS, Tags
from research.virtual_airshed.world import voc_constants
from standards.voc.age import photochemical_age
from standards.voc.reactivity import to_ugm3
from standards.voc.species import SPECIES
from tests.research.virtual_airshed.observe.made_days import FIRST_HOUR, TAGS

NAMES = [species.name_en for species in SPECIES]
WITH_VOC = tuple(s for s in SECTORS if s in voc_profiles.SECTORS)
RATES = voc_constants()[0]
QUIET_OX = np.full((1, 1), 30.0)
"""Odd oxygen below the background: no secondary carbonyls [ppb]."""


def tags_of(**ugm3: float) -> dict[str, np.ndarray]:
    """Give the tags (cell, tracer, hour) of air with so much fresh VOC of some sources [ug/m3]."""
    tagged = {group: np.zeros((1, TAGS.width, 1)) for group in VOC_GROUPS}
    for source, mass in ugm3.items():
        tag = TAGS.inflow if source == "inflow" else TAGS.sectors.start + SECTORS.index(source)
        for group, fraction in zip(VOC_GROUPS, voc_profiles.group_fractions(source), strict=True):
            tagged[group][0, tag] = mass * fraction
            tagged[group][0, 0] += mass * fraction
    return tagged


def aged(tagged: dict[str, np.ndarray], exposure: float) -> dict[str, np.ndarray]:
    """Let the groups decay as the model lets them, each by its rate."""
    k = RATES
    return {group: values * np.exp(-k[group] * exposure) for group, values in tagged.items()}


def species(tagged: dict[str, np.ndarray], ox_ppb: np.ndarray = QUIET_OX) -> np.ndarray:
    return speciation.species_ppb(tagged, TAGS, ox_ppb=ox_ppb)[:, 0, 0]


@pytest.mark.parametrize("source", [*WITH_VOC, "inflow"])
def test_species_of_fresh_air_add_up_to_the_listed_share_of_each_group(source):
    tagged = tags_of(**{source: 80.0})
    ugm3 = to_ugm3(species(tagged), NAMES)
    profiles = voc_profiles.shipped()
    # Of the mass of a sector the profile's table lists 1 - unlisted, in every group alike.
    listed = 1.0 - profiles.unlisted[profiles.row(source)]
    for number, group in enumerate(VOC_GROUPS):
        own = ugm3[number == voc_profiles.GROUP_INDEX].sum()
        assert own == pytest.approx(listed * tagged[group][0, 0, 0], rel=1e-9, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.0, 100.0), min_size=len(WITH_VOC), max_size=len(WITH_VOC)))
def test_what_several_sectors_bring_adds_up(masses):
    together = species(tags_of(**dict(zip(WITH_VOC, masses, strict=True))))
    alone = sum(species(tags_of(**{source: mass})) for source, mass in zip(WITH_VOC, masses, strict=True))
    np.testing.assert_allclose(together, alone, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("source", ["industry", "coal", "vehicles", "nonroad", "solvent", "residential", "agriculture"])
@pytest.mark.parametrize("exposure", [5e9, 4e10, 9e10])
def test_the_platform_reads_the_age_of_a_sectors_air_from_its_xylene(source, exposure):
    fresh, old = species(tags_of(**{source: 80.0})), species(aged(tags_of(**{source: 80.0}), exposure))
    xylene, ethylbenzene = NAMES.index("m-xylene"), NAMES.index("ethylbenzene")
    age = photochemical_age(
        old[xylene] / old[ethylbenzene],
        initial_ratio=fresh[xylene] / fresh[ethylbenzene],
        fast="m-xylene",
        slow="ethylbenzene",
    )
    # standards.voc.age has its own rates from the table; the groups' rates must cancel.
    assert float(age.exposure) == pytest.approx(exposure, rel=1e-6)


def test_a_compound_decays_by_its_own_rate():
    # Benzene, k = 1.22e-12 (voc117.csv), at 5e10: exp(-0.061) = 0.94082 by hand.
    fresh, old = species(tags_of(vehicles=80.0)), species(aged(tags_of(vehicles=80.0), 5e10))
    assert old[NAMES.index("benzene")] / fresh[NAMES.index("benzene")] == pytest.approx(0.94082, abs=1e-5)


def test_older_air_is_taken_for_no_older_than_the_ratio_can_tell():
    groups = np.stack([aged(tags_of(vehicles=80.0), 5e11)[group][0, 0] for group in VOC_GROUPS])
    profile = speciation.profile_of("vehicles")
    assert speciation.exposure_of(groups, profile.fresh_ratio) == speciation.MOST_EXPOSURE
    fresher = np.stack([tags_of(solvent=80.0)[group][0, 0] for group in VOC_GROUPS])
    assert speciation.exposure_of(fresher, profile.fresh_ratio) == 0.0


@pytest.mark.parametrize("source", ["biogenic", "inflow"])
def test_plants_and_inflow_do_not_age(source):
    fresh, old = species(tags_of(**{source: 80.0})), species(aged(tags_of(**{source: 80.0}), 5e10))
    k = RATES
    for number, group in enumerate(VOC_GROUPS):
        members = number == voc_profiles.GROUP_INDEX
        np.testing.assert_allclose(old[members], fresh[members] * np.exp(-k[group] * 5e10), rtol=1e-12)


def test_air_without_compounds_has_none():
    assert not species(tags_of()).any()
    assert not species(tags_of(), np.array([[40.0]])).any()


def test_secondary_carbonyls_follow_odd_oxygen_above_the_background():
    made = species(tags_of(), np.array([[140.0]]))
    # 100 ppb above the background of 40: as speciation.SECONDARY says, which is recalled; nothing else is made.
    assert {name: pytest.approx(value, rel=1e-9) for name, value in zip(NAMES, made, strict=True) if value} == {
        "formaldehyde": 5.5, "acetaldehyde": 2.0, "acetone": 1.5,
    }  # fmt: skip


def test_without_tags_the_inventory_s_mean_stands_for_all():
    mass = {source: 0.001 * t for source, t in inventory_voc_t(INVENTORY).items()}
    tagged = tags_of(**mass)
    groups = np.stack([tagged[group][0, 0] for group in VOC_GROUPS])
    got = speciation.untagged_species_ppb(groups, ox_ppb=np.array([30.0]))[:, 0]
    np.testing.assert_allclose(got, species(tagged), rtol=1e-9, atol=1e-12)


def test_the_analyser_reports_the_117_with_the_pair_that_it_does_not_separate():
    assert len(chromatograph.COLUMNS) == 116
    assert "m_p-xylene_ppb" in chromatograph.COLUMNS and "p-xylene_ppb" not in chromatograph.COLUMNS
    ppb = np.arange(117.0)[:, None]
    together = chromatograph.together(ppb)
    assert (
        together[chromatograph.NAMES.index("m,p-xylene"), 0]
        == ppb[NAMES.index("m-xylene"), 0] + ppb[NAMES.index("p-xylene"), 0]
    )
    assert together.sum() == ppb.sum()


def test_the_noise_of_the_analyser_is_a_third_of_its_limit_and_a_share_of_the_value():
    n, codes = 4_000, ("SIM-S01",)
    hours = FIRST_HOUR + np.arange(n)
    got = chromatograph.measured_ppb(np.full((117, 1, n), 2.0), codes, hours, seed=3, noise=1.0)[:, 0]
    place = chromatograph.NAMES.index("toluene")
    asked = np.sqrt((0.05 * 2.0) ** 2 + (chromatograph.LIMITS[place] / 3) ** 2)
    assert abs(got[place].std() - asked) < 4.5 * asked / np.sqrt(2 * n)
    assert abs(got[place].mean() - 2.0) < 4.5 * asked / np.sqrt(n)


def test_without_noise_the_analyser_reports_what_is_there_to_a_thousandth():
    ppb = np.random.default_rng(1).random((117, 2, 5))
    got = chromatograph.measured_ppb(ppb, ("SIM-S01", "SIM-S02"), FIRST_HOUR + np.arange(5), seed=3, noise=0.0)
    assert abs(got - chromatograph.together(ppb)).max() <= 0.0005 + 1e-12


def test_detection_limits_lie_between_a_hundredth_and_a_twentieth_of_a_ppb():
    assert set(chromatograph.LIMITS) <= {0.01, 0.02, 0.04, 0.05}


def test_an_untagged_run_keeps_no_places_for_compounds():
    assert Tags(TAGS.cities, tagged=False).sources == ()
