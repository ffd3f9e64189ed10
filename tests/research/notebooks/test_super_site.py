"""The super-site of the notebooks: its sources make what is measured, and its table is what a receptor model takes."""

from __future__ import annotations

import numpy as np

from research.notebooks.super_site import FRACTION, SOURCES, super_site


def test_what_is_measured_is_the_air_of_its_sources_but_for_the_analyser() -> None:
    site = super_site(days=2)
    assert site.voc_ppb.shape == (len(SOURCES), len(site.hours.compounds), 48)
    true, seen = site.voc_ppb.sum(axis=0), site.hours.voc_ppb
    clear = np.isfinite(seen) & (true > 0.5)  # ten limits and more, where noise is the share alone
    apart = seen[clear] / true[clear] - 1.0
    # Several hundred values of a normal distribution: its width is known to a fifth, its mean to a tenth of the width.
    assert abs(apart.std() / FRACTION - 1.0) < 0.2 and abs(apart.mean()) < 0.1 * FRACTION
    assert not (np.isfinite(seen) & np.isfinite(site.hours.below_ppb)).any()
    table = site.table()
    assert table.simulated and site.hours.simulated and np.isfinite(table.concentration[table.used]).all()


def test_sectors_and_inflow_make_the_ozone_of_the_site() -> None:
    site = super_site(days=1)
    whole = np.sum(list(site.o3_ugm3.values()), axis=0)
    # Ozone is measured in ppb at 298.15 K and 1013.25 hPa: 47.9982 / 24.465 ug/m3 each (GB 3095); instruments err by 5 %.
    apart = site.hours.series["o3_ppb"] * 47.9982 / 24.465 / whole
    clear = whole > 10.0
    assert clear.sum() >= 6 and np.abs(apart[clear] - 1.0).max() < 0.25
