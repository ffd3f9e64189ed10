"""What a result of the bench shows: its drawings with their numbers, by kind, from the plain values that are kept."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dash import html

from dashboards.bench import day_cycles, ekma, named, shown
from dashboards.bench.parts import NAN, bars, by_value, number
from dashboards.bench.told import told
from dashboards.components import exploring
from dashboards.components.still import still_table
from dashboards.components.tables import scrolling, simple_table
from dashboards.context import Scene
from streams.store import bench_kinds as kinds
from streams.store.bench_results import Kept

MOST_OFP = 12
Content = Mapping[str, Any]


def drawn(scene: Scene, digest: str, kept: Kept) -> list[Any]:
    """Draw a result; one whose kind has no drawing, or that holds something else than this program knows, is told as it is."""
    content = kept.content or {}
    try:
        draw = _DRAWN.get(kept.kind)
        return [*draw(scene, digest, kept, content), *told(scene.text, content)] if draw else _plain(scene, content)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        return _plain(scene, content)


def _beside(*figures: Any, flowing: bool = False) -> html.Div:
    """Lay figures side by side where there is room. flowing: figures of unlike height, which fill columns from above."""
    return html.Div(figures, className="bench-figures flowing" if flowing else "bench-figures")


def _composition(scene: Scene, digest: str, kept: Kept, content: Content) -> list[Any]:
    now, text = content["now"], scene.text
    groups = [
        (text.of_code("bench.", name), number(value), NAN, NAN)
        for name, value in zip(now["groups"], now["group_ppb"], strict=True)
    ]
    potentials = [
        (named.compound(text, name), number(value), NAN, NAN)
        for name, value in zip(now["species"], now["ofp_ugm3"], strict=True)
    ]
    ranked = sorted(potentials, key=by_value)[:MOST_OFP]
    return [
        _beside(
            bars(scene, kept, f"groups-{digest[:8]}", "group", text("bench.composition"), "ppb", groups),
            bars(scene, kept, f"ofp-{digest[:8]}", "compound", text("bench.ofp"), "µg O₃/m³", ranked),
        )
    ]


def _receptor(scene: Scene, digest: str, kept: Kept, content: Content) -> list[Any]:
    text = scene.text
    decimals = {"q_true": ".1f", "q_robust": ".1f", "q_expected": ".0f"}
    q = {name.removeprefix("q_"): f"{content[name]:{form}}" for name, form in decimals.items()}
    profiles = [_factor(scene, digest, kept, content, n) for n in range(len(content["factors"]))]
    hours = day_cycles.of_factors(scene, digest, kept, content)
    figures = _beside(_shares(scene, digest, kept, content), *hours, *profiles, flowing=True)
    counts = html.P(text("bench.q_told", **q, hits=content["hits"], starts=content["starts"]))
    note = html.P(text("bench.proposal_note"), className="footnote")
    return [counts, note, figures, _intervals(scene, content), _next(scene, digest, kept)]


def _shares(scene: Scene, digest: str, kept: Kept, content: Content) -> html.Div:
    """Draw which share of all compounds each factor holds."""
    parts = [
        (named.factor(scene.text, f"{n + 1} {name}"), number(value), NAN, NAN)
        for n, (name, value) in enumerate(zip(content["factors"], content["contribution_pct"], strict=True))
    ]
    return bars(scene, kept, f"shares-{digest[:8]}", "factor_alone", scene.text("bench.factor_shares"), "%", parts)


def _next(scene: Scene, digest: str, kept: Kept) -> html.P:
    """Lead to the forms that ask what ozone makes of these factors."""
    text = scene.text
    rir = {"kind": kinds.RIR, "by": kinds.FACTORS}
    links = [
        html.A(
            text(f"bench.kind_{own['kind']}"),
            href=shown.form_address(text, {**own, "station": kept.station, "receptor": digest}),
            className="button",
        )
        for own in (rir, {"kind": kinds.SOURCE_OZONE})
    ]
    return html.P([html.Span(text("bench.receptor_next"), className="of-choice"), *links], className="bench-asks")


def _factor(scene: Scene, digest: str, kept: Kept, content: Content, n: int) -> Any:
    text = scene.text
    columns = [content[name][n] for name in ("profile_pct", "low_pct", "high_pct")]
    parts = [
        (named.compound(text, species), *map(number, values))
        for species, *values in zip(content["species"], *columns, strict=True)
    ]
    title = f"{named.factor_with_proposal(text, content, n)} · {content['contribution_pct'][n]:.0f} %"
    parts.sort(key=by_value)
    return bars(scene, kept, f"factor-{n + 1}-{digest[:8]}", "compound", title, "%", parts)


def _intervals(scene: Scene, content: Content) -> html.Details:
    """Lay displacement and bootstrap of every element side by side."""
    text, rows = scene.text, []
    bounds = [content.get(name) for name in ("low_pct", "high_pct", "bs_low_pct", "bs_high_pct")]
    for n, _ in enumerate(content["factors"]):
        maybe = named.proposed(text, content, n) or "—"
        for j, species in enumerate(content["species"]):
            low, high, from_, to = (number(of[n][j]) if of else NAN for of in bounds)
            cells = [_written(number(content["profile_pct"][n][j])), _between(low, high), _between(from_, to)]
            rows.append([f"{n + 1}", maybe, named.compound(text, species), *cells])
    names = [text(f"bench.{name}") for name in ("factor_alone", "proposed", "compound", "share")]
    table = still_table([*names, "DISP %", "BS 5–95 %"], rows)
    return html.Details([html.Summary(text("bench.intervals")), table])


def _between(low: float, high: float) -> str:
    return f"{_written(low)} – {_written(high)}"


def _written(value: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else "NA"


def _ozone_day(scene: Scene, digest: str, kept: Kept, content: Content) -> list[Any]:
    text = scene.text
    parts = [(named.pathway(text, name), number(value), NAN, NAN) for name, value in content["budget_ppb"].items()]
    parts.sort(key=by_value)
    budget = bars(scene, kept, f"budget-{digest[:8]}", "pathway", text("bench.budget"), "ppb", parts)
    hours = day_cycles.of_box(scene, digest, kept, content["hours"]) if "hours" in content else []
    return [_beside(budget, *hours)]


def _ekma(scene: Scene, digest: str, kept: Kept, content: Content) -> list[Any]:
    return [_beside(ekma.diagram(scene, digest, kept, content), ekma.told(scene, content))]


def _rir(scene: Scene, digest: str, kept: Kept, content: Content) -> list[Any]:
    text = scene.text
    parts = [
        (named.group(text, each["group"]), *map(number, (each["rir"], each["low"], each["high"])))
        for each in content["groups"]
    ]
    parts.sort(key=by_value)
    heads = [text("bench.cut"), text("bench.rir_short"), text("bench.low"), text("bench.high")]
    rows = [[name, *(exploring.signed(each) for each in values)] for name, *values in parts]
    figure = bars(scene, kept, f"rir-{digest[:8]}", "cut", text("bench.rir_title"), text("bench.rir_unit"), parts)
    return [_beside(figure, still_table(heads, rows))]


def _regime(scene: Scene, digest: str, kept: Kept, content: Content) -> list[Any]:
    text = scene.text
    heads = [text(f"bench.{name}") for name in ("sign", "reads", "value", "sign_what")]
    comma, parts = text("list.comma"), []
    for each in content["days"]:
        rows = [
            [
                named.sign(text, sign["kind"]),
                named.reading(text, sign["reading"]),
                "NA" if sign["value"] is None else f"{sign['value']:.3g}",
                named.sentence(text, sign["what"]),
            ]
            for sign in each["signs"]
        ]
        others = comma.join(named.sign(text, kind) for kind in each["disagreeing"]) or "—"
        words = text("bench.most_signs", most=named.readings(text, each["most"]), others=others)
        parts.append(html.Details([html.Summary(f"{each['day']} · {words}"), still_table(heads, rows)]))
    return parts


def _source_ozone(scene: Scene, digest: str, kept: Kept, content: Content) -> list[Any]:
    text, methods = scene.text, sorted(content["share"], key=named.METHODS.index)
    heads = [text("bench.source"), *(named.method(text, method) for method in methods), text("bench.spread")]
    rows = [
        [
            named.group(text, source),
            *(_share(content["share"][method][n]) for method in methods),
            f"{_share(content['low'][n])} – {_share(content['high'][n])}",
        ]
        for n, source in enumerate(content["sources"])
    ]
    why = [html.P(named.sentence(text, content["why_none"]), className="footnote")] if content["why_none"] else []
    tables = [[scrolling(simple_table(heads, rows)), *why], _attribution(scene, content)]
    return [_beside(*(html.Div(each) for each in tables if each))]


def _attribution(scene: Scene, content: Content) -> list[Any]:
    """Lay the attribution's own sectors beside the factors; nothing where there is none."""
    text, parts = scene.text, content.get("attribution_ugm3") or {}
    if not parts:
        return []
    ranked = sorted(parts.items(), key=lambda each: -each[1])
    rows = [[named.sector(text, name), f"{value:.1f}"] for name, value in ranked]
    head = html.H3(text("bench.attribution_beside", n=content.get("attribution_days", 0)))
    return [head, scrolling(simple_table([text("bench.sector"), "µg/m³"], rows))]


def _share(value: Any) -> str:
    return "NA" if value is None else f"{100 * value:.0f} %"


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
