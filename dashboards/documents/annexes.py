"""An assessment as files for machines and for sheets: every table whole, the same numbers as on paper."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import openpyxl
import orjson
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from dashboards.documents.packed import packed, sealed_office
from dashboards.documents.publication import FROZEN, Publication
from dashboards.documents.spoken import Spoken
from dashboards.figures.subscripts import clean, flat
from dashboards.phase.content import NUMBER, Column, Content, Table, Value, as_bytes, digest, shown
from standards.shown import FORMULA, as_cell

_THIN = Side(style="thin", color="FFBEBEBE")
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def named_tables(content: Content) -> Iterator[tuple[str, str, Table]]:
    """Give every table with its name among files and its edition ("" for the one chosen), no name twice."""
    used: Counter[str] = Counter()
    every = [("", table) for table in content.tables]
    every += [(edition, table) for edition, tables in content.by_edition.items() for table in tables]
    for edition, table in every:
        name = f"{table.key}.{edition}" if edition else table.key
        used[name] += 1
        yield (name if used[name] == 1 else f"{name}.{used[name]}"), edition, table


def sheets_of(publication: Publication, content: Content) -> bytes:
    """Give all tables as an Excel file: numbers as numbers shown with their decimals, NA as empty, codes in words."""
    spoken = Spoken(publication.lang, publication.names)
    book = openpyxl.Workbook()
    first = book.active
    first.title = spoken.text("document.columns")[:31]
    _about(first, publication, content, spoken)
    names: Counter[str] = Counter()
    for _, edition, table in named_tables(content):
        title = flat(spoken.title(table)) + (f" {edition}" if edition else "")
        title = title.translate(_NOT_IN_NAMES).strip()[:27] or "-"
        names[title.lower()] += 1
        sheet = book.create_sheet(title if names[title.lower()] == 1 else f"{title} {names[title.lower()]}")
        _sheet(sheet, table, spoken)
    book.properties.title, book.properties.creator = publication.title, publication.organ
    buffer = io.BytesIO()
    book.save(buffer)
    dated = publication.issued.isoformat() if publication.issued else str(content.question.get("last", "2000-01-01"))
    return sealed_office(buffer.getvalue(), f"{dated}T00:00:00Z")


def csv_of(publication: Publication, content: Content) -> bytes:
    """Give all tables as CSV in one zip, with columns.csv that tells what each column is.

    Heads are keys, codes stay codes, numbers have their decimals and a plain minus, NA is empty; UTF-8 with a mark, so that Excel
    reads Chinese.
    """
    spoken = Spoken(publication.lang, publication.names)
    told: list[list[str]] = [["file", "edition", "table", "column", "name", "unit", "decimals", "kind"]]
    files = []
    for name, edition, table in named_tables(content):
        rows = [[column.key for column in table.columns]]
        rows += [
            [_plain(value, column) for value, column in zip(row, table.columns, strict=True)] for row in table.rows
        ]
        files.append((f"{name}.csv", _written(rows)))
        for column in table.columns:
            decimals = str(column.decimals) if column.kind == NUMBER else ""
            words = [
                flat(spoken.title(table)),
                column.key,
                flat(spoken.head(column)),
                column.unit,
                decimals,
                column.kind,
            ]
            told.append([f"{name}.csv", edition, *map(_safe, words)])
    about = [[key, _safe(value)] for key, value in _block(publication, content, spoken)]
    return packed([("columns.csv", _written(told)), ("about.csv", _written(about)), *files])


def json_of(publication: Publication, content: Content) -> bytes:
    """Give publication and content as canonical JSON; "content" is what `content.as_bytes` gives, to the byte of its numbers."""
    form = as_bytes(content)
    around = {
        "title": publication.title, "organ": publication.organ, "period": publication.period, "number": publication.number,
        "issued": publication.issued, "state": publication.state, "sha256s": {**publication.sha256s, "content": digest(form)},
        "simulated": publication.simulated, "lang": publication.lang,
    }  # fmt: skip
    return orjson.dumps({"publication": around, "content": orjson.loads(form)}, option=orjson.OPT_SORT_KEYS)


def _block(publication: Publication, content: Content, spoken: Spoken) -> Iterator[tuple[str, str]]:
    text = spoken.text
    yield text("document.title"), publication.title
    yield text("document.organ"), publication.organ
    yield text("document.of_period"), publication.period
    yield text("document.issued"), publication.issued.isoformat() if publication.issued else text("document.not_issued")
    yield text("document.status"), text.of_code("document.state.", publication.state)
    if publication.simulated or content.about.get("simulated") is True:
        yield text("document.mark"), text("document.simulated_mark")
    for name, value in sorted({**publication.sha256s, "content": digest(as_bytes(content))}.items()):
        yield f"SHA-256 {text.of_code('document.digest.', name)}", value


def _about(sheet: Any, publication: Publication, content: Content, spoken: Spoken) -> None:
    for at, line in enumerate(_block(publication, content, spoken), 1):
        _write(sheet, at, list(line))
    if publication.state != FROZEN:
        sheet["A1"].fill = PatternFill("solid", fgColor="FFF0D0D0")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 28, 80


def _sheet(sheet: Any, table: Table, spoken: Spoken) -> None:
    heads = [flat(spoken.head(c)) + (f" ({spoken.unit(c)})" if c.unit else "") for c in table.columns]
    _write(sheet, 1, heads)
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="FFF0F0F0")
        cell.alignment, cell.border = Alignment("center", "center", wrap_text=True), Border(bottom=_THIN)
    forms = [_form(column) for column in table.columns]
    for at, row in enumerate(table.rows, 2):
        _write(sheet, at, [_in_sheet(v, c, spoken) for v, c in zip(row, table.columns, strict=True)], forms)
    for at, head in enumerate(heads, 1):
        sheet.column_dimensions[get_column_letter(at)].width = max(9.0, min(40.0, len(head) * 1.2))
    sheet.freeze_panes = "B2"
    below = [line for line in (*spoken.notes(table), spoken.sources(table)) if line]
    for at, line in enumerate(below, len(table.rows) + 3):
        _write(sheet, at, [flat(line)])
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def _write(sheet: Any, at: int, values: list[Value], form: Sequence[str] = ()) -> None:
    """Write a row (from 1); a text stays a text also where it begins like a formula. form: of numbers, by column, "" for none."""
    for place, value in enumerate(values, 1):
        if value is None:
            continue
        cell = sheet.cell(at, place, value)
        if isinstance(value, str) and value.startswith(FORMULA):
            cell.data_type, cell.quotePrefix = "s", True
        elif form and form[place - 1]:
            cell.number_format = form[place - 1]


def _form(column: Column) -> str:
    if column.kind != NUMBER:
        return ""
    return f"0.{'0' * column.decimals}" if column.decimals else "0"


def _in_sheet(value: Value, column: Column, spoken: Spoken) -> Value:
    if value is None:
        return None
    return value if column.kind == NUMBER and not isinstance(value, str) else flat(spoken.cell(value, column))


def _plain(value: Value, column: Column) -> str:
    if value is None:
        return ""
    if column.kind == NUMBER and not isinstance(value, str):
        return shown(value, column).replace("−", "-")
    return _safe(str(value))


def _safe(text: str) -> str:
    """Keep a text from being computed by whoever opens it as a sheet."""
    return as_cell(clean(text))


def _written(rows: list[list[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()
