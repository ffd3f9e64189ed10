"""Groups of a cycle as points with their bounds. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dashboards.analysis.cycles import Group
from dashboards.figures.plot import Plot, reach
from dashboards.figures.svg import tag
from dashboards.figures.targets import asking, columns


def cycle_figure(
    groups: Sequence[Group], words: Sequence[str], unit: str, title: str, asks: Sequence[tuple[str, str]] = ()
) -> str:
    """Draw the middle of each group with its bounds and a word below it; a group without members is a gap.

    asks: by group where its point leads, and its words.
    """
    edges = [value for group in groups for value in (group.low, group.middle, group.high)]
    plot = Plot(360, 220, (-0.5, len(groups) - 0.5), reach(edges))
    every = 3 if len(groups) > 12 else 1
    parts = [
        *plot.y_axis(unit),
        *plot.x_axis([(i, word) for i, word in enumerate(words) if i % every == every - 1 or every == 1]),
    ]
    bars = "".join(
        f"M{plot.across(i):.0f} {plot.up(group.low):.0f}V{plot.up(group.high):.0f}"
        for i, group in enumerate(groups)
        if math.isfinite(group.low)
    )
    parts.append(tag("path", d=bars, class_="bounds"))
    parts.append(plot.path([(i, group.middle) for i, group in enumerate(groups)], "line of-a"))
    parts.append(tag("path", d="".join(f"M{plot.across(i):.0f} {plot.up(g.middle):.0f}h.1" for i, g in enumerate(groups) if g.n),
                     class_="means"))  # fmt: skip
    if not asks:
        return plot.svg(parts, title)
    return asking(plot.svg([*parts, *columns(plot, [(i, *each) for i, each in enumerate(asks)])], title))
