"""The closed formulas: against the equations they solve, published constants, and integrals taken the long way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.virtual_airshed import aerosol, ozone
from research.virtual_airshed.tracers import NMOL_PER_PPB

AMOUNT = st.floats(0.01, 3_000.0)
PRODUCT = st.floats(0.05, 5e5)
PPB = st.floats(0.01, 200.0)
SHARES = st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4).filter(lambda s: sum(s) > 0.1)


def split(total: float, shares: list[float]) -> np.ndarray:
    parts = np.array(shares) / sum(shares) * total
    parts[-1] = total - parts[:-1].sum()
    return parts


@given(AMOUNT, AMOUNT, AMOUNT, PRODUCT)
def test_what_stays_gas_is_at_the_product(s: float, n: float, a: float, product: float) -> None:
    made = aerosol.secondary(*(np.array(x) for x in (s, n, a)), np.array(product))
    salt = float(made.nitrate_ugm3) / aerosol.NITRATE_G * 1e3
    free = max(a - 2 * s, 0.0)
    if salt > 0:
        assert (n - salt) * (free - salt) == pytest.approx(product, rel=1e-6)
    else:
        assert n * free <= product * (1 + 1e-9)
    assert 0 <= salt <= min(n, free) * (1 + 1e-12)


@given(AMOUNT, AMOUNT, AMOUNT, PRODUCT, SHARES, SHARES, SHARES)
def test_the_shares_of_the_aerosol_add_up(s, n, a, product, s_share, n_share, a_share) -> None:
    totals, tags = [np.array(x) for x in (s, n, a)], tuple(map(split, (s, n, a), (s_share, n_share, a_share)))
    whole = aerosol.secondary(*totals, np.array(product))
    shared = aerosol.allocation(*totals, np.array(product), tags=tags)
    for name in ("sulphate_ugm3", "nitrate_ugm3", "ammonium_ugm3"):
        assert getattr(shared, name).sum() == pytest.approx(float(getattr(whole, name)), rel=1e-9, abs=1e-9)


@given(st.floats(1, 300), st.floats(20, 2_000), st.floats(20, 2_000), st.floats(1, 2e4))
@settings(max_examples=40, deadline=None)
def test_the_closed_integral_is_the_integral_of_the_gradient(s: float, n: float, a: float, product: float) -> None:
    # The gradient by nitrate along the straight way, by central differences and Simpson's rule.
    from scipy.integrate import simpson

    steps = np.linspace(0.0, 1.0, 20_001)
    eps = 1e-4 * n
    up, down = (
        aerosol.secondary(steps * s, steps * n + e, steps * a, np.array(product)).nitrate_ugm3 for e in (eps, -eps)
    )
    by_nitrate = simpson((up - down) / (2 * eps), x=steps) * n
    own = aerosol.allocation(
        *(np.array(x) for x in (s, n, a)), np.array(product), tags=tuple(np.array(x) for x in ([s, 0], [0, n], [a, 0]))
    ).nitrate_ugm3[1]
    assert own == pytest.approx(by_nitrate, rel=5e-3, abs=5e-3)


def test_the_product_has_the_published_size() -> None:
    # Seinfeld and Pandis (2016), figure 10.19 and table of K at 298 K: 41.7 to 43 ppb2 on dry salt (recalled); it grows
    # about tenfold in 10 K, and is smaller over a solution than over the salt.
    def ppb2(celsius: float, humidity: float) -> float:
        return float(aerosol.dissociation_nmol2(np.array(celsius), np.array(humidity))) / NMOL_PER_PPB**2

    assert ppb2(25.0, 40.0) == pytest.approx(42.0, rel=0.06)
    assert 4 < ppb2(25.0, 40.0) / ppb2(15.0, 40.0) < 20
    assert ppb2(15.0, 95.0) < 0.3 * ppb2(15.0, 40.0)


@given(PPB, PPB, st.floats(0.5, 40.0))
def test_no2_is_in_balance_with_no_and_ozone(ox: float, nox: float, c: float) -> None:
    made = ozone.parts(np.array(ox), np.array(nox), np.array(c))
    o3, no2 = float(made.o3_ppb), float(made.no2_ppb)
    assert o3 + no2 == pytest.approx(ox)
    assert (nox - no2) * o3 == pytest.approx(c * no2, rel=1e-6, abs=1e-9)
    assert 0 <= no2 <= min(ox, nox) * (1 + 1e-12)


@given(PPB, PPB, st.floats(0.5, 40.0), SHARES, SHARES)
def test_the_shares_of_ozone_add_up(ox: float, nox: float, c: float, ox_share, nox_share) -> None:
    tags = split(ox, ox_share), split(nox, nox_share)
    whole = ozone.parts(*(np.array(x) for x in (ox, nox, c)))
    shared = ozone.allocation(*(np.array(x) for x in (ox, nox, c)), tags=tags)
    assert shared.o3_ppb.sum() == pytest.approx(float(whole.o3_ppb), abs=1e-9)
    assert shared.no2_ppb.sum() == pytest.approx(float(whole.no2_ppb), abs=1e-9)


@given(PPB, PPB, st.floats(1.5, 40.0))
@settings(max_examples=40, deadline=None)
def test_the_share_of_ox_is_the_integral_of_the_gradient(ox: float, nox: float, c: float) -> None:
    from scipy.integrate import quad

    def gradient(step: float) -> float:
        eps = 1e-5 * ox
        up, down = (
            float(ozone.parts(np.array(step * ox + e), np.array(step * nox), np.array(c)).no2_ppb) for e in (eps, -eps)
        )
        return (up - down) / (2 * eps)

    by_ox = quad(gradient, 1e-4, 1.0, limit=200)[0] * ox
    own = ozone.allocation(
        *(np.array(x) for x in (ox, nox, c)), tags=(np.array([ox, 0.0]), np.array([0.0, nox]))
    ).no2_ppb[0]
    assert own == pytest.approx(by_ox, rel=0.02, abs=0.02)


def test_fresh_no_takes_ozone_away_from_its_own_source() -> None:
    # At night 30 ppb of background ozone meet 10 ppb of a town's NO: the town's ozone is negative, the background keeps its own.
    tags = np.array([30.0, 0.0]), np.array([0.0, 10.0])
    shared = ozone.allocation(np.array(30.0), np.array(10.0), np.array(1.5), tags=tags)
    assert shared.o3_ppb[1] < -2
    assert shared.o3_ppb[0] > 20
