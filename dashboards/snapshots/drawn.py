"""A page drawn for one data version: its parts as text, the whole document, and the fragments that exchange its parts."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from dash import html

from dashboards import release
from dashboards.context import TROUBLES, Context, Scene, scene_of, waiting_scene
from dashboards.pulse import digest
from dashboards.snapshots.frames import document, lasting
from dashboards.snapshots.markup import markup
from dashboards.snapshots.pages import Page, Render
from dashboards.view import View

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Drawn:
    """A page of one data version as text: the whole document, and its parts as JSON for pages that are open.

    version: the data version asked for, or that of trouble where the store could not be read while the page was drawn.
    """

    html: str
    fragments: str
    version: str


def unread(trouble: str) -> str:
    """Name the version of pages that say that the store cannot be read: never that of data, so that it passes with the trouble."""
    return digest("", "waiting", trouble, release.release())


def is_unread(version: str) -> bool:
    """Tell whether a version is of pages that say that the store cannot be read."""
    return version in map(unread, TROUBLES)


def drawn(context: Context, page: Page, view: View, params: Mapping[str, Any], version: str) -> Drawn:
    """Draw a page for a selection. version: the name of the data version, which the page tells those who keep it fresh.

    A store that stops being readable on the way (locked, half migrated) gives the page that says so in words.
    """
    try:
        with scene_of(context, view, params) as scene:
            return _of_scene(scene, page, version)
    except sa.exc.SQLAlchemyError as error:
        _LOG.warning("the store could not be read for page %s: %s", page.name, error)
    return _of_scene(waiting_scene(context, view, "tables", params), page, version)


def _of_scene(scene: Scene, page: Page, version: str) -> Drawn:
    name = unread(scene.trouble) if scene.trouble else version
    parts = {**lasting(scene), **{part: _part(scene, page, part, render) for part, render in page.parts.items()}}
    whole = document(scene, page, parts, name)
    made = json.dumps({"version": name, "parts": parts}, ensure_ascii=False, separators=(",", ":"))
    return Drawn(whole, made, name)


def _part(scene: Scene, page: Page, name: str, render: Render) -> str:
    """Draw a part; one that cannot be drawn says so in its place and takes no other with it. A lost store is the page's matter."""
    try:
        return markup(render(scene))
    except sa.exc.SQLAlchemyError:
        raise
    except Exception:  # whatever one number does, all others stay
        _LOG.exception("part %s of page %s cannot be drawn", name, page.name)
        return markup(html.P(scene.text("pages.part_in_trouble"), className="card notice waiting", role="status"))
