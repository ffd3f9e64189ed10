"""The office's page of publications: look at a draft, freeze it, revise or withdraw what was published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from dash import html

from dashboards.components.phase_lead import paragraphs, tiles
from dashboards.components.phase_tables import Told, phase_table
from dashboards.components.tables import card
from dashboards.context import current
from dashboards.office.desk import ROOT, Desk, Fields, office_page
from dashboards.office.errors import NotThere, Refused
from dashboards.office.forms import Field, form
from dashboards.phase import told as words
from dashboards.phase.content import from_bytes
from dashboards.phase.file_troubles import file_troubles
from dashboards.phase.named import period_words
from dashboards.phase.question import NAMES, REGION, Question, QuestionRefused, question_of_text
from dashboards.publications import freeze, register
from dashboards.publications.cards import cell_table, record_table
from dashboards.publications.difference import difference
from dashboards.publications.drafting import asked_question, drafts_of, fresh
from dashboards.publications.freeze import Draft
from dashboards.publications.making import make_ahead
from dashboards.publications.office_tables import AUDIENCES, INTERNAL, PUBLIC, PUBLISHED
from dashboards.publications.register import Record
from dashboards.text import Text
from standards.editions import EDITIONS

PUBLICATIONS = f"{ROOT}/publications"
SHOWN_TABLES = ("cities", "ranking", "verdicts", "change")
_LONGEST = {"period": 40, "base": 40, "edition": 40, "places": 120}


def _page(desk: Desk, asked: dict[str, str] | None = None) -> list[Any]:
    text = desk.text
    with desk.engine.connect() as connection:
        found = register.listed(connection, audiences=AUDIENCES)
    listed = (
        [record_table(desk.scene, found), *_withdrawals(desk, found)]
        if found
        else [html.P(text("publications.none_yet"))]
    )
    return [
        card(
            _flow(desk, 0),
            *_told(desk),
            html.P(text("publications.drafts_about")),
            _ask(desk, asked or dict(desk.query)),
        ),
        card(html.H2(text("publications.listed")), *listed),
    ]


def _troubles() -> tuple[str, ...]:
    return file_troubles(current().folder, current().registry.cities)


def _told(desk: Desk) -> list[html.P]:
    """Say what is wrong with the files that go into a draft: until it is mended nothing is frozen."""
    words = (desk.text("publications.file_trouble", why=why) for why in _troubles())
    return [html.P(each, className="notice waiting", role="alert") for each in words]


def _flow(desk: Desk, now: int) -> html.Ol:
    """Show the three steps to a publication and which of them is taken now."""
    steps = ("choose", "look", "freeze")
    here = {"aria-current": "step"}
    return html.Ol(
        [
            html.Li(desk.text(f"publications.step_{step}"), **(here if at == now else {}))
            for at, step in enumerate(steps)
        ],
        className="flow",
    )


def _ask(desk: Desk, asked: dict[str, str]) -> html.Form:
    text, registry = desk.text, desk.scene.registry
    places = [("", text("office.region")), *((code, desk.scene.city_name(code)) for code in registry.cities)]
    editions = [
        ("", text("phase.edition_default")),
        *((e.name, text.of_code("document.edition.", e.name)) for e in EDITIONS),
    ]
    fields = [
        Field("period", text("publications.period"), value=asked.get("period", ""), longest=40, hint=text("phase.period_hint")),
        Field("base", text("phase.base"), value=asked.get("base", ""), longest=40, required=False, hint=text("phase.base_hint")),
        Field("edition", text("publications.edition"), "select", asked.get("edition", ""), editions, required=False),
        Field("places", text("publications.place"), "select", asked.get("places", ""), places, required=False),
    ]  # fmt: skip
    return form(desk, PUBLICATIONS, fields, text("publications.look"), hidden={"do": "look"})


def _withdrawals(desk: Desk, records: list[Record]) -> list[Any]:
    return [
        html.Details(
            [
                html.Summary(f"{desk.text('publications.withdraw')} {each.name}"),
                form(
                    desk, PUBLICATIONS, [Field("reason", desk.text("publications.withdraw_reason"), longest=500)],
                    desk.text("publications.withdraw"), hidden={"do": "withdraw", "name": each.name}, danger=True,
                ),
            ]
        )
        for each in records
        if each.state == PUBLISHED and desk.may("withdraw", freeze.city_of_record(each))
    ]  # fmt: skip


def _posted(desk: Desk, fields: Fields) -> Any:
    what = fields["do"]
    if what == "look":
        return _look(desk, fields)
    if what == "withdraw":
        with desk.engine.connect() as connection:
            record = register.by_name(connection, fields["name"])
        gone = freeze.withdraw(
            desk.engine, record, desk.officer, reason=fields["reason"], place=desk.caller.place, at=desk.at
        )
        make_ahead(current(), gone)
        return PUBLICATIONS
    if what in ("freeze", "revise"):
        if wrong := _troubles():
            raise Refused("publications.refused_file", why=" ".join(wrong))
        draft = _draft(desk, _question(fields["question"]), fresh)
        made = _freezes(desk, draft, fields) if what == "freeze" else _revises(desk, draft, fields)
        make_ahead(current(), made)
        return f"/publications/{made.name}" if made.audience == PUBLIC else PUBLICATIONS
    raise NotThere("office.no_such_page")


def _freezes(desk: Desk, draft: Draft, fields: Fields) -> Record:
    audience = fields["audience"] if fields["audience"] in AUDIENCES else INTERNAL
    return freeze.freeze(
        desk.engine, draft, desk.officer, looked_at=fields["looked_at"], place=desk.caller.place, at=desk.at,
        titles=(fields["title_zh"], fields["title_en"]), audience=audience,
    )  # fmt: skip


def _revises(desk: Desk, draft: Draft, fields: Fields) -> Record:
    with desk.engine.connect() as connection:
        before = register.by_name(connection, fields["name"])
    return freeze.revise(
        desk.engine, before, draft, desk.officer, looked_at=fields["looked_at"], reason=fields["reason"],
        place=desk.caller.place, at=desk.at,
    )  # fmt: skip


def _look(desk: Desk, fields: Fields) -> list[Any]:
    asked = {name: fields[name].strip() for name in NAMES}
    try:
        draft = _draft(desk, asked_question(current(), asked), drafts_of(current()).of)
    except QuestionRefused as error:
        raise Refused("publications.refused_question", why=str(error)) from error
    again = html.Details([html.Summary(desk.text("publications.another")), _ask(desk, asked)])
    return [
        card(_flow(desk, 1), *_told(desk), *_shown(desk, draft)),
        card(_flow(desk, 2), *_next(desk, draft)),
        card(again),
    ]


def _question(text: str) -> Question:
    """Read back the question that a form was drawn for; one that no form of ours holds is refused in words."""
    known = current().registry.cities
    try:
        found = question_of_text(text)
    except QuestionRefused as error:
        raise Refused("publications.refused_question", why=str(error)) from error
    if found.text != text or not set(found.cities) <= known.keys():
        raise Refused("publications.refused_question", why=text)
    return found


def _draft(desk: Desk, question: Question, compute: Callable[..., Draft]) -> Draft:
    if desk.scene.connection is None:
        raise Refused("publications.not_compared")
    desk.require("draft", desk.officer.city if desk.officer else None)
    try:
        return compute(current(), desk.scene.connection, question)
    except sa.exc.SQLAlchemyError as error:
        raise Refused("publications.not_compared") from error


def _shown(desk: Desk, draft: Draft) -> list[Any]:
    text, told, content = desk.text, Told.of(desk.scene), draft.content
    place = REGION if content.question.get("region") else content.question["cities"][0]
    return [
        html.H2(text("publications.draft_of", period=period_words(text, draft.question.period))),
        tiles(told, content, place),
        *paragraphs(told, content),
        *(phase_table(told, each) for each in content.tables if each.key in SHOWN_TABLES),
        html.P(text("publications.draft_digest", digest=draft.sha256), className="digest"),
    ]


def _next(desk: Desk, draft: Draft) -> list[Any]:
    """Offer what can be done with a draft: freeze it, or revise what it was published as."""
    text = desk.text
    with desk.engine.connect() as connection:
        newest = register.newest_of(connection, draft.question.text)
        old = None if newest is None else from_bytes(register.content_of(connection, newest))
    hidden = {"question": draft.question.text, "looked_at": draft.sha256}
    city = freeze.city_of(draft.question)
    if newest is None or old is None:
        if not desk.may("freeze", city):
            return [html.P(text("office.may_not", action=text("office.action.freeze"), city=_city(desk, city)))]
        period = period_words(text, draft.question.period)
        fields = [
            Field("title_zh", text("publications.title_zh"), value=_title("zh", draft.question), longest=200),
            Field("title_en", text("publications.title_en"), value=_title("en", draft.question), longest=200),
            Field("audience", text("publications.audience"), "select", PUBLIC,
                  [(each, text(f"publications.audience_{each}")) for each in AUDIENCES]),
        ]  # fmt: skip
        drawn = form(desk, PUBLICATIONS, fields, text("publications.freeze"), hidden={"do": "freeze", **hidden})
        return [html.H2(text("publications.freeze_period", period=period)), drawn]
    if newest.content_sha256 == draft.sha256:
        return [html.P(text("publications.no_change", name=newest.name))]
    cells = difference(old, draft.content)
    said = [html.P(text("publications.differs", name=newest.name, count=len(cells)))]
    said += cell_table(Told.of(desk.scene), cells, (draft.content, old))
    if not desk.may("revise", city):
        return said
    fields = [Field("reason", text("publications.reason"), "textarea", longest=500)]
    hidden |= {"do": "revise", "name": newest.name}
    return [*said, form(desk, PUBLICATIONS, fields, text("publications.revise"), hidden=hidden)]


def _city(desk: Desk, city: str | None) -> str:
    return desk.scene.city_name(city) if city else desk.text("office.region")


def _title(lang: str, question: Question) -> str:
    text = Text(lang)
    names = words.names_of(current().registry, text)
    city = freeze.city_of(question)
    kind = "default" if city is None else "city"
    return text(
        f"publications.{kind}_title_{lang}",
        period=period_words(text, question.period),
        **({"city": names(city)} if city else {}),
    )


office_page(
    "drafts", PUBLICATIONS, _page, _posted, action="draft", in_navigation=True,
    takes={**_LONGEST, "do": 10, "name": 24, "reason": 500, "question": 200, "looked_at": 64, "title_zh": 200,
           "title_en": 200, "audience": 10},
)  # fmt: skip
