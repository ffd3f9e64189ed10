"""One frozen publication has the same numbers everywhere: page, draft, PDF, Word, sheets, CSV and JSON, in both languages."""

import csv
import io
import json
import zipfile
from dataclasses import replace

import lxml.html
import openpyxl
import pytest

from dashboards import pulse
from dashboards.documents.spoken import Spoken
from dashboards.figures.subscripts import flat
from dashboards.phase.assess import EXPECTED
from dashboards.phase.content import NUMBER, as_bytes, from_bytes, shown
from tests.dashboards.documents.read_back import columns_of, paper_tables, pdf_pages, squeezed, word_tables
from tests.dashboards.office.conftest import quick  # noqa: F401
from tests.dashboards.office.test_pages import browser, context  # noqa: F401
from tests.dashboards.phase import rich
from tests.dashboards.publications.test_pages import freeze, record, signed

NAME = "/publications/2026-001"


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """A store in which every table of an assessment says something, and its files beside it in the portal's folder."""
    (tmp_path / "portal").mkdir()
    monkeypatch.setattr(pulse, "KEPT_S", -1.0)
    return rich.fill(tmp_path / "portal")


def tables_of(content):
    return [*content.tables, *(table for of in content.by_edition.values() for table in of)]


def rows_of(table, spoken):
    """Rows as they should be read, without blanks."""
    return [
        [squeezed(flat(_written(v, c, spoken))) for v, c in zip(row, table.columns, strict=True)] for row in table.rows
    ]


def _written(value, column, spoken):
    return shown(value, column) if column.kind == NUMBER else spoken.cell(value, column)


def on_page(answer):
    assert answer.status_code == 200
    found = []
    for table in lxml.html.fromstring(answer.text).iter("table"):
        rows = [[squeezed(flat(cell.text_content())) for cell in row.iter("td", "th")] for row in table.iter("tr")]
        found.append(rows)
    return found


def missing_on_page(content, read, spoken):
    """Name the tables of which not each row stands, in order, in one table of a page."""
    whole = ["\n".join("|".join(row) for row in table) for table in read]
    return [t.key for t in tables_of(content) if not any(_text(t, spoken) in each for each in whole)]


def _text(table, spoken):
    return "\n".join("|".join(row) for row in rows_of(table, spoken))


def missing_in_word(content, document, spoken):
    """Name the columns of tables on paper that no table of the document has with its head and all its cells."""
    read = [dict(zip(t[0], zip(*t[1:], strict=True), strict=True)) for t in word_tables(document)]
    found = []
    for table in paper_tables(content):
        first, *others = columns_of(table, spoken).items()
        parts = [part for part in read if list(part.get(first[0], ())) == first[1]]
        found += [(table.key, head) for head, cells in others if not any(list(p.get(head, ())) == cells for p in parts)]
    return found


def missing_in_sheets(content, document):
    """Name the numbers that stand otherwise in the sheets."""
    book, found = openpyxl.load_workbook(io.BytesIO(document)), []
    for sheet, table in zip(book.worksheets[1:], tables_of(content), strict=True):
        for at, column in enumerate(table.columns):
            for line, row in enumerate(table.rows, 2):
                cell = sheet.cell(line, at + 1)
                if column.kind == NUMBER and row[at] is not None:
                    decimals = len(cell.number_format.partition(".")[2])
                    if f"{cell.value:.{decimals}f}".replace("-", "−") != shown(row[at], column):
                        found.append((table.key, column.key, line, cell.value))
    return found


def missing_in_csv(content, document):
    """Name the tables of which a number stands otherwise in the CSV files."""
    named = {f"{t.key}.csv": t for t in content.tables}
    named |= {f"{t.key}.{edition}.csv": t for edition, of in content.by_edition.items() for t in of}
    found = []
    with zipfile.ZipFile(io.BytesIO(document)) as packed:
        for name, table in named.items():
            _, *rows = csv.reader(io.StringIO(packed.read(name).decode("utf-8-sig")))
            told = [
                ["" if v is None else shown(v, c) for v, c in zip(r, table.columns, strict=True)] for r in table.rows
            ]
            if [[cell.replace("-", "−") for cell in row] for row in rows] != [
                [c.replace("-", "−") for c in r] for r in told
            ]:
                found.append(name)
    return found


def test_every_number_of_every_table_is_the_same_on_page_pdf_word_sheets_csv_and_json(browser, context):  # noqa: F811
    one = signed(browser)
    answer = freeze(one, period="2026-Q1")
    assert answer.status_code == 303, answer.text[-2000:]
    content = from_bytes(record(context, "2026-001")[1])
    assert {t.key for t in content.tables} >= set(EXPECTED) - {"item"} and len(content.by_edition) == 2
    client = browser().client
    for lang, before in (("zh", ""), ("en", "/en")):
        spoken = Spoken(lang)
        files = {kind: client.get(f"{before}{NAME}.{kind}").data for kind in ("pdf", "docx", "xlsx", "zip", "json")}
        assert missing_on_page(content, on_page(client.get(f"{before}{NAME}")), spoken) == []
        assert missing_in_word(content, files["docx"], spoken) == []
        told = squeezed("".join(pdf_pages(files["pdf"])))
        rows = [row for table in word_tables(files["docx"]) for row in table[1:]]
        assert [row for row in rows if "".join(row) not in told] == []
        assert missing_in_sheets(content, files["xlsx"]) == []
        assert missing_in_csv(content, files["zip"]) == []
        read = json.loads(files["json"])["content"]
        again = from_bytes(json.dumps(read).encode())
        assert again == content and as_bytes(again) == as_bytes(content)
        draft = on_page(client.get(f"{before}/assessment?period=2026-Q1"))
        assert missing_on_page(content, draft, spoken) == []
    other = _changed(content)  # the comparisons can fail: one number of one table differs by one in its last digit
    spoken = Spoken("en")
    assert missing_on_page(other, draft, spoken) == ["ranking"]
    assert [key for key, _ in missing_in_word(other, files["docx"], spoken)] == ["ranking"]
    assert [key for key, *_ in missing_in_sheets(other, files["xlsx"])] == ["ranking"]
    assert missing_in_csv(other, files["zip"]) == ["ranking.csv"]


def _changed(content):
    table = content.table("ranking")
    at = table.index("ranking_index")
    row = table.rows[3]
    rows = [*table.rows[:3], (*row[:at], round(row[at] + 0.01, 2), *row[at + 1 :]), *table.rows[4:]]
    tables = tuple(replace(t, rows=tuple(rows)) if t.key == "ranking" else t for t in content.tables)
    return replace(content, tables=tables)
