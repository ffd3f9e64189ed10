"""Sections that keep themselves up to date: one render function serves the first paint and every later change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dash import Input, Output, callback, html

from dashboards.context import Scene, open_scene

Render = Callable[[Scene], Any]
PULSE, VIEW = "pulse", "view"
"""Stores of the shell: the store's fingerprint, and the URL's query as the reader's selection."""


def section(name: str, render: Render, *, at_once: bool = True) -> Callable[[Scene, str], html.Section]:
    """Register a section that is drawn again when the store or the selection changes; give the function that places it.

    at_once: part of the first paint. Otherwise it is fetched right after, so that the first numbers do not wait for it.
    """

    @callback(Output(name, "children"), Input(PULSE, "data"), Input(VIEW, "data"), prevent_initial_call=at_once)
    def _update(_pulse: str, query: Mapping[str, Any]) -> Any:
        with open_scene(query or {}) as scene:
            return render(scene)

    def place(scene: Scene, class_name: str = "") -> html.Section:
        return html.Section(render(scene) if at_once else None, id=name, className=class_name)

    return place
