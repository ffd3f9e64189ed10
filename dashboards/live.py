"""Sections that keep themselves up to date: one render function serves the first paint and every later change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dash import Dash, Input, Output, html

from dashboards.context import Scene, open_scene

Render = Callable[[Scene], Any]
PULSE, VIEW = "pulse", "view"
"""Stores of the shell: the store's fingerprint, and the URL's query as the reader's selection."""


@dataclass(frozen=True)
class Section:
    """A part of a page. Called with a scene it gives its place in the layout.

    at_once: drawn with the first paint. Otherwise it is fetched right after: the first numbers do not wait for it.
    scrolls: where its content may be longer than its place, so that the keyboard must reach it.
    """

    name: str
    render: Render
    at_once: bool
    scrolls: bool = False

    def __call__(self, scene: Scene, class_name: str = "") -> html.Section:
        """Place the section in a layout."""
        reached = {"tabIndex": "0"} if self.scrolls else {}
        return html.Section(self.render(scene) if self.at_once else None, id=self.name, className=class_name, **reached)


_SECTIONS: dict[str, Section] = {}


def section(name: str, render: Render, *, at_once: bool = True, scrolls: bool = False) -> Section:
    """Declare a section; name is its id on the page, one of its kind in the whole portal.

    Raises ValueError where another function has declared the name: one of the two would never be drawn.
    """
    known = _SECTIONS.get(name)
    # Dash reads the files of pages itself, again for every application: the same function then comes anew.
    if known is not None and _place_of(known.render) != _place_of(render):
        raise ValueError(
            f"section {name!r} is declared by {_place_of(known.render)} and by {_place_of(render)}, expected a name of its own"
        )
    _SECTIONS[name] = Section(name, render, at_once, scrolls)
    return _SECTIONS[name]


def sections() -> dict[str, Section]:
    """Give every section declared so far, by its name."""
    return dict(_SECTIONS)


def connect(app: Dash) -> None:
    """Let every section be drawn again when the store or the selection changes."""
    for part in _SECTIONS.values():
        trigger = Input(PULSE, "data"), Input(VIEW, "data")
        app.callback(Output(part.name, "children"), *trigger, prevent_initial_call=part.at_once)(_updater(part))


def _place_of(render: Render) -> tuple[str, str]:
    return render.__code__.co_filename, render.__qualname__


def _updater(part: Section) -> Callable[[str, Mapping[str, Any]], Any]:
    def update(_pulse: str, query: Mapping[str, Any]) -> Any:
        with open_scene(query if isinstance(query, Mapping) else {}) as scene:
            return part.render(scene)

    return update
