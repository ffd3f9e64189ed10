"""Correlation over the lag, with the band of chance. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dashboards.figures.plot import Plot
from dashboards.figures.svg import tag
from dashboards.figures.targets import asking, columns


def lag_curve(
    r: np.ndarray, half: float, labels: tuple[str, str], title: str, asks: Sequence[tuple[str, str]] = ()
) -> str:
    """Draw r (2 lags + 1) from -lags to lags. half: of the band around zero, NaN for none; labels: of the axes (lag, r);
    asks: by lag where its point leads, and its words.
    """
    lags = (len(r) - 1) // 2
    known = r[np.isfinite(r)]
    plot = Plot(480, 260, (-lags, lags), (-1.0 if (known < -0.05).any() else -0.4, 1.0))
    parts = plot.y_axis(labels[1])
    if math.isfinite(half):
        top, bottom = plot.up(min(half, 1.0)), plot.up(max(-half, plot.y[0]))
        parts.append(tag("rect", x=round(plot.across(-lags)), width=round(plot.across(lags) - plot.across(-lags)), y=round(top),
                         height=round(bottom - top), class_="band"))  # fmt: skip
    parts += plot.x_axis([(at, f"{at:+d}".replace("-", "−") if at else "0") for at in range(-lags, lags + 1, 6)])
    parts.append(tag("text", text=labels[0], x=478, y=12, text_anchor="end", class_="unit"))
    parts.append(plot.path([(0, plot.y[0]), (0, 1.0)], "zero"))
    parts.append(plot.path([(i - lags, value) for i, value in enumerate(r.tolist())], "line of-a"))
    if not asks:
        return plot.svg(parts, title)
    return asking(plot.svg([*parts, *columns(plot, [(i - lags, *each) for i, each in enumerate(asks)])], title))
