"""The page that Dash's pages begin in: its language, its scripts and style in few files, its first answers, and no versions."""

from __future__ import annotations

import re
from typing import Any

import dash
import flask

from dashboards import bundle, first
from dashboards.text import Text
from dashboards.view import LANGUAGES

TAGS = {"zh": "zh-CN", "en": "en"}
"""Languages as BCP 47 names them."""
INDEX = """<!DOCTYPE html>
<html lang="%(tag)s">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
%(metas)s<title>%(title)s</title>%(favicon)s%(css)s</head>
<body><noscript>分析页面需要 JavaScript；<a href="/">公众页</a>不需要。
<span lang="en">Analysis needs JavaScript; the <a href="/en/">public pages</a> do not.</span></noscript>
<div id="react-entry-point"><div class="_dash-loading">%(loading)s</div></div>
<footer>%(config)s%(first)s%(scripts)s%(renderer)s</footer></body>
</html>"""
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Crect width='8' height='8' rx='2' "
    "fill='%230f62a8'/%3E%3Ccircle cx='2' cy='8' r='3' fill='%237cc4ff'/%3E%3C/svg%3E"
)
_BUNDLED = re.compile(
    r'<(?:script src|link rel="stylesheet" href)="/(?:assets|_dash-component-suites/dash)/[^>]*>(?:</script>)?\n?'
)
"""Dash's links to the files that are in the bundles, or that no page of ours runs."""
_TOLD = (
    "dash_version",
    "python_version",
    "dash_version_url",
    "ddk_version",
    "plotly_version",
    "plotly_cloud_installed",
)
"""What Dash tells every browser and no page of ours needs."""


class Portal(dash.Dash):
    """Dash, without the versions of what runs here, in the language that the address asks for."""

    def interpolate_index(self, **parts: Any) -> str:
        """Fill the index with Dash's parts."""
        asked = flask.request.args.get("lang") if flask.has_request_context() else None
        lang = asked if asked in LANGUAGES else LANGUAGES[0]
        text = Text(lang)
        style, scripts = bundle.tags()
        own = {
            "tag": TAGS[lang], "title": text("header.title"), "loading": text("index.loading"),
            "favicon": f'<link rel="icon" href="{ICON}">',
            "css": style + _BUNDLED.sub("", parts["css"]), "scripts": scripts + _BUNDLED.sub("", parts["scripts"]),
            "first": first.answers(self) if flask.has_request_context() else "",
        }  # fmt: skip
        return INDEX % (parts | own)

    def _config(self) -> dict[str, Any]:
        return {name: value for name, value in super()._config().items() if name not in _TOLD}
