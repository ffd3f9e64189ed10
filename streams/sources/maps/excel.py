"""Sheets of Excel (xlsx) as tables: within limits, without running anything, dates as the workbook's calendar has them.

A workbook is an archive, so its sizes are looked at before it is opened. Of a formula what it gave last is read; one that was never
computed is missing, and said to be. An error such as #DIV/0! is no number.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from streams.sources.maps import clock
from streams.sources.maps.spec import Column, ColumnMap
from streams.sources.maps.tables import Table, merged, place_of, printable_text, require_size
from streams.sources.tally import Unusable

WORKBOOK = "xl/workbook.xml"
NOT_COMPUTED = "(a formula without a value)"
LARGEST_MB, LARGEST_UNPACKED_MB, LARGEST_TEXTS_MB = 64, 400, 64
LARGEST_RATIO = 100
"""How many times as large as itself a packed part may become; sheets of numbers become ten times as large."""
MOST_PARTS, MOST_COLUMNS = 2_000, 1_000
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
    with _Opened(path, sheet) as opened:
        rows = opened.sheet.iter_rows(max_row=count, values_only=True)
        return [[text_of(value) for value in row[: MOST_COLUMNS + 1]] for row in rows]


def sheets_of(path: Path) -> list[str]:
    """Name the sheets of a workbook. Errors: as table."""
    with _Opened(path, 1) as opened:
        return [sheet.title for sheet in opened.book.worksheets]


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


class _Opened:
    """A workbook that was looked at and opened, and one of its sheets; whatever the library raises for it is Unusable."""

    def __init__(self, path: Path, sheet: Column, *, computed: bool = True) -> None:
        self._path, self._sheet, self._computed = path, sheet, computed

    def __enter__(self) -> _Opened:
        _require_sound(self._path)
        from openpyxl import load_workbook

        try:
            self.book = load_workbook(self._path, read_only=True, data_only=self._computed, keep_links=False)
        except Exception as error:
            raise _broken(error) from error
        sheets = {each.title: each for each in self.book.worksheets}
        wanted = (
            self._sheet
            if isinstance(self._sheet, str)
            else next(iter(list(sheets)[self._sheet - 1 : self._sheet]), None)
        )
        if wanted not in sheets:
            self.book.close()
            raise Unusable("file", "no such sheet", str(self._sheet), f"one of {', '.join(sheets)}"[:200])
        self.sheet = sheets[wanted]
        self.sheet.reset_dimensions()  # what a workbook says of its own size need not be so
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.book.close()
        if isinstance(error, Exception) and not isinstance(error, Unusable | OSError | MemoryError):
            raise _broken(error) from error


def _rows(
    path: Path, sheet: Column, *, first: int, width: int, serial: Sequence[int | None]
) -> Iterator[tuple[int, list[str]]]:
    with _Opened(path, sheet) as opened:
        days = _DAYS_1904 if opened.book.epoch.year == 1904 else 0
        rows = opened.sheet.iter_rows(min_row=first, max_col=width, values_only=True)
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
    with _Opened(path, sheet, computed=False) as opened:
        for row in opened.sheet.iter_rows(min_row=first, max_col=width):
            yield [i for i, cell in enumerate(row) if cell.data_type == "f"]


def _later(value: Any, cell: str, days: int) -> str:
    """Move a plain number of a day from the calendar of 1904 to that of 1900."""
    return repr(value + days) if isinstance(value, int | float) and not isinstance(value, bool) else cell


def _require_sound(path: Path) -> None:
    """Refuse a workbook that is larger unpacked than it may be, or declares anything of its own in its XML."""
    require_size(path, LARGEST_MB)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            wild = [p for p in parts if p.file_size > 1e6 and p.file_size > LARGEST_RATIO * max(p.compress_size, 1)]
            texts = sum(part.file_size for part in parts if "sharedStrings" in part.filename)
            if len(parts) > MOST_PARTS or size > LARGEST_UNPACKED_MB * 1e6 or wild or texts > LARGEST_TEXTS_MB * 1e6:
                found = f"{len(parts)} parts of {size / 1e6:.0f} MB in {path.stat().st_size / 1e6:.1f} MB"
                expected = f"up to {LARGEST_UNPACKED_MB} MB, no part packed more than {LARGEST_RATIO} times; save it anew or as CSV"
                raise Unusable("file", "the workbook is larger unpacked than it may be", found, expected)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as file:
                        head = file.read(4096)
                    if any(word in head for word in _DECLARATIONS):
                        raise Unusable("file", "the workbook declares entities of its own", part.filename, _EXPECTED)
    except Exception as error:
        if isinstance(error, Unusable | MemoryError) or (isinstance(error, OSError) and error.filename):
            raise
        raise _broken(error) from error


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                with archive.open(name) as file:
                    before = b""
                    while chunk := file.read(1 << 20):
                        if b"<f" in before + chunk:
                            return True
                        before = chunk[-1:]
    return False


def _broken(error: Exception) -> Unusable:
    return Unusable("file", "the workbook cannot be read", f"{type(error).__name__}: {error}", _EXPECTED)
