"""The lines of a file of text and their cells, the same for all feeds: whatever is wrong with a line spoils that line alone.

A text is UTF-8 (with or without a byte-order mark) or GB 18030. It is read line by line, so that a file takes no more memory
than what is kept of it.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from streams.sources.tally import Unusable

LARGEST_MB = 128
"""Size of the largest file of text that is read [MB]: two million station-hours."""
LONGEST_LINE = 4_000_000
"""Characters of a line: a table of 300,000 columns, and no file of one endless line."""
LONGEST_CELL = 131_072
"""Characters of a cell, which is what the csv module takes."""
_TOO_LONG = f"(a cell of more than {LONGEST_CELL} characters)"
_CHUNK = 1 << 20
_ASCII = bytes(range(128))
_WRONG = "\ufffd"
"""What a decoder puts in the place of bytes that it does not know."""


def lines_of(path: str | Path) -> Iterator[str]:
    """Give the lines of a file without their line ends; of a line that is too long, so much that `cells_of` refuses it.

    Bytes that are neither UTF-8 nor GB 18030 show as U+FFFD. Errors: OSError where the file cannot be read, Unusable where it
    is too large.
    """
    size_mb = Path(path).stat().st_size / 1e6
    if size_mb > LARGEST_MB:
        expected = f"up to {LARGEST_MB} MB; cut it into parts, for instance by month"
        raise Unusable("file", "the file is too large", f"{size_mb:.0f} MB", expected)
    with open(path, encoding=encoding_of(path), errors="replace", newline=None) as file:
        while line := file.readline(LONGEST_LINE):
            rest = line
            while len(rest) == LONGEST_LINE and not rest.endswith("\n"):
                rest = file.readline(LONGEST_LINE)
            yield line.removesuffix("\n")


def encoding_of(path: str | Path) -> str:
    """Tell how a text is encoded: UTF-8 where that reads it, or most of what is not ASCII in it; else GB 18030.

    GB 18030 finds a sign for nearly any bytes, so a text in UTF-8 with a damaged place must not be tried with it.
    """
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    wrong = others = 0
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            text = decoder.decode(chunk)
            wrong += text.count(_WRONG)
            others += len(text) - (len(chunk) - len(chunk.translate(None, _ASCII)))
    wrong += decoder.decode(b"", final=True).count(_WRONG)
    return "utf-8-sig" if others >= 2 * wrong else "gb18030"


def header_of(head: bytes) -> list[str]:
    """Give the cells of the first line, as far as it stands in the first bytes of a file."""
    text = head.decode("utf-8-sig", "replace").replace("\r", "\n")
    return _split(text.partition("\n")[0])


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
    if _WRONG in line:
        return "(bytes that are neither UTF-8 nor GB 18030)"
    return "(a zero byte)" if "\0" in line else ""
