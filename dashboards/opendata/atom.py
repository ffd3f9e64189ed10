"""A feed of each city (Atom, RFC 4287): its last hours and the episodes of the region that it is in."""

from __future__ import annotations

import datetime as dt
from typing import Any
from xml.etree import ElementTree as Xml

import flask
import sqlalchemy as sa

from dashboards.context import current
from dashboards.moment import SHANGHAI, beijing
from dashboards.opendata import parameters, terms
from dashboards.opendata.answers import marked, not_modified, opened
from dashboards.opendata.problems import Problem
from dashboards.queries.air import city_hours, newest_hour
from dashboards.snapshots.pages import ENGLISH
from dashboards.text import Text
from dashboards.view import LANGUAGES
from streams.store.schema import episode_event

NAMESPACE = "http://www.w3.org/2005/Atom"
HOURS = dt.timedelta(hours=23)
"""A feed holds a day of hours."""
EPISODES = 5
KEPT_S = 60
"""A reader of feeds asks no more often than once a minute [s]."""


def feed(city: str) -> flask.Response:
    """Answer with the feed of a city in the language that is asked for (lang=zh, lang=en)."""
    one, registry = parameters.single(flask.request.args.to_dict(flat=False), ["lang"]), current().registry
    lang = one.get("lang", LANGUAGES[0])
    if lang not in LANGUAGES:
        raise Problem(f"unknown language {parameters.shown(lang)}", "lang", f"one of {', '.join(LANGUAGES)}")
    if city not in registry.cities:
        raise Problem(
            f"there is no feed of {parameters.shown(city)}", "path", f"one of {', '.join(registry.cities)}", 404
        )
    with opened() as (connection, version):
        if unchanged := not_modified(version, KEPT_S):
            return unchanged
        newest = newest_hour(connection, (city,))
        rows = city_hours(connection, (city,), newest - HOURS, newest) if newest else []
        episodes = _episodes(connection, city)
    named = registry.cities[city]
    text = Text(lang)
    body = _written(text, city, named.name_zh if lang == "zh" else named.name_en, rows[::-1], episodes)
    return marked(flask.Response(body, mimetype="application/atom+xml"), version, KEPT_S)


def _episodes(connection: sa.Connection, city: str) -> list[dict[str, Any]]:
    """Give the newest episodes of each kind that a city has joined, by the index of kinds and starts."""
    found = []
    for kind in ("haze", "ozone"):
        c = episode_event.c
        query = sa.select(episode_event).where(c.kind == kind).order_by(c.start.desc()).limit(EPISODES)
        found += [dict(row) for row in connection.execute(query).mappings()]
    return [row for row in found if f"{city}@" in (row["cities"] or "")]


def _written(text: Text, city: str, name: str, rows: list[dict[str, Any]], episodes: list[dict[str, Any]]) -> bytes:
    Xml.register_namespace("", NAMESPACE)
    root = Xml.Element(f"{{{NAMESPACE}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": text.lang})
    # Ids are tags of our own (RFC 4151): they stay the same wherever the platform is served.
    newest = rows[0]["hour_end"] if rows else dt.datetime(1970, 1, 1)
    updated = max([newest, *(row["peak"] or row["start"] for row in episodes)])
    named(root, f"tag:airshed,2026:{city}", text("opendata.feed.title", city=name), updated)
    child(child(root, "author"), "name", text("header.title"))
    child(root, "rights", f"{text('opendata.terms', licence=terms.LICENCE)} {terms.LICENCE_URL}")
    child(root, "link", href=f"/feeds/{city}.atom?lang={text.lang}", rel="self")
    for row in episodes:
        kind, start = row["kind"], row["start"]
        title = text("opendata.feed.episode", kind=text(f"opendata.feed.{kind}"), hour=beijing(start))
        entry = child(root, "entry")
        named(entry, f"tag:airshed,2026:episode/{row['episode']}", _marked(text, row, title), row["end"] or updated)
        told = [title, text.of_code("phase.", row["phase"]), _peak(text, row), row["edition"]]
        child(entry, "content", " · ".join(filter(None, told)), type="text")
        child(entry, "link", href=_page(text, city, start))
    for row in rows:
        hour = row["hour_end"]
        aqi = "NA" if row["aqi"] is None else row["aqi"]
        title = text("opendata.feed.hour", city=name, hour=beijing(hour), aqi=aqi)
        entry = child(root, "entry")
        named(entry, f"tag:airshed,2026:{city}/{hour:%Y-%m-%dT%HZ}", _marked(text, row, title), hour)
        status = text.of_code("status.", row["status"])
        trace = text("note.short", edition=row["edition"], status=status, revision=row["revision"])
        child(entry, "content", f"{title} · {trace}", type="text")
        child(entry, "link", href=_page(text, city, hour))
    return Xml.tostring(root, encoding="utf-8", xml_declaration=True)


def _peak(text: Text, row: dict[str, Any]) -> str:
    """Write the peak of an episode, nothing where it has none yet."""
    value = row["peak_value_ugm3"]
    return "" if value is None else text("opendata.feed.peak", value=f"{value:.1f}")


def _page(text: Text, city: str, hour: dt.datetime) -> str:
    """Give the address of an hour (naive UTC) of a city in the language of the feed."""
    path = f"/city/{city}/{hour + SHANGHAI:%Y-%m-%dT%H}"
    return path if text.lang == LANGUAGES[0] else ENGLISH + path


def _marked(text: Text, row: dict[str, Any], title: str) -> str:
    return f"[{text('opendata.feed.simulated')}] {title}" if row["simulated"] else title


def named(node: Xml.Element, identity: str, title: str, updated: dt.datetime) -> None:
    child(node, "id", identity)
    child(node, "title", title)
    child(node, "updated", f"{updated:%Y-%m-%dT%H:%M:%SZ}")


def child(node: Xml.Element, name: str, content: str | None = None, **attributes: str) -> Xml.Element:
    made = Xml.SubElement(node, f"{{{NAMESPACE}}}{name}", attributes)
    made.text = content
    return made
