"""Files as EPA PMF 5 takes and writes them, and what is said of those that cannot be used."""

from __future__ import annotations

import numpy as np
import openpyxl
import pytest

from research.receptor.epa_files import read_contributions, read_epa, read_profiles, read_run_sums, read_sheet
from research.receptor.refusals import ReceptorError

CON = "Date,Benzene,Toluene\n6/1/2005 6:00,0.53,1.56\n6/2/2005 3:00,2.73,4.65\n6/2/2005 6:00,-999,2.0\n"
UNC = "Date,Benzene,Toluene\n6/1/2005 6:00,0.08,0.23\n6/2/2005 3:00,0.41,0.70\n6/2/2005 6:00,-999,0.3\n"


def pair(folder, con=CON, unc=UNC):
    (folder / "con.csv").write_text(con, encoding="utf-8")
    (folder / "unc.csv").write_text(unc, encoding="utf-8")
    return folder / "con.csv", folder / "unc.csv"


def test_a_pair_of_files_is_read(tmp_path):
    table = read_epa(*pair(tmp_path), missing="weightless")
    assert table.species == ("Benzene", "Toluene")
    assert str(table.times[1]) == "2005-06-02T03:00"
    assert table.concentration[1].tolist() == [2.73, 4.65] and np.isnan(table.concentration[2, 0])
    assert table.uncertainty[0].tolist() == [0.08, 0.23]


def test_units_sites_tabs_and_the_order_of_columns_do_not_matter(tmp_path):
    con = "\ufeffSite\tDate\tBenzene\tToluene\n\t\tppb\tppb\n4\t2026-06-01 08:00\t1\t2\n4\t2026-06-01 24:00\t2\t3\n\n"
    unc = "Date;Toluene;Benzene\n2026-06-01 08:00;0.2;0.1\n2026-06-02 00:00;0.3;0.2\n"
    table = read_epa(*pair(tmp_path, con, unc))
    assert table.unit == "ppb" and table.uncertainty.tolist() == [[0.1, 0.2], [0.2, 0.3]]
    assert str(table.times[1]) == "2026-06-02T00:00"


def test_excel_gives_the_same_table(tmp_path):
    import datetime as dt

    for name, text in (("con", CON), ("unc", UNC)):
        book = openpyxl.Workbook()
        for n, line in enumerate(text.splitlines()):
            cells = line.split(",")
            book.active.append(
                cells if not n else [dt.datetime.strptime(cells[0], "%m/%d/%Y %H:%M"), *map(float, cells[1:])]
            )
        book.save(tmp_path / f"{name}.xlsx")
    one, two = read_epa(*pair(tmp_path)), read_epa(tmp_path / "con.xlsx", tmp_path / "unc.xlsx")
    assert one.digest() == two.digest()


def test_an_empty_cell_at_the_end_of_a_line_is_missing_in_a_text_and_a_sheet(tmp_path):
    text = CON.replace("2.73,4.65", "2.73,")
    book = openpyxl.Workbook()
    for line in text.splitlines():
        book.active.append([cell for cell in line.split(",") if cell])
    book.save(tmp_path / "con.xlsx")
    (tmp_path / "con.csv").write_text(text.replace("\n", ",,\n"), encoding="utf-8")
    for name in ("con.csv", "con.xlsx"):
        read = read_sheet(tmp_path / name)
        assert np.isnan(read.values).tolist() == [[False, False], [False, True], [True, False]], name


def test_detection_limits_and_error_fractions_make_uncertainties(tmp_path):
    files = pair(tmp_path, unc="Date,Toluene,Benzene\nMDL,0.6,0.6\nError Fraction,10,0.1\n")
    table = read_epa(*files, missing="weightless")
    # 0.53 lies below its limit: 5/6 * 0.6; above: sqrt((0.1 * 4.65)^2 + 0.3^2)
    assert table.uncertainty[0, 0] == pytest.approx(0.5)
    assert table.uncertainty[1, 1] == pytest.approx(np.hypot(0.465, 0.3))
    own = read_epa(*files, formula="0.1 * x + limit / 2", missing="weightless")
    assert own.uncertainty[1, 1] == pytest.approx(0.765)


