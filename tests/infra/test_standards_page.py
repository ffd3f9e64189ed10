"""The page of tables is what the table files give, shows every file once, and shows what the standard prints."""

from __future__ import annotations

import re

import pytest

from infra.standards_page.layouts import layout, spans
from infra.standards_page.page import DOCS, PAGE, differences, file_line, main, pages, write
from infra.standards_page.table_files import FOLDER, TableFile, TreeFile, kind_of, read_files

FILES = read_files()
_IN_WORDS = ("item", "period", "unit", "confidence", "tag")


@pytest.fixture(scope="module")
def page() -> str:
    return pages()[PAGE]


def section_tables(text: str, path: str) -> list[list[list[str]]]:
    """The Markdown tables of the section that shows a file, as rows of cells without the rule below the header."""
    section = next(part for part in re.split(r"^## ", text, flags=re.M) if file_line(path) in part)
    found = [[]]
    for line in section.splitlines():
        if line.startswith("|"):
            found[-1].append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        elif found[-1]:
            found.append([])
    return [[row for i, row in enumerate(table) if i != 1] for table in found if table]


def test_the_page_in_docs_is_what_the_tables_give():
    assert differences() == [], "run: python -m infra.standards_page"


def test_every_table_file_is_on_the_page_exactly_once(page):
    paths = [path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()]
    assert sorted(file.path for file in FILES) == sorted(paths)
    assert {path: page.count(file_line(path)) for path in paths} == dict.fromkeys(paths, 1)


def test_the_same_tables_give_the_same_page(page):
    assert pages()[PAGE] == page


@pytest.mark.parametrize("file", [f for f in FILES if isinstance(f, TableFile)], ids=lambda f: f.path)
def test_every_cell_of_a_table_is_on_the_page(file, page):
    shown = "\n".join(" ".join(row) for table in section_tables(page, file.path) for row in table)
    for row in file.rows:
        for column, cell in row.cells.items():
            if column in _IN_WORDS or column.endswith("_confidence"):
                continue  # shown in words, or as a mark
            assert cell.replace("|", "\\|").replace("\n", "<br>") in shown, f"{file.path}:{row.line} {column}"


def test_the_index_table_is_laid_out_as_printed_in_the_standard(page):
    # HJ 633-2026 Table 3, typed from the document: 24 h and 1 h of SO2, NO2, CO; 8 h and 1 h of O3; PM10; PM2.5.
    printed = {
        "50": "50 150 40 100 2 5 100 160 50 35",
        "100": "150 500 80 200 4 10 160 200 120 60",
        "150": "475 650 180 700 14 35 215 300 250 115",
        "200": "800 800 280 1200 24 60 265 400 350 150",
        "300": "1600 - 565 2340 36 90 800 800 420 250",
        "400": "2100 - 750 3090 48 120 - 1000 500 350",
        "500": "2620 - 940 3840 60 150 - 1200 600 500",
    }
    (table,) = section_tables(page, "hj633_2026.csv")
    assert [row[0] for row in table[1:9]] == ["0", *printed]
    wanted = [i for i, name in enumerate(table[0]) if not re.match(r"(IAQI|PM.*1 h)", name)]
    for row in table[2:9]:
        assert [row[i] or "-" for i in wanted] == printed[row[0]].split()
    assert ">800 → 200 （Table 3 note b）" in table[9]
    assert ">800 → 300 （Table 3 note c）" in table[9]


def test_limits_of_three_editions_stand_side_by_side(page):
    # GB 3095: PM2.5 over a year, grade 1 and 2, of 2012, of the transition, and from 2031.
    (table,) = section_tables(page, "gb3095_2026_final.csv")
    (row,) = [row for row in table if "PM₂.₅" in row[0] and "year" in row[1]]
    assert [row[i] for i in (3, 4, 6, 7, 9, 10)] == ["15", "35", "15", "30", "10", "25"]
    assert section_tables(page, "gb3095_2012.csv") == [table]


def test_rules_of_assessment_have_a_column_for_each_item(page):
    # HJ 663-2026 Table A.2: percentiles of SO2, NO2, CO, O3, PM10, PM2.5 (quoted in public code, so marked).
    (table,) = section_tables(page, "hj663_2026.csv")
    (row,) = [row for row in table if row[0].startswith("percentile")]
    assert row[2:8] == ["98 ◐", "98 ◐", "95 ◐", "90 ◐", "95 ◐", "95 ◐"]


def test_a_warning_plan_says_its_conditions_in_words(page):
    tables = section_tables(page, "plans/chengdu_2024.toml")
    cells = [row[2] for table in tables for row in table if row[1] == "any_of"]
    assert cells[0] == "> 200 ≥ 1 天 d；或 or > 150 ≥ 2 天 d"
    assert cells[2] == "> 200 ≥ 3 天 d 且 and > 300 ≥ 1 天 d"


def test_every_single_value_of_a_plan_is_on_the_page_with_its_line(page):
    for file in (f for f in FILES if isinstance(f, TreeFile)):
        cells = {tuple(row[:2]) for table in section_tables(page, file.path) for row in table}
        text = (FOLDER / file.path).read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(text, 1):
            if key := re.match(r"([\w-]+)\s*=", line):
                assert (str(number), key[1]) in cells, f"{file.path}:{number}"


