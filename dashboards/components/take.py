"""Take a figure away: its drawing as SVG and PNG, and its numbers as CSV, with what they are of in the head.

On pages of Dash the files stand in the page itself as links; pages as text lead to their addresses (snapshots/figured.py).
Only PNG needs a script (assets/take.js), which draws the SVG of the link beside it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from dash import html

from dashboards.components.drawing import Drawing
from dashboards.figures.standing import standing
from dashboards.text import Text

_BOM = "\ufeff"
"""Without it a spreadsheet reads Chinese in the code page of the machine."""


@dataclass(frozen=True)
class About:
    """What the numbers of a figure are of, in the reader's words. unit: "1" where there is none; source: tables, runs, models
    or methods behind them; edition: of the standards, "—" where none was asked; more: lines of what else there is to know.
    """

    title: str
    place: str
    period: str
    unit: str
    source: str
    edition: str
    simulated: bool
    more: tuple[str, ...] = ()

    def lines(self, text: Text) -> list[str]:
        """Give the head of a file: what it is, a line for each fact, and whether anything in it is simulated."""
        told = text("take.yes" if self.simulated else "take.no")
        return [
            self.title, text("take.place", place=self.place), text("take.period", period=self.period),
            text("take.unit", unit=self.unit), text("take.source", source=self.source),
            text("take.edition", edition=self.edition), text("take.simulated", simulated=told), *self.more,
        ]  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """A drawing with its numbers. name: of its files. svg: of dashboards.figures, empty where there is none to take.
    heads: of the columns, with their units; rows: exactly what is drawn.
    """

    name: str
    svg: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]
    about: About

    def as_svg(self, text: Text) -> str:
        """Give the drawing as a file, with what it is of above and below it."""
        title, *below = self.about.lines(text)
        return standing(self.svg, title, [text("take.apart").join(below)])

    def as_csv(self, text: Text) -> str:
        """Give the numbers as a file."""
        return as_csv(self.heads, self.rows, self.about.lines(text))


def figure(text: Text, drawn: Figure, shown: str = "", class_name: str = "") -> html.Figure:
    """Show a drawing with links that give it as SVG, PNG and its numbers as CSV.

    shown: what the page shows instead, where type keeps its size there. class_name: of the box around the drawing.
    """
    return html.Figure([Drawing(shown or drawn.svg, className=class_name), take(text, drawn)], className="figure")


def take(text: Text, drawn: Figure) -> html.Figcaption:
    """Give the links alone; a file that there is nothing for has none."""
    svg = f"data:image/svg+xml;charset=utf-8,{quote(drawn.as_svg(text))}" if drawn.svg else ""
    rows = f"data:text/csv;charset=utf-8,{quote(drawn.as_csv(text))}" if drawn.rows else ""
    return links(text, drawn.name, svg, rows)


def links(text: Text, name: str, svg: str, rows: str) -> html.Figcaption:
    """Lead to the files of a figure. svg, rows: their addresses, empty for none. The link of PNG finds that of SVG beside it."""
    made: list[Any] = []
    if svg:
        made.append(html.A("SVG", href=svg, download=f"{name}.svg", **{"data-take": "svg"}))
        held = svg if svg.startswith("/") else "#png"  # a drawing that stands in the page itself stands there once
        made.append(html.A("PNG", href=held, download=f"{name}.png", **{"data-take": "png"}))
    if rows:
        made.append(html.A("CSV", href=rows, download=f"{name}.csv", **{"data-take": "csv"}))
    return html.Figcaption([html.Span(text("take.label")), *made], className="take")


def as_csv(heads: Sequence[str], rows: Sequence[Sequence[Any]], about: Sequence[str] = ()) -> str:
    """Write a table as CSV: lines of what it is about begin with "# "; None and NaN are NA.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    written = io.StringIO()
    for line in about:
        written.write(f"# {' '.join(line.split())}\n")
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow([_cell(each) for each in heads])
    lines.writerows([_cell(each) for each in row] for row in rows)
    return _BOM + written.getvalue()


def _cell(value: Any) -> Any:
    if value is None or value != value:
        return "NA"
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return f"{value:.6g}" if isinstance(value, float) else value