@pytest.mark.parametrize(("con", "unc", "words"), [
    ("", UNC, "con.csv is empty"),
    ("Date,Benzene,Toluene\n", UNC, "con.csv has no samples"),
    (CON.replace("2.73", "2,73"), UNC, "con.csv: line 3 has 3 values, expected 2"),
    (CON.replace("2.73,4.65", "2.73"), UNC, "con.csv: line 3 has 1 values, expected 2"),
    (CON.replace("2.73,4.65", ""), UNC, "con.csv: line 3 has 1 values, expected 2"),
    (CON, UNC.replace(",0.70", ""), "unc.csv: line 3 has 1 values, expected 2"),
    (CON.replace("2.73", "-5"), UNC, r"con.csv: line 3 \(2005-06-02 03:00\), Benzene: concentration is negative \(-5\), "
                                     r"expected a number from 0 on; 1 such value$"),
    (CON.replace("2.73", "<0.1"), UNC, "con.csv: line 3, Benzene is '<0.1', expected a number, or -999"),
    (CON.replace("6/2/2005 3:00", "yesterday"), UNC, "con.csv: line 3 begins with 'yesterday', expected a time"),
    (CON, UNC.replace("Toluene", "Xylene"), "unc.csv has not the species of con.csv: Toluene, Xylene"),
    (CON, UNC.replace("6/2/2005 3:00", "6/2/2005 4:00"), "unc.csv has another time in line 3"),
    (CON, "Date,Benzene,Toluene\nMDL,0.1,0.1\n", "unc.csv has detection limits or error fractions alone"),
    (CON, "Date,Benzene\nMDL,0.1\nEF,0.1\n", "unc.csv has no limit of 'Toluene'"),
    (CON, UNC.replace("0.41", "0"), r"^unc.csv: line 3 \(2005-06-02 03:00\), Benzene: uncertainty is 0, expected"),
    (CON, UNC.replace("0.41", "-1"), r"^unc.csv: line 3 \(2005-06-02 03:00\), Benzene: uncertainty is negative \(-1\)"),
    (CON, UNC.replace("0.41", "inf"), r"^unc.csv: line 3 \(2005-06-02 03:00\), Benzene: uncertainty is not finite"),
    (CON, UNC.replace("0.41", "-999"), r"^unc.csv: line 3 \(2005-06-02 03:00\), Benzene: uncertainty is missing beside"),
    (CON.replace("6/2/2005 3:00", "6/1/2005 6:00"), UNC.replace("6/2/2005 3:00", "6/1/2005 6:00"),
     "con.csv: time 2005-06-01 06:00 stands in lines 2 and 3, expected once"),
    ("Site,Date,A,B\na,6/1/2005 6:00,1,2\nb,6/2/2005 6:00,1,2\n", UNC, r"con.csv holds 2 sites \(a, b\), expected one"),
    ("Date,Benzene,,Toluene\n6/1/2005 6:00,1,2,3\n", UNC, "expected a name above each"),
])  # fmt: skip
def test_files_that_cannot_be_used_are_refused_by_name_and_line(tmp_path, con, unc, words):
    with pytest.raises(ReceptorError, match=words):
        read_epa(*pair(tmp_path, con, unc))


def test_a_file_that_is_not_there_or_no_table_is_refused(tmp_path):
    with pytest.raises(ReceptorError, match=r"gone.csv cannot be read"):
        read_sheet(tmp_path / "gone.csv")
    (tmp_path / "a.xlsx").write_bytes(b"PK no book")
    with pytest.raises(ReceptorError, match=r"a.xlsx cannot be read as an xlsx file"):
        read_sheet(tmp_path / "a.xlsx")
    (tmp_path / "b.csv").write_bytes(b"Date,A\n\xff\xff\xff,1\n")
    with pytest.raises(ReceptorError, match=r"b.csv is neither UTF-8 nor GB 18030"):
        read_sheet(tmp_path / "b.csv")


def test_what_epa_wrote_is_read(tmp_path):
    # the layout of EPA PMF 5.0's own files, with made numbers
    (tmp_path / "p.csv").write_text(
        "\nFactor Profiles (conc. of species) from Base Run #4\n\n,,Factor 1,Factor 2\n4,Benzene,1.0E-002,2.0E+000\n"
        "4,Toluene,0.0,3.5\n\nFactor Profiles (% of species sum) from Base Run #4\n\n,,Factor 1,Factor 2\n4,Benzene,0.5,99.5\n",
        encoding="utf-8",
    )
    (tmp_path / "c.csv").write_text(
        "\nFactor Contributions (avg = 1) from Base Run #4 (Convergent Run)\n\n,,Factor 1,Factor 2\n4,07/10/21,0.4,-0.2\n"
        "4,07/11/21,-9.990000E+002,-9.99E+002\n",
        encoding="utf-8",
    )
    (tmp_path / "d.csv").write_text(
        "Base run summary table:\n\nRun #,Q(Robust),Q(True)     ,Converged,# Steps,Q(true)/Qexp\n"
        "1,22.5     ,39.1     ,Yes      ,7,1.9\n\n",
        encoding="utf-8",
    )
    species, f, names = read_profiles(tmp_path / "p.csv")
    assert (species, names, f.tolist()) == (("Benzene", "Toluene"), ("Factor 1", "Factor 2"), [[0.01, 0.0], [2.0, 3.5]])
    times, g, _ = read_contributions(tmp_path / "c.csv")
    assert str(times[0]) == "2021-07-10T00:00" and g[0].tolist() == [0.4, -0.2] and np.isnan(g[1]).all()
    assert read_run_sums(tmp_path / "d.csv") == {1: (22.5, 39.1, 1.9)}
    with pytest.raises(ReceptorError, match="has no block"):
        read_profiles(tmp_path / "c.csv")
