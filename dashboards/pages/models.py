"""模型: which models there are, what they have shown, who approved them, and which stands behind a number."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from dashboards import live, shell
from dashboards.components.model_cards import model_list, value_table
from dashboards.context import Scene, open_scene
from dashboards.queries import models
from dashboards.queries.confidence import signs_at
from ml.registry.confidence import Confidence, confidence
from ml.registry.errors import RegistryError

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
        cards = [model.card for model in models.models_at(scene.models, None)]
    except RegistryError:
        cards = []  # the list below says so
    return [title, value_table(scene, rows, {(card.name, card.version) for card in cards if card.simulated})]


def _registered(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("models.title"))
    try:
        found = models.models_at(scene.models, scene.moment.hour if scene.moment.is_past else None)
    except RegistryError as error:
        return [title, html.P(text("models.damaged", error=str(error)), className="quiet", role="alert")]
    if not found:
        return [title, html.P(text("models.none"), className="quiet")]
    return [title, model_list(scene, found, _trust(scene, found))]


def _trust(scene: Scene, found: list[models.Model]) -> dict[str, Confidence]:
    if scene.waiting:
        return {}
    serving = [model for model in found if model.standing.status == "serving"]
    seen = {m.card.name: signs_at(scene.connection, scene.view.city, scene.moment.hour, m) for m in serving}
    return {name: confidence(signs) for name, signs in seen.items()}


values = live.section("model-values", _values)
registered = live.section("models", _registered)
