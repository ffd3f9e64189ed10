"""Sections of the page of ozone about work: what was asked of a site, how it stands, and where one asks."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards.bench import shown
from dashboards.bench.super_site import Site
from dashboards.context import Scene
from dashboards.queries.bench import known_by, requests_known
from streams.store.bench_kinds import ASKINGS

MOST_SHOWN = 10


def requests(scene: Scene, title: html.H2, site: Site) -> list[Any]:
    """Lead to the forms of the office, and list the newest requests as they stood at the hour shown."""
    text = scene.text
    links = [
        html.A(
            text(f"bench.kind_{kind}"),
            href=shown.form_address(text, {"kind": kind, "station": site.code}),
            className="button",
        )
        for kind in ASKINGS
    ]
    found = requests_known(scene.connection, site.code, known_by(scene.moment), most=MOST_SHOWN)
    table = shown.request_table(scene, found, link=lambda digest: scene.link({"result": digest, "beside": None}))
    asking = html.P([html.Span(text("bench.ask"), className="of-choice"), *links], className="bench-asks")
    return [title, asking, html.P(text("bench.ask_note"), className="footnote"), table]
