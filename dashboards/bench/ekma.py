"""EKMA of a result: the diagram with what lies on it, and in words what cuts would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from dash import html

from dashboards.bench.parts import SECTION, about_of, number
from dashboards.components import exploring
from dashboards.components.still import still_table
from dashboards.components.tables import scrolling, simple_table
from dashboards.components.take import Figure
from dashboards.components.take import figure as take_figure
from dashboards.context import Scene
from dashboards.figures.ozone_grid import CUT, RIDGE, OnGrid, ozone_grid
from dashboards.text import Text
from streams.store import bench_kinds as kinds
from streams.store.bench_results import Kept

TOLD_CUTS = (0.1, 0.2, 0.3, 0.5)
JOINT = 1.0
"""The ratio whose way is drawn: as many per cent of NOx as of VOC."""
Content = Mapping[str, Any]


def diagram(scene: Scene, digest: str, kept: Kept, content: Content) -> html.Div:
    """Draw the isopleths with ridge, days, the day itself and ways of cutting; older results lack ridge and ways."""
    text, title = scene.text, scene.text("bench.ekma_axes")
    across, up, ozone = content["voc_factor"], content["nox_factor"], content["o3_ppb"]
    placed, legend = on_grid(text, content), _legend(text, content)
    svg = ozone_grid(across, up, ozone, placed, (title, "VOC ×", "NOx ×"))
    rows = [(x, y, ozone[j][i]) for j, y in enumerate(up) for i, x in enumerate(across)]
    heads = (text("bench.voc_factor"), text("bench.nox_factor"), "O₃ [ppb]")
    figure = Figure(f"ekma-{digest[:8]}", svg, heads, rows, about_of(scene, kept, title, "ppb"), legend)
    note = text("bench.ekma_emitted" if content.get("over") == kinds.EMITTED else "bench.ekma_note")
    keys = [html.Span([html.Span(className="swatch", style={"background": look}), words]) for look, words in legend]
    return html.Div(
        [
            html.H3(f"{title} · {content['day']}"),
            html.P(keys, className="legend-line"),
            take_figure(scene, SECTION, figure, class_name="plot-box"),
            html.P(note, className="footnote"),
        ]
    )


def on_grid(text: Text, content: Content) -> OnGrid:
    """Give what lies on the diagram."""
    days = [(each["day"], float(each["voc"]), float(each["nox"])) for each in content["days"]]
    top, cheapest = content.get("ridge") or {}, content.get("cheapest")
    columns = (top.get(name, ()) for name in ("voc_factor", "nox_factor", "inside"))
    ridge = [(x, y) if inside else None for x, y, inside in zip(*columns, strict=True)]
    joint = next((each for each in content.get("cuts") or () if each["nox_per_voc"] == JOINT), None)
    cut = [] if joint is None else list(zip(joint["voc_factor"], joint["nox_factor"], strict=True))
    if not cheapest:
        return OnGrid(days, ridge, cut)
    aim = (_target_told(text, content), cheapest["voc_factor"], cheapest["nox_factor"])
    return OnGrid(days, ridge, cut, aim)


def _legend(text: Text, content: Content) -> list[tuple[str, str]]:
    ridge = [(RIDGE, text("bench.ekma_ridge"))] if content.get("ridge") else []
    return ridge + ([(CUT, text("bench.ekma_joint"))] if content.get("cuts") else [])


def told(scene: Scene, content: Content) -> html.Div:
    """Tell in words where the day stands against the ridge, what joint cuts do and what reaches the target, and list the days."""
    text = scene.text
    return html.Div(
        [*(html.P(each) for each in sentences(text, content)), *_cuts(text, content), *_days(text, content["days"])]
    )


def sentences(text: Text, content: Content) -> list[str]:
    """Say where the day stands against the ridge and what reaches the target, as far as the result tells."""
    return [each.strip() for each in (_base_told(text, content), _target_told(text, content)) if each]


def _base_told(text: Text, content: Content) -> str:
    top, base = content.get("ridge"), content.get("base_o3_ppb")
    if not top or base is None:
        return ""
    at = int(np.abs(np.array(top["voc_factor"]) - 1.0).argmin())
    whole = text("bench.ekma_base", base=f"{base:.0f}")
    if not top["inside"][at]:
        return whole + text("bench.ekma_no_ridge")
    times = top["nox_factor"][at]
    return whole + text("bench.ekma_above" if times < 1.0 else "bench.ekma_under", times=f"{times:.2f}")


def _target_told(text: Text, content: Content) -> str:
    found = content.get("cheapest")
    if not found:
        return ""
    cuts = {name: f"{100 * (1 - found[f'{name}_factor']):.0f}" for name in ("voc", "nox")}
    values = {"target": f"{found['target_ppb']:.0f}", "o3": f"{found['o3_ppb']:.0f}", **cuts}
    if found["reached"] and not found["cost"]:
        return text("bench.ekma_target_met", **values)
    return text("bench.ekma_reached" if found["reached"] else "bench.ekma_not_reached", **values)


def _cuts(text: Text, content: Content) -> list[Any]:
    """Lay out what each way of cutting changes, by how much is cut of the precursor that is cut more."""
    heads, rows = cut_table(text, content)
    return [html.H3(text("bench.ekma_cuts")), scrolling(simple_table(heads, rows))] if rows else []


def cut_table(text: Text, content: Content) -> tuple[list[str], list[list[str]]]:
    """Give heads and rows of what ways of cutting change [ppb]; no rows for an older result, which lacks them."""
    heads = [text("bench.ekma_way"), *(f"−{100 * cut:.0f} %" for cut in TOLD_CUTS), text("bench.ekma_worse")]
    return heads, [[_way(text, each), *_changes(each), _worse(text, each)] for each in content.get("cuts") or ()]


def _way(text: Text, path: Content) -> str:
    ratio = path["nox_per_voc"]
    return text("bench.way_nox") if ratio is None else text.of_code("bench.way_", f"{ratio:g}")


def _changes(path: Content) -> list[str]:
    cut, o3 = path["cut"], path["o3_ppb"]
    return [exploring.signed(float(np.interp(each, cut, o3)) - o3[0], 1) for each in TOLD_CUTS]


def _worse(text: Text, path: Content) -> str:
    until = path["worse_until"]
    if until is None:
        return text("bench.ekma_to_the_end")
    return f"{100 * until:.0f} %" if until else "—"


def _days(text: Text, days: Sequence[Content]) -> list[Any]:
    if not days:
        return []
    heads = [text("bench.day"), "VOC ×", "NOx ×", text("bench.ekma_expected"), text("bench.ekma_observed")]
    rows = [
        [each["day"], f"{each['voc']:.2f}", f"{each['nox']:.2f}",
         *(_ppb(number(each.get(name))) for name in ("expected_ppb", "observed_ppb"))]
        for each in days
    ]  # fmt: skip
    return [html.Details([html.Summary(text("bench.ekma_days", n=len(days))), still_table(heads, rows)])]


def _ppb(value: float) -> str:
    return f"{value:.0f}" if np.isfinite(value) else "NA"
