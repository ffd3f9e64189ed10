"""Shares of the sectors by method, with their range: never one number without the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from dash import html

from dashboards.components import marks
from dashboards.components.attributed_tables import name_of
from dashboards.components.judged_words import number
from dashboards.components.tables import plain_table, scrolling
from dashboards.context import Scene
from dashboards.queries.methods import NAMES, STORED, Method, spread


def method_panel(scene: Scene, methods: Sequence[Method], said: str) -> list[Any]:
    """List shares by method and source [%] with the range over the methods; said: which span and quantity they are of. Where one
    method alone tells of it, that is said instead."""
    text = scene.text
    title = html.H3([text("methods.title"), html.Small(f" {said}")])
    ends = spread(list(methods))
    if ends is None:
        return [title, html.P(text("methods.alone"), className="quiet")]
    order = [int(i) for i in np.argsort(-ends[1][:-1], kind="stable")] + [len(NAMES) - 1]
    heads = [text("methods.method"), *(html.Span([name_of(scene, "sector", NAMES[i]), html.Small("%")]) for i in order),
             text("methods.hours")]  # fmt: skip
    body = [_line(scene, each, order) for each in methods]
    low, high = ends
    ranges = [html.Td(f"{number(float(low[i]), 0)} … {number(float(high[i]), 0)}", className="number") for i in order]
    body.append(html.Tr([html.Th(text("methods.spread"), scope="row"), *ranges, html.Td("")], className="baseline"))
    what = text("methods.of_span", hours=methods[0].of)
    return [title, html.P(what), scrolling(plain_table(heads, body, "scores methods")),
            html.P(text("methods.note"), className="footnote")]  # fmt: skip


def _line(scene: Scene, method: Method, order: Sequence[int]) -> html.Tr:
    text = scene.text
    name = text.of_code("attribution.tier_", method.name.replace(" ", "_")) if method.kind == STORED else method.name
    head = html.Th([text(f"methods.{method.kind}", name=name), marks.simulated({"simulated": method.simulated}, text)],
                   scope="row")  # fmt: skip
    told = np.isfinite(method.shares).all()
    cells = [
        html.Td(_share(method, i), className="number", title=None if told else text("methods.too_few")) for i in order
    ]
    return html.Tr([head, *cells, html.Td(f"{method.hours}/{method.of}", className="number")])


def _share(method: Method, at: int) -> Any:
    share = number(float(method.shares[at]), 0)
    if method.half is None or share == "NA":
        return share
    return [share, html.Small(f" ±{number(float(method.half[at]), 0)}")]
