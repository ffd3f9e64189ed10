"""Factors from tables."""

from __future__ import annotations

import numpy as np
import pytest

from research.ozone.errors import OzoneError
from research.ozone.factor_files import factors_from_files

PROFILES = "compound,traffic,solvent\nethene_ppb,1.5,0\ntoluene_ugm3,0.5,3.0\n"
CONTRIBUTIONS = "hour_end,traffic,solvent\n2024-07-03T09:00+08:00,2,\n2024-07-03T08:00+08:00,1,0.5\n"


def read(tmp_path, profiles=PROFILES, contributions=CONTRIBUTIONS):
    for name, text in (("p.csv", profiles), ("c.csv", contributions)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return factors_from_files(tmp_path / "p.csv", tmp_path / "c.csv")


def test_contributions_are_profiles_times_amounts_in_ppb(tmp_path):
    found = read(tmp_path)
    assert (found.names, found.compounds) == (("traffic", "solvent"), ("ethene", "toluene"))
    assert found.hour_end.tolist() == [477768, 477769]
    # Toluene: 3 ug/m3 x 24.465 / 92.14 = 0.7966 ppb for a contribution of 1.
    np.testing.assert_allclose(found.contribution_ppb[1, 1], [0.5 * 0.7966, np.nan], rtol=1e-3)
    np.testing.assert_allclose(found.contribution_ppb[0, 0], [1.5, 3.0])


def test_names_of_columns_are_those_of_the_platform(tmp_path):
    assert read(tmp_path, profiles=PROFILES.replace("ethene_ppb", "m_p-xylene_ppb")).compounds == (
        "m,p-xylene",
        "toluene",
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"profiles": PROFILES.replace("solvent", "paint")}, "factors are traffic, paint and traffic, solvent"),
        (
            {"profiles": PROFILES.replace("ethene_ppb", "NO2")},
            "p.csv, line 2 is 'NO2', expected a compound with its unit",
        ),
        ({"profiles": PROFILES.replace("1.5", "high")}, "p.csv, line 2 is high, 0, expected numbers"),
        ({"profiles": "compound,a\n"}, "p.csv: there are no rows"),
        ({"contributions": CONTRIBUTIONS.replace("hour_end", "time")}, "expected hour_end and one for each factor"),
        ({"contributions": CONTRIBUTIONS.replace("T09:00", "T08:00")}, "hours of the factors do not grow"),
        (
            {"contributions": CONTRIBUTIONS.replace("2024-07-03T09:00+08:00", "3/7")},
            "c.csv, line 2, column hour_end is '3/7'",
        ),
        ({"contributions": CONTRIBUTIONS.replace(",2,", ",2")}, "c.csv, line 2: 1 factors, expected 2"),
        ({"contributions": CONTRIBUTIONS.replace(",2,", ",inf,")}, "expected numbers that end"),
    ],
)
def test_bad_tables_are_refused_by_line(tmp_path, given, words):
    with pytest.raises(OzoneError, match=words):
        read(tmp_path, **given)
