"""Tables of an assessment as grids that fit a page: columns measured, too many of them set below each other. Pure."""

from __future__ import annotations

import itertools
import math
import re
from functools import cache

from dashboards.documents.blocks import LEFT, MIDDLE, NUMBERS, Grid
from dashboards.documents.spoken import Spoken
from dashboards.figures.subscripts import Runs, flat, runs
from dashboards.phase.content import NUMBER, TEXT, Column, Table

UPRIGHT_PT, ACROSS_PT = 442.0, 637.0
"""Breadth of the text [pt]: A4 with margins of 28 and 26 mm upright, of 37 and 35 mm across."""
BODY_SIZE, ANNEX_SIZE = 10.0, 9.0
PADDING_PT = 7.0
SHORT_HEAD_EM, LONG_HEAD_EM = 3.2, 10.0
"""Heads up to these stand on one line, on two lines."""
TOGETHER_LINES = 26
"""Of a table that is kept on one page; a longer one breaks, with its head repeated."""
_PIECE = re.compile(r"[!-~]+ ?|.")
LOOSEST = 2.0
"""How much broader than needed a table may be drawn."""
LONGEST_EM = 16.0
"""A column of texts is not broader than this; longer ones run over lines."""


def fitting(table: Table, spoken: Spoken, room: float, size: float) -> list[list[int]]:
    """Give which columns stand in which part so that each part fits the room [pt], the parts about equally broad.

    The first column stands in every part.
    """
    breadths = _breadths(table, spoken, size)
    parts = _filled(breadths, room)
    if len(parts) == 1:
        return parts
    even = breadths[0] + sum(breadths[1:]) / len(parts)
    while len(better := _filled(breadths, even)) > len(parts) and even < room:
        even += size
    return better if len(better) == len(parts) else parts


def first_fitting(table: Table, spoken: Spoken, room: float, size: float) -> list[int]:
    """Give the first columns of a table that fit a room [pt]."""
    return _filled(_breadths(table, spoken, size), room)[0]


def _breadths(table: Table, spoken: Spoken, size: float) -> list[float]:
    return [width * size + PADDING_PT for width in _widths(table, spoken)]


def _filled(breadths: list[float], room: float) -> list[list[int]]:
    parts, used = [[0]], breadths[0]
    for at in range(1, len(breadths)):
        if used + breadths[at] > room and len(parts[-1]) > 1:
            parts.append([0])
            used = breadths[0]
        parts[-1].append(at)
        used += breadths[at]
    return parts


def grid(
    table: Table,
    spoken: Spoken,
    columns: list[int],
    caption: str,
    *,
    room: float,
    size: float,
    notes: tuple[str, ...] = (),
) -> Grid:
    """Set some columns of a table as a grid; one that needs little of the room [pt] is not drawn out over all of it."""
    widths = _widths(table, spoken)
    shown = [[spoken.cell(row[at], table.columns[at]) for at in columns] for row in table.rows]
    kinds = [table.columns[at].kind for at in columns]
    digits = tuple(
        max((len(row[i]) for row in shown), default=1) if kinds[i] == NUMBER else 0 for i in range(len(columns))
    )
    return Grid(
        caption=runs(caption),
        heads=tuple(_head(table.columns[at], spoken) for at in columns),
        rows=tuple(tuple(runs(cell) for cell in row) for row in shown),
        widths=tuple(round(widths[at], 2) for at in columns),
        aligned=tuple(NUMBERS if kind == NUMBER else LEFT if kind == TEXT else MIDDLE for kind in kinds),
        digits=digits,
        notes=tuple(runs(note) for note in notes),
        size=size,
        share=round(min(1.0, sum(widths[at] * size + PADDING_PT for at in columns) * LOOSEST / room), 3),
        together=sum(_tall(row, columns, widths) for row in shown) <= TOGETHER_LINES,
    )


def _tall(row: list[str], columns: list[int], widths: list[float]) -> int:
    """Count the lines of a row."""
    return max(math.ceil(breadth(cell) / widths[at]) for cell, at in zip(row, columns, strict=True))


def _widths(table: Table, spoken: Spoken) -> list[float]:
    """Measure each column [em]: its longest cell, and its head over two lines."""
    measured = []
    for at, column in enumerate(table.columns):
        cells = max((breadth(spoken.cell(row[at], column)) for row in table.rows), default=1.0)
        measured.append(
            max(2.2, min(cells, LONGEST_EM), *(breadth(line) + 0.2 for line in _head_texts(column, spoken)))
        )
    return measured


def _head(column: Column, spoken: Spoken) -> tuple[tuple[Runs, ...], str]:
    return tuple(runs(line) for line in head_lines(flat(spoken.head(column)))), spoken.unit(column)


def _head_texts(column: Column, spoken: Spoken) -> list[str]:
    unit = spoken.unit(column)
    return [*head_lines(flat(spoken.head(column))), *([f"({unit})"] if unit else [])]


@cache
def head_lines(words: str) -> tuple[str, ...]:
    """Set a head on one to three lines about equally broad: no name or number broken, rather between a name and what follows."""
    pieces = _PIECE.findall(words)
    latin = 1.7 if words.isascii() else 1.0  # words are broken between them alone, and need more room
    whole = breadth(words)
    allowed = 1 if whole <= SHORT_HEAD_EM * latin else 2 if whole <= LONG_HEAD_EM * latin else 3
    cuts = min(
        itertools.combinations(range(1, len(pieces)), min(allowed, len(pieces)) - 1),
        key=lambda cuts: (
            max(breadth("".join(pieces[a:b]).strip()) for a, b in _between(cuts, len(pieces)))
            + sum(0.6 for at in cuts if not pieces[at - 1].isascii() and not pieces[at].isascii())
        ),
    )
    return tuple("".join(pieces[a:b]).strip() for a, b in _between(cuts, len(pieces)))


def _between(cuts: tuple[int, ...], count: int) -> list[tuple[int, int]]:
    return list(itertools.pairwise((0, *cuts, count)))


def breadth(text: str) -> float:
    """Give how broad a text is [em]; a Chinese character is 1, others take the digits' 0.56 or the letters' 0.6."""
    return sum(1.0 if ord(c) > 0x2E7F else 0.56 if c.isdigit() or c in " .,:;|−-" else 0.62 for c in text)
