"""The files of figures of Dash's pages: a section is drawn for the query of its page, and one of its figures is given.

/analysis/figures/series-lines/series.csv?city=510100&span=7d&hour=2023-01-21T12:00Z
"""

from __future__ import annotations

import flask

from dashboards import live
from dashboards.components.take import FILES, gathered
from dashboards.context import open_scene

KINDS = {"svg": "image/svg+xml; charset=utf-8", "csv": "text/csv; charset=utf-8"}
DRAWN = "default-src 'none'; style-src 'unsafe-inline'"
"""The policy of a drawing that is opened by itself: it has a style and nothing else."""


def blueprint() -> flask.Blueprint:
    """Make the blueprint of files of figures; a server that it is registered on has a context and all sections."""
    made = flask.Blueprint("figure_files", __name__)
    made.add_url_rule(f"{FILES}<section>/<file>", "file", _file)
    return made


def _file(section: str, file: str) -> flask.Response:
    name, _, kind = file.rpartition(".")
    known = live.sections().get(section)
    if known is None or kind not in KINDS:
        return _none()
    with open_scene(flask.request.args) as scene, gathered() as figures:
        known.render(scene)
        drawn = next((each for each in figures if each.name == name), None)
        if drawn is None or not (drawn.svg if kind == "svg" else drawn.rows):
            return _none()
        text = drawn.as_svg(scene.text) if kind == "svg" else drawn.as_csv(scene.text)
    answer = flask.Response(text, content_type=KINDS[kind])
    answer.headers["Content-Security-Policy"] = DRAWN
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    return answer.make_conditional(flask.request)


def _none() -> flask.Response:
    return flask.Response("there is no such figure\n", 404, content_type="text/plain; charset=utf-8")
