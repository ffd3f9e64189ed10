"""Models as cards to open: where each stands, its errors beside the baselines, its gates, and what it must not be used for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.components.quantities import GROUPS, group_of, named, quantity_name, unit_written
from dashboards.components.tables import plain_table, scrolling
from dashboards.context import Scene
from dashboards.queries.models import Model, Row
from dashboards.text import Text, signed
from ml.gates.results import GateResult, title
from ml.registry import cards
from ml.registry.confidence import NONE, Confidence
from ml.registry.words import catalogue, word

LONGEST_LIST = 12
"""Values that are read in one table."""
Trust = Mapping[tuple[str, str], Confidence]
"""By name and version the confidence in what a model says of the hour and city shown."""


def model_list(scene: Scene, models: Sequence[Model], trust: Trust) -> html.Div:
    """List models; the one that serves is opened. trust: of those that serve."""
    cards = [_model(scene, model, trust.get((model.card.name, model.card.version))) for model in models]
    return html.Div(cards, className="models")


def trust_lines(scene: Scene, trust: Trust) -> list[html.P]:
    """Say of each model behind a number how far it is to be trusted, and why no further."""
    return [
        html.P(f"{name} {version}: {each.words(scene.text.lang, purpose='forecast')}", className=f"trust {each.grade}")
        for (name, version), each in sorted(trust.items())
    ]


def value_table(
    scene: Scene, rows: Sequence[Row], made_up: Collection[tuple[str, str]] = (), trust: Trust | None = None
) -> html.Div:
    """List what models say of the hour shown, with the model and version behind each number.

    made_up: names and versions of models that were trained on simulated data; what they say is marked too. trust: what a
    model says that is not to be trusted at all is not shown. A list longer than LONGEST_LIST is one of groups to open.
    """
    if len(rows) <= LONGEST_LIST:
        return _value_table(scene, rows, made_up, trust or {})
    groups = {name: [row for row in rows if group_of(row["quantity"]) == name] for name in GROUPS}
    shown = [(name, of_group) for name, of_group in groups.items() if of_group]
    return html.Div([
        html.Details([
            html.Summary(scene.text(f"models.group_{name}", count=len(of_group))),
            _value_table(scene, of_group, made_up, trust or {}),
        ], open=not n, className="value-group")
        for n, (name, of_group) in enumerate(shown)
    ])  # fmt: skip


def _value_table(scene: Scene, rows: Sequence[Row], made_up: Collection[tuple[str, str]], trust: Trust) -> html.Div:
    text = scene.text
    heads = [text(f"models.{key}") for key in ("quantity", "value", "model", "version", "run")]
    body = [
        html.Tr([
            html.Th([*quantity_name(text, row["quantity"]), marks.simulated(_marked(row, made_up), text)], scope="row"),
            html.Td(_told(scene, row, trust), className="number"),
            html.Td(row["model"]), html.Td(row["model_version"]), html.Td(row["run"] or text("models.no_run")),
        ])
        for row in rows
    ]  # fmt: skip
    return scrolling(plain_table(heads, body, "model-values"))


def _told(scene: Scene, row: Row, trust: Trust) -> str:
    grade = trust.get((row["model"], row["model_version"]))
    if grade is not None and grade.grade == NONE:
        return word("no_forecast", scene.text.lang)
    return "NA" if row["value"] is None else f"{row['value']:.1f}"


def _marked(row: Row, made_up: Collection[tuple[str, str]]) -> Row:
    return {"simulated": row["simulated"] or (row["model"], row["model_version"]) in made_up}


def _model(scene: Scene, model: Model, trust: Confidence | None) -> html.Details:
    card, standing, lang = model.card, model.standing, scene.text.lang
    badge = html.Span(
        word(f"status_{standing.status}", lang), className=f"model-status {standing.status.replace(' ', '-')}"
    )
    name = html.B(signed(getattr(card.title, lang)))
    summary = html.Summary([badge, name, html.Small(f"{card.name} {card.version}"),
                            marks.simulated({"simulated": card.simulated}, scene.text)])  # fmt: skip
    parts = [summary, *_trust(scene, model, trust)]
    parts += [_facts(model, scene.text), _words(word("not_for", lang), card.not_for, lang)]
    parts += [_words(word("limits", lang), card.limits, lang)] if card.limits else []
    parts += [_scores(model, scene.text), _gates(model, scene.text), _features(model, lang)]
    return html.Details(parts, className="model", open=standing.status == "serving")


def _trust(scene: Scene, model: Model, trust: Confidence | None) -> list[html.P]:
    if trust is None or model.standing.status != "serving":
        return []
    words = scene.text(
        "models.trust", city=scene.city_name(scene.view.city), words=trust.words(scene.text.lang, purpose="forecast")
    )
    return [html.P(words, className=f"trust {trust.grade}")]


def _facts(model: Model, text: Text) -> html.Dl:
    card, standing, lang = model.card, model.standing, text.lang
    approved = word("nobody", lang)
    if standing.approved_by and standing.approved_at is not None:
        approved = f"{standing.approved_by}, {cards.moment(standing.approved_at)}"
    facts = {
        "status": " · ".join(filter(None, (word(f"status_{standing.status}", lang), standing.by, standing.why))),
        "quantities": text("list.comma").join(named(text, each)[0] for each in card.quantities),
        "window": f"{cards.hour(card.trained_from)} … {cards.hour(card.trained_until)} {word('beijing_time', lang)}",
        "reach": word("reach_of", lang, horizon=card.horizon_h, lookback=card.lookback_h), "edition": card.edition,
        "revision": card.revision, "data": ", ".join(f"{n} {d[:12]}" for n, d in sorted(card.data.items())),
        "trained_by": f"{card.trained_by}, {cards.moment(card.trained_at)}", "approved_by": approved,
    }  # fmt: skip
    return html.Dl([part for key, value in facts.items() for part in (html.Dt(word(key, lang)), html.Dd(value))])


def _words(heading: str, texts: Sequence[Any], lang: str) -> html.Div:
    return html.Div([html.H3(heading), html.Ul([html.Li(signed(getattr(each, lang))) for each in texts])])


def _scores(model: Model, text: Text) -> html.Div | html.P:
    """Show errors beside those of the baselines; what tells most comes first, a phone shows the first columns alone."""
    shown, lang = cards.shown_leads(model.card), text.lang
    if not shown:
        return html.P(word("no_scores", lang), className="quiet")
    names = sorted({name for score in shown for name in score.baselines})
    heads = [word(key, lang) for key in ("quantity", "lead", "mae")]
    heads += [*(word(f"baseline_{name}", lang) for name in names), word("pairs", lang), word("split", lang)]
    body = [
        html.Tr([
            html.Th(quantity_name(text, score.quantity), scope="row"),
            html.Td(word("all_leads", lang) if score.lead_h is None else f"{score.lead_h} h"),
            *(html.Td(_number(v), className="number") for v in (score.mae, *map(score.baselines.get, names), score.n)),
            html.Td(word(f"split_{score.split}", lang)),
        ])
        for score in shown
    ]  # fmt: skip
    return html.Div([html.H3(word("scores", lang)), scrolling(plain_table(heads, body, "model-scores"))])


def _gates(model: Model, text: Text) -> html.Div | None:
    if not model.card.gates:
        return None
    lang = text.lang
    signs = {"passed": "✓", "failed": "✗", "warned": "△"}
    lines = [
        html.Li([
            html.Span(f"{signs[gate.outcome]} {word(f'outcome_{gate.outcome}', lang)}", className=f"gate {gate.outcome}"),
            html.Span([html.B(title(gate.gate, lang)), " ", _reason(gate, text)]),
        ])
        for gate in model.card.gates
    ]  # fmt: skip
    return html.Div([html.H3(word("gates", lang)), html.Ul(lines, className="gates")])


def _reason(gate: GateResult, text: Text) -> str:
    """Say a gate's reason with quantities by their names."""
    values = {key: named(text, value)[0] if isinstance(value, str) else value for key, value in gate.values.items()}
    return signed(replace(gate, values=values).words(text.lang))


def _features(model: Model, lang: str) -> html.Div:
    heads = [word(key, lang) for key in ("feature", "unit", "feed", "known", "lookback")]
    body = [
        html.Tr([html.Th(f.name, scope="row"), html.Td(unit_written(f.unit)), html.Td(_feed(f.feed, lang)),
                 html.Td(word(f"known_{f.known.rule}", lang, delay=f.known.delay_h)), html.Td(cards.looks_back(f))])
        for f in model.card.features
    ]  # fmt: skip
    return html.Div([html.H3(word("features", lang)), scrolling(plain_table(heads, body, "model-features"))])


def _feed(feed: str, lang: str) -> str:
    """Name a feed; one that has no words stands for itself."""
    return word(f"feed_{feed}", lang) if f"feed_{feed}" in catalogue() else feed


def _number(value: float | int | None) -> str:
    if value is None:
        return "NA"
    return f"{value:,}" if isinstance(value, int) else f"{value:.2f}"
