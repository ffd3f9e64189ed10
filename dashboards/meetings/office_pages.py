"""The office's pages of the joint meeting: all meetings, one of them, and what is still to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import flask
from dash import html

from dashboards.components.tables import card, scrolling, simple_table
from dashboards.context import current
from dashboards.documents.as_pdf import pdf_of
from dashboards.documents.as_word import word_of
from dashboards.documents.made import KINDS as FILE_KINDS
from dashboards.documents.made import PDF, WORD
from dashboards.documents.spoken import Spoken
from dashboards.meetings import book
from dashboards.meetings.book import FIELDS, LONGEST_TEXT, Action, Meeting
from dashboards.meetings.cards import action_table, due_list, host_list
from dashboards.meetings.office_tables import CLOSED, DONE, DROPPED, HELD, INTERNAL, PLANNED, PUBLIC, TO_DO
from dashboards.meetings.papers import KINDS, MINUTES, Paper, minutes, report_up
from dashboards.meetings.quarters import Quarter, host_of, quarter_named, quarter_of, quarter_words
from dashboards.meetings.rules import rules_in
from dashboards.office.desk import ROOT, Desk, Fields, office_page
from dashboards.office.errors import NotThere, Refused
from dashboards.office.forms import Field, form
from dashboards.phase import told
from dashboards.phase.content import from_bytes
from dashboards.publications import register

MEETINGS, ACTIONS = f"{ROOT}/meetings", f"{ROOT}/actions"
AHEAD, BACK = 2, 8
"""Quarters from now for which a meeting can be called."""


def _meetings(desk: Desk) -> list[Any]:
    text, cities = desk.text, tuple(desk.scene.registry.cities)
    rules, now = rules_in(current().folder, cities), quarter_of(book.today_of(desk))
    with desk.engine.connect() as connection:
        rows = book.meetings(connection)
        dues = [(q, book.fulfilled(connection, q, cities)) for q in (now.later(-1), now)]
    lines = [
        [
            html.A(quarter_words(text, row.quarter), href=desk.link(f"{MEETINGS}/{row.quarter}")),
            desk.scene.city_name(row.host),
            str(row.day or "—"),
            text(f"meetings.state_{row.state}"),
            text(f"meetings.audience_{row.audience}"),
        ]
        for row in rows
    ]
    heads = [text(f"meetings.{key}") for key in ("quarter", "host", "day", "state", "audience")]
    trouble = [html.P(text("meetings.rules_trouble", why=rules.trouble), className="notice waiting", role="alert")]
    return [
        *(trouble if rules.trouble else []),
        card(html.H2(text("meetings.due")), *due_list(desk.scene, rules, dues, book.today_of(desk))),
        card(html.H2(text("meetings.turns")), host_list(desk.scene, rules, now)),
        card(
            html.H2(text("meetings.all")),
            scrolling(simple_table(heads, lines)) if lines else html.P(text("meetings.none_yet")),
        ),
        _call_card(desk, rules, now, {row.quarter for row in rows}),
    ]


def _call_card(desk: Desk, rules: Any, now: Quarter, there: set[str]) -> html.Section | None:
    text, officer = desk.text, desk.officer
    free = [q for n in range(AHEAD, -BACK, -1) if (q := now.later(n)).name not in there]
    cities = [code for code in desk.scene.registry.cities if desk.may("meeting_edit", code)]
    if officer is None or not cities or not free:
        return None
    last = now.later(-1)
    likely = last if last in free else free[0]
    host = host_of(likely, rules.rotations)
    fields = [
        Field(
            "quarter",
            text("meetings.quarter"),
            "select",
            likely.name,
            [(q.name, quarter_words(text, q.name)) for q in free],
        ),
        Field("host", text("meetings.host"), "select", host[0] if host else cities[0], _names(desk, cities)),
    ]
    return card(html.H2(text("meetings.call")), form(desk, MEETINGS, fields, text("meetings.call")))


def _calls(desk: Desk, fields: Fields) -> str:
    quarter = quarter_named(fields["quarter"])
    if quarter is None:
        raise Refused("meetings.refused_field", field="quarter", value=fields["quarter"])
    book.call(desk, quarter, fields["host"])
    return f"{MEETINGS}/{quarter.name}"


def _meeting(desk: Desk, quarter: str) -> list[Any]:
    text = desk.text
    with desk.engine.connect() as connection:
        found = book.meeting_of(connection, quarter)
        offered = book.assessments_of(connection, quarter_named(quarter))
    mine = desk.may("meeting_edit", found.host) and found.state != CLOSED
    names = [*dict.fromkeys((*found.papers, *offered))]
    state = html.Span(text(f"meetings.state_{found.state}"), className=f"mark {found.state}")
    title = html.H2(text("meetings.of", quarter=quarter_words(text, quarter)))
    head = html.Div([title, state, html.Span(desk.scene.city_name(found.host))], className="head")
    return [
        card(head, _files(desk, found), *(_moves(desk, found) if mine else []), _report(desk, found)),
        card(html.H2(text("meetings.papers")), _papers(desk, found, names, mine)),
        card(html.H2(text("meetings.decisions")), _decisions(desk, found), *(_decide(desk, found) if mine else [])),
        card(html.H2(text("meetings.actions")), *_actions(desk, found.actions), *(_give(desk, found) if mine else [])),
        card(html.H2(text("meetings.carried")), *_actions(desk, found.carried)),
        card(html.H2(text("meetings.texts")), _texts(desk, found) if mine else _told(desk, found)),
    ]


def _files(desk: Desk, found: Meeting) -> html.P | None:
    if found.state == PLANNED:
        return None
    to = desk.link(f"{MEETINGS}/{found.quarter}")
    links = [
        html.A(desk.text(f"meetings.{name}_{kind}"), href=f"{to}/{name}.{kind}")
        for name in ("minutes", "report")
        for kind in ("pdf", "docx")
    ]
    return html.P(html.Span(links, className="files"))


def _moves(desk: Desk, found: Meeting) -> list[Any]:
    state = {PLANNED: HELD, HELD: CLOSED}.get(found.state)
    if state is None:
        return []
    hidden = {"do": "move", "state": state, "version": str(found.version)}
    return [form(desk, f"{MEETINGS}/{found.quarter}", (), desk.text(f"meetings.do_{state}"), hidden=hidden)]


def _report(desk: Desk, found: Meeting) -> Any:
    text = desk.text
    if found.reported_on:
        return html.P(text("meetings.reported_on", day=found.reported_on))
    if found.state == PLANNED or not desk.may("meeting_edit", found.host):
        return None
    field = Field("day", text("meetings.report_day"), "date", str(book.today_of(desk)))
    return form(desk, f"{MEETINGS}/{found.quarter}", [field], text("meetings.do_report"), hidden={"do": "report"})


def _papers(desk: Desk, found: Meeting, names: Sequence[str], mine: bool) -> Any:
    text = desk.text
    if not mine:
        links = [html.Li(html.A(name, href=desk.link(f"/publications/{name}"))) for name in found.papers]
        return html.Ul(links) if links else html.P(text("meetings.no_papers"))
    fields = [
        Field(f"paper_{n}", name, "checkbox", "yes" if name in found.papers else "", required=False)
        for n, name in enumerate(names[: book.MOST_PAPERS])
    ]
    more = Field("more", text("meetings.more_papers"), longest=400, required=False, hint=text("meetings.more_hint"))
    hidden = {"do": "papers", "version": str(found.version), "names": ",".join(names[: book.MOST_PAPERS])}
    return form(desk, f"{MEETINGS}/{found.quarter}", [*fields, more], text("meetings.do_papers"), hidden=hidden)


def _decisions(desk: Desk, found: Meeting) -> Any:
    lines = [html.Li(said) for _, said in found.decisions]
    return html.Ol(lines, className="decided") if lines else html.P(desk.text("meetings.no_decisions"))


def _decide(desk: Desk, found: Meeting) -> list[Any]:
    field = Field("text", desk.text("meetings.decision"), "textarea", longest=LONGEST_TEXT)
    return [
        form(desk, f"{MEETINGS}/{found.quarter}", [field], desk.text("meetings.do_decide"), hidden={"do": "decide"})
    ]


def _give(desk: Desk, found: Meeting) -> list[Any]:
    text, cities = desk.text, list(desk.scene.registry.cities)
    fields = [
        Field("text", text("meetings.action"), "textarea", longest=LONGEST_TEXT),
        Field("owner", text("meetings.owner"), "select", cities[0], _names(desk, cities)),
        Field("due", text("meetings.due_day"), "date"),
    ]
    return [form(desk, f"{MEETINGS}/{found.quarter}", fields, text("meetings.do_give"), hidden={"do": "give"})]


def _texts(desk: Desk, found: Meeting) -> Any:
    text = desk.text
    kinds = {"place": "text", "chair": "text", "attended": "textarea", "agenda": "textarea", "review": "textarea"}
    fields = [
        Field("day", text("meetings.day"), "date", str(found.day or ""), required=False),
        *(
            Field(
                name, text(f"meetings.{name}"), kinds[name], getattr(found, name), longest=longest, required=False,
                hint=text("meetings.agenda_hint") if name == "agenda" else "",
            )
            for name, longest in FIELDS.items()
        ),
        Field(
            "audience", text("meetings.audience"), "select", found.audience,
            [(each, text(f"meetings.audience_{each}")) for each in (INTERNAL, PUBLIC)],
        ),
    ]  # fmt: skip
    hidden = {"do": "edit", "version": str(found.version)}
    return form(desk, f"{MEETINGS}/{found.quarter}", fields, text("meetings.do_edit"), hidden=hidden)


def _told(desk: Desk, found: Meeting) -> html.Dl:
    text = desk.text
    facts = [("day", str(found.day or "—")), *((name, getattr(found, name) or "—") for name in FIELDS)]
    return html.Dl(
        [html.Div([html.Dt(text(f"meetings.{name}")), html.Dd(value, className="lines")]) for name, value in facts],
        className="facts",
    )


def _changes(desk: Desk, fields: Fields, quarter: str) -> str:
    what, version = fields["do"], int(fields["version"]) if fields["version"].isdecimal() else -1
    if what == "edit":
        book.edit(desk, quarter, version, fields, _day(fields["day"], "day", empty=True), fields["audience"])
    elif what == "move":
        book.move(desk, quarter, version, fields["state"])
    elif what == "report":
        book.report(desk, quarter, _day(fields["day"], "day"))
    elif what == "papers":
        chosen = [
            name for n, name in enumerate(fields["names"].split(",")) if n < book.MOST_PAPERS and fields[f"paper_{n}"]
        ]
        book.lay(desk, quarter, version, [*chosen, *fields["more"].replace("，", ",").replace(",", " ").split()])
    elif what == "decide":
        book.decide(desk, quarter, fields["text"])
    elif what == "give":
        book.give(desk, quarter, fields["text"], fields["owner"], _day(fields["due"], "due"))
    else:
        raise Refused("meetings.refused_field", field="do", value=what)
    return f"{MEETINGS}/{quarter}"


def _to_do(desk: Desk) -> list[Any]:
    with desk.engine.connect() as connection:
        found = book.to_do(connection)
    own = desk.officer.city if desk.officer else None
    found = tuple(sorted(found, key=lambda each: each.owner != own))  # sorted is stable: by day within each
    return [card(*_actions(desk, found, path=ACTIONS))]


def _tells(desk: Desk, fields: Fields) -> str:
    number = int(fields["action"]) if fields["action"].isdecimal() and len(fields["action"]) < 10 else -1
    version = int(fields["version"]) if fields["version"].isdecimal() and len(fields["version"]) < 10 else -1
    book.tell(desk, number, version, fields["state"], fields["note"])
    return ACTIONS


def _actions(desk: Desk, found: Sequence[Action], path: str = "") -> list[Any]:
    text = desk.text
    if not found:
        return [html.P(text("meetings.no_actions"))]
    forms = [
        html.Details([html.Summary(text("meetings.tell", number=each.id)), _tell_form(desk, each, path or ACTIONS)])
        for each in found
        if each.state == TO_DO and desk.may("action_update", each.owner)
    ]
    return [action_table(desk.scene, found, book.today_of(desk)), *forms]


def _tell_form(desk: Desk, each: Action, path: str) -> html.Form:
    text = desk.text
    fields = [
        Field(
            "state", text("meetings.state"), "select", each.state,
            [(state, text(f"meetings.action_{state}")) for state in (TO_DO, DONE, DROPPED)],
        ),
        Field("note", text("meetings.note"), "textarea", each.note, longest=LONGEST_TEXT, required=False),
    ]  # fmt: skip
    hidden = {"do": "tell", "action": str(each.id), "version": str(each.version)}
    return form(desk, path, fields, text("meetings.do_tell"), hidden=hidden)


def _day(value: str, field: str, *, empty: bool = False) -> Any:
    if empty and not value:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError as error:
        raise Refused("meetings.refused_field", field=field, value=value[:20]) from error


def _names(desk: Desk, cities: Sequence[str]) -> list[tuple[str, str]]:
    return [(code, desk.scene.city_name(code)) for code in cities]


def _file(desk: Desk, quarter: str, name: str) -> flask.Response:
    """Give the minutes or the report of a meeting that was held, as PDF or Word."""
    kind, _, ending = name.partition(".")
    if kind not in KINDS or ending not in (PDF, WORD):
        raise NotThere("office.no_such_page")
    with desk.engine.connect() as connection:
        found = book.meeting_of(connection, quarter)
        papers = [_paper(desk, connection, each) for each in found.papers]
    if found.state == PLANNED:
        raise Refused("meetings.refused_state", state=desk.text("meetings.state_planned"))
    city, folder = desk.scene.city_name, current().folder
    made = (minutes if kind == MINUTES else report_up)(found, papers, desk.text, city, today=book.today_of(desk))
    body = (pdf_of if ending == PDF else word_of)(made, folder)
    answer = flask.Response(body, content_type=FILE_KINDS[ending])
    answer.headers["Content-Disposition"] = f'attachment; filename="{quarter}-{kind}.{ending}"'
    return answer


def _paper(desk: Desk, connection: Any, name: str) -> Paper:
    record = register.by_name(connection, name)
    content = from_bytes(register.content_of(connection, record))
    spoken = Spoken(desk.text.lang, told.names_of(desk.scene.registry, desk.text))
    said = [spoken.sentence(each, content) for each in content.summary]
    return Paper(name, record.title(desk.text.lang), tuple(filter(None, said)), record.simulated)


_PAPERS = {f"paper_{n}": 3 for n in range(book.MOST_PAPERS)}
_TAKES = {
    **FIELDS, **_PAPERS, "do": 10, "version": 10, "state": 10, "day": 10, "audience": 10, "names": 1200, "more": 400,
    "text": LONGEST_TEXT, "owner": 12, "due": 10, "action": 10, "note": LONGEST_TEXT,
}  # fmt: skip
office_page("meetings", MEETINGS, _meetings, _calls, takes={"quarter": 8, "host": 12}, in_navigation=True)
office_page("meeting", f"{MEETINGS}/<quarter>", _meeting, _changes, takes=_TAKES)
office_page("meeting_file", f"{MEETINGS}/<quarter>/<name>", _file)
office_page(
    "actions", ACTIONS, _to_do, lambda desk, fields: _tells(desk, fields), in_navigation=True,
    takes={"do": 10, "action": 10, "version": 10, "state": 10, "note": LONGEST_TEXT},
)  # fmt: skip
