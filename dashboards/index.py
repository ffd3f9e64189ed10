"""The page that Dash's pages begin in: its language, what it says before the first answer, and nothing of what runs here."""

from __future__ import annotations

from typing import Any

import dash
import flask

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
<footer>%(config)s%(scripts)s%(renderer)s</footer></body>
</html>"""
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
        own = {"tag": TAGS[lang], "title": text("header.title"), "loading": text("index.loading")}
        return INDEX % (parts | own)

    def _config(self) -> dict[str, Any]:
        return {name: value for name, value in super()._config().items() if name not in _TOLD}
