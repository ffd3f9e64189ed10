"""臭氧与 VOCs: what the air of a super-site is made of, what matters for ozone, and what the bench found out."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from dashboards import live, shell
from dashboards.bench import asked, compared, made_of
from dashboards.bench.super_site import KNOWN, SPANS, Site, opened, opened_with_hours, sites_of
from dashboards.components import exploring
from dashboards.context import Scene, open_scene

dash.register_page(__name__, path="/analysis/ozone", name="ozone", order=17, in_navigation=False)


def layout(**query: Any) -> html.Div:
    """Lay the page out for a URL's query: station, span or from and to, result and beside (digests)."""
    with open_scene(query) as scene:
        drawn = [each(scene, "card") for each in (choice, composition, ranking, ratios, requests, results)]
        parts = [exploring.sister_pages(scene, "ozone"), *drawn]
        return shell.frame(scene, "ozone", html.Div(parts, className="below exploring ozone-page"))


def _choice(scene: Scene) -> list[Any]:
    return opened(scene, "bench.choose", _chosen)


def _chosen(scene: Scene, title: html.H2, site: Site) -> list[Any]:
    text, span = scene.text, site.span
    sites = [
        (f"{name} {code}", scene.link({"station": code, "result": None, "beside": None}), code == site.code)
        for code, name in sites_of(scene).items()
    ]
    spans = [
        (text(f"explore.span_{name}"), scene.link({"span": name, "from": None, "to": None}), name == span.name)
        for name in SPANS
    ]
    shown = text("list.comma").join((f"{site.name} {site.code}", exploring.span_words(scene, span)))
    return [
        title,
        exploring.fallen_back(scene, site.troubles, shown),
        exploring.not_known(scene, KNOWN),
        exploring.choices(text("bench.site"), sites),
        exploring.choices(text("explore.span"), spans),
    ]


def _composition(scene: Scene) -> list[Any]:
    return opened_with_hours(scene, "bench.composition", made_of.groups)


def _ranking(scene: Scene) -> list[Any]:
    return opened_with_hours(scene, "bench.ranking", made_of.ranking)


def _ratios(scene: Scene) -> list[Any]:
    return opened_with_hours(scene, "bench.ratios", made_of.ratios)


def _requests(scene: Scene) -> list[Any]:
    return opened(scene, "bench.asked", asked.requests)


def _results(scene: Scene) -> list[Any]:
    return opened(scene, "bench.results", compared.results)


choice = live.section("ozone-choice", _choice)
composition = live.section("ozone-composition", _composition)
ranking = live.section("ozone-ranking", _ranking, at_once=False)
ratios = live.section("ozone-ratios", _ratios, at_once=False)
requests = live.section("ozone-asked", _requests, at_once=False)
results = live.section("ozone-results", _results, at_once=False)
