"""Ammonium nitrate and whose it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.tagger.aerosol import dissociation_ppb2, salt, shared_salt

AMOUNT = st.floats(0.0, 60.0)
PRODUCT = st.floats(1e-4, 400.0)


def test_the_product_is_that_of_the_textbook():
    # Seinfeld and Pandis, ch. 10: about 30 ppb2 at 298 K over the dry salt (eq. 10.91: ln K = 84.6 - 24220 / 298).
    assert dissociation_ppb2(np.array(24.85), np.array(30.0)) == pytest.approx(28.5, rel=0.05)
    assert dissociation_ppb2(np.array(0.0), np.array(30.0)) < 0.5
    assert dissociation_ppb2(np.array(24.85), np.array(95.0)) < 5.0


@given(AMOUNT, AMOUNT, PRODUCT)
def test_salt_leaves_the_product_of_what_stays_gas(acid, base, product):
    x = float(salt(np.array(acid), np.array(base), np.array(product)))
    assert 0.0 <= x <= min(acid, base) + 1e-9
    if acid * base > product:
        assert (acid - x) * (base - x) == pytest.approx(product, rel=1e-6, abs=1e-6)
    else:
        assert x == 0.0


@given(AMOUNT, AMOUNT, PRODUCT)
def test_parts_of_acid_and_base_add_up_and_trade_places(acid, base, product):
    a, b, k = (np.array(each) for each in (acid, base, product))
    by_acid, by_base = shared_salt(a, b, k)
    assert by_acid >= 0 and by_base >= 0
    assert by_acid + by_base == pytest.approx(float(salt(a, b, k)), abs=1e-12)
    swapped = shared_salt(b, a, k)
    assert float(by_acid) == pytest.approx(float(swapped[1]), abs=0.02 * float(salt(a, b, k)) + 1e-9)


def test_the_part_of_the_acid_is_the_integral_of_the_gradient():
    # By a sum over ten thousand steps of the straight way, with the gradient by a difference: no formula of the module.
    acid, base, product = 12.0, 20.0, 5.0
    way = (np.arange(10_000) + 0.5) / 10_000
    up = (salt(way * acid + 1e-5, way * base, product) - salt(way * acid - 1e-5, way * base, product)) / 2e-5
    expected = float((up * acid).mean())
    assert float(shared_salt(np.array(acid), np.array(base), np.array(product))[0]) == pytest.approx(expected, rel=0.01)
