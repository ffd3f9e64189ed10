"""Forms of the office: drawn bound to the session and good for one use, and read back with every check."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import flask
from dash import html

from dashboards.components.drawing import Drawing
from dashboards.office import attempts, sessions
from dashboards.office.desk import Desk, Fields, is_from_here
from dashboards.office.errors import Refused
from dashboards.office.records import transaction

TOKEN = "form"
"""The field that carries what makes a form ours."""
MOST_FIELDS = 200
_KEYS = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class Field:
    """A field of a form. kind: text, password, textarea, select, checkbox, date, number or hidden.

    options: of a select, (value, words). longest: characters. hint: words below it. autocomplete: as HTML names it.
    """

    name: str
    label: str = ""
    kind: str = "text"
    value: str = ""
    options: Sequence[tuple[str, str]] = ()
    longest: int = 200
    required: bool = True
    hint: str = ""
    autocomplete: str = "off"


def form(desk: Desk, path: str, fields: Sequence[Field], submit: str, *, hidden: Mapping[str, str] | None = None,
         danger: bool = False) -> html.Form:  # fmt: skip
    """Draw a form that posts to a page of the office. path: as desk.link takes it; submit: words of its button.

    After a refusal the fields hold what was typed, save passwords.
    """
    to = desk.link(path)
    typed = desk.typed if desk.path == to and _is_the_one(desk.typed, hidden or {}) else {}
    inside = [_input("hidden", TOKEN, sessions.form_token(desk.secret, to))]
    inside += [_input("hidden", name, value) for name, value in (hidden or {}).items()]
    key = _KEYS.sub("-", " ".join([path, *(hidden or {}).values()])).strip("-")
    drawn = [_field(each, typed.get(each.name, each.value), f"{key}-{each.name}") for each in fields]
    button = html.Button(submit, type="submit", className="button danger" if danger else "button primary")
    return html.Form(
        [Drawing("".join(inside), className="hidden"), *drawn, button], action=to, method="post", className="desk"
    )


def posted(desk: Desk, request: flask.Request, takes: Mapping[str, int]) -> Fields:
    """Give the fields of a form that was posted, each in NFC and within its length; what is missing is "".

    The form is used up by it. Raises Refused for a form from elsewhere, of another session or another page, one that was sent
    before, and for fields that are too long or hold what no text holds; the first three are written into the log.
    """
    why = "" if is_from_here(request) else "office.form_elsewhere"
    nonce = sessions.nonce_of(desk.secret, request.path, request.form.get(TOKEN, "")[:200])
    if not why and nonce is None:
        why = "office.form_not_yours"
    with transaction(desk.engine) as connection:
        if not why and not sessions.use(connection, nonce or "", desk.at):
            why = "office.form_again"
        if why:
            _told(desk, connection, why)
    if why:
        raise Refused(why)
    if len(request.form) > MOST_FIELDS:
        raise Refused("office.too_many", most=MOST_FIELDS)
    return {name: _clean(name, request.form.get(name, ""), longest) for name, longest in takes.items()}


def _told(desk: Desk, connection: Any, why: str) -> None:
    count = attempts.is_to_be_told(connection, f"{why} {desk.caller.address}", desk.at)
    if count:
        rule = str(desk.path)[:200]
        desk.log(connection, "form.refused", rule, {"why": why.removeprefix("office."), "times": count})


def _clean(name: str, value: str, longest: int) -> str:
    whole = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    if len(whole) > longest:
        raise Refused("office.too_long", field=name, most=longest)
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in whole):
        raise Refused("office.unreadable", field=name)
    return whole


def _is_the_one(typed: Mapping[str, str], hidden: Mapping[str, str]) -> bool:
    return all(typed.get(name) == value for name, value in hidden.items())


def _input(kind: str, name: str, value: str, more: str = "") -> str:
    # Dash has no plain input; everything that is not ours is escaped here.
    return f'<input type="{kind}" name="{escape(name)}" value="{escape(value)}"{more}>'


def _field(field: Field, value: str, key: str) -> html.Div | Drawing:
    if field.kind == "hidden":
        return Drawing(_input("hidden", field.name, field.value), className="hidden")
    hint = html.Small(field.hint, id=f"{key}-hint") if field.hint else None
    return html.Div(
        [html.Label(field.label, htmlFor=key), Drawing(_control(field, value, key)), hint], className="field"
    )


def _control(field: Field, value: str, key: str) -> str:
    more = f' id="{escape(key)}"' + (" required" if field.required and field.kind != "checkbox" else "")
    more += f' aria-describedby="{escape(key)}-hint"' if field.hint else ""
    limit = f' maxlength="{field.longest}"'
    if field.kind == "select":
        options = (
            f'<option value="{escape(each)}"{" selected" if each == value else ""}>{escape(words)}</option>'
            for each, words in field.options
        )
        return f'<select name="{escape(field.name)}"{more}>{"".join(options)}</select>'
    if field.kind == "textarea":
        return f'<textarea name="{escape(field.name)}" rows="6"{limit}{more}>\n{escape(value, quote=False)}</textarea>'
    if field.kind == "checkbox":
        return _input("checkbox", field.name, "yes", more + (" checked" if value == "yes" else ""))
    autocomplete = f' autocomplete="{escape(field.autocomplete)}"'
    shown = "" if field.kind == "password" else value
    bounds = limit if field.kind in ("text", "password") else ""
    return _input(field.kind, field.name, shown, more + bounds + autocomplete)
