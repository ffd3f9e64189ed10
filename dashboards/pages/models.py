"""模型: which models there are, what they have shown, who approved them, and which stands behind a number."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from dashboards import live, shell
from dashboards.components.model_cards import Trust, model_list, trust_lines, value_table
from dashboards.context import Scene, open_scene
from dashboards.queries import models
from dashboards.queries.confidence import signs_at
from ml.registry.confidence import confidence
from ml.registry.errors import RegistryError
from ml.registry.standing import SERVING

dash.register_page(__name__, path="/models", name="models", order=9)


def layout(**query: Any) -> html.Div:
    """Lay the page out for a URL's query. It only reads: approving is done on the command line or in a notebook."""
    with open_scene(query) as scene:
        parts = html.Div([values(scene, "card"), registered(scene, "card")], className="below models-page")
        return shell.frame(scene, "models", parts)


def _values(scene: Scene) -> list[Any]:
    text, city = scene.text, scene.view.city
    title = html.H2(text("models.values", city=scene.city_name(city)))
    rows = [] if scene.waiting else models.values_at(scene.connection, city, scene.moment.hour)
    if not rows:
        return [title, html.P(text("models.no_values"), className="quiet")]
    try:
        known = models.models_at(scene.models, scene.moment.hour if scene.moment.is_past else None)
    except RegistryError:
        known = []  # the list below says so
    made_up = {(model.card.name, model.card.version) for model in known if model.card.simulated}
    spoke = {(row["model"], row["model_version"]) for row in rows}
    trust = _trust(scene, [model for model in known if (model.card.name, model.card.version) in spoke])
    return [title, value_table(scene, rows, made_up, trust), *trust_lines(scene, trust)]


def _registered(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("models.title"))
    damaged: list[str] = []
    try:
        found = models.models_at(scene.models, scene.moment.hour if scene.moment.is_past else None, damaged=damaged)
    except RegistryError as error:
        found, damaged = [], [str(error)]
    said = [html.P(text("models.damaged", error=each), className="quiet", role="alert") for each in damaged]
    if not found:
        return [title, *(said or [html.P(text("models.none"), className="quiet")])]
    serving = [model for model in found if model.standing.status == SERVING]
    return [title, model_list(scene, found, _trust(scene, serving)), *said]


def _trust(scene: Scene, found: list[models.Model]) -> Trust:
    """Give by name and version how far each model is to be trusted for the hour and city shown."""
    if scene.waiting:
        return {}
    seen = {
        (m.card.name, m.card.version): signs_at(scene.connection, scene.view.city, scene.moment.hour, m) for m in found
    }
    return {key: confidence(signs) for key, signs in seen.items()}


values = live.section("model-values", _values)
registered = live.section("models", _registered)
