"""The portal as an application: pages as text in front, Dash behind them (pages are found in dashboards/pages, one file each)."""

from __future__ import annotations

from pathlib import Path

import dash
import flask

from dashboards import answers, bundle, figure_files, live, mistaken, observing, shell
from dashboards.context import Context, install
from dashboards.folder import secret_in
from dashboards.index import Portal
from dashboards.office import serving as office
from dashboards.opendata import blueprint as opendata
from dashboards.publications import files as publication_files
from dashboards.snapshots import asked, declared
from dashboards.snapshots.front import Front

FOLDER = Path(__file__).parent


def create_app(context: Context) -> dash.Dash:
    """Build the analysis part of the portal on a context. Everything is served from here: no outside fonts, scripts or tiles."""
    declared.load()
    server = flask.Flask("dashboards")
    server.secret_key = secret_in(context.folder)
    install(server, context)
    observing.install(server, context)
    answers.install(server, context)
    bundle.install(server)
    server.register_blueprint(opendata())
    server.register_blueprint(office.blueprint())
    server.register_blueprint(publication_files.blueprint())
    server.register_blueprint(asked.blueprint())
    server.register_blueprint(figure_files.blueprint())
    app = Portal(
        "dashboards", server=server, use_pages=True, pages_folder=str(FOLDER / "pages"),
        assets_folder=str(FOLDER / "assets"), enable_mcp=False,
        serve_locally=True, suppress_callback_exceptions=True, update_title="",
        title="成都平原八市大气环境联合研判平台",
    )  # fmt: skip
    app.layout = dash.page_container
    answers.guard(app)
    live.connect(app)
    shell.connect(app)
    mistaken.install(app, context)
    return app


def create_portal(context: Context) -> observing.Watching:
    """Build the whole portal as one WSGI application: pages as text, and Dash for all that is not one of them."""
    server = create_app(context).server
    return observing.watched(Front(context, server.wsgi_app), server, context)
