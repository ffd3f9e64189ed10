"""The rows of a laboratory's table, from a text with commas or an Excel workbook: number of the row and its cells as texts."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl

from streams.sources.csv_lines import lines_of, require_size, rows_of
from streams.sources.files import opened
from streams.sources.tally import Unusable

LARGEST_MB = 32
"""Size of the largest file [MB]: two hundred thousand results."""
LARGEST_UNPACKED_MB = 512
MOST_ROWS = 200_000
MOST_COLUMNS = 200
WORKBOOK, OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def rows_in(path: Path, sheet: str = "") -> Iterator[tuple[int, list[str]]]:
    """Give the rows that are not empty. sheet: of a workbook which one, where more than one has rows.

    Raises Unusable where the file is none of the two kinds or too large, OSError where it cannot be read.
    """
    with opened(path) as file:
        head = file.read(8)
    if not head:
        raise Unusable("file", "the file is empty", path.name, "a table of results")
    if head.startswith(OLD_WORKBOOK):
        raise Unusable(
            "file", "an Excel file of before 2007, or one with a password", path.name, "xlsx without a password, or CSV"
        )
    rows = _of_workbook(path, sheet) if head.startswith(WORKBOOK) else rows_of(lines_of(path, largest_mb=LARGEST_MB))
    for count, row in enumerate(rows):
        if count >= MOST_ROWS:
            raise Unusable(
                "file", "more rows than one file may bring", f"{count} rows or more", f"up to {MOST_ROWS} rows"
            )
        yield row


def _of_workbook(path: Path, sheet: str) -> Iterator[tuple[int, list[str]]]:
    with opened(path) as file:
        _require_harmless(file, path)
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            found = {each.title: rows for each in book.worksheets if (rows := list(_rows(each)))}
        except Unusable:
            raise
        except Exception as error:  # openpyxl raises whatever its parts raise
            reason = f"the workbook cannot be read: {type(error).__name__}"
            raise Unusable("file", reason, path.name, "a workbook as Excel writes it, or CSV") from error
    if sheet and sheet not in found:
        raise Unusable("file", "no such sheet with rows", sheet, f"one of {', '.join(found)}")
    if not sheet and len(found) != 1:
        raise Unusable(
            "file", "not one sheet with rows", ", ".join(found) or "none", "one, or the name of one by --sheet"
        )
    yield from found[sheet or next(iter(found))]


def _require_harmless(file, path: Path) -> None:
    require_size(path.stat().st_size, LARGEST_MB)
    try:
        size = sum(each.file_size for each in zipfile.ZipFile(file).infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        reason = f"the workbook cannot be read: {type(error).__name__}"
        raise Unusable("file", reason, path.name, "a workbook as Excel writes it, or CSV") from error
    require_size(size, LARGEST_UNPACKED_MB)
    file.seek(0)


def _rows(sheet) -> Iterator[tuple[int, list[str]]]:
    sheet.reset_dimensions()  # what a file says of its size may be anything
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), start=1):
        cells = [_text(value) for value in row]
        if any(cells):
            yield number, cells
        if number > 2 * MOST_ROWS:
            raise Unusable(
                "file", "more rows than one file may bring", f"{number} rows or more", f"up to {MOST_ROWS} rows"
            )


def _text(value: object) -> str:
    """Write a cell as a person sees it: a day by its date, a whole number without a point."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat(sep=" ") if isinstance(value, dt.datetime) else value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()
