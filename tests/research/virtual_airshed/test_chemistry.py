"""The ozone surface that is shipped: its file, its chemistry as published, and the laws of its look-up and its parts."""

from __future__ import annotations

import shutil

import netCDF4
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import RegularGridInterpolator

from research.virtual_airshed.chemistry import surface as surfaces
from research.virtual_airshed.chemistry.allocation import by_nox
from research.virtual_airshed.chemistry.axes import AXES, GROUPS, NOX_PPB, REACTIVITY_PER_S
from research.virtual_airshed.chemistry.kernels import at, both_at, sky_at, slice_at, sun_at
from research.virtual_airshed.chemistry.mixture import load_mixture
from research.virtual_airshed.chemistry.surface import FILE, load, parts, production, read_surface
from standards.voc.species import coefficients

SURFACE = load()
SUMMER_NOON, WINTER_NOON = (0.95, 0.8, 32.0), (0.59, 0.6, 8.0)
"""Sun, cloud and temperature [°C] in Chengdu (30.7° N) at noon of late June and late December."""
NAN = float("nan")
NOX = st.one_of(st.sampled_from(NOX_PPB), st.floats(0.0, 256.0))
REACTIVITY = st.one_of(st.sampled_from(REACTIVITY_PER_S), st.floats(0.0, 64.0))
SKIES = st.tuples(st.floats(0.0, 1.0), st.floats(0.25, 1.0), st.floats(0.0, 38.0))


def plane(table=SURFACE.production_ppb_per_h, sky=SUMMER_NOON):
    out = np.empty((len(NOX_PPB), len(REACTIVITY_PER_S)))
    slice_at(table, *sky, out)
    return out


# The file


def test_the_file_is_small_and_says_what_each_number_is():
    assert FILE.stat().st_size < 200_000
    with xr.open_dataset(FILE) as file:
        assert file.attrs["simulated"].startswith("true")
        assert file.production_ppb_per_h.dims == tuple(AXES)
        assert {name: v.attrs["units"] for name, v in file.variables.items() if name != "group"} == {
            "nox_ppb": "ppb",
            "reactivity_per_s": "s-1",
            "cos_zenith": "1",
            "cloud_transmission": "1",
            "temperature_c": "degC",
            "production_ppb_per_h": "ppb h-1",
            "loss_per_h": "h-1",
            "oh_cm3": "molecule cm-3",
            "jno2_per_s": "s-1",
            "no_o3_cm3_per_s": "cm3 molecule-1 s-1",
            "group_weight": "1",
        }


def test_the_file_says_what_it_was_made_from_and_what_was_assumed():
    words = " ".join(str(value) for value in SURFACE.provenance.values())
    for said in ("MZ391_T1S2_20260129", "musica 0.17.2", "TUV-x", "60 ppb of O3", "960 hPa", "HONO", "mixture.csv"):
        assert said in words


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda file: file.renameVariable("oh_cm3", "ho_cm3"), "variable oh_cm3 is missing"),
        (lambda file: file.renameVariable("nox_ppb", "nox"), "axis nox_ppb is missing"),
        (lambda file: file["nox_ppb"].__setitem__(3, 0.6), r"nodes of nox_ppb are .*0\.6.*, expected"),
        (
            lambda file: file["production_ppb_per_h"].__setitem__((1, 1, 1, 1, 1), NAN),
            "production_ppb_per_h has values",
        ),
        (lambda file: file["production_ppb_per_h"].__setitem__((0, 0, 1, 1, 1), 0.5), "is not 0 without NOx"),
        (lambda file: file["group"].__setitem__(0, "paraffins"), "groups are paraffins, .*expected alkanes"),
    ],
)
def test_a_spoilt_file_is_refused_with_what_is_wrong(tmp_path, spoil, words):
    shutil.copy(FILE, tmp_path / "surface.nc")
    with netCDF4.Dataset(tmp_path / "surface.nc", "a") as file:
        spoil(file)
    with pytest.raises(ValueError, match=words):
        read_surface(tmp_path / "surface.nc")


