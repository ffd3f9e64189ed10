"""Take a figure away: its drawing as SVG and PNG, and its numbers as CSV, with what they are of in the head.

The files have addresses of their own, at which they are drawn when somebody asks: those of sections of Dash in figure_files.py,
those of pages as text in snapshots/figured.py. Only PNG needs a script (assets/take.js), which draws the SVG beside it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from dash import html

from dashboards.components.drawing import Drawing
from dashboards.context import Scene
from dashboards.figures.standing import standing
from dashboards.text import Text
from standards.shown import as_cell, harmless

FILES = "/analysis/figures/"
_GATHERED: ContextVar[list[Figure] | None] = ContextVar("figures", default=None)
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
    heads: of the columns, with their units; rows: exactly what is drawn. legend: what the page says beside the drawing, as
    (colour or class, words).
    """

    name: str
    svg: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]
    about: About
    legend: Sequence[tuple[str, str]] = ()

    def as_svg(self, text: Text) -> str:
        """Give the drawing as a file, with what it is of above and below it."""
        title, *below = self.about.lines(text)
        return standing(self.svg, title, below, self.legend)

    def as_csv(self, text: Text) -> str:
        """Give the numbers as a file."""
        return as_csv(self.heads, self.rows, self.about.lines(text))


def figure(scene: Scene, section: str, drawn: Figure, shown: Sequence[str] = (), class_name: str = "") -> html.Figure:
    """Show a drawing with links that give it as SVG, PNG and its numbers as CSV.

    section: the section of Dash that draws it. shown: what the page shows instead, where the file is another drawing of the
    same values: type that keeps its size, or a sheet of several. class_name: of the box around each drawing.
    """
    boxes = [Drawing(each, className=class_name) for each in shown or (drawn.svg,)]
    return html.Figure([*boxes, taking(scene, section, drawn)], className="figure")


def taking(scene: Scene, section: str, drawn: Figure) -> html.Figcaption:
    """Link to the files of a figure of a section, pinned to the hour shown: the link says the same when the next hour has come."""
    if (found := _GATHERED.get()) is not None:
        found.append(drawn)
    asked = scene.link(hour=scene.moment.hour)
    svg, rows = (
        f"{FILES}{section}/{drawn.name}.{kind}{asked}" if there else ""
        for kind, there in (("svg", drawn.svg), ("csv", drawn.rows))
    )
    return links(scene.text, drawn.name, svg, rows)


@contextmanager
def gathered() -> Iterator[list[Figure]]:
    """Gather the figures that are drawn inside."""
    found: list[Figure] = []
    token = _GATHERED.set(found)
    try:
        yield found
    finally:
        _GATHERED.reset(token)


def links(text: Text, name: str, svg: str, rows: str) -> html.Figcaption:
    """Lead to the files of a figure. svg, rows: their addresses, empty for none. The link of PNG finds that of SVG beside it."""
    made: list[Any] = []
    if svg:
        made.append(html.A("SVG", href=svg, download=f"{name}.svg", **{"data-take": "svg"}))
        made.append(html.A("PNG", href=svg, download=f"{name}.png", **{"data-take": "png"}))
    if rows:
        made.append(html.A("CSV", href=rows, download=f"{name}.csv", **{"data-take": "csv"}))
    return html.Figcaption([html.Span(text("take.label")), *made], className="take")


def as_csv(heads: Sequence[str], rows: Sequence[Sequence[Any]], about: Sequence[str] = ()) -> str:
    """Write a table as CSV: lines of what it is about begin with "# "; None and NaN are NA.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    written = io.StringIO()
    for line in about:
        written.write(f"# {harmless(' '.join(line.split()))}\n")
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow([_cell(each) for each in heads])
    lines.writerows([_cell(each) for each in row] for row in rows)
    return _BOM + written.getvalue()


def _cell(value: Any) -> Any:
    if value is None or value != value:
        return "NA"
    if isinstance(value, str):
        return as_cell(value)
    return f"{value:.6g}" if isinstance(value, float) else value
