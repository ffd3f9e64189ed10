"""A month of days as a calendar: each with its value in words of colour and number. Pure."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboards.figures.plot import figure
from dashboards.figures.svg import tag
from dashboards.figures.targets import asking, target
from dashboards.theme import ink_on

CELL, HEIGHT, HEAD = 42, 32, 16


@dataclass(frozen=True)
class Cell:
    """A day: what stands in it, its colour, and what is read out."""

    words: str
    colour: str
    title: str
    simulated: bool = False
    ask: str = ""
    """Where it leads, empty for nowhere."""


def month_days(year: int, month: int, cells: Mapping[dt.date, Cell], heads: Sequence[str], title: str) -> str:
    """Draw a month, Monday first; a day without a cell is an empty frame with its number."""
    parts = [tag("text", text=head, x=i * CELL + CELL // 2, y=11, text_anchor="middle") for i, head in enumerate(heads)]
    weeks = calendar.Calendar().monthdatescalendar(year, month)
    for row, week in enumerate(weeks):
        for column, day in enumerate(week):
            if day.month == month:
                parts.append(_day(day, cells.get(day), column * CELL, HEAD + row * HEIGHT))
    drawn = figure(parts, 7 * CELL, HEAD + len(weeks) * HEIGHT, title)
    return asking(drawn) if any(cell.ask for cell in cells.values()) else drawn


def _day(day: dt.date, cell: Cell | None, x: int, y: int) -> str:
    box = {"x": x + 1, "y": y + 1, "width": CELL - 2, "height": HEIGHT - 2}
    colour = "none" if cell is None else cell.colour
    ink = None if cell is None else ink_on(colour)
    parts = [tag("rect", **box, fill=colour, class_="day sim" if cell and cell.simulated else "day"),
             tag("text", text=str(day.day), x=x + 4, y=y + 11, fill=ink, class_="date")]  # fmt: skip
    if cell is not None:
        parts = [tag("title", text=cell.title), *parts]
        parts.append(
            tag("text", text=cell.words, x=x + CELL // 2 + 4, y=y + 25, text_anchor="middle", fill=ink, class_="value")
        )
        if cell.ask:
            parts.append(target(cell.ask, cell.title, x + 1, y + 1, CELL - 2, HEIGHT - 2))
    return tag("g", *parts)
