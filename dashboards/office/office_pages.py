"""The office's own pages: signing in and out, one's own account, all accounts, and the log."""

from __future__ import annotations

import datetime as dt
from typing import Any

import flask
from dash import html

from dashboards.components.tables import card, simple_table
from dashboards.moment import SHANGHAI
from dashboards.office import accounts, audit, guard, passwords, sessions
from dashboards.office.accounts import Account
from dashboards.office.desk import ROOT, Desk, Fields, office_page
from dashboards.office.errors import Refused
from dashboards.office.forms import Field, form
from dashboards.office.records import transaction
from dashboards.office.serving import LOGIN, gone, own_address, sign_in, sign_out

USERS, LOG = f"{ROOT}/users", f"{ROOT}/audit"
_SLICE = 50
_WHAT = {"do": 20, "role": 20, "city": 12, "display": accounts.LONGEST_DISPLAY, "password": passwords.LONGEST}


def _login(desk: Desk) -> Any:
    fields = [
        Field("name", desk.text("office.name"), longest=accounts.LONGEST_NAME, autocomplete="username"),
        _password(desk, "password", "office.password", "current-password"),
    ]
    to = own_address(desk.query.get("to", "")) or desk.typed.get("to", "")
    return card(
        form(desk, LOGIN, fields, desk.text("office.sign_in"), hidden={"to": to}),
        html.P(desk.text("office.about"), className="quiet"),
    )


def _signs_in(desk: Desk, fields: Fields) -> flask.Response:
    token = accounts.sign_in(desk.engine, fields["name"], fields["password"], desk.caller)
    if desk.session:
        with transaction(desk.engine) as connection:
            sessions.end(connection, desk.session.name, desk.session.label)
    return sign_in(gone(own_address(fields["to"]) or desk.link(ROOT)), token)


def _logout(desk: Desk) -> Any:
    return card(form(desk, f"{ROOT}/logout", (), desk.text("office.sign_out")))


def _signs_out(desk: Desk, _fields: Fields) -> flask.Response:
    with transaction(desk.engine) as connection:
        sessions.end(connection, desk.session.name, desk.session.label)
        desk.log(connection, "logout", desk.session.name)
    return sign_out(gone(desk.link(LOGIN)))


def _own(desk: Desk) -> Any:
    text, officer = desk.text, desk.officer
    city = desk.scene.city_name(officer.city) if officer.city else text("office.region")
    facts = [
        (text("office.name"), officer.name),
        (text("office.display"), officer.display),
        (text("office.role"), text.of_code("office.role_of.", officer.role)),
        (text("office.city"), city),
    ]
    first = html.P(text("office.change_first"), className="notice waiting") if officer.must_change else None
    who = html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="facts")
    return [card(first, who), _change_form(desk), None if officer.must_change else _sessions(desk)]


def _change_form(desk: Desk) -> html.Section:
    text = desk.text
    fields = [
        _password(desk, "old", "office.password_now", "current-password"),
        _password(
            desk,
            "new",
            "office.password_new",
            "new-password",
            hint=text("office.password_length", least=passwords.SHORTEST, most=passwords.LONGEST),
        ),
        _password(desk, "again", "office.password_again", "new-password"),
    ]
    drawn = form(desk, ROOT, fields, text("office.change_password"), hidden={"do": "password"})
    return card(html.H2(text("office.change_password")), drawn)


def _sessions(desk: Desk) -> html.Section:
    text = desk.text
    with desk.engine.connect() as connection:
        found = sessions.of(connection, desk.officer.name, desk.at)
    rows = []
    for each in found:
        ours = each.label == desk.session.label
        end = form(desk, ROOT, (), text("office.end_session"), hidden={"do": "end", "label": each.label})
        rows.append(
            [
                _moment(each.begun),
                _moment(each.seen),
                _place(desk, each.place),
                text("office.this_session") if ours else end,
            ]
        )
    heads = [text(key) for key in ("office.begun", "office.seen", "office.place")]
    return card(html.H2(text("office.sessions")), html.Div(simple_table([*heads, ""], rows), className="scroll"))


