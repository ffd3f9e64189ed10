"""Several drawings as one: beside and below each other, each with its name. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dashboards.figures.svg import tag

_VIEW, _ROOT = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"'), re.compile(r'^<svg[^>]* class="([\w-]+)')
GAP, HEAD = 16, 18


def sheet(drawings: Sequence[tuple[str, str]], columns: int, title: str) -> str:
    """Lay drawings (name, SVG of dashboards.figures, all of one kind) out in rows of so many columns."""
    sizes = [tuple(map(float, _VIEW.search(svg).groups())) for _, svg in drawings]
    wide, high = (max(size[i] for size in sizes) for i in (0, 1))
    parts = []
    for n, ((name, svg), (own_wide, own_high)) in enumerate(zip(drawings, sizes, strict=True)):
        x, y = n % columns * (wide + GAP), n // columns * (high + HEAD + GAP)
        parts.append(tag("text", text=name, x=f"{x:g}", y=f"{y + HEAD - 6:g}", class_="unit"))
        placed = f'<svg x="{x:g}" y="{y + HEAD:g}" width="{own_wide:g}" height="{own_high:g}"'
        parts.append(re.sub("^<svg", placed, svg))
    rows = -(-len(drawings) // columns)
    whole = columns * (wide + GAP) - GAP, rows * (high + HEAD + GAP) - GAP
    root = _ROOT.search(drawings[0][1])
    return tag("svg", *parts, viewBox=f"0 0 {whole[0]:g} {whole[1]:g}", role="img", aria_label=title,
               class_=root[1] if root else None)  # fmt: skip
