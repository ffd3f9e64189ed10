"""Sheets of Excel (xlsx) as tables: within limits, without running anything, dates as the workbook's calendar has them.

A workbook is an archive, so its sizes are looked at before it is opened. Of a formula what it gave last is read; one that was never
computed is missing, and said to be. An error such as #DIV/0! is no number.
"""

from __future__ import annotations

import datetime as dt
import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from streams.sources.maps import clock
from streams.sources.maps.opening import opened, size_mb
from streams.sources.maps.spec import Column, ColumnMap
from streams.sources.maps.tables import Table, merged, place_of, printable_text, require_size
from streams.sources.tally import Unusable

WORKBOOK = "xl/workbook.xml"
NOT_COMPUTED = "(a formula without a value)"
LARGEST_MB, LARGEST_UNPACKED_MB, LARGEST_TEXTS_MB = 64, 400, 64
LARGEST_RATIO = 100
"""How many times as large as itself a packed part may become; sheets of numbers become ten times as large."""
MOST_PARTS, MOST_COLUMNS, LARGEST_LIST_MB = 2_000, 1_000, 1
_TAIL = 65_557
"""Bytes among which the end of an archive stands: its list's place and size, and a comment."""
_DAYS_1904 = 1462
"""Days between the two calendars of Excel."""
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
_EXPECTED = "a workbook that Excel or LibreOffice has written as xlsx"


def table(path: Path, spec: ColumnMap) -> Table:
    """Give the table of a sheet. Errors: Unusable where the workbook is too large, broken or has no such sheet."""
    header = spec.file.header
    heads = first_rows(path, spec.file.sheet, header[-1]) if header else []
    if header and len(heads) < header[-1]:
        raise Unusable(
            "file", "the sheet ends before its header", f"{len(heads)} rows", f"a header in row {header[-1]}"
        )
    names = merged([heads[number - 1] for number in header])
    width = len(names) or max((column for column in spec.columns if isinstance(column, int)), default=1)
    if len(names) > MOST_COLUMNS:
        raise Unusable(
            f"row {header[-1]}", "more columns than a sheet may have", str(len(names)), f"up to {MOST_COLUMNS}"
        )
    serial = [place_of(column, names) for column in spec.time.columns] if spec.time.form == clock.EXCEL else []
    rows = _rows(path, spec.file.sheet, first=(header[-1] if header else 0) + 1, width=width, serial=serial)
    place = f"row {header[-1]}" if header else "file"
    return Table(names, place, ((f"row {number}", cells) for number, cells in rows if any(cells)))


def first_rows(path: Path, sheet: Column, count: int) -> list[list[str]]:
    """Give the cells of the first rows of a sheet. Errors: as table."""
    with _opened(path, sheet) as (_, found):
        rows = found.iter_rows(max_row=count, values_only=True)
        return [[text_of(value) for value in row[: MOST_COLUMNS + 1]] for row in rows]


def sheets_of(path: Path) -> list[str]:
    """Name the sheets of a workbook. Errors: as table."""
    with _opened(path, 1) as (book, _):
        return [sheet.title for sheet in book.worksheets]


def text_of(value: Any) -> str:
    """Write what a cell holds as a table of text would: numbers in full, times to the second."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "(true or false)"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dt.datetime) and value.year < dt.MAXYEAR:
        return (value + dt.timedelta(microseconds=500_000)).replace(microsecond=0).isoformat(" ")
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    if isinstance(value, dt.time):
        return text_of(dt.timedelta(hours=value.hour, minutes=value.minute, seconds=value.second))
    return printable_text(" ".join(str(value).split()))


def archive_of(file: BinaryIO) -> zipfile.ZipFile:
    """Open the archive that a workbook is, if its list of parts is as short as a workbook's. Errors: Unusable, and zipfile's."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
    tail = file.read(_TAIL)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or int.from_bytes(tail[at + 12 : at + 16], "little") > LARGEST_LIST_MB * 1e6:
        raise Unusable("file", "the list of parts of the archive is none of a workbook", "", _EXPECTED)
    return zipfile.ZipFile(file)


