"""Scripts and style of Dash's pages as three files: their addresses carry a digest of their content and hold for ever.

The source stays in many small files. Of Dash's own scripts those are taken that a page of ours runs: React, the renderer and
`dash.html`. The parts of `dash.dcc` in use are in `assets/parts.js`; what fills old browsers' gaps is left out, because `assets`
themselves ask for a browser of 2020.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import dash
import flask
from dash import _dash_renderer, html

from dashboards.snapshots.shelf import Body, body_of
from dashboards.snapshots.statics import shortened

ROOT = "/bundle/"
FOREVER = "public, max-age=31536000, immutable"
QUALITY = 10
_OWN = Path(__file__).parent / "assets"
_DASH = Path(dash.__file__).parent
_KINDS = {".js": "text/javascript", ".css": "text/css"}
_LEFT_OUT = ("polyfill",)


@cache
def bundles() -> dict[str, str]:
    """Give the text of each bundle by its address: our style, our scripts, Dash's scripts."""
    style = shortened("".join(_texts(_OWN.glob("*.css"))))
    own = "\n".join(_texts(_OWN.glob("*.js")))
    renderer = "\n;".join(path.read_text(encoding="utf-8") for path in _scripts_of_dash())
    named = {"portal.css": style, "portal.js": own, "dash-renderer.js": _without_maps(renderer)}
    return {_address(name, text): text for name, text in named.items()}


@cache
def body(address: str) -> Body | None:
    """Give a bundle as it is sent, compressed once; None where there is none of that address."""
    text = bundles().get(address)
    return None if text is None else body_of(text, QUALITY)


def tags() -> tuple[str, str]:
    """Give (links to the style, scripts) for the head and the end of a page."""
    style = "".join(f'<link rel="stylesheet" href="{each}">' for each in bundles() if each.endswith(".css"))
    return style, "".join(f'<script src="{each}"></script>' for each in bundles() if each.endswith(".js"))


def install(server: flask.Flask) -> None:
    """Let a server give the bundles."""
    server.add_url_rule(f"{ROOT}<name>", "bundle", _sent)


def _sent(name: str) -> flask.Response:
    found = body(ROOT + name) if ROOT + name in bundles() else None
    if found is None:
        return flask.Response("", 404, mimetype="text/plain")
    content, coding = found.best(flask.request.headers.get("Accept-Encoding", ""))
    answer = flask.Response(content, mimetype=_KINDS[Path(name).suffix])
    answer.headers.update({"Cache-Control": FOREVER, "Vary": "Accept-Encoding"})
    answer.set_etag(f"{found.tag}-{coding}" if coding else found.tag)
    if coding:
        answer.headers["Content-Encoding"] = coding
    return answer.make_conditional(flask.request)


def _texts(paths: Iterable[Path]) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(paths)]


def _scripts_of_dash() -> list[Path]:
    needed = [each["prod"] for each in (one["relative_package_path"] for one in _dash_renderer._js_dist_dependencies)]
    first = [path for paths in needed for path in paths if not any(word in path for word in _LEFT_OUT)]
    rest = [
        one["relative_package_path"] for one in (*_dash_renderer._js_dist, *html._js_dist) if not one.get("dynamic")
    ]
    return [_DASH / path for path in (*first, *rest)]


def _without_maps(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.startswith("//# sourceMappingURL="))


def _address(name: str, text: str) -> str:
    stem, _, kind = name.partition(".")
    return f"{ROOT}{stem}.{hashlib.sha256(text.encode()).hexdigest()[:12]}.{kind}"