def test_the_tables_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        SURFACE.production_ppb_per_h[0] = 1.0


# The chemistry


def test_production_in_a_town_at_summer_noon_falls_with_nox_and_rises_with_voc():
    # Chengdu is limited by VOC at three of four sites, Tan et al. 2018, PubMed 29727844 (abstract read)
    here, more_nox, more_voc = (production(n, r, *SUMMER_NOON) for n, r in ((40.0, 8.0), (44.0, 8.0), (40.0, 8.8)))
    assert more_nox < here < more_voc


def test_production_in_the_country_rises_with_nox():
    here, more_nox = (production(n, 2.0, *SUMMER_NOON) for n in (1.0, 1.1))
    assert more_nox > here > 0


def test_the_ridge_lies_at_more_nox_where_there_is_more_voc():
    ridge_ppb = np.array(NOX_PPB)[plane().argmax(axis=0)]
    assert np.all(np.diff(ridge_ppb) >= 0)
    assert ridge_ppb[1] < 3 and ridge_ppb[-1] > 30


def test_production_in_a_town_at_summer_noon_is_as_published():
    # several to some 30 ppb/h: recalled, net rates at noon in Chinese cities (as Tan et al. 2019, ACP 19:3493)
    for nox_ppb, reactivity_per_s in ((10.0, 5.0), (16.0, 8.0), (25.0, 10.0), (40.0, 12.0)):
        assert 4.0 < production(nox_ppb, reactivity_per_s, 0.85, 0.75, 30.0) < 35.0


def test_production_in_winter_is_a_small_part_of_that_in_summer():
    for nox_ppb in (16.0, 32.0, 64.0):
        assert production(nox_ppb, 8.0, *WINTER_NOON) < 0.25 * production(nox_ppb, 8.0, *SUMMER_NOON)


@given(nox=NOX, reactivity=REACTIVITY, cloud=st.floats(0.25, 1.0), temperature=st.floats(-5.0, 40.0))
@settings(deadline=None)
def test_nothing_is_made_or_lost_at_night(nox, reactivity, cloud, temperature):
    for cos_zenith in (0.0, -0.4):
        sky = (cos_zenith, cloud, temperature)
        assert production(nox, reactivity, *sky) == 0.0
        assert sky_at(SURFACE.loss_per_h, *sky) == sky_at(SURFACE.oh_cm3, *sky) == 0.0
        assert sun_at(SURFACE.jno2_per_s, *sky[:2]) == 0.0


def test_clean_air_makes_nothing_and_loses_some_percent_of_its_ozone_in_an_hour_at_noon():
    assert np.all(SURFACE.production_ppb_per_h[..., 0, 0] == 0.0)
    # ozone of the summer boundary layer lives for two to five days of sun and night (recalled); noon is up to four times
    # as fast as their mean
    assert 1 / (5 * 24) < sky_at(SURFACE.loss_per_h, *SUMMER_NOON) < 4 / (2 * 24)
    assert np.all(np.diff(SURFACE.loss_per_h, axis=0) >= 0)


def test_oh_is_as_in_measurements_in_china():
    # 4 to 17e6 at noon of summer: recalled, review of Lu et al. 2019, doi 10.1093/nsr/nwy073; less than a third in winter
    assert 4e6 < sky_at(SURFACE.oh_cm3, *SUMMER_NOON) < 1.7e7
    assert sky_at(SURFACE.oh_cm3, *WINTER_NOON) < sky_at(SURFACE.oh_cm3, *SUMMER_NOON) / 3


