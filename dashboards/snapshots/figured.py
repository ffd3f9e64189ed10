"""Figures of pages as text at addresses of their own: below /figures, the page's address, the figure's name, and its type.

    /figures/city/510100/2023-01-21T13/line.csv
    /en/figures/map.svg

A page links to them, so that it stays small and needs no script; what such an address gives is drawn when somebody asks.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from dash import html

from dashboards.components.drawing import Drawing
from dashboards.components.take import Figure, links
from dashboards.context import Context, Scene, scene_of
from dashboards.figure_files import KINDS
from dashboards.snapshots.pages import ENGLISH, Page, found, pages
from dashboards.view import LANGUAGES, View
from streams.registry import Registry

_LOG = logging.getLogger(__name__)
FIGURES = "/figures/"


@dataclass(frozen=True)
class Wanted:
    """A figure that an address names: its page with selection and parameters, its name there, and svg or csv."""

    page: Page
    view: View
    params: Mapping[str, Any]
    name: str
    kind: str


def file_address(scene: Scene, page: str, figure: str, kind: str, **params: Any) -> str:
    """Give the address of a figure of a page in the reader's language; raise KeyError for what there is not."""
    known = pages()[page]
    known.figures[figure]
    root = "" if scene.text.lang == LANGUAGES[0] else ENGLISH
    return f"{root}{FIGURES}{known.address(LANGUAGES[0], **params).strip('/')}/{figure}.{kind}".replace("//", "/")


def taking(scene: Scene, page: str, figure: str, drawn: Figure, **params: Any) -> html.Figcaption:
    """Link to the files of a figure; params: of the page's address."""
    svg, rows = (
        file_address(scene, page, figure, kind, **params) if there else ""
        for kind, there in (("svg", drawn.svg), ("csv", drawn.rows))
    )
    return links(scene.text, drawn.name, svg, rows)


def shown(scene: Scene, page: str, figure: str, drawn: Figure, **params: Any) -> html.Figure:
    """Show a drawing with the links to its files."""
    return html.Figure([Drawing(drawn.svg), taking(scene, page, figure, drawn, **params)], className="figure")


def wanted(path: str, registry: Registry) -> Wanted | None:
    """Find the figure of an address; None where there is none."""
    root, below, rest = path.partition(FIGURES)
    if not below or root not in ("", ENGLISH):
        return None
    at, _, file = rest.rpartition("/")
    name, _, kind = file.rpartition(".")
    known = found(f"{root}/{at}", registry) if kind in KINDS else None
    named = known is not None and name in known[0].figures
    if not named or rest.startswith("/") or (known[1].lang == LANGUAGES[0]) != (root == ""):
        return None
    return Wanted(*known, name, kind)


def taken(context: Context, asked: Wanted) -> str | None:
    """Draw what is taken; None where there is nothing to take, nor a store to ask."""
    try:
        with scene_of(context, asked.view, asked.params) as scene:
            drawn = None if scene.waiting and scene.connection is None else asked.page.figures[asked.name](scene)
            if drawn is None or not (drawn.svg if asked.kind == "svg" else drawn.rows):
                return None
            return drawn.as_svg(scene.text) if asked.kind == "svg" else drawn.as_csv(scene.text)
    except sa.exc.SQLAlchemyError as error:
        _LOG.warning("the store could not be read for figure %s of page %s: %s", asked.name, asked.page.name, error)
        return None
