"""One drawing with axes: a small panel that keeps its text at reading size, so that a figure is some panels side by
side or below each other as the screen allows. Every panel says that it is simulated.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from research.virtual_airshed.report.palette import ABSENT, INK, LINE, MUTED, SIMULATED
from research.virtual_airshed.report.svg import path_of, tag, text, tip
from research.virtual_airshed.report.words import LANGUAGES, Both, same, words

WIDTH, HEIGHT = 360.0, 236.0
HALF, QUARTER = 430.0, 296.0
"""Widths of a panel of which two, or four, stand side by side."""
TOP, RIGHT, BOTTOM, LEFT = 34.0, 12.0, 28.0, 40.0


class Panel:
    """A drawing with an x and a y axis. Methods add marks in data units; svg() gives the whole.

    title: of the panel, with its unit. x, y: the ends of the axes. x_log, y_log: logarithmic. margins: (left,
    bottom), other ones where labels are long.
    """

    def __init__(self, title: Both, *, x: tuple[float, float], y: tuple[float, float], width: float = WIDTH, height: float = HEIGHT,
                 x_log: bool = False, y_log: bool = False, margins: tuple[float, float] = (LEFT, BOTTOM)) -> None:  # fmt: skip
        self.title, self.width, self.height = title, width, height
        self.left, self.bottom = margins
        self.x, self.y, self._x_log, self._y_log = x, y, x_log, y_log
        self._under: list[str] = []
        self._marks: list[str] = []

    def px(self, x: float | np.ndarray) -> np.ndarray:
        """Give where an x lies in the drawing."""
        return self.left + _share(x, self.x, self._x_log) * (self.width - self.left - RIGHT)

    def py(self, y: float | np.ndarray) -> np.ndarray:
        """Give where a y lies in the drawing."""
        return self.height - self.bottom - _share(y, self.y, self._y_log) * (self.height - self.bottom - TOP)

    def y_axis(self, ticks: Iterable[float] | None = None, form: str = "{:g}") -> Panel:
        """Rule the panel across, at ticks or at round numbers."""
        for value in ticks if ticks is not None else nice_ticks(*self.y):
            y = float(self.py(value))
            self._under.append(tag("line", x1=self.left, x2=self.width - RIGHT, y1=y, y2=y, stroke=LINE))
            self._under.append(text(same(form.format(value)), self.left - 6, y + 4, text_anchor="end", class_="tick"))
        return self

    def x_axis(self, ticks: Sequence[tuple[float, Both]], *, ruled: bool = False) -> Panel:
        """Label the panel below, at (place, label)."""
        base = self.height - self.bottom
        for value, label in ticks:
            x = float(self.px(value))
            if ruled:
                self._under.append(tag("line", x1=x, x2=x, y1=TOP, y2=base, stroke=LINE))
            self._under.append(text(label, x, base + 16, text_anchor="middle", class_="tick"))
        return self

    def line(
        self, xs: np.ndarray, ys: np.ndarray, colour: str, *, dash: str | None = None, width: float = 2.0
    ) -> Panel:
        """Draw a line; NaN breaks it."""
        d = path_of(self.px(np.asarray(xs, float)), self.py(np.asarray(ys, float)))
        self._marks.append(
            tag(
                "path",
                d=d,
                fill="none",
                stroke=colour,
                stroke_width=width,
                stroke_dasharray=dash,
                stroke_linejoin="round",
            )
        )
        return self

    def band(self, xs: np.ndarray, low: np.ndarray, high: np.ndarray, colour: str, *, opacity: float = 0.18) -> Panel:
        """Fill between two lines."""
        whole = np.concatenate([xs, np.asarray(xs)[::-1]]), np.concatenate([low, np.asarray(high)[::-1]])
        self._under.append(
            tag("path", d=path_of(self.px(whole[0]), self.py(whole[1])) + "Z", fill=colour, fill_opacity=opacity)
        )
        return self

    def dots(self, xs: np.ndarray, ys: np.ndarray, colour: str, *, radius: float = 3.2, hollow: bool = False,
             tips: Sequence[Both] = ()) -> Panel:  # fmt: skip
        """Draw a dot at each point that is there."""
        points = zip(self.px(np.asarray(xs, float)), self.py(np.asarray(ys, float)), strict=True)
        for i, (x, y) in enumerate(points):
            if np.isfinite(x) and np.isfinite(y):
                look = {"fill": "#ffffff", "stroke": colour, "stroke_width": 1.6} if hollow else {"fill": colour}
                self._marks.append(
                    tag("circle", cx=float(x), cy=float(y), r=radius, **look, **(tip(tips[i]) if tips else {}))
                )
        return self

    def bar(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        colour: str,
        said: Both | None = None,
        *,
        opacity: float | None = None,
    ) -> Panel:
        """Fill a rectangle between two x and two y; nothing where one is missing."""
        (x0, x1), (y0, y1) = sorted(self.px(np.array(x, float))), sorted(self.py(np.array(y, float)))
        if np.isfinite([x0, x1, y0, y1]).all() and x1 > x0 and y1 > y0:
            more = tip(said) if said else {}
            self._marks.append(tag("rect", x=float(x0), y=float(y0), width=float(x1 - x0), height=float(y1 - y0), fill=colour,
                                   fill_opacity=opacity, **more))  # fmt: skip
        return self

    def rule(self, y: float, colour: str = MUTED, *, dash: str | None = None) -> Panel:
        """Draw a line right across."""
        return self.line(np.array(self.x), np.array([y, y]), colour, dash=dash, width=1.0)

    def label(self, said: Both, x: float, y: float, *, anchor: str = "middle", colour: str = INK, dx: float = 0.0, dy: float = 0.0,
              class_: str = "label") -> Panel:  # fmt: skip
        """Write a text at a point, moved by dx, dy in the drawing."""
        self._marks.append(
            text(said, float(self.px(x)) + dx, float(self.py(y)) + dy, text_anchor=anchor, fill=colour, class_=class_)
        )
        return self

    def add(self, markup: str, *, under: bool = False) -> Panel:
        """Add a drawing of one's own, in the drawing's units."""
        (self._under if under else self._marks).append(markup)
        return self

    def svg(self) -> str:
        """Write the panel."""
        base = tag(
            "line",
            x1=self.left,
            x2=self.width - RIGHT,
            y1=self.height - self.bottom,
            y2=self.height - self.bottom,
            stroke=ABSENT,
        )
        return drawing([*self._under, base, *self._marks], self.title, width=self.width, height=self.height)


def drawing(marks: Sequence[str], title: Both, *, width: float, height: float, class_: str = "panel") -> str:
    """Write marks as one drawing with its title and the word that it is simulated."""
    head = text(title, 4, 16, class_="title")
    said = " ".join(f"{title.of(lang)} ({words('mark.simulated').of(lang)})" for lang in LANGUAGES)
    return tag(
        "svg",
        head,
        mark(width),
        *marks,
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_label=said,
        class_=class_,
    )


def mark(width: float) -> str:
    """Write the word that a drawing is simulated, at its upper right."""
    said = words("mark.simulated")
    boxes = "".join(
        tag(
            "rect",
            x=width - w - 3,
            y=4,
            width=w,
            height=16,
            rx=4,
            fill="none",
            stroke=SIMULATED,
            stroke_dasharray="3 2",
            class_=lang,
        )
        for lang, w in (("zh", 32.0), ("en", 62.0))
    )
    return boxes + "".join(
        tag(
            "text",
            said.of(lang),
            x=width - 3 - w / 2,
            y=16,
            text_anchor="middle",
            fill=SIMULATED,
            class_=f"mark {lang}",
        )
        for lang, w in (("zh", 32.0), ("en", 62.0))
    )


def nice_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Give round numbers from low to high, at most `most` and a few."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return []
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= rough - 1e-12)
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 10) + 0.0 for n in range(first, math.floor(high / step + 1e-9) + 1)]


def ends(*arrays: np.ndarray, zero: bool = True, room: float = 0.06) -> tuple[float, float]:
    """Give ends of an axis that holds all values, with some room above (and below where it does not start from
    zero).
    """
    values = np.concatenate([np.asarray(a, float).ravel() for a in arrays])
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    extra = room * ((high - min(low, 0.0) if zero else high - low) or 1.0)
    return (0.0 if zero and low >= 0 else low - extra), high + extra


def _share(values: float | np.ndarray, axis: tuple[float, float], log: bool) -> np.ndarray:
    low, high = axis
    values = np.asarray(values, float)
    if log:
        return np.log(np.maximum(values, low * 1e-3) / low) / np.log(high / low)
    return (values - low) / (high - low)