def test_photolysis_of_no2_follows_sunshine_as_measured():
    # j = (1 + albedo) (1.47e-5 G - 4.84e-9 G^2), to 6e-4 1/s (two standard deviations), Trebs et al. 2009, doi
    # 10.5194/amt-2-725-2009 (abstract read), with the irradiance of a clear sky 1098 cos exp(-0.057 / cos) W/m2, Haurwitz
    # 1945 (recalled)
    cos = np.array(AXES["cos_zenith"][2:])
    irradiance = 1098.0 * cos * np.exp(-0.057 / cos)
    measured = 1.05 * (1.47e-5 * irradiance - 4.84e-9 * irradiance**2)
    assert SURFACE.jno2_per_s[2:, -1] == pytest.approx(measured, abs=6e-4)
    assert SURFACE.jno2_per_s[:, 0] == pytest.approx(0.25 * SURFACE.jno2_per_s[:, -1], rel=1e-6)


def test_no_and_ozone_react_as_evaluated():
    # 1.8e-14 at 298 K, 2.07e-12 exp(-1400/T), IUPAC (recalled); JPL 19-5 gives 1.9e-14 (recalled)
    kelvin = np.array(AXES["temperature_c"]) + 273.15
    assert SURFACE.no_o3_cm3_per_s == pytest.approx(2.07e-12 * np.exp(-1400.0 / kelvin), rel=0.1)


def test_the_weights_of_the_mixture_average_to_one():
    shares = load_mixture().reactivity_shares()
    assert sum(shares[g] * SURFACE.group_weight[g] for g in GROUPS) == pytest.approx(1.0, rel=1e-6)
    assert set(SURFACE.group_weight) == set(GROUPS)


def test_groups_rank_by_unit_of_reactivity_as_maximum_incremental_reactivities_do():
    # MIR (Carter 2010) over the rate constant with OH, both from the project's table; CO: MIR 0.056, k 2.4e-13 (recalled)
    stands_for = {"alkanes": "n-butane", "alkenes": "ethylene", "aromatics": "toluene"}
    mir, koh = (coefficients(kind, list(stands_for.values())) for kind in ("mir", "koh"))
    mass = np.array([58.12, 28.05, 92.14])
    published = dict(zip(stands_for, mir * mass / koh, strict=True)) | {"co": 0.056 * 28.01 / 0.24}
    by_weight = sorted(published, key=SURFACE.group_weight.__getitem__)
    assert by_weight == sorted(published, key=published.__getitem__)


# The look-up


@given(sky=SKIES, nox=NOX, reactivity=REACTIVITY)
@settings(max_examples=200, deadline=None)
def test_the_look_up_agrees_with_another_implementation(sky, nox, reactivity):
    axes = [np.array(AXES[name]) for name in (*list(AXES)[2:], "nox_ppb", "reactivity_per_s")]
    other = RegularGridInterpolator(axes, SURFACE.production_ppb_per_h)
    assert production(nox, reactivity, *sky) == pytest.approx(
        float(np.squeeze(other((*sky, nox, reactivity)))), abs=1e-9, rel=1e-9
    )


def test_the_look_up_is_exact_at_every_node():
    grids = np.meshgrid(*AXES.values(), indexing="ij")
    expected = np.moveaxis(SURFACE.production_ppb_per_h, (-2, -1), (0, 1))
    assert np.array_equal(production(*grids), expected)


@given(
    sky=SKIES,
    n=st.integers(0, len(NOX_PPB) - 2),
    r=st.integers(0, len(REACTIVITY_PER_S) - 2),
    f=st.floats(0.0, 1.0),
    g=st.floats(0.0, 1.0),
)
@settings(deadline=None)
def test_a_value_lies_between_those_of_its_corners(sky, n, r, f, g):
    slice_ = plane(sky=sky)
    corners = slice_[n : n + 2, r : r + 2]
    nox = NOX_PPB[n] + f * (NOX_PPB[n + 1] - NOX_PPB[n])
    reactivity = REACTIVITY_PER_S[r] + g * (REACTIVITY_PER_S[r + 1] - REACTIVITY_PER_S[r])
    slack = 1e-12 * np.abs(corners).max() + 1e-300
    assert corners.min() - slack <= at(slice_, nox, reactivity) <= corners.max() + slack


