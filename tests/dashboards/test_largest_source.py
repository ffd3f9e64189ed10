"""Which source is named as the largest, and with whom: "X or Y" where any other one may be larger."""

from __future__ import annotations

import types

import numpy as np

from dashboards.components.attribution_bars import _leading
from streams.contributors import OUTSIDE, SECTORS

SCENE = types.SimpleNamespace(text=type("Text", (), {
    "lang": "en",
    "__call__": lambda self, key, **names: f"{key.rpartition('.')[2]}: {' or '.join(names.values())}",
    "of_code": lambda self, prefix, code: code,
})())  # fmt: skip


def parts(half: dict[str, float]) -> types.SimpleNamespace:
    """Give coal with 40, vehicles with 33 and dust with 15 ug/m3 of 100, and the half widths of their intervals."""
    shares = dict.fromkeys((*SECTORS, OUTSIDE), 0.0) | {"coal": 40.0, "vehicles": 33.0, "dust": 15.0, OUTSIDE: 12.0}
    values = np.array(list(shares.values()))
    width = np.array([half.get(name, 1.0) for name in shares])
    return types.SimpleNamespace(
        by=lambda kind: values, interval=lambda kind, signed: (values - width, values + width),
        names=lambda kind: (*SECTORS, OUTSIDE),
    )  # fmt: skip


def test_any_source_whose_interval_reaches_that_of_the_largest_is_named_with_it():
    row = {"quantity": "pm25"}
    assert _leading(SCENE, parts({}), "sector", row) == "first: coal"
    assert _leading(SCENE, parts({"vehicles": 8.0}), "sector", row) == "either: coal or vehicles"
    assert _leading(SCENE, parts({"dust": 35.0}), "sector", row) == "either: coal or dust"
