"""数据健康: sources and their books, files and refused rows by pages, hours whose books are open, statutory clocks."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from dashboards import live, shell
from dashboards.asked import page_asked
from dashboards.components.health_tables import (
    clock_table,
    file_table,
    open_table,
    reject_list,
    source_table,
    verified_words,
)
from dashboards.components.judged_words import fell_back, paging
from dashboards.components.simulated_past import past_line
from dashboards.context import Scene, open_scene
from dashboards.queries import health
from streams.store.health import damages, files_of, latest_rejects, open_hours
from streams.store.verifying import last_round

dash.register_page(__name__, path="/analysis/data", name="data_health", order=23)

PER_PAGE, OPEN_HOURS = 20, 50


def layout(**query: Any) -> html.Div:
    """Lay the page out for a URL's query."""
    with open_scene(query) as scene:
        parts = [
            sources(scene, "card"),
            files(scene, "card"),
            refused(scene, "card"),
            books(scene, "card"),
            clocks(scene, "card"),
        ]
        return shell.frame(scene, "data_health", html.Div(parts, className="below judging-page"))


def _sources(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2([text("health.title"), html.Small(text("health.equation"))])
    if scene.connection is None:
        return [title, html.P(text("health.no_sources"), className="quiet")]
    if scene.moment.is_past:
        title.children.append(html.Small(text("health.past")))
    found = health.books(scene.connection, scene.moment)
    unknown = scene.view.source and scene.view.source not in {each.source for each in found}
    every = html.A(text("data.every_source"), href=scene.link({"files": None, "rejects": None}, source=""),
                   className="button", **{"data-state": ""})  # fmt: skip
    return [title, *fell_back(scene, ["source"] if unknown else []), *past_line(scene), source_table(scene, found),
            *([every] if scene.view.source else [])]  # fmt: skip


def _files(scene: Scene) -> list[Any]:
    text, source = scene.text, scene.view.source
    title = html.H2(text("health.files_of", source=source) if source else text("data.files"))
    if scene.connection is None:
        return [title, html.P(text("health.no_sources"), className="quiet")]
    if not source:
        return [title, html.P(text("data.choose_source"), className="quiet")]
    troubles: list[str] = []
    page = page_asked(scene.params, troubles, "files")
    found = files_of(
        scene.connection,
        source,
        PER_PAGE + 1,
        skip=(page - 1) * PER_PAGE,
        received_until=health.received_until(scene.moment),
    )
    return [title, *fell_back(scene, troubles), file_table(scene, found[:PER_PAGE]),
            paging(scene, page, len(found) > PER_PAGE, "files")]  # fmt: skip


def _refused(scene: Scene) -> list[Any]:
    text, source = scene.text, scene.view.source
    title = html.H2(text("health.rejects_of", source=source) if source else text("health.rejects"))
    if scene.connection is None:
        return [title, html.P(text("health.no_sources"), className="quiet")]
    troubles: list[str] = []
    page = page_asked(scene.params, troubles, "rejects")
    skip = (page - 1) * PER_PAGE
    found = (
        latest_rejects(
            scene.connection, PER_PAGE + 1, source=source, skip=skip, received_until=health.received_until(scene.moment)
        )
        if source
        else health.refused(scene.connection, scene.moment, PER_PAGE + 1, skip=skip)
    )
    return [title, *fell_back(scene, troubles), reject_list(scene, found[:PER_PAGE]),
            paging(scene, page, len(found) > PER_PAGE, "rejects")]  # fmt: skip


def _books(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2([text("data.books"), html.Small(text("data.books_what"))])
    if scene.connection is None:
        return [title, html.P(text("health.no_sources"), className="quiet")]
    if scene.moment.is_past:
        return [title, html.P(text("data.books_past"), className="quiet")]
    found = open_hours(scene.connection, count=OPEN_HOURS + 1)
    more = [html.P(text("data.more_open", count=OPEN_HOURS), className="footnote")] if len(found) > OPEN_HOURS else []
    verified = html.P(verified_words(scene, last_round(scene.connection)), className="footnote")
    return [title, open_table(scene, found[:OPEN_HOURS], damages(scene.connection)), *more, verified]


def _clocks(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2([text("health.clocks"), html.Small(text("data.clocks_what"))])
    if scene.connection is None:
        return [title, html.P(text("health.no_sources"), className="quiet")]
    if not scene.moment.is_present:
        return [title, html.P(text("health.clocks_past"), className="quiet")]
    found = health.clocks(scene.connection, scene.moment.now, tuple(scene.registry.cities))
    return [title, clock_table(scene, found)]


sources = live.section("data-sources", _sources)
files = live.section("data-files", _files)
refused = live.section("data-refused", _refused)
books = live.section("data-books", _books)
clocks = live.section("data-clocks", _clocks)
