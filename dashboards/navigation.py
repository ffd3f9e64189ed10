"""One source of navigation for pages as text and for Dash: public pages first, then the wallboard and analysis."""

from __future__ import annotations

from dashboards.context import Scene
from dashboards.snapshots import pages as texts

ANALYSIS = "/analysis"


def links(scene: Scene) -> list[tuple[str, str, str]]:
    """Give (name, address, title) of what the head of every page links to, in the reader's language."""
    text, lang = scene.text, scene.text.lang
    public = [each for each in texts.pages().values() if each.in_navigation or each.name == "wall"]
    public.sort(key=lambda each: (each.name == "wall", each.name != "home"))
    entries = [(each.name, each.address(lang), text(f"page.{each.name}")) for each in public]
    entries += [
        (each.name, each.address(lang), text(f"page.{each.name}"))
        for each in texts.asked().values()
        if each.in_navigation
    ]
    return [*entries, ("analysis", ANALYSIS + scene.view.link(), text("page.analysis"))]
