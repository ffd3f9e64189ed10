"""The feed of publications (Atom, RFC 4287): what was published, revised and withdrawn, the newest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from xml.etree import ElementTree as Xml

import flask

from dashboards.moment import SHANGHAI
from dashboards.opendata import parameters, terms
from dashboards.opendata.answers import marked, not_modified
from dashboards.opendata.assessments import public_office
from dashboards.opendata.atom import KEPT_S, NAMESPACE, child, named
from dashboards.opendata.problems import Problem
from dashboards.publications import register
from dashboards.publications.register import Record
from dashboards.snapshots.pages import ENGLISH
from dashboards.text import Text
from dashboards.view import LANGUAGES

ENTRIES = 30
_NOBODY = dt.datetime(1970, 1, 1)


def feed() -> flask.Response:
    """Answer with the feed of publications in the language that is asked for (lang=zh, lang=en)."""
    one = parameters.single(flask.request.args.to_dict(flat=False), ["lang"])
    lang = one.get("lang", LANGUAGES[0])
    if lang not in LANGUAGES:
        raise Problem(f"unknown language {parameters.shown(lang)}", "lang", f"one of {', '.join(LANGUAGES)}")
    with public_office() as connection:
        version = f"publications {register.version_of(connection)}"
        if unchanged := not_modified(version, KEPT_S):
            return unchanged
        found = register.listed(connection, most=ENTRIES)
    return marked(flask.Response(written(Text(lang), found), mimetype="application/atom+xml"), version, KEPT_S)


def written(text: Text, records: Sequence[Record]) -> bytes:
    """Write publications as a feed; an entry is told anew where its state changes. Pure."""
    Xml.register_namespace("", NAMESPACE)
    root = Xml.Element(f"{{{NAMESPACE}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": text.lang})
    updated = max((each.state_at for each in records), default=_NOBODY)
    named(root, "tag:airshed,2026:publications", text("opendata.feed.publications"), updated)
    child(child(root, "author"), "name", text("header.title"))
    child(root, "rights", f"{text('opendata.terms', licence=terms.LICENCE)} {terms.LICENCE_URL}")
    child(root, "link", href=f"/feeds/publications.atom?lang={text.lang}", rel="self")
    for each in records:
        _entry(root, text, each)
    return Xml.tostring(root, encoding="utf-8", xml_declaration=True)


def _entry(root: Xml.Element, text: Text, record: Record) -> None:
    entry = child(root, "entry")
    title = f"{record.name} {record.title(text.lang)}"
    mark = f"[{text('opendata.feed.simulated')}] " if record.simulated else ""
    named(entry, f"tag:airshed,2026:publication/{record.name}", mark + title, record.state_at)
    child(entry, "published", f"{record.frozen_at:%Y-%m-%dT%H:%M:%SZ}")
    told = [
        text(f"publications.state_{record.state}", reason=record.state_reason), f"{record.first_day}—{record.last_day}",
        text.of_code("document.edition.", record.edition),
        f"{text('publications.frozen_at')} {record.frozen_at + SHANGHAI:%Y-%m-%d}", record.reason,
    ]  # fmt: skip
    child(entry, "content", " · ".join(filter(None, told)), type="text")
    path = f"/publications/{record.name}"
    child(entry, "link", href=path if text.lang == LANGUAGES[0] else ENGLISH + path)
