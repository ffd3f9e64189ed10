"""How the figures of the notebooks look: one style, and Chinese beside English wherever a font can write it."""

from __future__ import annotations

import warnings

import matplotlib
from matplotlib import font_manager

FONTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
    "Microsoft YaHei", "SimHei", "PingFang SC", "Heiti SC", "Hiragino Sans GB", "Noto Serif CJK SC", "Noto Serif CJK JP",
)  # fmt: skip
"""Fonts with Chinese, the best first; a collection of fonts is known to matplotlib by the name of its first."""
PLAIN = "DejaVu Sans"
"""Comes with matplotlib; it has no Chinese."""
STYLE = {
    "figure.figsize": (9.0, 3.6), "figure.dpi": 110, "figure.constrained_layout.use": True, "axes.grid": True,
    "axes.axisbelow": True, "axes.spines.top": False, "axes.spines.right": False, "axes.titlelocation": "left",
    "axes.titlesize": 11, "axes.unicode_minus": False, "grid.alpha": 0.25, "legend.frameon": False, "font.size": 9,
    "date.converter": "concise",
}  # fmt: skip


def chinese_font(installed: set[str] | None = None) -> str | None:
    """Name the best installed font that has Chinese, None where there is none. installed: names, None for matplotlib's list."""
    if installed is None:
        installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in FONTS if name in installed), None)


def ready(font: str | None = None) -> None:
    """Set matplotlib up. font: one that has Chinese, None for the best that is installed; without any, labels are English."""
    # shap brings tqdm, which would have progress bars that these notebooks do not use.
    warnings.filterwarnings("ignore", message="IProgress not found")
    found = font or chinese_font()
    matplotlib.rcParams.update(STYLE)
    matplotlib.rcParams["font.sans-serif"] = [found, PLAIN] if found else [PLAIN]
    matplotlib.rcParams["font.family"] = "sans-serif"


def both(zh: str, en: str) -> str:
    """Give a label in Chinese and English; in English alone where the font that is set has no Chinese."""
    return en if matplotlib.rcParams["font.sans-serif"][0] == PLAIN else f"{zh} {en}"
