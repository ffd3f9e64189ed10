"""The files of a publication: the numbers of the record, the same bytes for everybody, marked when they no longer stand."""

import csv
import io
import json
import re
import zipfile

import docx
import openpyxl
import pypdf
import pytest

from dashboards.phase.content import NUMBER, from_bytes, shown
from tests.dashboards.office.conftest import quick  # noqa: F401
from tests.dashboards.office.test_pages import browser, context  # noqa: F401
from tests.dashboards.publications.test_pages import PAGE, engine, freeze, record, signed  # noqa: F401

NAME = "/publications/2026-001"


@pytest.fixture
def reader(browser):  # noqa: F811
    """Anybody, after the third quarter of 2025 was published."""
    freeze(signed(browser))
    return browser().client


def numbers(content, keys=("cities", "ranking")):
    for table in content.tables:
        if table.key in keys:
            for row in table.rows:
                for value, column in zip(row, table.columns, strict=True):
                    if column.kind == NUMBER and value is not None:
                        yield shown(value, column)


def test_every_number_of_the_main_tables_is_in_pdf_word_and_sheets(reader, context):  # noqa: F811
    content = from_bytes(record(context, "2026-001")[1])
    pages = pypdf.PdfReader(io.BytesIO(reader.get(f"{NAME}.pdf").data)).pages
    pdf = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    word = docx.Document(io.BytesIO(reader.get(f"{NAME}.docx").data))
    cells = {cell.text.strip() for table in word.tables for row in table.rows for cell in row.cells}
    book = openpyxl.load_workbook(io.BytesIO(reader.get(f"{NAME}.xlsx").data))
    written = {cell.value for sheet in book for row in sheet for cell in row}
    for each in numbers(content):
        assert each in pdf and each in cells, each
        assert float(each.replace("−", "-")) in written or each in written, each


def test_json_is_the_content_and_csv_has_every_table(reader, context):  # noqa: F811
    content = from_bytes(record(context, "2026-001")[1])
    told = json.loads(reader.get(f"{NAME}.json").data)
    assert json.loads(record(context, "2026-001")[1]).items() <= (told.get("content") or told).items()
    with zipfile.ZipFile(io.BytesIO(reader.get(f"{NAME}.zip").data)) as packed:
        named = " ".join(packed.namelist())
        assert all(table.key in named for table in content.tables)
        for name in packed.namelist():
            if name.endswith(".csv"):
                assert list(csv.reader(io.StringIO(packed.read(name).decode("utf-8-sig"))))


@pytest.mark.parametrize("kind", ["pdf", "docx", "xlsx", "zip", "json"])
def test_a_file_is_the_same_for_everybody_and_is_asked_for_again_by_its_tag(reader, kind):
    first, second = reader.get(f"{NAME}.{kind}"), reader.get(f"{NAME}.{kind}")
    assert first.status_code == 200 and first.data == second.data
    assert reader.get(f"{NAME}.{kind}", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    english = reader.get(f"/en{NAME}.{kind}")
    assert english.status_code == 200


def test_a_file_of_a_withdrawn_publication_says_so(browser):  # noqa: F811
    one = signed(browser)
    freeze(one)
    before = browser().client.get(f"{NAME}.pdf").data
    one.send(PAGE, 'value="withdraw"', reason="换算有误")
    after = browser().client.get(f"{NAME}.pdf").data
    assert after != before
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(after)).pages)
    assert "撤回" in text
