"""A page drawn for one data version: its parts as text, the whole document, and the fragments that exchange its parts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.context import Context, scene_of
from dashboards.snapshots.frames import document, lasting
from dashboards.snapshots.markup import markup
from dashboards.snapshots.pages import Page
from dashboards.view import View


@dataclass(frozen=True)
class Drawn:
    """A page of one data version as text: the whole document, and its parts as JSON for pages that are open."""

    html: str
    fragments: str


def drawn(context: Context, page: Page, view: View, params: Mapping[str, Any], version: str) -> Drawn:
    """Draw a page for a selection. version: the name of the data version, which the page tells those who keep it fresh."""
    with scene_of(context, view, params) as scene:
        parts = {**lasting(scene), **{name: markup(render(scene)) for name, render in page.parts.items()}}
        whole = document(scene, page, parts, version)
    return Drawn(whole, json.dumps({"version": version, "parts": parts}, ensure_ascii=False, separators=(",", ":")))
