"""Colours and type: the six official colours of HJ 633 as accents, one accent colour of our own, ink on light paper."""

from __future__ import annotations

from standards.index.levels import LEVELS, Level, level_of

INK, MUTED, LINE, PAPER, ACCENT = "#14202b", "#5a6876", "#dfe5eb", "#ffffff", "#0f62a8"
ABSENT = "#c9d2da"
"""Where there is no verdict."""
FONT = '"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif'
SECTOR_COLOURS = ("#33658a", "#e08e45", "#6a994e", "#a44a3f", "#7d5ba6", "#c9a227", "#4f9d9d", "#8d99ae", "#b5838d")


def level(aqi: int | None) -> Level | None:
    """Give the level of an index (HJ 633 Table 1), None for NA."""
    return None if aqi is None else LEVELS[int(level_of(float(aqi))) - 1]


def fill(aqi: int | None) -> str:
    """Give the official colour of an index, a neutral one for NA."""
    found = level(aqi)
    return found.hex if found else ABSENT


def ink_on(colour: str) -> str:
    """Give black or white, whichever contrasts more with a colour "#RRGGBB" (WCAG 2.1 contrast)."""
    light = _luminance(colour)
    return "#000000" if (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) else "#ffffff"


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
