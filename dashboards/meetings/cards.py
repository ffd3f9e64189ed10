"""What both the public page and the office show of meetings: turns, duties with their dates, and actions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from dash import html

from dashboards.components.phase_tables import own_scroll
from dashboards.context import Scene
from dashboards.meetings.book import Action
from dashboards.meetings.quarters import Quarter, due_of, host_of, quarter_words
from dashboards.meetings.rules import Rules

TURNS = 8
"""Quarters whose hosts are listed."""


def host_list(scene: Scene, rules: Rules, first: Quarter) -> html.Div:
    """List who hosts from a quarter on, and where that is written."""
    text = scene.text
    found = [(q, host_of(q, rules.rotations)) for q in (first.later(n) for n in range(TURNS))]
    lines = [
        html.Li(
            [html.B(quarter_words(text, q.name)), " ", scene.city_name(host[0])],
            **({"aria-current": "true"} if q == first else {}),
        )
        for q, host in found
        if host
    ]
    assumed = any(host and host[1].assumed for _, host in found)
    return html.Div([html.Ol(lines, className="turns"), *([html.Small(text("meetings.assumed"))] if assumed else [])])


def due_list(
    scene: Scene, rules: Rules, quarters: Sequence[tuple[Quarter, Sequence[str]]], today: dt.date
) -> list[Any]:  # fmt: skip
    """Show what is due for each quarter on which day, and how it stands; done: by quarter what is fulfilled."""
    text = scene.text
    parts: list[Any] = []
    assumed = False
    for quarter, done in quarters:
        dues = due_of(quarter, rules.duties, done, today)
        if not dues:
            continue
        assumed |= any(due.assumed for due in dues)
        lines = [html.Li(_due(scene, due), className=due.state) for due in dues]
        parts += [html.H3(quarter_words(text, quarter.name)), html.Ol(lines, className="duties")]
    if not parts:
        return [html.P(text("meetings.no_duties"))]
    return [*parts, *([html.Small(text("meetings.assumed"))] if assumed else [])]


def _due(scene: Scene, due: Any) -> list[Any]:
    text = scene.text
    state = html.Span(text(f"meetings.due_{due.state}"), className=f"due {due.state}")
    return [html.B(text(f"meetings.duty_{due.kind}")), html.Time(str(due.day)), state]


def action_table(scene: Scene, actions: Sequence[Action], today: dt.date) -> html.Div:
    """List actions with owner, day and state; one whose day is over says so."""
    text = scene.text
    heads = [text(f"meetings.{key}") for key in ("number", "quarter", "action", "owner", "due_day", "state", "note")]
    rows = [
        html.Tr(
            [
                html.Td(each.id), html.Td(quarter_words(text, each.quarter)), html.Td(each.text, className="lines"),
                html.Td(scene.city_name(each.owner)), html.Td(html.Time(str(each.due))), html.Td(_state(scene, each, today)),
                html.Td(each.note, className="lines"),
            ]
        )
        for each in actions
    ]  # fmt: skip
    head = html.Thead(html.Tr([html.Th(each, scope="col") for each in heads]))
    return own_scroll(html.Table([head, html.Tbody(rows)], className="actions"), text("meetings.still_to_do"))


def _state(scene: Scene, each: Action, today: dt.date) -> html.Span:
    state = "overdue" if each.is_overdue(today) else each.state
    return html.Span(scene.text(f"meetings.action_{state}"), className=f"due {state}")
