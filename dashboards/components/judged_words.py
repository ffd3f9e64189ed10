"""What the pages that judge have in common: choices as links, numbers that may be missing, and parameters that fell back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from dash import html

from dashboards.asked import MOST_PAGES
from dashboards.context import Scene


def choices(label: str, links: Iterable[tuple[Any, str, bool]]) -> html.Div:
    """Offer choices as links that change the address: (what it says, address, whether it is chosen)."""
    shown = [
        html.A(said, href=href, **{"data-state": "", "aria-current": "true" if chosen else "false"})
        for said, href, chosen in links
    ]
    return html.Div([html.Span(label, className="of-choice"), html.Div(shown, className="choices")],
                    className="choice", role="group", **{"aria-label": label})  # fmt: skip


def fell_back(scene: Scene, troubles: Sequence[str]) -> list[html.P]:
    """Say which parameters of the address could not be read; nothing where all could."""
    if not troubles:
        return []
    names = scene.text("list.comma").join(scene.text.of_code("judging.parameter_", each) for each in troubles)
    return [html.P(scene.text("judging.fell_back", names=names), className="fell-back", role="status")]


def number(value: float | None, digits: int = 1, *, signed: bool = False) -> str:
    """Write a number with a true minus, "NA" where it is missing."""
    if value is None or not math.isfinite(value):
        return "NA"
    shown = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    if float(shown) == 0.0:
        shown = shown.lstrip("+-")
    return shown.replace("-", "−")


def paging(scene: Scene, page: int, more: bool, name: str = "page") -> html.Nav | None:
    """Offer the pages before and after; nothing where all is on one."""
    more = more and page < MOST_PAGES
    if page == 1 and not more:
        return None
    text = scene.text
    before = scene.link({name: str(page - 1) if page > 2 else None})
    parts: list[Any] = (
        [html.A(text("judging.before"), href=before, className="button", **{"data-state": ""})] if page > 1 else []
    )
    parts.append(html.Span(text("judging.page", page=page)))
    if more:
        after = scene.link({name: str(page + 1)})
        parts.append(html.A(text("judging.after"), href=after, className="button", **{"data-state": ""}))
    return html.Nav(parts, className="paging", **{"aria-label": text("judging.pages")})