@given(sky=SKIES, nox=NOX, reactivity=REACTIVITY)
@settings(deadline=None)
def test_the_look_up_is_continuous(sky, nox, reactivity):
    steepest = np.abs(np.diff(SURFACE.production_ppb_per_h, axis=-2) / np.diff(NOX_PPB)[:, None]).max()
    steepest += np.abs(np.diff(SURFACE.production_ppb_per_h, axis=-1) / np.diff(REACTIVITY_PER_S)).max()
    step = 1e-7
    here, there = production(np.array([nox, nox + step]), np.array([reactivity, reactivity + step]), *sky)
    assert abs(there - here) <= 1.01 * steepest * step + 1e-9


@pytest.mark.parametrize(
    ("outside", "end"),
    [
        ((-3.0, 8.0, 0.5, 0.5, 20.0), (0.0, 8.0, 0.5, 0.5, 20.0)),
        ((900.0, 8.0, 0.5, 0.5, 20.0), (256.0, 8.0, 0.5, 0.5, 20.0)),
        ((np.inf, 8.0, 0.5, 0.5, 20.0), (256.0, 8.0, 0.5, 0.5, 20.0)),
        ((16.0, -1.0, 0.5, 0.5, 20.0), (16.0, 0.0, 0.5, 0.5, 20.0)),
        ((16.0, 1e9, 0.5, 0.5, 20.0), (16.0, 64.0, 0.5, 0.5, 20.0)),
        ((16.0, 8.0, 1.2, 0.5, 20.0), (16.0, 8.0, 1.0, 0.5, 20.0)),
        ((16.0, 8.0, 0.5, 0.0, 20.0), (16.0, 8.0, 0.5, 0.25, 20.0)),
        ((16.0, 8.0, 0.5, 1.3, 20.0), (16.0, 8.0, 0.5, 1.0, 20.0)),
        ((16.0, 8.0, 0.5, 0.5, -30.0), (16.0, 8.0, 0.5, 0.5, 0.0)),
        ((16.0, 8.0, 0.5, 0.5, 50.0), (16.0, 8.0, 0.5, 0.5, 38.0)),
    ],
)
def test_beyond_the_table_the_value_of_its_end_is_kept(outside, end):
    assert production(*outside) == production(*end)


@pytest.mark.parametrize("missing", range(5))
def test_what_is_missing_stays_missing(missing):
    where = [16.0, 8.0, 0.5, 0.5, 20.0]
    where[missing] = NAN
    assert np.isnan(production(*where))
    assert all(np.isnan(part) for part in parts(*where))
    if missing < 2:
        assert np.isnan(at(plane(), *where[:2])) and np.all(np.isnan(both_at(plane(), plane(), *where[:2])))
    else:
        assert np.isnan(sky_at(SURFACE.loss_per_h, *where[2:]))


def test_arrays_of_several_shapes_are_spread_over_each_other():
    nox = np.array([[1.0], [NAN], [40.0]])
    found = production(nox, np.array([2.0, 8.0]), *SUMMER_NOON)
    assert found.shape == (3, 2)
    assert np.isnan(found).tolist() == [[False] * 2, [True] * 2, [False] * 2]
    assert found[2, 1] == production(40.0, 8.0, *SUMMER_NOON)


@given(sky=SKIES, nox=NOX, reactivity=REACTIVITY)
@settings(deadline=None)
def test_two_planes_are_read_as_each_alone(sky, nox, reactivity):
    first, second = plane(sky=sky), plane(SURFACE.by_nox_ppb_per_h, sky)
    assert both_at(first, second, nox, reactivity) == (at(first, nox, reactivity), at(second, nox, reactivity))


@given(sky=SKIES)
@settings(deadline=None)
def test_tables_of_the_sky_agree_with_another_implementation(sky):
    axes = [np.array(AXES[name]) for name in list(AXES)[2:]]
    for table in (SURFACE.loss_per_h, SURFACE.oh_cm3):
        other = float(np.squeeze(RegularGridInterpolator(axes, table)(sky)))
        assert sky_at(table, *sky) == pytest.approx(other, rel=1e-9, abs=1e-300)
    other = float(np.squeeze(RegularGridInterpolator(axes[:2], SURFACE.jno2_per_s)(sky[:2])))
    assert sun_at(SURFACE.jno2_per_s, *sky[:2]) == pytest.approx(other, rel=1e-9, abs=1e-300)


