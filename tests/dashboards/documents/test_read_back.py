"""Every number of every table is the same in PDF, Word, sheets, CSV and JSON as `shown` writes it."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace

import openpyxl
import orjson
import pytest

from dashboards.documents import made
from dashboards.documents.blocks import Grid
from dashboards.documents.report import report
from dashboards.documents.spoken import Spoken
from dashboards.phase.content import NUMBER, as_bytes, digest, from_bytes, shown
from tests.dashboards.documents import example
from tests.dashboards.documents.read_back import columns_of, paper_tables, pdf_pages, squeezed, word_tables, word_text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_word_has_every_cell_of_every_table(files, year, lang):
    spoken = Spoken(lang)
    read = [
        dict(zip(table[0], zip(*table[1:], strict=True), strict=True)) for table in word_tables(files[lang]["docx"])
    ]
    for table in paper_tables(year):
        first, *others = columns_of(table, spoken).items()
        parts = [part for part in read if list(part.get(first[0], ())) == first[1]]
        for head, cells in others:
            assert any(list(part.get(head, ())) == cells for part in parts), (table.key, head)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pdf_has_every_row_that_word_has(files, lang):
    """Rows of PDF have no borders between cells in its text: a row is found as its cells one after the other."""
    told = squeezed("".join(pdf_pages(files[lang]["pdf"])))
    rows = [row for table in word_tables(files[lang]["docx"]) for row in table[1:]]
    assert len(rows) > 200
    assert [row for row in rows if "".join(row) not in told] == []


def test_a_number_that_differs_would_be_found(files, year):
    """The test above can fail: a row with one digit changed is not in the PDF."""
    told = squeezed("".join(pdf_pages(files["zh"]["pdf"])))
    row = word_tables(files["zh"]["docx"])[0][1]
    assert "".join(row) in told
    assert "".join([*row[:-1], row[-1] + "9"]) not in told


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sheets_have_every_number_with_its_decimals(files, year, lang):
    spoken = Spoken(lang)
    book = openpyxl.load_workbook(io.BytesIO(files[lang]["xlsx"]))
    tables = [*year.tables, *(table for of in year.by_edition.values() for table in of)]
    assert len(book.sheetnames) == len(tables) + 1
    for sheet, table in zip(book.worksheets[1:], tables, strict=True):
        for at, column in enumerate(table.columns):
            for line, row in enumerate(table.rows, 2):
                cell = sheet.cell(line, at + 1)
                if column.kind != NUMBER:
                    assert cell.value == spoken.cell(row[at], column) or row[at] is None
                elif row[at] is None:
                    assert cell.value is None
                else:
                    decimals = len(cell.number_format.partition(".")[2])
                    assert f"{cell.value:.{decimals}f}".replace("-", "−") == shown(row[at], column)


def test_csv_has_every_value_and_tells_its_columns(files, year):
    with zipfile.ZipFile(io.BytesIO(files["zh"]["zip"])) as archive:
        read = {
            name: list(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig")))) for name in archive.namelist()
        }
    tables = {table.key: table for table in year.tables}
    tables |= {f"{table.key}.{edition}": table for edition, of in year.by_edition.items() for table in of}
    for name, table in tables.items():
        head, *rows = read[f"{name}.csv"]
        assert head == [column.key for column in table.columns]
        for line, row in zip(rows, table.rows, strict=True):
            told = ["" if v is None else shown(v, c) for v, c in zip(row, table.columns, strict=True)]
            assert [cell.replace("-", "−") for cell in line] == [cell.replace("-", "−") for cell in told]
    assert {row[0] for row in read["columns.csv"][1:]} == {f"{name}.csv" for name in tables}


def test_json_gives_the_content_back(files, year):
    read = orjson.loads(files["en"]["json"])
    form = orjson.dumps(read["content"], option=orjson.OPT_SORT_KEYS)
    assert form == as_bytes(year)
    assert from_bytes(form) == year
    assert read["publication"]["sha256s"]["content"] == digest(as_bytes(year))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sentences_are_in_both_and_none_is_said_of_what_is_missing(files, year, lang):
    pdf, word = squeezed("".join(pdf_pages(files[lang]["pdf"]))), squeezed(word_text(files[lang]["docx"]))
    row = year.table("cities").row_of("510100")
    for said in {
        "zh": (f"成都PM2.5平均浓度为{row['pm25_mean_ugm3']:.1f}微克/立方米", "总体有所下降"),
        "en": (f"PM2.5 of Chengdu was {row['pm25_mean_ugm3']:.1f} µg/m³", "falling on the whole"),
    }[lang]:
        assert squeezed(said) in pdf and squeezed(said) in word
    for never in ("臭氧为", "Ozonewas", "—微克"):
        assert never not in pdf and never not in word


def test_every_document_names_places_as_the_registry_of_the_platform_does(year):
    # a bureau's own registry may hold a city, or a station, that the shipped one does not, or names otherwise
    names = {"510100": "蓉城", "511800": "雨城"}
    content = replace(year, about={})
    given = example.publication(of=content, names=lambda code: names.get(code, f"某地{code}"))
    made_now = made.files(given, content, ("pdf", "docx", "xlsx"))
    sheets = openpyxl.load_workbook(io.BytesIO(made_now["xlsx"]))
    cells = {
        str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
    }
    for told in (
        squeezed("".join(pdf_pages(made_now["pdf"]))),
        squeezed(word_text(made_now["docx"])),
        squeezed("".join(cells)),
    ):
        assert "蓉城" in told and "某地510600" in told and "德阳" not in told.replace("德阳市生态环境局", "")


def test_a_content_of_missing_values_has_tables_but_no_figures_and_no_sentences():
    bare = example.missing_content()
    document = report(example.publication(of=bare), bare)
    kinds = [block.kind for block in document.blocks]
    assert "picture" not in kinds and "grid" in kinds
    assert "本期有效数据不足" in "".join(piece for block in document.blocks[:2] for piece, _ in block.text)
    numbers = {cell for block in document.blocks if isinstance(block, Grid) and block.digits for row in block.rows
               for cell, how in zip(row, block.aligned, strict=True) if how == "numbers"}  # fmt: skip
    assert numbers == {(("—", ""),)}
    assert made.pdf(example.publication(of=bare), bare)[:5] == b"%PDF-"
    assert made.word(example.publication(of=bare), bare)[:2] == b"PK"


def test_a_published_digest_of_another_content_is_refused(year):
    with pytest.raises(made.DocumentRefused, match="digest"):
        made.pdf(example.publication(of=example.content(9)), year)
