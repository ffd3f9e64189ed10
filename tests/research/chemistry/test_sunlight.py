"""Rates of photolysis: the shipped table against TUV-x, the MCM's numbers, and scales."""

from __future__ import annotations

import numpy as np
import pytest

from research.chemistry import load_mechanism, photolysis
from research.chemistry.sunlight import clear_sky, jno2_of_radiation, scale_by_cloud, scale_by_jno2, scale_by_radiation


def test_the_table_is_tuv_x():
    pytest.importorskip("musica", reason="musica is not installed (pip install -e .[chemistry])")
    from research.virtual_airshed.chemistry.sunlight import photolysis_per_s

    for cosine in (0.013, 0.067, 0.113, 0.29, 0.475, 0.644, 0.881, 0.991):
        told, ours = photolysis_per_s(cosine), clear_sky(np.array(cosine))
        for name, rate in told.items():
            if rate > 1e-8:
                assert ours[name] == pytest.approx(rate, rel=0.0065), (name, cosine)


@pytest.mark.parametrize("name", ["t1s2", "ts1"])
def test_a_mechanism_gets_all_it_wants_in_the_shape_of_the_sun(name):
    mechanism = load_mechanism(name)
    cosine = np.array([[-0.5, 0.0, 0.002], [0.1, 0.5, 1.0]])
    rates = photolysis(mechanism, cosine, np.array([[1.0], [0.5]]))
    assert set(rates) == set(mechanism.photolysis_names)
    jno2 = rates["jno2"]
    assert jno2.shape == (2, 3)
    assert jno2[0, 0] == jno2[0, 1] == 0.0 < jno2[0, 2] < jno2[1, 0] < jno2[1, 2]
    assert jno2[1, 2] == pytest.approx(0.5 * clear_sky(np.array(1.0))["jno2"])


def test_rates_of_the_mcm_follow_its_formula():
    # J4 of MCM v3.1 with the sun in the zenith: 1.165e-2 exp(-0.267).
    assert clear_sky(np.array(1.0))["J4"] == pytest.approx(1.165e-2 * np.exp(-0.267))
    # Both tables are of the same sky within what such tables differ (NO2 and HCHO, sun at 30 degrees from the zenith).
    now = clear_sky(np.array(0.866))
    for mcm, tuvx in (("J4", "jno2"), ("J11", "jch2o_a"), ("J12", "jch2o_b")):
        assert now[mcm] == pytest.approx(now[tuvx], rel=0.3)
    assert clear_sky(np.array(-0.1))["J4"] == 0.0


def test_a_measured_jno2_is_met():
    cosine, measured = np.array([0.7, 0.3, -0.2]), np.array([5e-3, 1e-3, 0.0])
    scale = scale_by_jno2(cosine, measured)
    np.testing.assert_allclose(clear_sky(cosine)["jno2"] * scale, measured)


def test_radiation_gives_jno2():
    # Trebs et al. 2009: at G = 700 W/m2 without albedo 1.47e-5 * 700 - 4.84e-9 * 490000 = 7.918e-3.
    assert jno2_of_radiation(np.array(700.0), albedo_uva=0.0) == pytest.approx(7.918e-3, rel=1e-3)
    # A cloudless noon (cosine 0.9, about 900 W/m2) has the rates of the table within the function's own uncertainty.
    assert scale_by_radiation(np.array(0.9), np.array(900.0)) == pytest.approx(1.0, abs=0.15)


def test_cloud_scales_and_is_checked():
    np.testing.assert_allclose(scale_by_cloud(np.array([0.0, 1.0])), [1.0, 0.25])
    with pytest.raises(ValueError, match="cover goes from 0 to 8"):
        scale_by_cloud(np.array([0.0, 8.0]))
