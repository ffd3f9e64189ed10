"""What figures are put together from beside panels: keys, tables, stacked bars, tables of colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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
    low, high = (
        float(np.minimum(sizes, 0).sum(axis=0).min()),
        most or ends(np.maximum(sizes, 0).sum(axis=0), room=0.03)[1],
    )
    panel = Panel(
        title,
        x=(min(low * 1.05, 0.0), high),
        y=(len(rows), 0),
        width=width,
        height=34.0 + 26.0 + ROW * len(rows),
        margins=(NAMES, 26.0),
    )
    panel.x_axis([(v, same(f"{v:g}")) for v in nice_ticks(low, high, 5)], ruled=True)
    for r, name in enumerate(rows):
        panel.label(name, panel.x[0], r + 0.5, anchor="end", dx=-8, dy=4, class_="tick name")
        edge = {True: 0.0, False: 0.0}
        for part in parts:
            size = float(part.sizes[r])
            start, side = edge[size >= 0], size >= 0
            edge[side] = start + size
            said = Both(
                f"{name.zh} · {part.said.zh} {form.format(size)} {unit}",
                f"{name.en} · {part.said.en} {form.format(size)} {unit}",
            )
            panel.bar((start, start + size), (r + 0.14, r + 0.86), part.colour, said)
            if abs(size) >= numbered * (high - low):
                panel.label(
                    same(form.format(size)), start + size / 2, r + 0.5, dy=4, colour=ink_on(part.colour), class_="inbar"
                )
    for end in between or ():
        panel.line(np.array([end, end]), np.array([0.0, len(rows)]), INK, dash="5 4", width=1.4)
    return panel.svg()


def heat(title: Both, rows: Sequence[Both], columns: Sequence[Both], values: np.ndarray, scale: Scale, *, form: str = "{:.2f}",
         marks: np.ndarray | None = None, width: float = 360.0, left: float = NAMES, said: str = "") -> str:  # fmt: skip
    """Draw a table of coloured numbers (row, column). marks: text that stands behind a number, "" for none. said:
    unit told with the number.
    """
    cell, row = (width - left - 8) / len(columns), 23.0
    top = 46.0
    drawn = [
        text(name, left + (c + 0.5) * cell, top - 7, text_anchor="middle", class_="tick")
        for c, name in enumerate(columns)
    ]
    drawn += [
        text(name, left - 8, top + (r + 0.5) * row + 4, text_anchor="end", class_="tick name")
        for r, name in enumerate(rows)
    ]
    for (r, c), value in np.ndenumerate(values):
        colour, mark = scale.of(value), "" if marks is None else str(marks[r, c])
        number = "–" if np.isnan(value) else form.format(value) + mark
        told = Both(
            f"{rows[r].zh} · {columns[c].zh} {number} {said}", f"{rows[r].en} · {columns[c].en} {number} {said}"
        )
        drawn.append(
            tag(
                "rect",
                x=left + c * cell + 1,
                y=top + r * row + 1,
                width=cell - 2,
                height=row - 2,
                rx=3,
                fill=colour,
                **tip(told),
            )
        )
        drawn.append(
            text(
                same(number),
                left + (c + 0.5) * cell,
                top + (r + 0.5) * row + 4,
                text_anchor="middle",
                fill=ink_on(colour),
                class_="inbar",
            )
        )
    return drawing(drawn, title, width=width, height=top + row * len(rows) + 8)