def _changes_own(desk: Desk, fields: Fields) -> flask.Response | str:
    officer = desk.officer
    if fields["do"] == "password":
        if fields["new"] != fields["again"]:
            raise Refused("office.password_differs")
        token = accounts.change_password(desk.engine, officer.name, fields["old"], fields["new"], desk.caller)
        return sign_in(gone(desk.link(ROOT)), token)
    if fields["do"] == "end":
        with transaction(desk.engine) as connection:
            if sessions.end(connection, officer.name, fields["label"]):
                desk.log(connection, "session.end", officer.name, {"label": fields["label"]})
    return ROOT


def _users(desk: Desk) -> Any:
    text = desk.text
    with desk.engine.connect() as connection:
        found = accounts.listed(connection)
    rows = [
        [
            html.A(each.name, href=desk.link(f"{USERS}/{each.name}")),
            each.display,
            _role(desk, each),
            text("office.active" if each.active else "office.locked"),
            _moment(each.changed),
        ]
        for each in found
    ]
    heads = [text(key) for key in ("office.name", "office.display", "office.role", "office.state", "office.changed")]
    fields = [
        Field(
            "name",
            text("office.name"),
            longest=accounts.LONGEST_NAME,
            hint=text("office.bad_name", least=accounts.SHORTEST_NAME, most=accounts.LONGEST_NAME),
        ),
        Field("display", text("office.display"), longest=accounts.LONGEST_DISPLAY),
        *_role_fields(desk, guard.CITY_OFFICER, None),
        _first_password(desk),
    ]
    return [
        card(html.Div(simple_table(heads, rows), className="scroll")),
        card(html.H2(text("office.add_user")), form(desk, USERS, fields, text("office.add_user"))),
    ]


def _adds(desk: Desk, fields: Fields) -> str:
    desk.require("users_manage")
    name = accounts.add(
        desk.engine,
        fields["name"],
        fields["role"],
        fields["password"],
        desk.caller,
        city=fields["city"],
        display=fields["display"],
        cities=desk.scene.registry.cities,
    )
    return f"{USERS}/{name}"


def _user(desk: Desk, user: str) -> Any:
    text, path = desk.text, f"{USERS}/{user}"
    with desk.engine.connect() as connection:
        found = accounts.account(connection, user)
    state = html.P(
        [
            html.Strong(found.display),
            " · ",
            _role(desk, found),
            " · ",
            text("office.active" if found.active else "office.locked"),
        ]
    )
    lock = "lock" if found.active else "unlock"
    return [
        card(
            state,
            form(desk, path, (), text("office.do_lock" if found.active else "office.do_unlock"), hidden={"do": lock}),
        ),
        card(
            html.H2(text("office.do_role")),
            form(desk, path, _role_fields(desk, found.role, found.city), text("office.do_role"), hidden={"do": "role"}),
        ),
        card(
            html.H2(text("office.do_password")),
            form(desk, path, [_first_password(desk)], text("office.do_password"), hidden={"do": "password"}),
        ),
        card(
            html.H2(text("office.do_remove")),
            html.P(text("office.remove_means")),
            form(desk, path, (), text("office.do_remove"), hidden={"do": "remove"}, danger=True),
        ),
    ]


def _changes(desk: Desk, fields: Fields, user: str) -> str:
    desk.require("users_manage")
    what, engine, caller = fields["do"], desk.engine, desk.caller
    if what in ("lock", "unlock"):
        accounts.set_active(engine, user, what == "unlock", caller)
    elif what == "role":
        cities = desk.scene.registry.cities
        accounts.set_role(engine, user, fields["role"], caller, city=fields["city"], cities=cities)
    elif what == "password":
        accounts.set_password(engine, user, fields["password"], caller)
    elif what == "remove":
        accounts.remove(engine, user, caller)
        return USERS
    return f"{USERS}/{user}"


