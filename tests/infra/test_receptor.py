"""`airshed receptor`: what it tells and writes, in both languages, and what it refuses in words."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from infra.receptor import unreached_lines
from research.receptor.displacement import Displacement
from research.receptor.epa_files import read_profiles
from tests.infra.receptor_files import files, said  # noqa: F401


def test_a_table_is_factorised_told_and_written(files, tmp_path, monkeypatch, capsys):  # noqa: F811
    monkeypatch.setenv("AIRSHED_LANG", "en")
    wanted = ["--factors", "3", "--starts", "6", "--disp", "--draws", "4", "--draw-starts", "0", "--weak", "ethane"]
    where = ["--out", str(tmp_path / "out"), "--json", str(tmp_path / "a.json")]
    code, told = said(capsys, "receptor", "fit", *files, *wanted, *where)
    assert code == 0, told
    assert "72 samples, 14 species, 3 factors" in told and "of 6 starts ended at the best" in told
    assert "swaps of factors at dQ = 4" in told or "swap of factors at dQ = 4" in told
    assert "4 draws" in told and "-0.000" not in told
    record = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert record["categories"]["ethane"] == "weak" and np.shape(record["displacement"]["high"]) == (4, 3, 14)
    assert len(record["proposals"]) == 3 and np.shape(record["bootstrap"]["mapped"]) == (3, 4)
    species, profiles, _ = read_profiles(tmp_path / "out" / "Factor3_profiles.csv")
    assert len(species) == 14 and profiles == pytest.approx(np.array(record["profiles"]), rel=1e-5)

    code, told = said(capsys, "receptor", "hours", str(tmp_path / "out" / "Factor3_profiles.csv"), *files)
    assert code == 0 and "contributions of 3 known factors to 72 samples" in told and "are left out" not in told

    for name, cell in zip(files, ("-1", "0"), strict=True):
        lines = Path(name).read_text(encoding="utf-8").splitlines()
        Path(name).write_text(
            "\n".join([f"{lines[0]},neon", *(f"{each},{cell}" for each in lines[1:])]), encoding="utf-8"
        )
    code, with_neon = said(capsys, "receptor", "hours", str(tmp_path / "out" / "Factor3_profiles.csv"), *files)
    outside = " species that the profiles do not hold are left out: neon"
    assert code == 0 and with_neon.replace(outside, "") == told


@pytest.mark.parametrize(("cells", "lang", "words"), [
    ((), "en", None),
    (("nan",), "en", "1 value missing, replaced by medians"),
    (("nan", "", "-999"), "en", "3 values missing, replaced by medians"),
    (("nan", "NA"), "zh", "2 个缺测值，以中位数代替"),
])  # fmt: skip
def test_values_that_medians_stand_for_are_counted(files, monkeypatch, capsys, cells, lang, words):  # noqa: F811
    monkeypatch.setenv("AIRSHED_LANG", lang)
    rows = list(csv.reader(Path(files[0]).read_text(encoding="utf-8").splitlines()))
    for n, cell in enumerate(cells, start=1):
        rows[n][2] = cell
    with Path(files[0]).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    code, told = said(capsys, "receptor", "fit", *files, "--factors", "2", "--starts", "1")
    assert code == 0, told
    assert words in told if words else "missing" not in told
    code, told = said(capsys, "receptor", "fit", *files, "--factors", "2", "--starts", "1", "--bad", "propane")
    assert code == 0 and (words or "medians") not in told


def test_numbers_of_factors_stand_side_by_side(files, tmp_path, monkeypatch, capsys):  # noqa: F811
    monkeypatch.setenv("AIRSHED_LANG", "zh")
    code, told = said(capsys, "receptor", "study", *files, "--least", "2", "--most", "3", "--starts", "4", "--draws", "3",
                      "--json", str(tmp_path / "s.json"))  # fmt: skip
    assert code == 0 and "用几个因子由人判断" in told and "已写入" in told
    rows = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))["rows"]
    assert [row["factors"] for row in rows] == [2, 3] and rows[0]["q_true"] > rows[1]["q_true"]


@pytest.mark.parametrize(("arguments", "words"), [
    (["fit", "con.csv"], "1 file is given, expected two"),
    (["fit", "con.csv", "unc.csv", "--factors", "20"], "20 factors are asked of data of rank 14"),
    (["fit", "con.csv", "unc.csv", "--bad", "neon"], "category is given for 'neon'"),
    (["fit", "con.csv", "unc.csv", "--without", "yesterday"], "expected times such as"),
    (["fit", "con.csv", "gone.csv"], "gone.csv cannot be read"),
    (["fit", "away/con.csv", "unc.csv"], "the table away/con.csv cannot be read"),
    (["fit", "con.csv", "unc.csv", "--formula", "open('a')"], "formula"),
    (["study", "con.csv", "unc.csv", "--least", "5", "--most", "4"], "factors from 5 to 4"),
    (["hours", "con.csv", "con.csv", "unc.csv"], "has no block"),
])  # fmt: skip
def test_what_cannot_be_done_is_refused_in_words(files, tmp_path, monkeypatch, capsys, arguments, words):  # noqa: F811
    monkeypatch.setenv("AIRSHED_LANG", "en")
    monkeypatch.chdir(tmp_path)
    code, told = said(capsys, "receptor", *arguments)
    assert code == 1 and words in told


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("cell", ["abc", "-1", "0", "inf"])
def test_a_bad_cell_leads_to_the_entry_on_tables(files, monkeypatch, capsys, lang, cell):  # noqa: F811
    monkeypatch.setenv("AIRSHED_LANG", lang)
    rows = list(csv.reader(Path(files[1]).read_text(encoding="utf-8").splitlines()))
    rows[5][2] = cell
    with Path(files[1]).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    code, told = said(capsys, "receptor", "fit", *files)
    assert code == 1 and ("unc.csv: line 6" if lang == "en" else "unc.csv：第 6 行") in told
    assert "docs/handbook.md#receptor-table" in told.replace(" ", "")


def test_a_station_of_which_the_store_knows_nothing_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("AIRSHED_LANG", "en")
    from streams.store import open_store

    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    open_store(url).dispose()
    code, told = said(capsys, "receptor", "fit", "--station", "1431A", "--store", url, "--data", str(tmp_path))
    assert code == 1 and "1431A" in told


def test_bounds_that_did_not_come_to_their_level_are_named(monkeypatch):
    monkeypatch.setenv("AIRSHED_LANG", "en")
    one = np.ones((1, 1, 2))
    reached = np.ones((1, 2, 1, 2), bool)
    told = {"levels": (4.0,), "species": ("benzene", "isoprene"), "base": one[0], "low": one, "high": one, "q": 1.0, "fits": 1,
            "swaps": np.zeros((1, 1), int), "largest_decrease": 0.0}  # fmt: skip
    assert unreached_lines(Displacement(reached=reached, **told)) == []
    reached[0, 1, 0, 1] = False
    (line,) = unreached_lines(Displacement(reached=reached, **told))
    assert "1 bound did not come" in line and "factor 1 isoprene, high, dQ = 4." in line and "--seed" in line
