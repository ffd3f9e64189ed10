"""The lines of a file of text and their cells, the same for all feeds: whatever is wrong with a line spoils that line alone.

A text is UTF-8 (with or without a byte-order mark), GB 18030, or UTF-16 with a byte-order mark. Lines end as on any system, also
mixed. It is read line by line, so that a file takes no more memory than what is kept of it.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from streams.sources.files import opened
from streams.sources.tally import Unusable

LARGEST_MB = 128
"""Size of the largest file of text that is read [MB]: two million station-hours."""
LONGEST_LINE = 4_000_000
"""Characters of a line, and no file of one endless line."""
MOST_CELLS = 100_000
"""Cells of a line: forty times the stations of the country."""
LONGEST_CELL = 131_072
"""Characters of a cell, which is what the csv module takes."""
_TOO_LONG = f"(a cell of more than {LONGEST_CELL} characters)"
_CHUNK = 1 << 20
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ASCII = bytes(range(128))
MARK = "\ufeff"
"""A byte-order mark, as it is read."""
_WRONG = "\ufffd"
"""What a decoder puts in the place of bytes that it does not know."""


def lines_of(path: str | Path, *, largest_mb: float = LARGEST_MB) -> Iterator[str]:
    """Give the lines of a file without their line ends; of a line that is too long, so much that `cells_of` refuses it.

    Bytes that are neither UTF-8 nor GB 18030 show as U+FFFD. Errors: OSError where the file cannot be read, Unusable where it
    is larger than largest_mb [MB].
    """
    with opened(path) as raw:
        require_size(os.fstat(raw.fileno()).st_size, largest_mb)
        encoding = _encoding_of(raw)
        raw.seek(0)
        file = io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline=None)
        while line := file.readline(LONGEST_LINE):
            rest = line
            while len(rest) == LONGEST_LINE and not rest.endswith("\n"):
                rest = file.readline(LONGEST_LINE)
            yield line.removesuffix("\n")


def require_size(size: int, largest_mb: float) -> None:
    """Raise Unusable where a file of some bytes is larger than largest_mb [MB]."""
    if size > largest_mb * 1e6:
        expected = f"up to {largest_mb:g} MB; cut it into parts, for instance by month"
        raise Unusable("file", "the file is too large", f"{size / 1e6:.1f} MB", expected)


def encoding_of(path: str | Path) -> str:
    """Tell how a text is encoded: as its byte-order mark says; UTF-8 where that reads most of what is not ASCII; else GB 18030.

    GB 18030 finds a sign for nearly any bytes, so a text in UTF-8 with a damaged place must not be tried with it.
    """
    with opened(path) as file:
        return _encoding_of(file)


def _encoding_of(file: BinaryIO) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    wrong = others = 0
    chunk = file.read(_CHUNK)
    if marked := _marked(chunk):
        return marked
    while chunk:
        text = decoder.decode(chunk)
        wrong += text.count(_WRONG)
        others += len(text) - (len(chunk) - len(chunk.translate(None, _ASCII)))
        chunk = file.read(_CHUNK)
    wrong += decoder.decode(b"", final=True).count(_WRONG)
    return "utf-8-sig" if others >= 2 * wrong else "gb18030"


def _marked(head: bytes) -> str:
    """Give the encoding that a byte-order mark of two-byte signs names, nothing where there is none."""
    return "utf-16" if head.startswith(_UTF_16) else ""


def header_of(head: bytes) -> list[str]:
    """Give the cells of the first line that is not empty, as far as it stands in the first bytes of a file.

    Byte-order marks before it are passed over, as where lines are read: an empty file with one, joined with another, leaves two.
    """
    text = head.decode(_marked(head) or "utf-8-sig", "replace").replace("\r", "\n")
    lines = (_split(line.lstrip(MARK)) for line in text.split("\n"))
    return next((cells for cells in lines if any(cells)), [])


def rows_of(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Give the number (from 1) and the cells of each line; a line that is empty but for its commas is none."""
    for number, line in enumerate(lines, start=1):
        cells = cells_of(line)
        if any(cells):
            yield number, cells


def cells_of(line: str, delimiter: str = ",") -> list[str]:
    """Give the stripped cells of a line; of one that cannot be read a single cell that says why, so that their count is wrong.

    Quotation marks hold a cell with commas together, up to the end of the line at most.
    """
    if why := _unreadable(line):
        return [why]
    cells = _split(line, delimiter)
    if len(line) > LONGEST_CELL and max(map(len, cells)) > LONGEST_CELL:
        return [_TOO_LONG]
    return cells


def _split(line: str, delimiter: str = ",") -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter), []) if '"' in line else line.split(delimiter)
    except csv.Error:  # there is no other in a single line
        return [_TOO_LONG]
    return [cell.strip() for cell in cells]


def _unreadable(line: str) -> str:
    if len(line) >= LONGEST_LINE:
        return f"(a line of {LONGEST_LINE} characters or more)"
    if len(line) > MOST_CELLS and line.count(",") >= MOST_CELLS:
        return f"(a line of more than {MOST_CELLS} cells)"
    if _WRONG in line:
        return "(bytes that are neither UTF-8 nor GB 18030)"
    return "(a zero byte)" if "\0" in line else ""
