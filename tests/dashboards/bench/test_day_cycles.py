"""Hours of the day of results: lines sum to what they are parts of, and hours are those of Beijing."""

from __future__ import annotations

import numpy as np
import pytest

from dashboards.bench import day_cycles
from dashboards.text import Text
from streams.store.bench_kinds import OZONE_DAY
from tests.dashboards.bench import filled


class _Scene:
    text = Text("en")


def test_what_makes_and_uses_up_ozone_sums_to_the_net():
    hours = {**filled.CONTENTS[OZONE_DAY]["hours"]}
    parts = {"HO2 + NO": 4.0, "CH3O2 + NO": 1.0, "RO2 + NO": 2.5, "OH + NO2": -1.5, "PANs": -0.5, "other": 0.25}
    hours["ozone_ppb_h"] = {name: [value] * 24 for name, value in parts.items()}
    hours["net_ppb_h"] = [5.75] * 24
    lines = day_cycles.ozone_lines(_Scene, hours)
    assert list(lines) == ["net P(O₃)", "HO₂ + NO", "RO₂ + NO", "CH₃O₂ + NO", "losses and others"]
    net, *rest = lines.values()
    np.testing.assert_allclose(np.sum(rest, axis=0), net)
    assert lines["losses and others"][12] == pytest.approx(-1.75)


def test_the_largest_reactivities_have_lines_and_the_others_one_together():
    groups = {name: [float(n)] * 24 for n, name in enumerate(("CH4", "inorganic", "biogenic", "products", "CO", "alkanes", "ovoc",
                                                              "alkenes", "aromatics", "NO2 and NO"))}  # fmt: skip
    lines = day_cycles.reactivity_lines(_Scene, groups)
    assert list(lines) == ["NO₂ and NO", "aromatics", "alkenes", "oxygenated", "alkanes", "CO", "the others"]
    assert sum(line[0] for line in lines.values()) == sum(range(10)) and lines["the others"][0] == 0 + 1 + 2 + 3


def test_contributions_are_means_by_the_hour_of_beijing_in_ppb():
    # 2022-12-31 16:00 UTC is 2023-01-01 00:00 in Beijing: the hour that ends there is the 24th of the day before.
    midnight = (np.datetime64("2022-12-31T16:00") - np.datetime64("1970-01-01T00:00")) // np.timedelta64(1, "h")
    hours = [int(midnight), int(midnight) + 1, int(midnight) + 25, int(midnight) + 26]
    found = day_cycles.factor_hours([[1.0, 2.0, 4.0, None], [1.0, None, 3.0, None]], hours, [[0.5, 1.5], [1.0, 0.0]])
    assert found.shape == (2, 24)
    assert found[0, 23] == 2.0 and found[0, 0] == pytest.approx(3.0 * 2.0), "means of 2 and 4, times 2 ppb"
    assert found[1, 0] == 3.0 and np.isnan(found[:, 1]).all() and np.isnan(found[0, 5])
