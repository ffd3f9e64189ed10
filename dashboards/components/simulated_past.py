"""How far the demo's simulated past is, in a line."""

from __future__ import annotations

from dash import html

from dashboards.context import Scene
from streams.store.past import Past, past_of


def past_line(scene: Scene) -> list[html.P]:
    """Tell how far the simulated past is; nothing where there is none, or where the reader went back."""
    past = None if scene.connection is None or scene.moment.is_past else past_of(scene.connection)
    return [] if past is None else [html.P(_words(scene, past), className="footnote", id="simulated-past")]


def _words(scene: Scene, past: Past) -> str:
    text, counts = scene.text, {"done": len(past.done), "total": len(past.planned)}
    if past.ended:
        return text("health.simulated_past_ended", **counts)
    if past.next is None:
        return text("health.simulated_past_done", **counts)
    said = (
        text("health.simulated_past_forecasts", month=past.next, **counts)
        if past.of_forecasts
        else text("health.simulated_past", month=past.next, **counts)
    )
    return said + (text("health.simulated_past_left", minutes=past.minutes_left) if past.minutes_left else "")