@contextmanager
def _opened(path: Path, sheet: Column, *, computed: bool = True) -> Iterator[tuple[Any, Any]]:
    """Open a workbook that was looked at: it and one of its sheets. Whatever the library raises for it is Unusable."""
    from openpyxl import load_workbook

    with opened(path) as file:
        try:
            _require_sound(file)
            book = load_workbook(file, read_only=True, data_only=computed, keep_links=False)
            sheets = {each.title: each for each in book.worksheets}
            wanted = sheet if isinstance(sheet, str) else next(iter([*sheets][sheet - 1 : sheet]), None)
            if wanted not in sheets:
                raise Unusable("file", "no such sheet", str(sheet), f"one of {', '.join(sheets)}"[:200])
            sheets[wanted].reset_dimensions()  # what a workbook says of its own size need not be so
            yield book, sheets[wanted]
        except (Unusable, MemoryError):
            raise
        except Exception as error:
            raise _broken(error) from error


def _rows(
    path: Path, sheet: Column, *, first: int, width: int, serial: Sequence[int | None]
) -> Iterator[tuple[int, list[str]]]:
    with _opened(path, sheet) as (book, found):
        days = _DAYS_1904 if book.epoch.year == 1904 else 0
        rows = found.iter_rows(min_row=first, max_col=width, values_only=True)
        formulas = _formulas(path, sheet, first, width) if _has_formulas(path) else None
        for number, row in enumerate(rows, start=first):
            cells = [text_of(value) for value in row]
            cells += [""] * (width - len(cells))
            for i in next(formulas, ()) if formulas else ():
                cells[i] = cells[i] or NOT_COMPUTED
            for i in serial if days else ():
                cells[i] = _later(row[i], cells[i], days)
            yield number, cells


def _formulas(path: Path, sheet: Column, first: int, width: int) -> Iterator[list[int]]:
    """Give for each row which of its cells hold formulas."""
    with _opened(path, sheet, computed=False) as (_, found):
        for row in found.iter_rows(min_row=first, max_col=width):
            yield [i for i, cell in enumerate(row) if cell.data_type == "f"]


def _later(value: Any, cell: str, days: int) -> str:
    """Move a plain number of a day from the calendar of 1904 to that of 1900."""
    return repr(value + days) if isinstance(value, int | float) and not isinstance(value, bool) else cell


def _require_sound(file: BinaryIO) -> None:
    """Refuse a workbook that is larger unpacked than it may be, or declares anything of its own in its XML."""
    require_size(file, LARGEST_MB)
    with archive_of(file) as archive:
        parts = archive.infolist()
        size = sum(part.file_size for part in parts)
        wild = [p for p in parts if p.file_size > 1e6 and p.file_size > LARGEST_RATIO * max(p.compress_size, 1)]
        texts = sum(part.file_size for part in parts if "sharedStrings" in part.filename)
        if len(parts) > MOST_PARTS or size > LARGEST_UNPACKED_MB * 1e6 or wild or texts > LARGEST_TEXTS_MB * 1e6:
            found = f"{len(parts)} parts of {size / 1e6:.0f} MB in {size_mb(file):.1f} MB"
            expected = f"up to {LARGEST_UNPACKED_MB} MB, no part packed more than {LARGEST_RATIO} times; save it anew or as CSV"
            raise Unusable("file", "the workbook is larger unpacked than it may be", found, expected)
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as packed:
                    head = packed.read(4096)
                if any(word in head for word in _DECLARATIONS):
                    raise Unusable("file", "the workbook declares entities of its own", part.filename, _EXPECTED)


def _has_formulas(path: Path) -> bool:
    with opened(path) as file, zipfile.ZipFile(file) as archive:
        return any(_holds(archive, name, b"<f") for name in archive.namelist() if name.startswith("xl/worksheets/"))


def _holds(archive: zipfile.ZipFile, name: str, word: bytes) -> bool:
    before = b""
    with archive.open(name) as file:
        while chunk := file.read(1 << 20):
            if word in before + chunk:
                return True
            before = chunk[1 - len(word) :]
    return False


def _broken(error: Exception) -> Unusable:
    return Unusable("file", "the workbook cannot be read", f"{type(error).__name__}: {error}", _EXPECTED)
