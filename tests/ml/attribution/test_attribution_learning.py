"""What a correction learns: what observations say is seen, and what is missing is known to be missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.attribution import organic
from ml.attribution.attribute import attribute
from ml.attribution.history import attribute_history
from ml.attribution.learn import SIZES, learn
from ml.attribution.observations import components_of
from ml.attribution.pseudo import COMPONENTS, FAMILIES, Prior, draw, particles
from ml.attribution.salt import product_of, salt, shared_salt
from ml.attribution.tags import SOURCES, AttributionError
from research.virtual_airshed import aerosol
from streams.contributors import SECTORS
from tests.ml.attribution.made import CITIES, made_tags, seen_as_told, stage

COAL = SECTORS.index("coal")


def share_of(found, sector: int) -> float:
    return float(np.nanmean(found.shares("sector")[:, sector]))


@pytest.fixture(scope="module")
def tags():
    return made_tags()


def test_a_sector_that_emits_twice_as_much_is_seen_where_stacks_and_markers_say_so(tags):
    # The truth of this world: coal twice as told in all cities, all else as told.
    plain = seen_as_told(tags)
    doubled = tags.sector.copy()
    doubled[:, :, :, COAL] *= 2.0
    world = replace(tags, sector=doubled)
    middle = stage(world).base
    told = stage(tags).base
    factor = {
        what: float((middle.items[i] / told.items[i])[:3].mean())
        for i, what in enumerate(("so2", "no2", "co", "coarse", "pm25"))
    }
    seen = seen_as_told(tags, factor=factor)
    markers = np.repeat(middle.components[:, 0], 24, axis=-1)
    seen = replace(
        seen,
        stacks={(city, "coal", species): 2.0 for city in CITIES for species in ("so2", "nox", "pm25")},
        composition={CITIES[0]: markers},
    )
    truth = attribute(world)
    before, after = attribute(tags, seen), attribute(tags, seen, learn(tags, seen, worlds=300))
    wanted, had, has = (share_of(a, COAL) for a in (truth, before, after))
    assert wanted - had > 5.0
    assert has - had > 0.6 * (wanted - had)
    assert abs(has - wanted) < 4.0
    assert learn(tags, plain, worlds=300).likely[0] > 0.5 > learn(tags, seen, worlds=300).likely[0]


def test_what_is_missing_widens_the_intervals(tags):
    seen = seen_as_told(tags)
    stacks = {(city, "coal", species): 1.0 for city in CITIES for species in ("so2", "nox", "pm25")}
    full, without = learn(tags, replace(seen, stacks=stacks), worlds=300), learn(tags, seen, worlds=300)
    assert "stacks" in full.feeds and "stacks" not in without.feeds
    coal = [attribute(tags, seen, how).half_width["sector"][:, COAL].mean() for how in (full, without)]
    assert coal[1] > coal[0]


def test_a_world_that_sends_nothing_keeps_the_tags_and_the_widest_intervals(tags):
    seen = seen_as_told(tags)
    watched, blind = learn(tags, seen, worlds=300), learn(tags, replace(seen, items=seen.items * np.nan), worlds=300)
    assert blind.feeds == () and np.abs(blind.factors.fine).max() == 0.0
    widths = [attribute(tags, None, how).half_width["sector"].mean() for how in (watched, blind)]
    assert widths[1] > 1.1 * widths[0]


def test_no_misfit_says_less_than_its_worlds_allow(tags):
    """A ratio beyond all that the pseudo-worlds know is taken for the furthest that they know, not followed for ever."""
    far = [learn(tags, seen_as_told(tags, factor={"coarse": k}), worlds=100).factors.fine for k in (15.0, 19.0)]
    assert np.abs(far[0]).max() <= 1.5 and np.allclose(far[0], far[1], atol=0.1)


def test_tags_without_what_a_correction_needs_are_refused_in_words(tags):
    at = [i for i, q in enumerate(tags.quantities) if q != "nitric_acid"]
    poor = replace(
        tags,
        quantities=tuple(tags.quantities[i] for i in at),
        sector=tags.sector[:, at],
        place=tags.place[:, at],
        joint=None,
    )
    with pytest.raises(AttributionError, match="nitric_acid"):
        learn(poor, seen_as_told(tags), worlds=20)


def test_a_single_model_still_makes_a_correction():
    tags = made_tags(members=1)
    found = learn(tags, seen_as_told(tags, factor={"so2": 1.5}), worlds=80)
    assert np.isfinite(found.factors.fine).all() and np.isfinite(found.errors.fine).all()


def test_hours_and_days_that_are_missing_are_left_out_of_the_misfit(tags):
    seen = seen_as_told(tags, factor={"so2": 1.5})
    holes = seen.items.copy()
    holes[:, 0, :48] = np.nan
    holes[0, 1] = np.nan
    found = learn(tags, replace(seen, items=holes), worlds=60)
    names = [(place, what) for _, place, what in found.misfit.names]
    assert (CITIES[0], "so2") in names and (CITIES[1], "so2") not in names
    value = found.misfit.values[names.index((CITIES[0], "so2"))]
    assert value == pytest.approx(np.log(1.5))


def test_micro_stations_speak_where_no_assessment_point_does_and_make_no_total(tags):
    seen = seen_as_told(tags, factor={"so2": 1.5})
    silent = replace(seen, items=seen.items * np.nan, micro=seen.items)
    assert np.array_equal(learn(tags, silent, worlds=40).misfit.values, learn(tags, seen, worlds=40).misfit.values)
    assert not attribute(tags, silent).observed.any()


def test_days_without_tags_are_left_out_of_what_is_learned(tags):
    seen = seen_as_told(tags, factor={"so2": 1.5})
    hole = np.arange(tags.hours) // 24 == 3
    broken = replace(tags, sector=np.where(hole, np.nan, tags.sector))
    found = learn(broken, seen, worlds=60)
    assert np.isfinite(found.factors.fine).all() and found.last_hour == tags.first_hour + tags.hours - 1
    without = learn(tags.where(~hole), seen.where(~hole), worlds=60)
    assert np.array_equal(found.factors.fine, without.factors.fine)
    with pytest.raises(AttributionError, match="no day"):
        learn(replace(tags, sector=tags.sector * np.nan), seen, worlds=60)


def test_a_history_is_attributed_window_by_window_from_its_past_alone():
    tags = made_tags(days=20)
    seen = seen_as_told(tags, factor={"so2": 1.5, "pm25": 1.2})
    keys = {"step_days": 10, "reach_days": 15}
    whole = attribute_history(tags, seen, **keys)
    assert whole.total.shape == (len(CITIES), 20 * 24) and np.isfinite(whole.values).all()
    end = tags.first_hour + 10 * 24 - 1
    half = attribute_history(tags.between(tags.first_hour, end), seen.between(tags.first_hour, end), **keys)
    assert np.array_equal(half.values, whole.values[..., : 10 * 24])


def test_the_shared_salt_is_the_closed_form_of_the_path_integral():
    """Expected numbers: the closed-form integral of research.virtual_airshed.aerosol, derived apart from the quadrature here."""
    rng = np.random.default_rng(3)
    nitrate, ammonia, sulphate = (rng.gamma(2.0, k, size=(200, 6)) for k in (30.0, 90.0, 15.0))
    product = rng.gamma(1.0, 4000.0, size=200)
    expected = aerosol.allocation(
        sulphate.sum(axis=1), nitrate.sum(axis=1), ammonia.sum(axis=1), product, tags=(sulphate, nitrate, ammonia)
    ).nitrate_ugm3
    found = 1e-3 * 62.00 * shared_salt(nitrate, ammonia - 2.0 * sulphate, product, axis=1)
    whole = expected.sum(axis=1)
    assert (whole > 0).sum() > 50
    assert np.allclose(found.sum(axis=1), whole, atol=1e-9)
    assert np.abs(found - expected).max() < 0.01 * whole.max()


def test_the_product_gives_back_the_salt_that_it_was_read_from():
    nitrate, free, held = np.array([50.0, 20.0, 30.0]), np.array([80.0, 25.0, 5.0]), np.array([30.0, 12.0, 0.0])
    found = salt(nitrate, free, product_of(nitrate, free, held))
    assert np.allclose(found, held, atol=1e-9)


def test_a_world_of_no_error_is_the_tags_and_every_world_adds_up(tags):
    set_up = stage(tags)
    base = set_up.base
    assert np.allclose(base.linear, set_up.background.linear)
    for world in draw(set_up, np.random.default_rng(1), SIZES, Prior()):
        parts = particles(world.linear, set_up.product)
        assert np.allclose(parts, world.parts)
        local = world.parts[:, :, :-1].sum(axis=(0, 2))
        assert np.allclose(world.places.sum(axis=1), np.maximum(local, 0.0), rtol=1e-9)
        assert world.items.min() > 0 and len(world.components) == len(COMPONENTS)
    sizes = [np.abs(w.emissions).max() for w in draw(set_up, np.random.default_rng(1), SIZES, Prior())]
    assert sizes[0] == 0.0 and sizes[2] == pytest.approx(2.0 * sizes[1])


def test_an_analyser_finds_the_sector_whose_solvents_are_twice_as_told():
    rng = np.random.default_rng(4)
    compounds = tuple(f"compound {i}" for i in range(40))
    masses = np.full(40, 90.0)
    groups = rng.gamma(2.0, 3.0, size=(5, len(SOURCES), 24))
    profiles = rng.gamma(0.3, 1.0, size=(len(SOURCES), 5, 40))
    profiles /= profiles.sum(axis=2, keepdims=True)
    solvent = SOURCES.index("solvent")
    groups[:, solvent] *= 4.0
    twice = groups.copy()
    twice[:, solvent] *= 2.0
    seen = np.einsum("gsh,sgc->ch", twice, profiles) * 24.465 / 90.0
    found = organic.factors(seen, groups, profiles, compounds=compounds, molar_masses=masses)
    assert 1.4 < found["solvent"][0] < 2.2
    others = [factor for sector, (factor, _) in found.items() if sector != "solvent"]
    assert all(abs(np.log(f)) < 0.3 for f in others)
    assert organic.factors(np.full((40, 24), np.nan), groups, profiles, compounds=compounds, molar_masses=masses) == {}


def test_the_columns_of_a_composition_feed_become_components_and_a_sum_that_lacks_one_is_missing():
    columns = {
        "sulphate": [8.0, 9.0],
        "al": [1.0, 1.0],
        "si": [2.0, 2.0],
        "ca": [1.5, 1.5],
        "ti": [0.1, 0.1],
        "fe": [0.9, np.nan],
    }
    found = dict(zip(COMPONENTS, components_of(columns, COMPONENTS, 2), strict=True))
    assert found["sulphate"].tolist() == [8.0, 9.0]
    assert found["crustal"][0] == pytest.approx(5.5) and np.isnan(found["crustal"][1])
    assert np.isnan(found["ec"]).all()


def test_families_are_those_that_the_inventory_names():
    assert FAMILIES == ("so2", "nox", "nh3", "co", "pm25", "voc")
