"""The portal as an application: pages as text in front, Dash behind them (pages are found in dashboards/pages, one file each)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dash
import flask

from dashboards import answers, live, shell
from dashboards.context import Context, install
from dashboards.folder import secret_in
from dashboards.opendata import blueprint as opendata
from dashboards.snapshots import declared
from dashboards.snapshots.front import Front

FOLDER = Path(__file__).parent
INDEX = """<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
{%metas%}<title>{%title%}</title>{%favicon%}{%css%}</head>
<body><noscript>分析页面需要 JavaScript；<a href="/">公众页</a>不需要。
<span lang="en">Analysis needs JavaScript; the <a href="/en/">public pages</a> do not.</span></noscript>
{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body>
</html>"""
_LOADING = '<div id="react-entry-point"><div class="_dash-loading">正在载入…</div></div>'


class _Silent(dash.Dash):
    """Dash whose index is in Chinese, and tells a reader nothing of the versions that it runs on."""

    def interpolate_index(self, **parts: str) -> str:
        return super().interpolate_index(**{**parts, "app_entry": _LOADING})

    def _config(self) -> dict[str, Any]:
        hidden = ("python_version", "dash_version", "dash_version_url", "plotly_version", "ddk_version")
        return {name: value for name, value in super()._config().items() if name not in hidden}


def create_app(context: Context) -> dash.Dash:
    """Build the analysis part of the portal on a context. Everything is served from here: no outside fonts, scripts or tiles."""
    declared.load()
    server = flask.Flask("dashboards")
    server.secret_key = secret_in(context.folder)
    install(server, context)
    answers.install(server, context)
    server.register_blueprint(opendata())
    app = _Silent(
        "dashboards", server=server, use_pages=True, pages_folder=str(FOLDER / "pages"),
        assets_folder=str(FOLDER / "assets"), index_string=INDEX, enable_mcp=False,
        serve_locally=True, suppress_callback_exceptions=True, update_title="",
        title="成都平原八市大气环境联合研判平台",
    )  # fmt: skip
    app.layout = dash.page_container
    answers.guard(app)
    live.connect(app)
    shell.connect(app)
    return app


def create_portal(context: Context) -> Front:
    """Build the whole portal as one WSGI application: pages as text, and Dash for all that is not one of them."""
    return Front(context, create_app(context).server.wsgi_app)
