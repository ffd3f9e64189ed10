"""The ozone surface against the mechanism: points computed anew, and the box against other ways to the same."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

pytest.importorskip("musica", reason="musica is not installed (pip install -e .[chemistry])")

from research.virtual_airshed.chemistry import box, make_surface, sweep
from research.virtual_airshed.chemistry.axes import GROUPS, NOX_PPB, REACTIVITY_PER_S
from research.virtual_airshed.chemistry.held import HELD, LOST, MADE, NOX, ODD_OXYGEN, constrained, mended
from research.virtual_airshed.chemistry.mixture import REFERENCE_K, REFERENCE_PA, Mixture, load_mixture
from research.virtual_airshed.chemistry.rates import k_cm3_per_s
from research.virtual_airshed.chemistry.reactions import change, read_reactions
from research.virtual_airshed.chemistry.sunlight import photolysis_per_s
from research.virtual_airshed.chemistry.surface import load, production, read_surface
from tests.research.virtual_airshed import split_box

SETTING = box.Setting()


def boxes(*points, **more):
    """Boxes of (NOx, reactivity, cos zenith, cloud, temperature)."""
    return box.Boxes(*np.array(points, np.float64).T, **more)


# The shipped file


@pytest.mark.parametrize(
    ("sky", "points"),
    [
        ((0.8, 1.0, 30.0), [(0.0, 4.0), (0.25, 0.0), (1.0, 2.0), (32.0, 8.0), (64.0, 64.0), (256.0, 0.25)]),
        ((0.4, 0.6, 10.0), [(0.1, 0.5), (11.2, 5.6), (8.0, 16.0), (128.0, 32.0)]),
        ((1.0, 0.25, 38.0), [(2.0, 1.0), (16.0, 8.0)]),
        ((0.1, 1.0, 0.0), [(4.0, 4.0), (64.0, 16.0)]),
        ((0.0, 0.6, 20.0), [(16.0, 8.0)]),
    ],
)
def test_points_computed_anew_are_those_of_the_file(sky, points):
    nox, reactivity = np.array(points).T
    cos_zenith, cloud, temperature = sky
    anew = sweep.under_sky(nox, reactivity, cos_zenith=cos_zenith, cloud_transmission=cloud, temperature_c=temperature)
    assert anew.production_ppb_per_h == pytest.approx(production(nox, reactivity, *sky), rel=1e-4, abs=1e-3)
    surface = load()
    place = tuple(
        int(np.argmin(np.abs(axis - value)))
        for axis, value in zip(
            (surface.cos_zenith, surface.cloud_transmission, surface.temperature_c), sky, strict=True
        )
    )
    assert anew.loss_per_h == pytest.approx(surface.loss_per_h[place], rel=1e-4)
    assert anew.oh_cm3 == pytest.approx(surface.oh_cm3[place], rel=1e-4)


def test_the_weights_computed_anew_are_those_of_the_file():
    assert sweep.group_weights() == pytest.approx(dict(load().group_weight), rel=1e-4)


def test_the_file_says_what_the_script_would_say_today():
    assert make_surface.provenance() == dict(load().provenance)


# The mechanism as it is rewritten


def test_every_reaction_of_the_held_mechanism_keeps_what_is_held():
    emitted = load_mixture().species
    reactions = read_reactions(constrained(box.read_mechanism(), emitted, dilution_per_s=1e-4))
    assert len(reactions) > 300
    for reaction in reactions:
        assert change(reaction, NOX) == pytest.approx(0.0, abs=1e-12)
        for species in ("O3", *(s + HELD for s in emitted)):
            assert change(reaction, {species: 1.0}) == 0.0


def test_odd_oxygen_of_the_whole_mechanism_is_counted():
    mechanism, expected = box.read_mechanism(), defaultdict(set)
    for reaction in map(mended, read_reactions(mechanism)):
        expected[_key(reaction)].add(round(change(reaction, ODD_OXYGEN), 9))
    counted = 0
    for reaction in read_reactions(constrained(mechanism, load_mixture().species, dilution_per_s=1e-4)):
        if _key(reaction) in expected:
            found = reaction.products.get(MADE, 0.0) - reaction.products.get(LOST, 0.0)
            assert round(found, 9) in expected[_key(reaction)]
            counted += found != 0.0
    assert counted > 100


def _key(reaction):
    """Reactants and rate name a reaction, but for a few that differ in their products alone, such as O(1D) + O3."""
    return tuple(sorted(reaction.reactants.items())), tuple(sorted(reaction.rate.items()))


def test_rate_constants_of_the_mixture_are_those_of_the_mechanism():
    mixture, reactions = load_mixture(), [mended(r) for r in read_reactions(box.read_mechanism())]
    found = [
        k_cm3_per_s(reactions, s, "OH", temperature_k=REFERENCE_K, pressure_pa=REFERENCE_PA) for s in mixture.species
    ]
    assert mixture.k_oh_cm3_per_s == pytest.approx(found, rel=1e-3)


# The box against other ways to the same

PURE = Mixture(  # compounds that chemistry does not make again, so that putting them back is not ambiguous
    ("C3H8", "BIGALK", "C2H4", "BIGENE", "TOLUENE", "XYLENES"),
    ("alkanes", "alkanes", "alkenes", "alkenes", "aromatics", "aromatics"),
    np.array([0.2, 0.4, 0.1, 0.05, 0.15, 0.1]),
    np.array([1.1e-12, 3.5e-12, 8.0e-12, 5.4e-11, 5.5e-12, 1.7e-11]),
)


@pytest.mark.parametrize(
    "point",
    [
        (16.0, 8.0, 0.8, 1.0, 30.0),
        (2.0, 4.0, 0.8, 0.6, 20.0),
        (64.0, 16.0, 0.4, 1.0, 10.0),
        (8.0, 32.0, 1.0, 1.0, 30.0),
    ],
)
def test_the_box_is_the_limit_of_running_and_putting_back_in_ever_shorter_steps(point, tmp_path):
    nox, reactivity, cos_zenith, cloud, temperature = point
    held = box.run(boxes(point), mixture=PURE)
    vapour = min(0.7 * float(box.saturation_pa(np.float64(temperature))), SETTING.vapour_pa) / SETTING.pressure_pa
    net, ox = np.array(
        [
            split_box.net_ppb_per_h(
                {s: float(x) for s, x in PURE.ppb(np.float64(reactivity)).items()},
                nox_ppb=nox, o3_ppb=SETTING.o3_ppb, cos_zenith=cos_zenith, cloud=cloud, temperature_k=temperature + 273.15,
                pressure_pa=SETTING.pressure_pa, hours=SETTING.hours, dilution_per_s=SETTING.dilution_per_s,
                vapour_share=vapour, folder=tmp_path, step_s=step,
            )
            for step in (120.0, 60.0)
        ]
    ).T  # fmt: skip
    # the error of putting back is proportional to the step, so twice the finer less the coarser has none
    assert held.net_ppb_per_h[0] == pytest.approx(2 * net[1] - net[0], rel=0.01, abs=0.01)
    assert held.ox_ppb[0] == pytest.approx(2 * ox[1] - ox[0], rel=0.01)


def test_no_no2_and_ozone_are_in_balance_with_sunlight():
    # Leighton's relation j [NO2] = k [NO] [O3], where there is so much NO that peroxy radicals do not disturb it
    outcome = box.run(boxes((64.0, 0.0, 0.8, 1.0, 20.0), (128.0, 1.0, 0.4, 0.6, 10.0)))
    j = np.array([photolysis_per_s(0.8)["jno2"], 0.6 * photolysis_per_s(0.4)["jno2"]])
    kelvin = np.array([293.15, 283.15])
    per_ppb = 96000.0 / (8.314462618 * kelvin) * 6.02214076e23 * 1e-15
    k = 3.0e-12 * np.exp(-1500.0 / kelvin)  # JPL 15-10 (recalled)
    assert j * outcome.no2_ppb == pytest.approx(k * per_ppb * outcome.no_ppb * outcome.o3_ppb, rel=0.02)


def test_what_is_held_stays_to_the_end():
    outcome = box.run(boxes((16.0, 8.0, 0.8, 1.0, 30.0), (0.25, 64.0, 1.0, 1.0, 38.0)))
    assert outcome.o3_ppb == pytest.approx([60.0, 60.0], rel=1e-6)
    assert outcome.no_ppb + outcome.no2_ppb == pytest.approx([16.0, 0.25], rel=0.01)  # the rest is NO3 and N2O5


def test_many_boxes_at_once_are_the_boxes_one_by_one():
    points = [(16.0, 8.0, 0.8, 1.0, 30.0), (0.25, 64.0, 1.0, 1.0, 38.0), (128.0, 1.0, 0.1, 0.25, 0.0)]
    together = box.run(boxes(*points)).net_ppb_per_h
    alone = [box.run(boxes(point)).net_ppb_per_h[0] for point in points]
    assert together == pytest.approx(alone, rel=1e-4, abs=1e-4)


def test_oh_in_a_town_in_september_is_as_models_found_from_measurements():
    # daily maximum of 4 to 8e6 in Chengdu, September 2016, Tan et al. 2018, PubMed 29727844 (abstract read); NOx,
    # reactivity, sun and haze of such a noon are recalled
    outcome = box.run(boxes((16.0, 8.0, 0.85, 0.65, 26.0)))
    assert 3.5e6 < outcome.oh_cm3[0] < 9e6


def test_formaldehyde_in_a_town_at_noon_is_as_measured():
    # 5 to 15 ppb in the summers of Chinese cities: recalled
    outcome = box.run(boxes((16.0, 10.0, 0.9, 0.8, 30.0)))
    assert 4.0 < outcome.hcho_ppb[0] < 15.0


def test_the_rates_of_photolysis_are_those_of_a_clear_noon():
    clear = photolysis_per_s(1.0)
    # O3 to O(1D) with 300 DU and the sun overhead 4 to 5e-5; formaldehyde to radicals 3 to 5e-5 (recalled)
    assert 3.5e-5 < clear["jo3_a"] < 6e-5
    assert 3e-5 < clear["jch2o_a"] < 5.5e-5
    with pytest.raises(ValueError, match=r"cos_zenith is 0\.0, expected above 0"):
        photolysis_per_s(0.0)


def test_an_unknown_group_is_named():
    with pytest.raises(ValueError, match="group is esters, expected one of alkanes"):
        boxes((16.0, 8.0, 0.8, 1.0, 30.0), group_factor={"esters": np.ones(1)})


@pytest.mark.parametrize("group", GROUPS)
def test_more_of_a_group_makes_what_its_weight_says(group):
    share, weight = load_mixture().reactivity_shares()[group], load().group_weight[group]
    for point in ((16.0, 8.0, 0.8, 0.7, 28.0), (2.0, 4.0, 0.8, 0.7, 28.0), (32.0, 16.0, 0.6, 0.6, 10.0)):
        base, more = box.run(boxes(point, point, group_factor={group: np.array([1.0, 1.5])})).net_ppb_per_h
        nox, reactivity, *sky = point
        same = box.run(boxes((nox, reactivity * (1 + 0.5 * share * weight), *sky))).net_ppb_per_h[0]
        assert more == pytest.approx(same, abs=0.15 * abs(base))


def test_the_surface_is_written_as_it_is_read(tmp_path, monkeypatch):
    # a sky of each kind is enough: the rest are as these
    monkeypatch.setattr(
        sweep, "under_sky", lambda nox, reactivity, **sky: sweep.UnderOneSky(nox * reactivity, 0.01, 1e6)
    )
    make_surface.write(make_surface.compute(lambda words: None), tmp_path / "surface.nc")
    surface = read_surface(tmp_path / "surface.nc")
    place = (3, 1, 2, NOX_PPB.index(16.0), REACTIVITY_PER_S.index(8.0))
    assert surface.production_ppb_per_h[place] == 16.0 * 8.0
    assert surface.by_nox_ppb_per_h[place] == pytest.approx(64.0, rel=1e-4)
    assert surface.jno2_per_s == pytest.approx(load().jno2_per_s, rel=1e-6)
