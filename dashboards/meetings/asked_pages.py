"""The public page of the joint meeting: whose turn it is, what is due, papers, and what the cities have to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from dash import html

from dashboards.components.tables import card
from dashboards.context import Scene, current
from dashboards.meetings import book
from dashboards.meetings.book import Meeting
from dashboards.meetings.cards import action_table, due_list, host_list
from dashboards.meetings.office_tables import PUBLIC
from dashboards.meetings.quarters import quarter_of, quarter_words
from dashboards.meetings.rules import rules_in
from dashboards.moment import SHANGHAI
from dashboards.office.reading import of_office
from dashboards.office.records import engine_of
from dashboards.publications.cards import at, state
from dashboards.publications.office_tables import PUBLISHED
from dashboards.publications.register import Record, named
from dashboards.snapshots.asked import asked_page

SHOWN = 8
"""Meetings that are shown."""


def _duties(scene: Scene) -> list[Any]:
    context, engine = current(), engine_of(current())
    today = (context.clock() + SHANGHAI).date()
    cities = tuple(scene.registry.cities)
    now, rules = quarter_of(today), rules_in(context.folder, cities)
    quarters = (now.later(-1), now)
    done: list[tuple[Any, Any]] = [(each, ()) for each in quarters]
    if engine is not None:
        with engine.connect() as connection:
            done = [(each, book.fulfilled(connection, each, cities)) for each in quarters]
    return [
        card(html.H2(scene.text("meetings.due")), *due_list(scene, rules, done, today)),
        card(html.H2(scene.text("meetings.turns")), host_list(scene, rules, now)),
    ]


def _meetings(scene: Scene) -> list[Any]:
    engine = engine_of(current())
    if engine is None:
        return [html.P(scene.text("office.none"), className="notice")]
    today = (current().clock() + SHANGHAI).date()
    with engine.connect() as connection:
        rows = book.meetings(connection, most=SHOWN, audiences=(PUBLIC,))
        found = [book.meeting_of(connection, row.quarter) for row in rows]
        laid = named(connection, {name for each in found for name in each.papers})
        open_ones = book.to_do(connection, (PUBLIC,))
    table = action_table(scene, open_ones, today) if open_ones else html.P(scene.text("meetings.no_actions"))
    return [
        card(html.H2(scene.text("meetings.still_to_do")), table),
        *(_meeting(scene, each, laid, today) for each in found),
        *([] if found else [card(html.P(scene.text("meetings.none_public")))]),
    ]


def _meeting(scene: Scene, found: Meeting, laid: Mapping[str, Record], today: dt.date) -> html.Section:
    text = scene.text
    papers = [_paper(scene, laid[name]) for name in found.papers if name in laid]  # an internal one is not named
    decided = [html.Li(said) for _, said in found.decisions]
    facts = [("host", scene.city_name(found.host)), ("day", str(found.day or "")), ("place", found.place)]
    told = [html.Div([html.Dt(text(f"meetings.{name}")), html.Dd(said)]) for name, said in facts if said]
    state = html.Span(text(f"meetings.state_{found.state}"), className=f"mark {found.state}")
    title = html.H2(text("meetings.of", quarter=quarter_words(text, found.quarter)), id=found.quarter)
    return card(
        html.Div([title, state], className="head"), html.Dl(told, className="facts"),
        html.H3(text("meetings.papers")), html.Ul(papers) if papers else html.P(text("meetings.no_papers")),
        html.H3(text("meetings.decisions")),
        html.Ol(decided, className="decided") if decided else html.P(text("meetings.no_decisions")),
        html.H3(text("meetings.actions")),
        action_table(scene, found.actions, today) if found.actions else html.P(text("meetings.no_actions")),
    )  # fmt: skip


def _paper(scene: Scene, record: Record) -> html.Li:
    link = html.A(record.name, href=at(scene, f"/publications/{record.name}"))
    said = [] if record.state == PUBLISHED else [" ", state(scene, record)]
    return html.Li([link, " ", record.title(scene.text.lang), *said])


asked_page("joint_meeting", "/meetings", {"duties": of_office(_duties), "meetings": of_office(_meetings)})
