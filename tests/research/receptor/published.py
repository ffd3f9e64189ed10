"""Real tables with a known answer, read where AIRSHED_DATA has them: EPA PMF 5's sample of Baton Rouge, and Redlands 2021 (Wu et
al. 2024, doi 10.1016/j.atmosenv.2024.120847) with the output of EPA PMF 5 for nine factors."""

from __future__ import annotations

import numpy as np

from research.receptor.epa_files import read_contributions, read_epa, read_profiles
from research.receptor.table import Table
from tests.streams.real_data import real

BAD = ("Diethylphthalate", "O3_form", "b1_b2_3hr", "b3_b2_3hr", "NOx")
"""Species with the category Bad in EPA's file of diagnostics."""
WITHOUT = ("2021-07-11", "2021-07-20", "2021-08-13", "2021-09-07", "2021-09-09", "2021-09-24")
"""Samples that EPA's file of diagnostics names as excluded."""
REDLANDS = "voc_redlands_2021"


def baton_rouge() -> Table:
    folder = real("epa_pmf")
    return read_epa(folder / "Dataset-BatonRouge-con.csv", folder / "Dataset-BatonRouge-unc.csv")


def redlands() -> Table:
    folder = real(REDLANDS) / "raw"
    return read_epa(folder / "PMF_input_conc.csv", folder / "PMF_input_uncertainty.csv",
                    categories=dict.fromkeys(BAD, "bad"), without=WITHOUT, unit="ppb")  # fmt: skip


def redlands_by_epa() -> tuple[np.ndarray, np.ndarray]:
    """Give EPA's contributions (sample, factor) of the used samples, and profiles (factor, species)."""
    folder = real(REDLANDS) / "epa_pmf5_9_factors"
    _, g, _ = read_contributions(folder / "Factor9_contributions.csv")
    _, f, _ = read_profiles(folder / "Factor9_profiles.csv")
    return g[~np.isnan(g).any(axis=1)], f
