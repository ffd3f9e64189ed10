"""污染过程: the episodes of a year, by kind and city; each leads to its dossier."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from dashboards import live, shell
from dashboards.asked import Listing
from dashboards.components.dossier_tables import dossier_link, episode_table
from dashboards.components.judged_words import choices, fell_back, paging
from dashboards.context import Scene, open_scene
from dashboards.queries import dossiers

dash.register_page(__name__, path="/analysis/episodes", name="episodes", order=21)

YEARS = 8
"""So many years are offered; others are asked for in the address."""


def layout(**query: Any) -> html.Div:
    """Lay the page out for a URL's query."""
    with open_scene(query) as scene:
        return shell.frame(scene, "episodes", html.Div([listing(scene, "card")], className="below judging-page"))


def _listing(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2([text("dossier.list_title"), html.Small(text("dossier.list_what"))])
    if scene.waiting:
        return [title, html.P(text("card.awaiting"), className="quiet")]
    hour, cities = scene.moment.hour, tuple(scene.registry.cities)
    asked = Listing.read(scene.params, cities, hour)
    known = dossiers.years(scene.connection, hour)
    year = asked.year or known[0]
    found = dossiers.listed(scene.connection, year, hour, cities, newest=scene.moment.newest, kind=asked.kind,
                            city=asked.city, page=asked.page)  # fmt: skip
    first = {"page": None}
    kinds = [(text("dossier.any") if not kind else text.of_code("kind.", kind),
              scene.link({**first, "kind": kind or None}), kind == asked.kind) for kind in ("", *dossiers.KINDS)]  # fmt: skip
    places = [(text("dossier.any") if not city else scene.city_name(city),
               scene.link({**first, "of": city or None}), city == asked.city) for city in ("", *cities)]  # fmt: skip
    dates = [(str(each), scene.link({**first, "year": str(each)}), each == year) for each in known[:YEARS]]
    shown = (
        episode_table(scene, found.rows, lambda row: dossier_link(scene, row["episode"]))
        if found.rows
        else html.P(text("dossier.no_episodes", year=year), className="quiet")
    )
    return [
        title, *fell_back(scene, asked.troubles), choices(text("judging.year"), dates), choices(text("dossier.kind"), kinds),
        choices(text("judging.city"), places), html.P(text("dossier.count", year=year, n=found.total), className="footnote"),
        shown, paging(scene, asked.page, found.more),
    ]  # fmt: skip


listing = live.section("episode-listing", _listing)
