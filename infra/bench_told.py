"""What a result of the bench answers, as tables and lines for a terminal; the words are those of the page of ozone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from rich.markup import escape
from rich.table import Table

from dashboards.bench import ekma, named
from dashboards.bench.parts import largest_first, number
from dashboards.components.exploring import signed
from dashboards.text import Text
from infra.messages import language, say
from standards.shown import harmless
from streams.store import bench_kinds as kinds
from streams.store.bench_results import Kept

MOST = 12
"""So many compounds are listed, those of the largest ozone formation potential."""
MAIN_SPECIES = 4
Answer = tuple[list[Table], list[str]]
"""Tables, and the lines that stand below them."""


def answer(found: Kept) -> Answer:
    """Give a result's main numbers with their units; neither table nor line for content that this program does not know."""
    try:
        return _ANSWERS[found.kind](Text(language()), found.content or {})
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        return [], []


def where_whole(found: Kept) -> str:
    """Say at which address of the portal a result is drawn, and how all of it is written."""
    asked = {"station": found.station, "result": found.digest} | ({"lang": "en"} if language() == "en" else {})
    return say("bench_whole", page=f"/analysis/ozone?{urlencode(asked)}", digest=found.digest[:12])


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(*map(escape, heads), title=escape(title))
    for row in rows:
        table.add_row(*(escape(harmless(cell)) for cell in row))
    for column in table.columns[1:]:
        column.overflow = "fold"
    return table


def _written(value: Any, decimals: int) -> str:
    found = number(value)
    return f"{found:.{decimals}f}" if math.isfinite(found) else "NA"


def _composition(text: Text, content: Mapping[str, Any]) -> Answer:
    now, before = content["now"], content.get("before")
    sums = dict(zip(before["groups"], before["group_ppb"], strict=True)) if before else {}
    groups = [
        [text.of_code("bench.", name), _written(ppb, 2), _written(sums.get(name), 2)]
        for name, ppb in zip(now["groups"], now["group_ppb"], strict=True)
    ]
    potentials = sorted(zip(now["species"], now["ofp_ugm3"], strict=True), key=lambda each: largest_first(each[1]))
    ranked = [[named.compound(text, name), _written(ofp, 1)] for name, ofp in potentials[:MOST]]
    heads = [text(f"bench.{name}") for name in ("group", "mean", "before")]
    return [
        _table(text("bench.composition"), heads, groups),
        _table(text("bench.ofp"), [text("bench.compound"), "µg O₃/m³"], ranked),
    ], []


def _receptor(text: Text, content: Mapping[str, Any]) -> Answer:
    rows = []
    for n, share in enumerate(content["contribution_pct"]):
        parts = sorted(
            zip(content["species"], content["profile_pct"][n], strict=True), key=lambda each: largest_first(each[1])
        )
        main = ", ".join(f"{named.compound(text, name)} {_written(pct, 0)}" for name, pct in parts[:MAIN_SPECIES])
        rows.append([named.factor_with_proposal(text, content, n), _written(share, 1), main])
    q = {name: _written(content[f"q_{name}"], 1) for name in ("true", "robust", "expected")}
    counts = text("bench.q_told", **q, hits=content["hits"], starts=content["starts"])
    heads = say("receptor_columns").split("|")[:3]
    return [_table(text("bench.factor_shares"), heads, rows)], [counts]


def _ozone_day(text: Text, content: Mapping[str, Any]) -> Answer:
    budget = sorted(content["budget_ppb"].items(), key=lambda each: largest_first(each[1]))
    rows = [[named.pathway(text, name), signed(number(ppb), 2)] for name, ppb in budget]
    days = [
        [each["day"], signed(number(each["net_ppb"]), 1), _written(each["l_n_q"], 2)]
        for each in content.get("days") or ()
    ]
    tables = [_table(text("bench.budget"), [text("bench.pathway"), "ppb"], rows)]
    if days:
        tables.append(
            _table(text("bench.hours_net"), [text("bench.day"), f"{text('bench.hours_net')} ppb", "L_N/Q"], days)
        )
    return tables, []


def _ekma(text: Text, content: Mapping[str, Any]) -> Answer:
    heads, rows = ekma.cut_table(text, content)
    return [_table(text("bench.ekma_cuts"), heads, rows)] if rows else [], ekma.sentences(text, content)


def _rir(text: Text, content: Mapping[str, Any]) -> Answer:
    ranked = sorted(content["groups"], key=lambda each: largest_first(each["rir"]))
    rows = [
        [named.group(text, each["group"]), *(signed(number(each[name]), 3) for name in ("rir", "low", "high"))]
        for each in ranked
    ]
    heads = [text(f"bench.{name}") for name in ("cut", "rir_short", "low", "high")]
    return [_table(text("bench.rir_title"), heads, rows)], []


def _regime(text: Text, content: Mapping[str, Any]) -> Answer:
    rows = []
    for each in content["days"]:
        signs = [
            f"{named.sign(text, sign['kind'])}: {named.reading(text, sign['reading'])}"
            + ("" if sign["value"] is None else f" ({sign['value']:.3g})")
            for sign in each["signs"]
        ]
        others = text("list.comma").join(named.sign(text, kind) for kind in each["disagreeing"]) or "—"
        rows.append([each["day"], named.readings(text, each["most"]), others, "\n".join(signs) or "—"])
    heads = [text("bench.day"), *say("ozone_regime_columns").split("|")[1:], text("bench.sign")]
    return [_table(text("bench.kind_regime"), heads, rows)], []


def _source_ozone(text: Text, content: Mapping[str, Any]) -> Answer:
    methods = [name for name in named.METHODS if name in content["share"]]
    rows = [
        [named.group(text, source), *(_percent(content["share"][method][n]) for method in methods),
         f"{_percent(content['low'][n])} – {_percent(content['high'][n])}"]
        for n, source in enumerate(content["sources"])
    ]  # fmt: skip
    heads = [text("bench.source"), *(f"{named.method(text, each)} %" for each in methods), f"{text('bench.spread')} %"]
    why = [named.sentence(text, content["why_none"])] if content["why_none"] else []
    return [_table(text("bench.kind_source_ozone"), heads, rows)], why


def _percent(share: Any) -> str:
    return _written(100.0 * number(share), 0)


_ANSWERS: Mapping[str, Callable[[Text, Mapping[str, Any]], Answer]] = {
    kinds.COMPOSITION: _composition, kinds.RECEPTOR: _receptor, kinds.OZONE_DAY: _ozone_day, kinds.EKMA: _ekma,
    kinds.RIR: _rir, kinds.REGIME: _regime, kinds.SOURCE_OZONE: _source_ozone,
}  # fmt: skip