def test_a_head_may_say_how_the_values_of_one_clause_are_known(page):
    (table,) = section_tables(page, "hj633_2012.csv")
    (above,) = [row for row in table if row[0].startswith("更高")]
    pm25 = table[0].index("PM₂.₅ 24小时平均 24 h (µg/m³)")
    assert above[pm25] == ">500 → 500 （above the table） ✎" and table[2][pm25] == "35"  # printed only up to 500


def test_annex_a_stands_after_tables_1_and_2(page):
    (table,) = section_tables(page, "gb3095_2012.csv")
    (row,) = [row for row in table if "Cd" in row[0]]
    assert table.index(row) > 20


def test_levels_show_the_colour_of_the_standard(page):
    assert "![#7E0023](swatches/7E0023.svg) 褐红色 maroon #7E0023" in page
    assert 'fill="#7E0023"' in pages()["swatches/7E0023.svg"]


def test_what_is_recalled_is_listed_with_its_file_and_line(page):
    (line,) = [line for line in page.splitlines() if "dust_start_times_mean" in line and "⚠ recalled" in line][:1]
    (number,) = [
        r.line for f in FILES if f.path == "exceptional.csv" for r in f.rows if r.cells["rule"].endswith("_mean")
    ]
    assert line.startswith(f"| `exceptional.csv` | {number}")


def test_what_is_tagged_read_says_by_whom_it_was_compared():
    for file in FILES:
        if isinstance(file, TableFile) and any(kind_of(row.confidence) == "read" for row in file.rows):
            assert re.search(r"twice, by two readers independently, \d{4}-\d\d-\d\d", file.head.get("compared", "")), (
                file.path
            )
            assert "p. " in file.head["compared"], file.path


def test_a_new_table_appears_by_itself_and_its_uncertain_values_are_listed(tmp_path):
    (tmp_path / "plans").mkdir()
    (tmp_path / "hj999.csv").write_text(
        "# code: HJ 999-2040\n# confidence: read\n# a remark\na,hex,b,b_confidence\n1,#0000ff,x|y,recalled\n"
    )
    (tmp_path / "plans" / "city.toml").write_text(
        'code = "plan 1"\nconfidence = "quoted"\n[level]\nname = "红"\n[[level.rule]]\naqi = 200\ndays = [1, 2]\n'
    )
    made = pages(tmp_path)
    assert made[PAGE].count(file_line("hj999.csv")) == made[PAGE].count(file_line("plans/city.toml")) == 1
    assert "| 5 | 1 | ![#0000ff](swatches/0000FF.svg) #0000ff | x\\|y ⚠ | 逐值 by value |" in made[PAGE]
    assert "| `hj999.csv` | 5 | b: 1 个 values | ⚠ recalled |" in made[PAGE]
    assert "| `plans/city.toml` |  | 整个文件 the file | ◐ quoted |" in made[PAGE]
    assert "| 4 | name | 红 | |" in made[PAGE].replace("  ", " ")
    assert "`[level.rule[0]]`" in made[PAGE] and "| 7 | days | [1, 2] |" in made[PAGE]
    assert "swatches/0000FF.svg" in made


def test_a_stale_page_a_missing_table_and_an_orphan_swatch_are_named(tmp_path, capsys):
    assert main(["--check"], docs=tmp_path) == 1
    assert f"docs/{PAGE} is not what standards/tables gives" in capsys.readouterr().out
    write(tmp_path)
    assert main(["--check"], docs=tmp_path) == 0
    (tmp_path / "swatches" / "123456.svg").write_text("")
    (tmp_path / PAGE).write_text((DOCS / PAGE).read_text().replace(file_line("validity.csv"), ""))
    assert differences(tmp_path) == [PAGE, "swatches/123456.svg"]
    write(tmp_path)
    assert differences(tmp_path) == []


def test_a_file_that_is_no_table_is_refused(tmp_path):
    (tmp_path / "x.xlsx").write_text("")
    with pytest.raises(ValueError, match=r"x\.xlsx is no CSV and no TOML"):
        read_files(tmp_path)


def test_a_row_of_the_wrong_length_is_named_with_its_line(tmp_path):
    (tmp_path / "x.csv").write_text("# code: X\na,b\n1,2\n\n3\n")
    with pytest.raises(ValueError, match=r"x\.csv:5 has 1 cells, expected 2"):
        read_files(tmp_path)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("read", "read"),
        ("read (Chinese text, colours); English is our translation", "read"),
        ("READ-S", "quoted"),
        ("read in a secondary source", "quoted"),
        ("quoted", "quoted"),
        ("recalled (high)", "recalled"),
        ("RECALL-M", "recalled"),
        ("read for SO2, recalled for O3", "recalled"),
        ("quoted for the plan of 2022, recalled for this one", "recalled"),
        ("quoted for the rule; the number of days is inferred", "assumed"),
        ("not confirmed; weights of one public implementation", "assumed"),
        ("measured for pm10", "other"),
        ("", "unsaid"),
    ],
)
def test_how_a_value_is_known_is_told_from_the_words_of_its_file(words, kind):
    assert kind_of(words) == kind


def test_lines_are_written_as_spans():
    assert spans([3, 4, 5, 9, 11, 12]) == "3–5, 9, 11–12"


def test_a_layout_needs_no_known_column(tmp_path):
    (tmp_path / "x.csv").write_text("# code: X\nfoo,bar\n1,2\n")
    assert "| 3 | 1 | 2 | ？ 未说明 |" in layout(read_files(tmp_path))
