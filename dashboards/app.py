"""The portal as a Dash application: pages are found in dashboards/pages, one file each."""

from __future__ import annotations

import secrets
from pathlib import Path

import dash
import flask

from dashboards import live, shell
from dashboards.context import Context, install
from dashboards.opendata import blueprint as opendata

FOLDER = Path(__file__).parent
_VIEWPORT = {"name": "viewport", "content": "width=device-width, initial-scale=1"}


def create_app(context: Context) -> dash.Dash:
    """Build the portal on a context. Everything is served from here: no outside fonts, scripts or tiles."""
    server = flask.Flask("dashboards")
    server.secret_key = secrets.token_hex()
    install(server, context)
    server.register_blueprint(opendata())
    app = dash.Dash(
        "dashboards", server=server, use_pages=True, pages_folder=str(FOLDER / "pages"),
        assets_folder=str(FOLDER / "assets"),
        serve_locally=True, suppress_callback_exceptions=True, update_title="", meta_tags=[_VIEWPORT],
        title="成都平原八市大气环境联合研判平台",
    )  # fmt: skip
    app.layout = dash.page_container
    live.connect(app)
    shell.connect(app)
    return app
