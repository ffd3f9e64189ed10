"""Cells of CSV and Excel files as rows of text, and the moments in their first column."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

from research.receptor.refusals import ReceptorError

LARGEST_MB = 128
FORMATS = (
    "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y", "%m/%d/%y %H:%M",
    "%m/%d/%y",
)  # fmt: skip
"""How times are written: ISO 8601, or month first as EPA PMF 5 does; day first is not told apart from that and not read."""


def rows_of_file(path: Path) -> list[list[str]]:
    """Read the cells of a CSV or of the first sheet of an xlsx file, trimmed. Errors: ReceptorError names file and fault."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ReceptorError(f"the table {path} cannot be read: {error.strerror}") from error
    if size > LARGEST_MB * 1_000_000:
        raise ReceptorError(f"{path.name} has {size / 1e6:.0f} MB, expected {LARGEST_MB} at most")
    return _of_excel(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _of_text(path)


def moment_of(cell: str) -> dt.datetime | None:
    """Read a time as it is written, None for what is none. 24:00 is the midnight that ends the day."""
    text = cell.strip()
    late = text.endswith(" 24:00")
    if late:
        text = f"{text[:-6]} 00:00"
    for form in FORMATS:
        try:
            found = dt.datetime.strptime(text, form)
        except ValueError:
            continue
        return found + dt.timedelta(days=1) if late else found
    return None


def _of_text(path: Path) -> list[list[str]]:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ReceptorError(f"{path.name} is neither UTF-8 nor GB 18030, expected one of them")
    if "\0" in text:
        raise ReceptorError(f"{path.name} holds zero bytes, expected a text of CSV")
    lines = text.splitlines()
    head = next((line for line in lines if line.strip()), "")
    sign = max((",", "\t", ";"), key=head.count)
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=sign)]
    except csv.Error as error:
        raise ReceptorError(f"{path.name} cannot be read as CSV: {error}") from error


def _of_excel(path: Path) -> list[list[str]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            rows = [[_cell(each) for each in row] for row in book.worksheets[0].iter_rows(values_only=True)]
            widest = max(map(len, rows), default=0)  # a sheet does not hold the empty cells at the end of a row
            return [row + [""] * (widest - len(row)) for row in rows]
        finally:
            book.close()
    except (BadZipFile, KeyError, ValueError, TypeError, OSError, IndexError, EOFError) as error:
        raise ReceptorError(f"{path.name} cannot be read as an xlsx file: {error}") from error


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, dt.date):
        return value.strftime("%Y-%m-%d")
    return repr(value) if isinstance(value, float) else str(value).strip()
