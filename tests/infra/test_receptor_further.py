"""`airshed receptor constrain|fpeak|rolling|bsdisp` and the files of `study`: laws that hold whatever the data, EPA's layouts."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from research.receptor.epa_files import read_contributions, read_profiles
from tests.infra.receptor_files import files, said  # noqa: F401

BASE = ["--factors", "3", "--starts", "4", "--unit", "ppb"]


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("AIRSHED_LANG", "en")


def told(path):
    return json.loads(path.read_text(encoding="utf-8"))


def base_record(files, tmp_path, capsys):  # noqa: F811
    assert said(capsys, "receptor", "fit", *files, *BASE, "--json", str(tmp_path / "base.json"))[0] == 0
    return told(tmp_path / "base.json")


def test_constraints_of_a_file_are_kept_and_their_cost_is_told(files, tmp_path, capsys):  # noqa: F811
    base = base_record(files, tmp_path, capsys)
    assert (base["unit"], base["unit_reason"]) == ("ppb", None)
    profiles, j = np.array(base["profiles"]), base["species"].index("isoprene")
    k = int(profiles[:, j].argmin())
    (tmp_path / "c.toml").write_text(f'[[zero]]\nfactor = {k + 1}\nspecies = "isoprene"\n', encoding="utf-8")
    code, words = said(capsys, "receptor", "constrain", str(tmp_path / "c.toml"), *files, *BASE, "--out",
                       str(tmp_path / "out"), "--json", str(tmp_path / "c.json"))  # fmt: skip
    assert code == 0, words
    found = told(tmp_path / "c.json")
    assert found["solution"]["profiles"][k][j] == 0.0
    # the least under a constraint is no lower than the least without
    assert found["dq"] >= -1e-3
    assert found["dq"] == pytest.approx(found["solution"]["q"]["minimised"] - base["q"]["minimised"])
    assert f"raised the sum that is minimised by {found['dq']:.3f} ({found['dq_pct']:.3f} %)" in words
    names = [f"Factor3_Constrained_{each}.csv" for each in ("profiles", "contributions", "residuals", "diagnostics")]
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == sorted(names)
    species, written, _ = read_profiles(tmp_path / "out" / names[0])
    assert species == tuple(base["species"]) and written == pytest.approx(
        np.array(found["solution"]["profiles"]), rel=1e-5
    )
    text = (tmp_path / "out" / names[3]).read_text(encoding="utf-8")
    assert f"Factor {k + 1}: isoprene set to zero" in text and f"{found['dq_robust']:.3f}" in text
    assert "from Constrained Run" in (tmp_path / "out" / names[0]).read_text(encoding="utf-8")


def test_a_rotation_of_zero_is_the_base_and_others_cost(files, tmp_path, capsys):  # noqa: F811
    base = base_record(files, tmp_path, capsys)
    code, words = said(capsys, "receptor", "fpeak", *files, *BASE, "--strength", "-0.5", "--strength", "0", "--strength",
                       "0.5", "--out", str(tmp_path / "out"), "--json", str(tmp_path / "f.json"))  # fmt: skip
    assert code == 0, words
    found = told(tmp_path / "f.json")["rotations"]
    assert [each["strength"] for each in found] == [-0.5, 0.0, 0.5]
    assert found[1]["dq"] == 0.0 and found[1]["solution"]["profiles"] == base["profiles"]
    assert found[0]["dq"] > 0.0 and found[2]["dq"] > 0.0
    with (tmp_path / "out" / "Factor3_FpeakResults.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    head = next(n for n, row in enumerate(rows) if row[:1] == ["Strength"])
    assert rows[head][1:5] == ["dQ(Robust)", "Q(Robust)", "% dQ(Robust)", "Q(True)"]
    assert [row[0] for row in rows[head + 1 :]] == ["-0.5", "0", "0.5"]
    assert float(rows[head + 2][2]) == pytest.approx(base["q"]["robust"], abs=6e-4)
    assert (tmp_path / "out" / "Factor3_Fpeak0.5_profiles.csv").exists()


def test_a_window_as_long_as_the_record_gives_the_whole_fit(files, tmp_path, capsys):  # noqa: F811
    base = base_record(files, tmp_path, capsys)
    code, words = said(capsys, "receptor", "rolling", *files, *BASE, "--days", "3", "--step", "3", "--out",
                       str(tmp_path / "out"), "--json", str(tmp_path / "r.json"))  # fmt: skip
    assert code == 0 and "1 window, 2026-06-01 01:00 to 2026-06-04 00:00" in words
    found = told(tmp_path / "r.json")
    assert np.array(found["profiles"])[0] == pytest.approx(np.array(base["profiles"]), rel=1e-3, abs=1e-3)
    assert np.array(found["contributions"]) == pytest.approx(np.array(base["contributions"]), rel=1e-3, abs=1e-3)
    assert np.array(found["r"]).min() > 0.9999
    with (tmp_path / "out" / "Factor3_rolling_contributions.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 73 and float(rows[1][1]) == pytest.approx(found["contributions"][0][0])


def test_displacement_in_draws_is_told_and_written(files, tmp_path, capsys):  # noqa: F811
    code, words = said(capsys, "receptor", "bsdisp", *files, *BASE, "--species", "isoprene", "--draws", "3", "--out",
                       str(tmp_path / "out"), "--json", str(tmp_path / "b.json"))  # fmt: skip
    assert code == 0, words
    record = told(tmp_path / "b.json")
    found, j = record["bs_disp"], record["species"].index("isoprene")
    assert f"{found['accepted']} of 3 draws count" in words and found["displaced"] == ["isoprene"]
    low, high = (np.array(found[key], float)[:, :, j] for key in ("low", "high"))
    assert (high >= low).all() and (np.diff(high, axis=0) >= -1e-9).all()  # a higher level is no narrower
    text = (tmp_path / "out" / "Factor3_BaseErrorEstimationSummary.csv").read_text(encoding="utf-8")
    assert "**** BS-DISP ****" in text and "dQmax=0.5" in text and "dQmax=4" in text


def test_a_study_writes_its_table_and_the_files_of_each_number(files, tmp_path, capsys):  # noqa: F811
    code, words = said(capsys, "receptor", "study", *files, "--least", "2", "--most", "3", "--starts", "2", "--draws", "2",
                       "--out", str(tmp_path / "out"), "--json", str(tmp_path / "s.json"))  # fmt: skip
    assert code == 0, words
    rows = told(tmp_path / "s.json")["rows"]
    with (tmp_path / "out" / "Factors_study.csv").open(encoding="utf-8") as file:
        written = list(csv.DictReader(file))
    for row, line in zip(rows, written, strict=True):
        # what stands beside each other: Q(true) over Q(expected), and Q(expected) = n m - p (n + m), 72 samples of 14 species
        assert float(line["Q(Expected)"]) == 72 * 14 - row["factors"] * (72 + 14)
        assert float(line["Q(true)/Qexp"]) == pytest.approx(float(line["Q(True)"]) / float(line["Q(Expected)"]))
        assert int(line["DISP swaps"]) == row["swaps"] and float(line["BS mapped %"]) == row["mapped_pct"]
    assert read_contributions(tmp_path / "out" / "Factor2_contributions.csv")[1].shape == (72, 2)


def test_a_unit_that_nobody_names_is_null_with_the_reason(files, tmp_path, capsys):  # noqa: F811
    assert (
        said(capsys, "receptor", "fit", *files, "--factors", "2", "--starts", "1", "--json", str(tmp_path / "a.json"))[
            0
        ]
        == 0
    )
    record = told(tmp_path / "a.json")
    assert record["unit"] is None and "names no one unit" in record["unit_reason"]


@pytest.mark.parametrize(("arguments", "words"), [
    (["constrain", "gone.toml", "con.csv", "unc.csv"], "the constraints gone.toml cannot be read"),
    (["constrain", "c.toml", "con.csv", "unc.csv", "--factors", "3", "--starts", "1"], "factor number is 9, expected 1 to 3"),
    (["fpeak", "con.csv", "unc.csv", "--factors", "2", "--starts", "1", "--strength", "nan"], "strength of the rotation is nan"),
    (["rolling", "con.csv", "unc.csv", "--factors", "2", "--starts", "1", "--days", "0"], "expected lengths above 0"),
    (["bsdisp", "con.csv", "unc.csv", "--factors", "2", "--starts", "1"], "species to displace are none"),
    (["bsdisp", "con.csv", "unc.csv", "--form", "pdf"], "form is 'pdf', expected csv or xlsx"),
    (["fit", "--station", "1", "--unit", "ppb"], "unit is given as ppb, expected none"),
])  # fmt: skip
def test_what_cannot_be_done_is_refused_in_words(files, tmp_path, monkeypatch, capsys, arguments, words):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.toml").write_text('[[zero]]\nfactor = 9\nspecies = "isoprene"\n', encoding="utf-8")
    code, said_words = said(capsys, "receptor", *arguments)
    assert code == 1 and words in said_words
    monkeypatch.setenv("AIRSHED_LANG", "zh")
    code, said_words = said(capsys, "receptor", *arguments)
    assert code == 1 and ("应" in said_words or "无法读取" in said_words)


@pytest.mark.parametrize(("lang", "words"), [("en", "compiling (once), about"), ("zh", "正在编译（仅此一次，约")])
def test_a_first_use_says_that_it_compiles(files, tmp_path, monkeypatch, capsys, lang, words):  # noqa: F811
    monkeypatch.setenv("AIRSHED_LANG", lang)
    fit = ["receptor", "fit", *files, "--factors", "2", "--starts", "1"]
    said(capsys, *fit)
    assert words not in said(capsys, *fit)[1]  # compiled by now
    monkeypatch.setenv("AIRSHED_CACHE", str(tmp_path / "empty"))
    assert words in said(capsys, *fit)[1]
