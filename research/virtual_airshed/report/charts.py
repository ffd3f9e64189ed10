"""What figures are put together from beside panels: keys, tables, stacked bars, tables of colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.report.names import number
from research.virtual_airshed.report.palette import INK, Scale, ink_on
from research.virtual_airshed.report.panel import WIDTH, Panel, drawing, ends, nice_ticks
from research.virtual_airshed.report.svg import tag, text, tip
from research.virtual_airshed.report.words import Both, html, same

NAMES = 78.0
"""Room for the names of rows."""
ROW = 24.0
"""Height of a bar and the room around it."""


@dataclass(frozen=True)
class Key:
    """One entry of a legend: colour, text, and how it looks: "box", "line", "dash" or "ring"."""

    colour: str
    said: Both
    look: str = "box"


def legend(keys: Sequence[Key]) -> str:
    """Write a legend."""
    entries = [tag("span", tag("i", class_=key.look, style=f"--c:{key.colour}"), html(key.said)) for key in keys]
    return tag("div", *entries, class_="legend")


def figure(name: str, title: Both, panels: Sequence[str], caption: Both, *, keys: Sequence[Key] = (), columns: int = 3,
           below: str = "") -> str:  # fmt: skip
    """Put panels together under a title, with what is seen and what it means below. below: markup between the two,
    such as a table.
    """
    return tag(
        "figure", tag("h3", html(title)), legend(keys) if keys else "", tag("div", *panels, class_=f"panels of-{columns}"), below,
        tag("figcaption", html(caption)), id=name,
    )  # fmt: skip


def table(head: Sequence[Both], rows: Sequence[Sequence[Both | str]], *, first: int = 1, class_: str = "") -> str:
    """Write a table. rows: cells as Both (escaped) or as markup. first: how many columns are names, the others are
    numbers.
    """
    heads = tag("tr", *(tag("th", html(h), class_=None if i < first else "number") for i, h in enumerate(head)))
    body = [tag("tr", *(_cell(cell, i, first) for i, cell in enumerate(row))) for row in rows]
    return tag("div", tag("table", tag("thead", heads), tag("tbody", *body), class_=class_ or None), class_="scroll")


def _cell(cell: Both | str, i: int, first: int) -> str:
    inner = html(cell) if isinstance(cell, Both) else cell
    return tag("th", inner, scope="row") if i == 0 else tag("td", inner, class_=None if i < first else "number")


@dataclass(frozen=True)
class Part:
    """One part of stacked bars: colour, name, and its size in each row (row,)."""

    colour: str
    said: Both
    sizes: np.ndarray


def stacks(title: Both, rows: Sequence[Both], parts: Sequence[Part], *, unit: str, form: str = "{:.0f}", most: float | None = None,
           between: tuple[float, float] | None = None, numbered: float = 0.09, width: float = WIDTH) -> str:  # fmt: skip
    """Draw a row of stacked bars for each name; what is negative goes to the left of zero.

    most: end of the axis. between: a range that is marked on every row, for instance a published one. numbered:
    from which share of the axis on a part bears its number.
    """
    sizes = np.stack([part.sizes for part in parts])
    low = min(float(np.minimum(sizes, 0).sum(axis=0).min()) * 1.05, 0.0)
    high = most or ends(np.maximum(sizes, 0).sum(axis=0), room=0.03)[1]
    height = 34.0 + 26.0 + ROW * len(rows)
    panel = Panel(title, x=(low, high), y=(len(rows), 0), width=width, height=height, margins=(NAMES, 26.0))
    panel.x_axis([(v, same(number(v, "{:g}"))) for v in nice_ticks(low, high, 5)], ruled=True)
    inside: list[tuple[str, float, float, str]] = []
    for r, name in enumerate(rows):
        panel.label(name, low, r + 0.5, anchor="end", dx=-8, dy=4, class_="tick name")
        edge = {True: 0.0, False: 0.0}
        for part in parts:
            size = float(part.sizes[r])
            start, said = edge[size >= 0], number(size, form)
            edge[size >= 0] = start + size
            told = name + same(" · ") + part.said + same(f" {said} {unit}")
            panel.bar((start, start + size), (r + 0.14, r + 0.86), part.colour, told)
            if abs(size) >= numbered * (high - low):
                inside.append((said, start + size / 2, r + 0.5, ink_on(part.colour)))
    for end in between or ():
        panel.line(np.array([end, end]), np.array([0.0, len(rows)]), INK, dash="5 4", width=1.4)
    for said, x, y, ink in inside:
        panel.label(same(said), x, y, dy=4, colour=ink, class_="inbar")
    return panel.svg()


def heat(title: Both, rows: Sequence[Both], columns: Sequence[Both], values: np.ndarray, scale: Scale, *, form: str = "{:.2f}",
         marks: np.ndarray | None = None, width: float = WIDTH, left: float = NAMES, said: str = "") -> str:  # fmt: skip
    """Draw a table of coloured numbers (row, column). marks: text that stands behind a number, "" for none. said:
    unit told with the number.
    """
    cell, row, top = (width - left - 8) / len(columns), 23.0, 46.0
    middle = [left + (c + 0.5) * cell for c in range(len(columns))]
    base = [top + (r + 0.5) * row + 4 for r in range(len(rows))]
    drawn = [
        text(name, x, top - 7, text_anchor="middle", class_="tick") for name, x in zip(columns, middle, strict=True)
    ]
    drawn += [
        text(name, left - 8, y, text_anchor="end", class_="tick name") for name, y in zip(rows, base, strict=True)
    ]
    for (r, c), value in np.ndenumerate(values):
        colour, mark = scale.of(value), "" if marks is None else str(marks[r, c])
        shown = same("–" if np.isnan(value) else number(value, form) + mark)
        told = tip(rows[r] + same(" · ") + columns[c] + same(" ") + shown + same(f" {said}"))
        place = {"x": left + c * cell + 1, "y": top + r * row + 1, "width": cell - 2, "height": row - 2, "rx": 3}
        drawn.append(tag("rect", fill=colour, **place, **told))
        drawn.append(text(shown, middle[c], base[r], text_anchor="middle", fill=ink_on(colour), class_="inbar"))
    return drawing(drawn, title, width=width, height=top + row * len(rows) + 8)
