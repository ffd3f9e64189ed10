"""Which address gives what, and what every request goes through: the limit of its reader, and refusals in words."""

from __future__ import annotations

import flask
from werkzeug.exceptions import HTTPException

from dashboards.context import current
from dashboards.opendata import api, assessments, atom, document, publications_feed
from dashboards.opendata.answers import as_json, refused
from dashboards.opendata.files import Shelf, download
from dashboards.opendata.limits import Buckets, address_of
from dashboards.opendata.problems import Problem
from dashboards.outside import reader_of

API = "/api/v1"


def blueprint(buckets: Buckets | None = None) -> flask.Blueprint:
    """Make the blueprint of open data; a server that it is registered on has a context (dashboards.context.install)."""
    made = flask.Blueprint("opendata", __name__)
    buckets, shelf = Buckets() if buckets is None else buckets, Shelf()

    @made.before_request
    def _limited() -> flask.Response | None:
        request = flask.request
        reader = reader_of(request.remote_addr, request.headers.get("X-Forwarded-For", ""), current().proxies)
        wait = buckets.take(address_of(reader))
        return _too_many(wait, buckets) if wait else None

    made.register_error_handler(Problem, refused)
    made.register_error_handler(HTTPException, _as_problem)
    made.add_url_rule(f"{API}/cities", "cities", api.cities)
    made.add_url_rule(f"{API}/stations", "stations", api.stations)
    made.add_url_rule(f"{API}/changes", "changes", api.changes)
    made.add_url_rule(f"{API}/assessment", "assessment", assessments.draft)
    made.add_url_rule(f"{API}/publications", "publications", assessments.publications)
    made.add_url_rule(f"{API}/publications/<name>", "publication", assessments.publication)
    for kind in assessments.PARTS:
        rule = f"{API}/publications/<name>/{kind}"
        made.add_url_rule(rule, f"publication_{kind}", assessments.part, defaults={"kind": kind})
    made.add_url_rule(f"{API}/openapi.json", "openapi", lambda: as_json(document.openapi()))
    made.add_url_rule(f"{API}/<path:name>", "rows", api.rows)
    made.add_url_rule("/data/<kind>/<name>", "download", lambda kind, name: download(shelf, kind, name))
    made.add_url_rule("/feeds/publications.atom", "publications_feed", publications_feed.feed)
    made.add_url_rule("/feeds/<city>.atom", "feed", atom.feed)
    made.add_url_rule("/feeds/<path:name>", "no_feed", _no_feed)
    return made


def _no_feed(name: str) -> flask.Response:
    raise Problem("there is no such feed", "path", "/feeds/CITY.atom or /feeds/publications.atom", 404)


def _too_many(wait: int, buckets: Buckets) -> flask.Response:
    expected = f"at most {buckets.burst} at once and {buckets.per_second:g} a second"
    response = refused(Problem("too many requests", "address", expected, 429))
    response.headers["Retry-After"] = str(wait)
    return response


def _as_problem(error: HTTPException) -> flask.Response:
    if error.code is None or error.code < 400:
        return error.get_response()
    response = refused(Problem(error.name, "request", "GET of an address of /api/v1/openapi.json", error.code))
    for name, value in error.get_headers():
        if name in ("Allow", "Content-Range"):
            response.headers[name] = value
    return response
