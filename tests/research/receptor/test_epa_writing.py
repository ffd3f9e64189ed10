"""What is written is what EPA PMF 5 writes: read back by the same reader, regressions as it printed them."""

from __future__ import annotations

import numpy as np
import openpyxl
import pytest

from research.receptor.bootstrap import bootstrap, bootstrap_displacement
from research.receptor.displacement import displace
from research.receptor.epa_files import read_contributions, read_profiles, read_run_sums
from research.receptor.epa_writing import write_epa
from research.receptor.factorise import factorise
from research.receptor.problem import Fit
from research.receptor.refusals import ReceptorError
from research.receptor.residuals import far_off, regressions
from research.receptor.solution import Settings, solution_of
from tests.research.receptor.made import made_table
from tests.research.receptor.published import redlands, redlands_by_epa


@pytest.fixture(scope="module")
def base():
    table, _ = made_table(hours=72, without=[np.datetime64("2026-06-01T05:00")])
    return factorise(table, factors=3, starts=5)


def test_files_are_read_back_as_they_were(base, tmp_path):
    files = write_epa(base, tmp_path)
    assert [each.name for each in files] == [
        f"Factor3_{n}.csv" for n in ("profiles", "contributions", "residuals", "diagnostics")
    ]
    species, f, names = read_profiles(files[0])
    assert (species, names) == (base.species, base.names)
    assert f == pytest.approx(base.profiles, rel=1e-6)
    times, g, _ = read_contributions(files[1])
    assert (times == base.table.times).all()
    assert g == pytest.approx(base.contributions, rel=1e-6, nan_ok=True) and np.isnan(g[4]).all()
    runs = read_run_sums(files[3])
    assert len(runs) == 5 and runs[base.run][0] == pytest.approx(base.q_robust, abs=0.06)
    assert all(each.read_text(encoding="utf-8").startswith("**** Simulated data") for each in files)


def test_error_estimates_are_written(base, tmp_path):
    given = {"displacement": displace(base, species=["toluene"]), "bootstrap": bootstrap(base, resamples=5),
             "bs_disp": bootstrap_displacement(base, species=["toluene"], resamples=3)}  # fmt: skip
    text = write_epa(base, tmp_path, prefix="a", **given)[-1].read_text(encoding="utf-8")
    for words in (
        "**** DISP ****",
        "dQmax=25",
        "**** BS ****",
        "Boot Factor 2",
        "**** BS-DISP ****",
        "Cases accepted:",
    ):
        assert words in text
    (book,) = write_epa(base, tmp_path, form="xlsx", **given)
    sheets = openpyxl.load_workbook(book, read_only=True)
    assert sheets.sheetnames == ["profiles", "contributions", "residuals", "diagnostics", "BaseErrorEstimationSummary"]
    _, f, _ = read_profiles(book)
    assert f == pytest.approx(base.profiles, rel=1e-6)


def test_what_cannot_be_written_is_refused(base, tmp_path):
    with pytest.raises(ReceptorError, match="form is 'pdf', expected csv or xlsx"):
        write_epa(base, tmp_path, form="pdf")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ReceptorError, match="cannot be written"):
        write_epa(base, tmp_path / "file")


def test_regressions_and_residuals_are_those_that_epa_printed():
    g, f = redlands_by_epa()
    settings = Settings(factors=9, starts=0, seed=23, robust=True, floor=-0.2, tolerance=0.0, hit_pct=0.0)
    solution = solution_of(redlands(), settings, Fit(g, f.T, 0.0, 0.0, 0.0, 0))
    found = {each.species: each for each in regressions(solution)}
    # "Regression diagnostics" of Factor9_diagnostics.csv: intercept, slope, SE, r^2, KS Stat and P, printed to two digits
    printed = {"Dichloromethane": (0.03, 0.73, 0.04, 0.74, 0.18, 0.00), "Chloroform": (0.00, 0.91, 0.01, 0.91, 0.08, 0.46),
               "Cyclohexanone": (0.00, 0.56, 0.00, 0.52, 0.06, 0.85),
               "n-Butyl acetate": (0.01, 0.85, 0.03, 0.92, 0.12, 0.08)}  # fmt: skip
    for name, values in printed.items():
        r = found[name]
        assert (r.intercept, r.slope, r.error, r.r2, r.ks, r.ks_p) == pytest.approx(values, abs=0.0051), name
    far = {(name, str(when)[:10]): value for name, when, value in far_off(solution)}
    # "Scaled residuals beyond 3 standard deviations" of the same file
    assert far["Dichloromethane", "2021-07-29"] == pytest.approx(11.346, abs=0.01)
    assert far["Chloroform", "2021-08-08"] == pytest.approx(3.790, abs=0.01)
    assert sum(name == "Dichloromethane" for name, _ in far) == 6
