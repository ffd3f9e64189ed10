"""Tags out of a store whose sums are rounded: what may be put right, and what must not."""

from __future__ import annotations

import numpy as np
import pytest

from ml.attribution.tags import AttributionError, ensemble_of
from ml.scenario.stored import closed
from streams.contributors import ALL, OUTSIDE, SECTORS

CITIES = ("510100", "510600")
PAIRS = [*((s, ALL) for s in SECTORS), *((ALL, c) for c in CITIES), (ALL, OUTSIDE)]


def told(of_cities: tuple[float, float]) -> np.ndarray:
    """Nitric acid as a twin's file told it: sectors of -50 to 50 ug/m3 that cancel to -0.40."""
    sectors = np.array([50.0, -50.0, 20.0, -20.4, 10.0, -10.0, 5.0, -5.0, 0.0])
    values = np.array([*sectors, *of_cities, 1.0])
    return np.broadcast_to(values[None, None, :, None, None], (1, 1, len(PAIRS), 2, 3)).copy()


def ensemble(values: np.ndarray):
    return ensemble_of(values, members=["A"], quantities=["nitric_acid"], contributors=PAIRS, receptors=CITIES, cities=CITIES,
                       first_hour=0)  # fmt: skip


def test_contributions_that_cancel_are_not_refused_for_their_rounding() -> None:
    values = told((60.0, -60.41))
    tags = ensemble(closed(values, PAIRS, CITIES))
    assert tags.by_place("nitric_acid")[0, 0, :-1, 0].sum() == pytest.approx(-0.4)
    assert tags.by_place("nitric_acid")[0, 0, :-1, 0] == pytest.approx([60.0, -60.4], abs=0.01)


def test_sums_that_differ_by_more_than_their_rounding_are_refused_as_before() -> None:
    values = told((60.0, -63.0))
    assert np.array_equal(closed(values, PAIRS, CITIES), values)
    with pytest.raises(AttributionError, match="differ"):
        ensemble(closed(values, PAIRS, CITIES))


def test_what_is_not_known_stays_so_and_what_agrees_stays_as_it_is() -> None:
    values = told((60.0, -60.4))
    values[..., 1] = np.nan
    assert np.allclose(closed(values, PAIRS, CITIES), values, atol=1e-9, equal_nan=True)
    only = values[:, :, len(SECTORS) :]
    assert closed(only, PAIRS[len(SECTORS) :], CITIES) is only, "without sectors there is nothing to close to"
