"""`airshed laboratory` and the retraction of its files, as a person types them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from infra import cli
from infra.datadir import DataDirectory
from infra.own_registry import copy_in_use
from streams.registry.kept import load_or_kept
from streams.store import open_store
from streams.store.schema import laboratory_sample, rejected, source_total
from tests.streams.laboratory.tables import GOOD, as_csv, as_workbook, row


@pytest.fixture
def airshed(tmp_path, monkeypatch, capsys):
    """Run a command on a store of its own; give its code and all that it said, in one line."""
    monkeypatch.setenv("AIRSHED_LANG", "en")

    def run(*words: str) -> tuple[int, str]:
        code = cli.main([*words, "--store", f"sqlite:///{tmp_path / 'store.sqlite'}", "--data", str(tmp_path)])
        return code, " ".join("".join(capsys.readouterr()).split())

    return run


def stored(tmp_path, table) -> list:
    engine = open_store(tmp_path / "store.sqlite")
    with engine.connect() as connection:
        rows = connection.execute(sa.select(table)).mappings().all()
    engine.dispose()
    return rows


def test_a_table_is_imported_summarised_and_taken_out_again(tmp_path, airshed):
    days = [f"2026-0{month}-01" for month in range(1, 7)]
    results = ["2.0", "ND", "4.0", "<0.8", "8.0", "16.0"]
    rows = [row(date=day, sample=day, result=result) for day, result in zip(days, results, strict=True)]
    path = as_csv(tmp_path / "pfos.csv", *rows, row(cas="1763-23-2"), rows[0])
    code, said = airshed("laboratory", "import", str(path))
    assert code == 0 and "pfos.csv: 8 rows, 6 accepted, 1 duplicate, 1 rejected" in said
    assert "pfos.csv: refused because: the check digit of the CAS number is wrong (1)" in said
    code, said = airshed("laboratory", "summary")
    # By hand: of six results two lie below limits; no limit lies above a value, so Kaplan-Meier is the plain order: the median
    # is the third, 2, and the mean at most (2 + 4 + 8 + 16 + 2 * 0.2) / 6.
    assert code == 0 and "1763-23-1" in said and "67%" in said
    assert "│ 2 [" in said and "5.07" in said
    assert airshed("laboratory", "summary", "--medium", "soil")[0] == 1
    assert airshed("laboratory", "summary", "--city", "绵阳")[0] == 1

    code, said = airshed("retract", "pfos.csv", "--by", "me", "--why", "blank", "--dry-run")
    assert code == 0 and "6 rows of 1 file would be taken out" in said
    assert not any(each["withdrawn"] for each in stored(tmp_path, laboratory_sample))
    code, said = airshed("retract", "pfos.csv", "--by", "me", "--why", "blank")
    assert code == 0 and "6 rows of 1 file are taken out" in said and "airshed laboratory import" in said
    assert "start the platform" not in said
    assert all(each["withdrawn"] for each in stored(tmp_path, laboratory_sample))
    assert airshed("laboratory", "summary")[0] == 1
    code, said = airshed("retract", "pfos.csv", "--by", "me", "--why", "blank")
    assert code != 0 and "nothing is taken out" in said
    (books,) = stored(tmp_path, source_total)
    assert books["rows_in"] == books["accepted"] + books["duplicate"] + books["rejected"] == 14


def test_a_file_of_which_nothing_is_taken_fails_and_the_others_go_on(tmp_path, airshed):
    bad, good = as_csv(tmp_path / "bad.csv", row(unit="ppb")), as_workbook(tmp_path / "good.xlsx", GOOD)
    code, said = airshed("laboratory", "import", str(bad), str(good), str(tmp_path / "none.csv"))
    assert code == 1 and "bad.csv: 1 row, 0 accepted, 0 duplicate, 1 rejected" in said
    assert "good.xlsx: 1 row, 1 accepted" in said and "none.csv" in said
    assert [each["reason"] for each in stored(tmp_path, rejected)] == ["not a unit of this medium"]


def test_what_no_list_names_is_told_when_it_is_asked_for(tmp_path, airshed):
    # Caffeine is in no list of new pollutants.
    airshed("laboratory", "import", str(as_csv(tmp_path / "c.csv", row(cas="58-08-2", analyte="caffeine"))))
    assert airshed("laboratory", "summary")[0] == 1
    code, said = airshed("laboratory", "summary", "--all")
    assert code == 0 and "58-08-2" in said


def test_a_listed_substance_is_told_by_the_name_of_the_list(tmp_path, airshed):
    airshed("laboratory", "import", str(as_csv(tmp_path / "a.csv", row(analyte="a name of its own"))))
    code, said = airshed("laboratory", "summary")
    assert code == 0 and "perfluoro" in said and "(PFOS)" in said and "its own" not in said


def test_a_city_or_a_medium_that_is_none_is_refused(airshed):
    assert airshed("laboratory", "summary", "--city", "长安")[0] == 2
    assert airshed("laboratory", "summary", "--medium", "water")[0] == 2


def test_what_is_refused_is_refused_in_chinese_and_a_chinese_medium_is_one(tmp_path, airshed, monkeypatch):
    airshed("laboratory", "import", str(as_csv(tmp_path / "a.csv", GOOD)))
    monkeypatch.setenv("AIRSHED_LANG", "zh")
    code, said = airshed("laboratory", "summary", "--city", "火星")
    assert code == 2 and "没有城市" in said and "'火星'，应为" in said and "expected" not in said
    code, said = airshed("laboratory", "summary", "--medium", "水")
    assert code == 2 and "没有介质" in said and "'水'，应为" in said and "地表水" in said and "expected" not in said
    assert airshed("laboratory", "summary", "--medium", "地表水")[0] == 0


def test_the_first_ten_rows_that_are_refused_are_told_one_by_one(tmp_path, airshed, monkeypatch):
    rows = [row(sample=f"S{n}", result="trace") for n in range(12)]
    code, said = airshed("laboratory", "import", str(as_csv(tmp_path / "a.csv", GOOD, *rows)))
    assert code == 0 and "a.csv: refused because: not a result (12)" in said
    assert "rejected: a.csv, line 3, column 结果: not a result (value trace, expected" in said
    assert "line 12," in said and "line 13," not in said
    monkeypatch.setenv("AIRSHED_LANG", "zh")
    _, said = airshed("laboratory", "import", str(as_csv(tmp_path / "b.csv", row(cas=""))))
    assert "b.csv，第 2 行，列 CAS号：不是 CAS 号（应为 形如 1763-23-1 的编号）" in said


def test_over_a_garbled_registry_an_import_goes_on_with_the_last_good_one_and_says_so(tmp_path, airshed, caplog):
    folder = copy_in_use(DataDirectory(tmp_path))
    load_or_kept(folder)
    path = as_csv(tmp_path / "pfos.csv", row())
    (folder / "cities.csv").write_bytes(b"code,name_zh,name_en,lon,lat\n510100,x,y,1o4,30\n")
    code, said = airshed("laboratory", "import", str(path))
    assert code == 0 and "1 accepted" in said
    assert (
        "going on with the last good copy" in caplog.text and "cities.csv line 2, column 4: lon is '1o4'" in caplog.text
    )


def test_a_summary_that_leaves_all_out_says_that_it_is_on_no_list(tmp_path, airshed):
    assert airshed("laboratory", "summary")[0] == 1
    caffeine = as_csv(tmp_path / "caffeine.csv", row(cas="58-08-2", analyte="caffeine"))  # of no list of new pollutants
    assert airshed("laboratory", "import", str(caffeine))[0] == 0
    code, said = airshed("laboratory", "summary")
    assert code == 1 and "on no list: use --all" in said
    code, said = airshed("laboratory", "summary", "--all")
    assert code == 0 and "58-08-2" in said
    code, said = airshed("laboratory", "summary", "--medium", "soil")
    assert code == 1 and "no such results" in said