# The parts of NOx and reactivity


def test_the_parts_sum_to_production_at_every_node():
    total = SURFACE.by_nox_ppb_per_h + SURFACE.by_reactivity_ppb_per_h
    assert total == pytest.approx(SURFACE.production_ppb_per_h, rel=1e-12, abs=1e-12)


@given(sky=SKIES, nox=NOX, reactivity=REACTIVITY)
@settings(deadline=None)
def test_the_parts_sum_to_production_everywhere(sky, nox, reactivity):
    by_nox_, by_reactivity = parts(nox, reactivity, *sky)
    size = 1.0 + abs(by_nox_) + abs(by_reactivity)
    assert by_nox_ + by_reactivity == pytest.approx(float(production(nox, reactivity, *sky)), abs=1e-12 * size)


def test_who_is_alone_has_the_whole():
    assert SURFACE.by_nox_ppb_per_h[..., 1:, 0] == pytest.approx(
        SURFACE.production_ppb_per_h[..., 1:, 0], rel=1e-9, abs=1e-12
    )
    assert np.all(SURFACE.by_nox_ppb_per_h[..., 0, :] == 0.0)
    assert np.array_equal(SURFACE.by_reactivity_ppb_per_h[..., 0, :], SURFACE.production_ppb_per_h[..., 0, :])


@given(sky=SKIES, n=st.integers(1, len(NOX_PPB) - 1), r=st.integers(0, len(REACTIVITY_PER_S) - 1))
@settings(max_examples=40, deadline=None)
def test_the_part_of_nox_is_the_integral_along_the_way_from_clean_air(sky, n, r):
    # by small steps of NOx at a reactivity in the middle of the step, through the look-up and not through the formula
    slice_, steps = plane(sky=sky), 20_000
    places = np.linspace(0.0, 1.0, steps + 1)
    middles = 0.5 * (places[1:] + places[:-1]) * REACTIVITY_PER_S[r]
    reader = RegularGridInterpolator((NOX_PPB, REACTIVITY_PER_S), slice_)
    after, before = (reader((np.minimum(p * NOX_PPB[n], NOX_PPB[-1]), middles)) for p in (places[1:], places[:-1]))
    part = at(plane(SURFACE.by_nox_ppb_per_h, sky), NOX_PPB[n], REACTIVITY_PER_S[r])
    assert part == pytest.approx((after - before).sum(), abs=1e-4 * np.abs(slice_).max() + 1e-9)


@given(a=st.floats(-3, 3), b=st.floats(-3, 3), c=st.floats(-3, 3))
@settings(deadline=None)
def test_the_parts_of_a_plane_that_is_known_are_those_of_the_textbook(a, b, c):
    # P = a N + b R + c N R: the product is shared in halves, the rest belongs to its own (Aumann and Shapley 1974)
    nox, reactivity = np.array(NOX_PPB), np.array(REACTIVITY_PER_S)
    n, r = np.meshgrid(nox, reactivity, indexing="ij")
    found = by_nox(a * n + b * r + c * n * r, nox, reactivity)
    assert found == pytest.approx(a * n + 0.5 * c * n * r, rel=1e-9, abs=1e-6)


def test_a_table_that_is_not_zero_in_clean_air_is_refused():
    nox, reactivity = np.array(NOX_PPB), np.array(REACTIVITY_PER_S)
    with pytest.raises(ValueError, match="not 0 without NOx and reactivity"):
        by_nox(np.ones((len(nox), len(reactivity))), nox, reactivity)
    with pytest.raises(ValueError, match=r"the first nodes are 0\.1 and 0\.0, expected 0 and 0"):
        by_nox(np.zeros((len(nox) - 1, len(reactivity))), nox[1:], reactivity)


def test_the_surface_is_read_once():
    assert surfaces.load() is SURFACE
