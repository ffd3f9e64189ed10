"""What surrounds the parts of a page as text: head, navigation, freshness, notices, foot; for pages, the wall and cards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlencode

from dash import html

from dashboards import release
from dashboards.components.drawing import Drawing
from dashboards.context import Scene
from dashboards.index import ICON, TAGS
from dashboards.navigation import links
from dashboards.shell import badge, live_words, notices
from dashboards.snapshots.markup import markup
from dashboards.snapshots.pages import ENGLISH, Page
from dashboards.snapshots.statics import script_address, style
from dashboards.view import LANGUAGES

SCRIPTS = {
    "public": ("alive.js", "live.js", "take.js"),
    "wall": ("alive.js", "live.js", "wall.js"),
    "embed": ("alive.js", "live.js"),
    "office": (),
    "lost": (),
}
STYLES = {
    "public": ("0-", "3-", "6-", "9-"),
    "wall": ("0-", "4-"),
    "embed": ("0-", "3-"),
    "office": ("0-", "3-", "8-", "9-"),
    "lost": ("0-", "3-"),
}
"""Which files of style a frame needs, by how their names begin."""
GROUND = {"public": "#f2f5f8", "wall": "#0b1420", "embed": "#fff", "office": "#f2f5f8", "lost": "#f2f5f8"}
"""Stands in the first bytes of a page, so that nothing flashes white before its style is there."""
LOOKS = {"lost": "public"}
"""Frames that look like another one."""


def lasting(scene: Scene) -> dict[str, str]:
    """Draw what every page has and what changes with the data: the badge's facts and the notices."""
    said: list[Any] = [_waiting(scene)] if scene.waiting else notices(scene)
    return {"badge-box": markup(badge(scene)), "notices": markup(said)}


def document(scene: Scene, page: Page, parts: Mapping[str, str], version: str) -> str:
    """Put the parts of a page into its frame, as a whole HTML document. parts: of lasting and of the page, by id."""
    frame = page.frame
    facts = {
        "data-version": version, "data-release": release.release(), "data-path": here(scene, page), "data-page": page.name,
    }  # fmt: skip
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in facts.items())
    words = html.Div(id="words", hidden=True, **live_words(scene.text))
    body = markup([*_AROUND[frame](scene, page, parts), words])
    root = f'<html lang="{TAGS[scene.text.lang]}" data-frame="{LOOKS.get(frame, frame)}" style="background:{GROUND[frame]}">'
    return f"<!doctype html>{root}<head>{_head(scene, page)}</head><body{attributes}>{body}</body></html>"


def here(scene: Scene, page: Page, lang: str | None = None) -> str:
    """Give the address of the page that is drawn, in another language where one is named."""
    known = {"city": scene.view.city, "hour": scene.view.hour, **scene.params}
    named = re.findall(r"<(\w+)>", page.rule)
    asked = {name: value for name, value in scene.params.items() if name not in named and isinstance(value, str)}
    path = page.address(lang or scene.text.lang, **{kind: known[kind] for kind in named})
    return path + (f"?{urlencode(asked, safe=',.:/')}" if asked and page.asked else "")


def heading(scene: Scene, page: Page) -> str:
    """Give the title of a page, with the city or station that it is of."""
    station = scene.registry.stations.get(scene.params.get("station", ""))
    of = scene.city_name(scene.view.city) if "<city>" in page.rule else station.name_zh if station else ""
    return " · ".join(part for part in (of, scene.text(f"page.{page.name}")) if part)


def _head(scene: Scene, page: Page) -> str:
    text = scene.text
    title = f"{heading(scene, page)} · {text('header.title')}"
    others = [html.Link(rel="alternate", hrefLang=tag, href=here(scene, page, lang)) for lang, tag in TAGS.items()]
    named = [
        html.Meta(name="viewport", content="width=device-width,initial-scale=1"), html.Title(title),
        html.Link(rel="icon", href=ICON), html.Meta(name="description", content=text("pages.description")), *others,
    ]  # fmt: skip
    scripts = [
        html.Script(src=address, defer="defer") for name in SCRIPTS[page.frame] if (address := script_address(name))
    ]
    return f'<meta charset="utf-8">{markup(named)}<style>{style(STYLES[page.frame])}</style>{markup(scripts)}'


def _placed(parts: Mapping[str, str], *names: str) -> list[Drawing]:
    return [
        Drawing(parts[name], id=name, className="part" if name not in ("badge-box", "notices") else name)
        for name in names
    ]


