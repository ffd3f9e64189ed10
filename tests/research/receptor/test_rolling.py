"""Windows that roll, and contributions of new hours: what is known of made air is found again."""

from __future__ import annotations

import numpy as np
import pytest

from research.receptor.factorise import factorise
from research.receptor.refusals import ReceptorError
from research.receptor.rolling import contributions_of, roll
from research.receptor.table import rows_of, table_of
from tests.research.receptor.made import made_table, matched

DAY = np.timedelta64(24 * 60, "m")


@pytest.fixture(scope="module")
def record():
    table, g = made_table(hours=480)
    return table, g, factorise(rows_of(table, np.arange(320)), factors=4, starts=12)


def test_new_hours_get_what_the_known_factors_gave(record):
    table, g, known = record
    new = contributions_of(known, rows_of(table, np.arange(320, 480)))
    assert matched(new.contributions, g[320:]).min() > 0.95
    assert new.strange.mean() < 0.05 and new.simulated


def test_hours_of_the_past_get_what_they_had(record):
    table, _, known = record
    again = contributions_of(known, rows_of(table, np.arange(320)))
    # the profiles are the minimum's, so the contributions of the fit come out again
    assert again.contributions == pytest.approx(known.contributions, rel=1e-3, abs=1e-3)


def test_a_source_that_is_not_known_is_strange(record):
    table, _, known = record
    x = table.concentration[320:].copy()
    x[50, table.species.index("acetylene")] += 40.0
    new = contributions_of(known, table_of(table.species, table.times[320:], x, table.uncertainty[320:], unit="ppb"))
    assert new.strange[50] and new.residual[50] > 10.0 * np.median(new.residual)


def test_the_order_of_species_and_gaps_do_not_matter(record):
    table, _, known = record
    names, x, u = table.species[::-1], table.concentration[320:, ::-1].copy(), table.uncertainty[320:, ::-1].copy()
    x[3], u[3] = np.nan, np.nan
    new = contributions_of(known, table_of(names, table.times[320:], x, u, unit="ppb"))
    assert np.isnan(new.contributions[3]).all()
    plain = contributions_of(known, rows_of(table, np.arange(320, 480)))
    others = np.arange(160) != 3
    assert new.contributions[others] == pytest.approx(plain.contributions[others], abs=1e-6)


def test_new_hours_that_do_not_fit_the_factors_are_refused(record):
    table, _, known = record
    few = table_of(
        table.species[1:], table.times, table.concentration[:, 1:], table.uncertainty[:, 1:], source="new.csv"
    )
    with pytest.raises(ReceptorError, match=r"new\.csv has no ethane, expected all 14 species"):
        contributions_of(known, few)
    other = table_of(table.species, table.times, table.concentration, table.uncertainty, unit="µg/m³")
    with pytest.raises(ReceptorError, match="is in µg/m³, expected ppb"):
        contributions_of(known, other)


def test_windows_follow_the_base(record):
    table, g, _ = record
    base = factorise(table, factors=4, starts=12)
    found = roll(base, window=7 * DAY, step=3 * DAY)
    assert len(found.starts) == found.profiles.shape[0] >= 4
    assert (found.ends - found.starts).max() < 7 * DAY
    assert np.median(found.r) > 0.97
    there = np.isfinite(found.contributions).all(axis=1)
    assert there.mean() > 0.9 and matched(found.contributions[there], g[there]).min() > 0.95
    assert np.nanmedian(found.spread) < 0.2


def test_a_profile_that_changes_is_seen_in_the_windows():
    table, _ = made_table(hours=480)
    x = table.concentration.copy()
    j = table.species.index("ethyl acetate")
    x[240:, j] *= 0.4
    changed = table_of(table.species, table.times, x, table.uncertainty, unit="ppb")
    base = factorise(changed, factors=4, starts=12)
    k = int(base.profiles[:, j].argmax())
    found = roll(base, window=5 * DAY, step=5 * DAY)
    share = found.profiles[:, k, j] / found.profiles[:, k].sum(axis=1)
    assert share[-1] < 0.65 * share[0]


def test_windows_without_samples_are_refused(record):
    with pytest.raises(ReceptorError, match="no window of"):
        roll(record[2], window=np.timedelta64(60, "m"), step=DAY)
    with pytest.raises(ReceptorError, match="expected lengths above 0"):
        roll(record[2], window=np.timedelta64(0, "m"), step=DAY)
