"""What a result of the bench shows: its drawings with their numbers, by kind, from the plain values that are kept."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from dashboards.bench import named
from dashboards.components.still import still_table
from dashboards.components.tables import scrolling, simple_table
from dashboards.components.take import About, Figure
from dashboards.components.take import figure as take_figure
from dashboards.context import Scene
from dashboards.figures.ozone_grid import ozone_grid
from dashboards.figures.part_bars import part_bars
from streams.store import bench_kinds as kinds
from streams.store.bench_results import Kept

SECTION = "ozone-results"
MOST_BARS = 20
Content = Mapping[str, Any]


def drawn(scene: Scene, digest: str, kept: Kept) -> list[Any]:
    """Draw a result; one whose kind has no drawing, or that holds something else than this program knows, is told as it is."""
    content = kept.content or {}
    try:
        draw = _DRAWN.get(kept.kind)
        return draw(scene, digest, kept, content) if draw else _plain(scene, content)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        return _plain(scene, content)


def about_of(scene: Scene, kept: Kept, title: str, unit: str) -> About:
    """Give the head of the files of a result."""
    period = f"{kept.question.get('first', '')} – {kept.question.get('last', '')}"
    return About(
        title, kept.station, period, unit, f"bench_result ({kept.software})", kept.edition or "—", kept.simulated
    )


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _bars(
    scene: Scene, kept: Kept, name: str, title: str, unit: str, parts: Sequence[tuple[str, float, float, float]]
) -> Any:
    told = [part for part in parts if math.isfinite(part[1])][:MOST_BARS]
    svg = part_bars(told, unit, title, decimals=1 if unit in ("%", "µg O₃/m³") else 2)
    shown = Figure(name, svg, ("what", f"value [{unit}]", "low", "high"), told, about_of(scene, kept, title, unit))
    return html.Div([html.H3(title), take_figure(scene, SECTION, shown, class_name="plot-box")])


def _composition(scene: Scene, digest: str, kept: Kept, content: Content) -> list[Any]:
    now, text = content["now"], scene.text
    nan = float("nan")
    groups = [
        (text.of_code("bench.", g), _number(v), nan, nan) for g, v in zip(now["groups"], now["group_ppb"], strict=True)
    ]
    ranked = sorted(
        zip(now["species"], map(_number, now["ofp_ugm3"]), strict=True),
        key=lambda each: -each[1] if each[1] == each[1] else 1,
    )
    return [
        _bars(scene, kept, f"groups-{digest[:8]}", text("bench.composition"), "ppb", groups),
        _bars(
            scene,
            kept,
            f"ofp-{digest[:8]}",
            text("bench.ofp"),
            "µg O₃/m³",
            [(named.compound(text, n), v, nan, nan) for n, v in ranked[:12]],
        ),
    ]


def _receptor(scene: Scene, digest: str, kept: Kept, content: Content) -> list[Any]:
    text = scene.text
    q = text(
        "bench.q_told",
        true=f"{content['q_true']:.1f}",
        robust=f"{content['q_robust']:.1f}",
        expected=f"{content['q_expected']:.0f}",
        hits=content["hits"],
        starts=content["starts"],
    )
    shown = [html.P(q)]
    for n, name in enumerate(content["factors"]):
        parts = [
            (
                named.compound(text, species),
                _number(content["profile_pct"][n][j]),
                _number(content["low_pct"][n][j]),
                _number(content["high_pct"][n][j]),
            )
            for j, species in enumerate(content["species"])
        ]
        own = "" if name == f"Factor {n + 1}" else f" {name}"
        title = f"{text('bench.factor', n=n + 1)}{own} · {content['contribution_pct'][n]:.0f} %"
        shown.append(_bars(scene, kept, f"factor-{n + 1}-{digest[:8]}", title, "%", sorted(parts, key=lambda p: -p[1])))
    return [*shown, _intervals(scene, content)]


def _intervals(scene: Scene, content: Content) -> html.Details:
    """Lay displacement and bootstrap of every element side by side."""
    text, rows = scene.text, []
    bounds = [content.get(name) for name in ("low_pct", "high_pct", "bs_low_pct", "bs_high_pct")]
    for n, _ in enumerate(content["factors"]):
        proposed = (content.get("proposed") or [[]] * (n + 1))[n]
        said = proposed[0][text.lang] if proposed else "—"
        for j, species in enumerate(content["species"]):
            low, high, from_, to = (_number(of[n][j]) if of else float("nan") for of in bounds)
            cells = [_written(_number(content["profile_pct"][n][j])), f"{_written(low)} – {_written(high)}"]
            rows.append(
                [f"{n + 1}", said, named.compound(text, species), *cells, f"{_written(from_)} – {_written(to)}"]
            )
    heads = [
        text("bench.factor", n=""),
        text("bench.proposed"),
        text("bench.compound"),
        text("bench.share"),
        "DISP",
        "BS 5–95 %",
    ]
    return html.Details([html.Summary(text("bench.intervals")), still_table(heads, rows)])


def _written(value: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else "NA"


def _ozone_day(scene: Scene, digest: str, kept: Kept, content: Content) -> list[Any]:
    nan = float("nan")
    parts = [
        (named.pathway(scene.text, name), _number(value), nan, nan) for name, value in content["budget_ppb"].items()
    ]
    return [
        _bars(
            scene, kept, f"budget-{digest[:8]}", scene.text("bench.budget"), "ppb", sorted(parts, key=lambda p: -p[1])
        ),
        *_told(scene, content),
    ]


def _ekma(scene: Scene, digest: str, kept: Kept, content: Content) -> list[Any]:
    title = scene.text("bench.ekma_axes")
    days = [(each["day"], float(each["voc"]), float(each["nox"])) for each in content["days"]]
    svg = ozone_grid(content["voc_factor"], content["nox_factor"], content["o3_ppb"], days, (title, "VOC ×", "NOx ×"))
    rows = [
        (x, y, content["o3_ppb"][j][i])
        for j, y in enumerate(content["nox_factor"])
        for i, x in enumerate(content["voc_factor"])
    ]
    shown = Figure(
        f"ekma-{digest[:8]}", svg, ("voc_factor", "nox_factor", "o3 [ppb]"), rows, about_of(scene, kept, title, "ppb")
    )
    return [
        html.H3(f"{title} · {content['day']}"),
        take_figure(scene, SECTION, shown, class_name="plot-box"),
        *_told(scene, content),
    ]


def _rir(scene: Scene, digest: str, kept: Kept, content: Content) -> list[Any]:
    parts = [
        (named.group(scene.text, each["group"]), _number(each["rir"]), _number(each["low"]), _number(each["high"]))
        for each in content["groups"]
    ]
    ordered = sorted(parts, key=lambda p: -p[1] if p[1] == p[1] else math.inf)
    title = scene.text("bench.kind_rir")
    return [
        _bars(scene, kept, f"rir-{digest[:8]}", title, scene.text("bench.rir_unit"), ordered),
        *_told(scene, content),
    ]


def _regime(scene: Scene, digest: str, kept: Kept, content: Content) -> list[Any]:
    text, shown = scene.text, []
    for each in content["days"]:
        signs = [
            [
                sign["kind"],
                sign["reading"] or "NA",
                "NA" if sign["value"] is None else f"{sign['value']:.3g}",
                sign["what"],
            ]
            for sign in each["signs"]
        ]
        comma = text("list.comma")
        told = text(
            "bench.most_signs", most=comma.join(each["most"]) or "NA", others=comma.join(each["disagreeing"]) or "—"
        )
        heads = [text("bench.sign"), text("bench.reads"), text("bench.value"), ""]
        shown.append(html.Details([html.Summary(f"{each['day']} · {told}"), still_table(heads, signs)]))
    return [*shown, *_told(scene, content)]


def _source_ozone(scene: Scene, digest: str, kept: Kept, content: Content) -> list[Any]:
    text, methods = scene.text, list(content["share"])
    heads = [text("bench.method"), *methods, text("bench.spread")]
    rows = []
    for n, source in enumerate(content["sources"]):
        cells = [_share(content["share"][method][n]) for method in methods]
        rows.append([named.group(text, source), *cells, f"{_share(content['low'][n])} – {_share(content['high'][n])}"])
    beside = [[name, f"{value:.1f}"] for name, value in (content.get("attribution_ugm3") or {}).items()]
    apart = [
        html.H3(text("bench.attribution_beside", n=content.get("attribution_days", 0))),
        scrolling(simple_table(["", "µg/m³"], beside)),
    ]
    return [
        *(apart if beside else []),
        scrolling(simple_table(heads, rows)),
        *([html.P(content["why_none"], className="footnote")] if content["why_none"] else []),
        *_told(scene, content),
    ]


def _share(value: Any) -> str:
    return "NA" if value is None else f"{100 * value:.0f} %"


def _told(scene: Scene, content: Content) -> list[Any]:
    """Tell which days were left out, which compounds of a day, and what was assumed."""
    text, said = scene.text, []
    if content.get("left_out"):
        days = text("list.comma").join(
            f"{each['day']} ({each['what']} {each['gap_h']} h)" for each in content["left_out"]
        )
        said.append(html.P(text("bench.left_out", days=days), className="footnote"))
    if content.get("without"):
        what = text("list.comma").join(
            f"{each['day']} {each['what']} ({100 * each['share']:.1f} %)" for each in content["without"]
        )
        said.append(html.P(text("bench.without", what=what), className="footnote"))
    if content.get("assumed"):
        what = "; ".join(f"{name}: {value}" for name, value in content["assumed"].items())
        said.append(html.P(text("bench.assumed", what=what), className="footnote"))
    return said


def _plain(scene: Scene, content: Content) -> list[Any]:
    rows = [[name, str(value)[:400]] for name, value in content.items()]
    return [html.P(scene.text("bench.other_kind"), className="footnote"), scrolling(simple_table(["", ""], rows))]


_DRAWN = {
    kinds.COMPOSITION: _composition,
    kinds.RECEPTOR: _receptor,
    kinds.OZONE_DAY: _ozone_day,
    kinds.EKMA: _ekma,
    kinds.RIR: _rir,
    kinds.REGIME: _regime,
    kinds.SOURCE_OZONE: _source_ozone,
}