def _public(scene: Scene, page: Page, parts: Mapping[str, str]) -> list[Any]:
    text = scene.text
    brand = html.A(
        [html.Span(className="logo", **{"aria-hidden": "true"}), html.Span(text("header.title"))],
        href=page.address(text.lang) if page.name == "home" else links(scene)[0][1], className="brand",
    )  # fmt: skip
    fresh = html.Div([*_placed(parts, "badge-box"), _clock(scene)], className="fresh")
    return [
        html.A(text("pages.skip"), href="#main", className="skip"),
        html.Header([brand, _navigation(scene, page), fresh, _switches(scene, page)], className="top"),
        html.Main([*_placed(parts, "notices"), html.H1(heading(scene, page)), *_placed(parts, *page.parts)], id="main"),
        html.Footer([html.P(text("pages.provisional")), html.P(text("pages.licence")), _door(scene)]),
    ]


def _door(scene: Scene) -> html.P:
    """Lead those who work with the platform to their office."""
    before = "" if scene.text.lang == LANGUAGES[0] else ENGLISH
    return html.P(html.A(scene.text("page.office"), href=f"{before}/office", rel="nofollow"))


def _wall(scene: Scene, page: Page, parts: Mapping[str, str]) -> list[Any]:
    top = [html.H1(scene.text("header.title")), *_placed(parts, "badge-box"), _clock(scene)]
    return [html.Header(top, className="top"), html.Main([*_placed(parts, "notices", *page.parts)])]


def _embed(_scene: Scene, page: Page, parts: Mapping[str, str]) -> list[Any]:
    return [html.Main([*_placed(parts, *page.parts), *_placed(parts, "notices", "badge-box")])]


def _office(scene: Scene, page: Page, parts: Mapping[str, str]) -> list[Any]:
    text = scene.text
    home = links(scene)[0][1]
    brand = [html.Span(className="logo", **{"aria-hidden": "true"}), html.Span(text("header.title"))]
    return [
        html.A(text("pages.skip"), href="#main", className="skip"),
        html.Header(
            [
                html.Div([html.A(brand, href=home, className="brand"), _language(scene, page)], className="top"),
                Drawing(parts["desk-bar"], id="desk-bar", className="desk-bar"),
            ]
        ),
        html.Main([*_placed(parts, "notices"), html.H1(heading(scene, page)), *_placed(parts, "content")], id="main"),
    ]


def _lost(scene: Scene, page: Page, parts: Mapping[str, str]) -> list[Any]:
    """Surround what says that there is no page: with the way to those that there are, and nothing that needs a store."""
    brand = [html.Span(className="logo", **{"aria-hidden": "true"}), html.Span(scene.text("header.title"))]
    home = html.A(brand, href=links(scene)[0][1], className="brand")
    return [
        html.A(scene.text("pages.skip"), href="#main", className="skip"),
        html.Header(
            [home, _navigation(scene, page), html.Div(_language(scene, page), className="switches")], className="top"
        ),
        html.Main([html.H1(heading(scene, page)), *_placed(parts, "notices")], id="main"),
    ]


_AROUND = {"public": _public, "wall": _wall, "embed": _embed, "office": _office, "lost": _lost}


def _clock(scene: Scene) -> html.Div:
    return html.Div([html.Small(scene.text("header.clock")), html.Time(id="clock")], className="clock")


def _navigation(scene: Scene, page: Page) -> html.Nav:
    entries = [
        html.A(title, href=address, **({"aria-current": "page"} if name == page.name else {}))
        for name, address, title in links(scene)
    ]
    return html.Nav(entries, **{"aria-label": scene.text("header.pages")})


def _switches(scene: Scene, page: Page) -> html.Div:
    palette = html.Button(scene.text("pages.palette"), id="palette", className="button", type="button", hidden=True)
    return html.Div([palette, _language(scene, page)], className="switches")


def _language(scene: Scene, page: Page) -> html.A:
    other = "en" if scene.text.lang == "zh" else "zh"
    to = here(scene, page, other)
    return html.A(scene.text("header.other_language"), href=to, id="language", className="button", lang=TAGS[other])


def _waiting(scene: Scene) -> html.P:
    said = scene.text(f"pages.waiting_{scene.trouble or 'empty'}")
    return html.P(said, className="notice waiting", role="status")
