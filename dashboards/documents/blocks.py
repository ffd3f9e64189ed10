"""What a document consists of, the same for PDF and Word: headings, paragraphs, tables and figures, in order. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from dashboards.figures.subscripts import Runs

LEFT, MIDDLE, NUMBERS = "left", "middle", "numbers"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading with its number in the text; level 1 or 2."""

    level: int
    text: Runs
    kind: str = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. style: "body", "lead" (stays with what follows), "note" (small)."""

    text: Runs
    style: str = "body"
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table, or a part of one: caption above, heads of (lines, unit), cells; widths [em], how each column stands, notes below.

    digits: of columns of numbers, the longest cell [characters], so that numbers stand below each other under a centred head.
    share: of the room that it takes. together: whether it is kept on one page.
    """

    caption: Runs
    heads: tuple[tuple[tuple[Runs, ...], str], ...]
    rows: tuple[tuple[Runs, ...], ...]
    widths: tuple[float, ...]
    aligned: tuple[str, ...]
    digits: tuple[int, ...]
    notes: tuple[Runs, ...] = ()
    size: float = 10.0
    share: float = 1.0
    together: bool = True
    kind: str = "grid"


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure with its caption below; said: what is seen, for whoever does not see it."""

    caption: Runs
    svg: str
    said: str
    notes: tuple[Runs, ...] = ()
    kind: str = "picture"


@dataclass(frozen=True, slots=True)
class Report:
    """A document. mark: organ above; marks: words in the header of every page; watermark: "" for none; annex stands across.

    sealed: (title, rows of (name, digest)) on the last page.
    """

    lang: str
    title: str
    mark: str
    number: str
    period: str
    marks: str
    watermark: str
    blocks: tuple[Any, ...]
    signature: tuple[str, ...]
    annex_title: str
    annex: tuple[Any, ...]
    sealed_title: str
    sealed: tuple[tuple[str, str], ...]
    dated: dt.date
    author: str
