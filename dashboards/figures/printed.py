"""Figures for paper as SVG text: they carry their own colours and type, and are told apart in grey too. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboards.figures.axes import reach, ticks, written
from dashboards.figures.subscripts import SUB, runs
from dashboards.figures.svg import tag

WIDTH = 640
"""Of all of them [px]; on paper the breadth of the text."""
FONT = "Noto Sans SC"
INK, MUTED, LINE, LIMIT = "#1b1b1b", "#555555", "#d0d0d0", "#a80000"
SIZE = 14
PARTS = ("#1f3b63", "#b5651d", "#7fb2d9", "#5f8f4e", "#e3cf8f", "#9b9b9b", "#d8d8d8")
"""Of parts without colours of their own: neighbours differ in lightness by a fifth and more."""


@dataclass(frozen=True)
class Bars:
    """Values of one kind, with how each is written and how all are drawn; None has no bar."""

    name: str
    values: Sequence[float | None]
    written: Sequence[str]
    fill: str


def bars_beside(names: Sequence[str], kinds: Sequence[Bars], unit: str, limit: tuple[float, str] | None = None) -> str:
    """Draw bars of several kinds beside each other for each name, the numbers above them, and a line for a limit."""
    known = [v for kind in kinds for v in kind.values if v is not None] + ([limit[0]] if limit else [])
    top = reach([v * 1.08 for v in known])
    height, left, bottom, head = 260, 48, 206, 36
    scale = (bottom - head) / top
    parts = _grid(ticks(0.0, top), lambda v: bottom - v * scale, left)
    parts.append(_words(unit, 4, head - 14, fill=MUTED))
    if limit:
        y = bottom - limit[0] * scale
        parts.append(tag("path", d=f"M{left} {y:.1f}H{WIDTH}", stroke=LIMIT, stroke_width=1.4, stroke_dasharray="7 4"))
    across = (WIDTH - left) / len(names)
    wide = min(34.0, across * 0.8 / len(kinds))
    size = 12 if wide >= 24 else 10
    for at, name in enumerate(names):
        middle = left + across * (at + 0.5)
        parts.append(_words(name, middle, bottom + 18, anchor="middle"))
        for place, kind in enumerate(kinds):
            value = kind.values[at]
            if value is None:
                continue
            x = middle + (place - len(kinds) / 2) * wide
            y = bottom - value * scale
            parts.append(_box(x, y, wide - 2, value * scale, kind.fill))
            parts.append(_words(kind.written[at], x + wide / 2 - 1, y - 4, anchor="middle", size=size))
    entries = [(kind.name, kind.fill) for kind in kinds] + ([(limit[1], LIMIT)] if limit else [])
    parts += _legend(entries, height - 8)
    return _figure(parts, height)


def stacked_rows(
    names: Sequence[str], parts: Sequence[tuple[str, str]], values: Sequence[Sequence[float | None]], said: Sequence[Sequence[str]]
) -> str:  # fmt: skip
    """Draw a row of parts for each name, all to one scale. parts: (name, fill). values, said: per name, in the order of parts."""
    left = 14 + max(_breadth(name) for name in names)
    whole = max(sum(v or 0.0 for v in row) for row in values)
    scale = (WIDTH - left - 6) / whole
    drawn, pitch = [], 26
    for at, name in enumerate(names):
        y, x = 8 + at * pitch, float(left)
        drawn.append(_words(name, left - 8, y + 16, anchor="end"))
        for (_, fill), value, word in zip(parts, values[at], said[at], strict=True):
            if not value:
                continue
            drawn.append(_box(x, y, value * scale, 20, fill))
            if value * scale > _breadth(word, 12) + 4:
                drawn.append(_words(word, x + value * scale / 2, y + 15, anchor="middle", size=12, fill=_ink(fill)))
            x += value * scale
    used = [(name, fill) for place, (name, fill) in enumerate(parts) if any(row[place] for row in values)]
    lines = _legend_lines(used)
    base = 8 + len(names) * pitch + 18
    for number, line in enumerate(lines):
        drawn += _legend(line, base + number * 22)
    return _figure(drawn, base + len(lines) * 22 - 10)


def ranked_bars(names: Sequence[str], values: Sequence[float], said: Sequence[str], unit: str) -> str:
    """Draw values from the least to the greatest as bars from a line of nothing: what falls is dark, what rises is light."""
    order = sorted(range(len(names)), key=lambda i: values[i])
    left = 14 + max(_breadth(name) for name in names)
    low, high = min(0.0, *values), max(0.0, *values)
    room = max(_breadth(word, 12) for word in said) + 10
    inner_left, inner_right = left + (room if low < 0 else 0), WIDTH - (room if high > 0 else 6)
    scale = (inner_right - inner_left) / ((high - low) or 1.0)
    zero, pitch = inner_left - low * scale, 28
    parts = [tag("path", d=f"M{zero:.1f} 4V{8 + len(names) * pitch}", stroke=INK, stroke_width=1)]
    for at, place in enumerate(order):
        value, y = values[place], 8 + at * pitch
        parts.append(_words(names[place], left - 8, y + 16, anchor="end"))
        x = zero + min(value, 0.0) * scale
        parts.append(_box(x, y, abs(value) * scale, 20, PARTS[0] if value < 0 else PARTS[4]))
        edge, anchor = (x - 5, "end") if value < 0 else (zero + value * scale + 5, "start")
        parts.append(_words(said[place], edge, y + 15, anchor=anchor, size=12))
    parts.append(_words(unit, WIDTH - 2, 8 + len(names) * pitch + 14, anchor="end", fill=MUTED, size=12))
    return _figure(parts, 8 + len(names) * pitch + 22)


def day_strips(
    names: Sequence[str], days: Sequence[dt.date], fills: Sequence[Mapping[dt.date, str]], said: Sequence[Mapping[dt.date, str]],
    legend: Sequence[tuple[str, str]],
) -> str:  # fmt: skip
    """Draw a box for each day in a row for each name. fills, said: per name, day to colour and to a short sign in the box."""
    left = 14 + max(_breadth(name) for name in names)
    across, pitch = (WIDTH - left - 2) / len(days), 26
    parts = []
    for at, name in enumerate(names):
        y = 6 + at * pitch
        parts.append(_words(name, left - 8, y + 16, anchor="end"))
        for place, day in enumerate(days):
            fill = fills[at].get(day)
            x = left + place * across
            parts.append(_box(x, y, across, pitch - 3, fill or "#ffffff", edge=across > 5, line="#bbbbbb"))
            if fill and across >= 9:
                parts.append(
                    _words(said[at].get(day, ""), x + across / 2, y + 16, anchor="middle", size=9, fill=_ink(fill))
                )
    base = 6 + len(names) * pitch + 13
    for place, day in enumerate(days):
        if place == 0 or day.day == 1 or (len(days) <= 40 and day.day in (6, 11, 16, 21, 26)):
            long = place == 0 or len(days) <= 40 or across * 28 > 46
            word = f"{day:%m-%d}" if long and len(days) <= 100 else f"{day.month}"
            parts.append(_words(word, left + place * across, base, size=11, fill=MUTED))
    lines = _legend_lines(legend)
    for number, line in enumerate(lines):
        parts += _legend(line, base + 24 + number * 22)
    return _figure(parts, base + 34 + (len(lines) - 1) * 22)


def shaded_boxes(
    names: Sequence[str], heads: Sequence[str], values: Sequence[Sequence[float | None]], said: Sequence[Sequence[str]], unit: str,
    *, more_is_dark: bool = False,
) -> str:  # fmt: skip
    """Draw a box with its number for each name and head, the darker the lower (or the higher): what is to be looked at stands
    out in grey too."""
    left = 14 + max(_breadth(name) for name in names)
    across, pitch, top = (WIDTH - left - 2) / len(heads), 26, 22
    known = [v for row in values for v in row if v is not None]
    low, high = min(known), max(known)
    parts = [
        _words(head, left + across * (at + 0.5), 14, anchor="middle", size=11, fill=MUTED)
        for at, head in enumerate(heads)
    ]
    for at, name in enumerate(names):
        y = top + at * pitch
        parts.append(_words(name, left - 8, y + 17, anchor="end"))
        for place, value in enumerate(values[at]):
            x = left + place * across
            share = 0.0 if value is None else (value - low) / ((high - low) or 1.0)
            fill = "#ffffff" if value is None else _shade(1.0 - share if more_is_dark else share)
            parts.append(_box(x, y, across, pitch - 2, fill, line="#bbbbbb"))
            if value is not None and across >= 28:
                word = said[at][place]
                parts.append(_words(word, x + across / 2, y + 16, anchor="middle", size=11, fill=_ink(fill)))
    parts.append(_words(unit, 4, 14, fill=MUTED, size=12))
    return _figure(parts, top + len(names) * pitch + 4)


def marked_bars(names: Sequence[str], values: Bars, marks: Bars, unit: str) -> str:
    """Draw a bar for each name with a mark across it where it should be."""
    known = [v for v in (*values.values, *marks.values) if v is not None]
    top = 100.0 if unit == "%" and max(known) <= 100 else reach(known)
    left, pitch = 14 + max(_breadth(name) for name in names), 30
    room = max(_breadth(word, 12) for word in marks.written) + 8
    inner = WIDTH - left - room
    parts = []
    for at, name in enumerate(names):
        y = 8 + at * pitch
        parts.append(_words(name, left - 8, y + 16, anchor="end"))
        value, mark = values.values[at], marks.values[at]
        if value is not None:
            parts.append(_box(left, y + 2, value / top * inner, 18, values.fill))
            parts.append(_words(values.written[at], left + 6, y + 16, size=12, fill=_ink(values.fill)))
        if mark is not None:
            x = left + mark / top * inner
            parts.append(tag("path", d=f"M{x:.1f} {y - 2}V{y + 24}", stroke=marks.fill, stroke_width=3))
            parts.append(_words(marks.written[at], WIDTH - 2, y + 16, anchor="end", size=12, fill=marks.fill))
    parts += _legend([(f"{each.name} ({unit})" if unit else each.name, each.fill) for each in (values, marks)],
                     8 + len(names) * pitch + 16)  # fmt: skip
    return _figure(parts, 8 + len(names) * pitch + 26)


def _figure(parts: Sequence[str], height: float) -> str:
    return tag("svg", *parts, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH} {height:.0f}",
               width=WIDTH, height=f"{height:.0f}", font_family=FONT, font_size=SIZE)  # fmt: skip


def _grid(values: Sequence[float], up, left: int) -> list[str]:
    parts = []
    for value in values:
        y = up(value)
        parts.append(
            tag("path", d=f"M{left} {y:.1f}H{WIDTH}", stroke=INK if value == values[0] else LINE, stroke_width=1)
        )
        parts.append(_words(written(value), left - 6, y + 5, anchor="end", size=12, fill=MUTED))
    return parts


def _box(
    x: float, y: float, width: float, height: float, fill: str, *, edge: bool = True, line: str = "#444444"
) -> str:
    stroke = {"stroke": line, "stroke_width": 0.6} if edge else {}
    return tag("rect", x=f"{x:.1f}", y=f"{y:.1f}", width=f"{width:.2f}", height=f"{height:.1f}", fill=fill, **stroke)


def _words(text: str, x: float, y: float, *, anchor: str = "start", size: int = SIZE, fill: str = INK) -> str:
    """Write words; digits of PM2.5 and the like hang low."""
    pieces, low = [], False
    for piece, place in runs(text):
        if place == SUB:
            pieces.append(tag("tspan", text=piece, dy=3, font_size=round(size * 0.7, 1)))
        else:
            pieces.append(tag("tspan", text=piece, dy=-3 if low else None))
        low = place == SUB
    return tag("text", *pieces, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, font_size=size, fill=fill)


def _legend(entries: Sequence[tuple[str, str]], y: float) -> list[str]:
    whole = sum(_breadth(name, 13) + 36 for name, _ in entries)
    x, parts = (WIDTH - whole) / 2, []
    for name, fill in entries:
        parts += [_box(x, y - 11, 16, 12, fill), _words(name, x + 21, y, size=13)]
        x += _breadth(name, 13) + 36
    return parts


def _legend_lines(entries: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    lines: list[list[tuple[str, str]]] = [[]]
    room = WIDTH
    for name, fill in entries:
        need = _breadth(name, 13) + 36
        if lines[-1] and need > room:
            lines.append([])
            room = WIDTH
        lines[-1].append((name, fill))
        room -= need
    return lines


def _breadth(text: str, size: int = SIZE) -> float:
    return sum(1.0 if ord(c) > 0x2E7F else 0.58 for c in text) * size


def _shade(share: float) -> str:
    """Give a blue from dark (0) to nearly white (1)."""
    dark, light = (47, 84, 131), (240, 245, 250)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(dark, light, strict=True))


def _ink(fill: str) -> str:
    red, green, blue = (int(fill[i : i + 2], 16) for i in (1, 3, 5))
    return "#ffffff" if red * 0.299 + green * 0.587 + blue * 0.114 < 140 else INK
