"""Colours of the page: ink and paper as the portal has them (dashboards/theme.py, which research may not import; a
test compares), and scales from a value to a colour in steps, so that a map reads like a contour plot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

INK, MUTED, LINE, PAPER, ACCENT, ABSENT = "#14202b", "#5a6876", "#dfe5eb", "#ffffff", "#0f62a8", "#c9d2da"
SIMULATED = "#4b3f8f"
SECTOR_COLOURS = ("#33658a", "#e08e45", "#6a994e", "#a44a3f", "#7d5ba6", "#c9a227", "#4f9d9d", "#8d99ae", "#b5838d")
"""In the order of the sectors of the inventory by name as the portal sorts them."""
WINTER, SUMMER, SPRING, AUTUMN = "#2b6cb0", "#d9622b", "#3f9a5f", "#a8791c"
SEASON_COLOURS = {"winter": WINTER, "summer": SUMMER, "spring": SPRING, "autumn": AUTUMN, "year": ACCENT}
REAL = "#7a8691"
LOCAL, OTHERS, OUTSIDE = "#0f62a8", "#e3a857", "#b9c4ce"
REGIME_COLOURS = ("#a63d2f", "#e08a5b", "#efdfae", "#4e9a94")
"""NOx suppresses ozone; limited by VOC; transition; limited by NOx."""
PART_COLOURS = ("#8c7a6b", "#d0503f", "#3f74b5", "#e3a13a", "#6a994e")
"""Primary, sulphate, nitrate, ammonium, secondary organic."""

_STOPS = {
    "heat": ("#f6f4ee", "#f6e3ae", "#f0b45c", "#dd7536", "#ad3a2f", "#6b1733", "#32091f"),
    "violet": ("#f6f4f8", "#dcd3ea", "#b5a1d3", "#8b6db6", "#643f95", "#3f2370", "#210f45"),
    "green": ("#f4f7f2", "#d3e6cf", "#9dcb9f", "#5fa97b", "#2f8266", "#155a52", "#06343a"),
    "blue": ("#f3f6f9", "#cfe0ef", "#9dc1e0", "#639bcb", "#3473ad", "#184e87", "#0a2c57"),
    "ground": ("#dfe8d4", "#c9d7ae", "#dccf9f", "#c9ab7c", "#a98863", "#8a7261", "#efeeec"),
    "split": ("#2b5f9e", "#7fa9d4", "#cfdfee", "#f7f6f2", "#f4d7b8", "#dd9a5b", "#ac5a17"),
}


@dataclass(frozen=True)
class Scale:
    """A scale in steps. edges: rising; a value below the first or above the last has the colour of the end.
    colours: one more than inner edges.
    """

    edges: tuple[float, ...]
    colours: tuple[str, ...]

    def index(self, values: np.ndarray) -> np.ndarray:
        """Give the number of each value's colour; NaN gives -1."""
        number = np.searchsorted(np.asarray(self.edges[1:-1]), values, side="right")
        return np.where(np.isfinite(values), number, -1)

    def of(self, value: float) -> str:
        """Give the colour of one value, ABSENT for NaN."""
        number = int(self.index(np.asarray(value)))
        return ABSENT if number < 0 else self.colours[number]


def scale(name: str, edges: tuple[float, ...], *, most: float = 1.0) -> Scale:
    """Lay a family of colours over steps between edges. most: how far into the family the last step goes."""
    return Scale(edges, tuple(ramp(name, np.linspace(0.0, most, len(edges) - 1))))


def ramp(name: str, places: np.ndarray) -> list[str]:
    """Give the colours of a family at places from 0 to 1."""
    stops = np.array([_rgb(stop) for stop in _STOPS[name]], float)
    at = np.linspace(0.0, 1.0, len(stops))
    return [
        "#{:02x}{:02x}{:02x}".format(*(round(float(np.interp(p, at, stops[:, c]))) for c in range(3))) for p in places
    ]


def ink_on(colour: str) -> str:
    """Give ink or paper, whichever reads better on a colour "#rrggbb" (relative luminance of WCAG 2.1)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _rgb(colour))]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if (light + 0.05) ** 2 > 0.05 * 1.05 else PAPER


def _rgb(colour: str) -> tuple[int, int, int]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))  # type: ignore[return-value]