def _log(desk: Desk) -> Any:
    text, before = desk.text, desk.query.get("before", "")
    first = int(before) if before.isascii() and before.isdecimal() and len(before) < 16 else None
    with desk.engine.connect() as connection:
        entries = audit.newest(connection, _SLICE, first)
        found = audit.verify(connection) if desk.query.get("verify") else None
    heads = [
        text(key)
        for key in (
            "office.number",
            "office.when",
            "office.who",
            "office.place",
            "office.what",
            "office.subject",
            "office.detail",
        )
    ]
    rows = [
        [
            each.sequence,
            _written(each.at),
            each.who,
            _place(desk, each.place),
            text.of_code("office.did.", each.what.replace(".", "_")),
            each.subject,
            each.detail if each.detail != "{}" else "",
        ]
        for each in entries
    ]
    older = (
        [html.A(text("office.older"), href=f"{desk.link(LOG)}?before={entries[-1].sequence}")]
        if len(entries) == _SLICE
        else []
    )
    return [card(*_chain(desk, found, entries)), card(html.Div(simple_table(heads, rows), className="scroll"), *older)]


def _chain(desk: Desk, found: audit.Verdict | None, entries: list[audit.Entry]) -> list[Any]:
    """Say whether the chain holds: of the entries shown at once, of all of them where the reader asks, as that grows with them."""
    text = desk.text
    shown = audit.first_broken(entries)
    if shown is not None and found is None:
        found = audit.Verdict(0, "", shown, "changed")
    if found is None:
        whole = html.A(text("office.verify"), href=f"{desk.link(LOG)}?verify=1", className="button")
        return [html.P(text("office.chain_joined", count=len(entries))), whole]
    if found.broken is not None:
        said = text("office.chain_broken", number=found.broken, why=text.of_code("office.chain_why.", found.why))
        return [html.P(said, className="notice waiting", role="alert")]
    return [html.P(text("office.chain_holds", count=found.entries)), html.P(found.head, className="digest")]


def _written(at: str) -> str:
    return _moment(dt.datetime.strptime(at, "%Y-%m-%dT%H:%M:%S.%fZ"))


def _moment(at: Any) -> str:
    return f"{at + SHANGHAI:%Y-%m-%d %H:%M:%S}"


def _place(desk: Desk, place: str) -> str:
    return desk.text.of_code("office.place_of.", place)


def _role(desk: Desk, each: Account) -> str:
    role = desk.text.of_code("office.role_of.", each.role)
    return f"{role} · {desk.scene.city_name(each.city)}" if each.city else role


def _role_fields(desk: Desk, role: str, city: str | None) -> list[Field]:
    text = desk.text
    roles = [(each, text.of_code("office.role_of.", each)) for each in guard.ROLES]
    cities = [("", "—"), *((code, desk.scene.city_name(code)) for code in desk.scene.registry.cities)]
    return [
        Field("role", text("office.role"), "select", role, roles),
        Field("city", text("office.city"), "select", city or "", cities, required=False, hint=text("office.city_hint")),
    ]


def _first_password(desk: Desk) -> Field:
    return _password(
        desk, "password", "office.password_first", "new-password", hint=desk.text("office.password_handed")
    )


def _password(desk: Desk, name: str, key: str, autocomplete: str, hint: str = "") -> Field:
    return Field(name, desk.text(key), "password", longest=passwords.LONGEST, autocomplete=autocomplete, hint=hint)


_PASSWORDS = {"old": passwords.LONGEST, "new": passwords.LONGEST, "again": passwords.LONGEST}
office_page("office", ROOT, _own, _changes_own, takes={"do": 20, "label": 40, **_PASSWORDS}, in_navigation=True)
office_page(
    "login", LOGIN, _login, _signs_in, takes={"name": 80, "password": passwords.LONGEST, "to": 200}, is_open=True
)
office_page("logout", f"{ROOT}/logout", _logout, _signs_out)
office_page(
    "users",
    USERS,
    _users,
    _adds,
    action="users_manage",
    in_navigation=True,
    takes={**_WHAT, "name": accounts.LONGEST_NAME},
)
office_page("user", f"{USERS}/<user>", _user, _changes, action="users_manage", takes=_WHAT)
office_page("audit", LOG, _log, action="audit_read", in_navigation=True)
