"""Answers as programs take them: JSON with where it comes from, an ETag for each data version, and refusals in words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import flask
import orjson
import sqlalchemy as sa

from dashboards import release
from dashboards.context import current
from dashboards.opendata import terms
from dashboards.opendata.problems import Problem
from dashboards.queries.air import fingerprint
from streams.store import is_current

KEPT_S = 10
"""An answer may be shown so long without being asked for again [s]."""
_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS
"""Names of columns are texts of a class of their own (sqlalchemy.quoted_name)."""


@contextmanager
def opened() -> Iterator[tuple[sa.Connection, str]]:
    """Open the store and give with it what its data version is; Problem where it cannot be read."""
    context = current()
    engine = context.engine()
    if engine is None:
        raise _not_yet()
    try:
        with engine.connect() as connection:
            if not is_current(connection):
                raise Problem("the store is of another version", "store", "to be asked again later", 503)
            told = fingerprint(connection, tuple(context.registry.cities))
            yield connection, hashlib.sha256(told.encode()).hexdigest()[:16]
    except sa.exc.SQLAlchemyError as error:
        raise _not_yet() from error


def etag_of(version: str) -> str:
    """Give the ETag of what this request asks for in a data version, as this release writes it on this registry."""
    asked = flask.request.full_path.encode("utf-8", "surrogatepass")
    drawn = f"{version} {release.release()} {current().settings} ".encode()
    return hashlib.sha256(drawn + asked).hexdigest()[:32]


def not_modified(version: str, kept_s: int = KEPT_S) -> flask.Response | None:
    """Answer 304 where the reader has what he asks for, without a look at its rows; else None. kept_s: as the 200 says."""
    if flask.request.if_none_match.contains_weak(etag_of(version)):
        return marked(flask.Response(status=304), version, kept_s)
    return None


def answer(data: Any, version: str, **meta: Any) -> flask.Response:
    """Answer with data and what goes with them: licence, citation, data version."""
    about = {
        "licence": terms.LICENCE, "licence_url": terms.LICENCE_URL, "citation": terms.citation(version),
        "source": terms.SOURCE, "data_version": version, "period": terms.PERIOD, "notice": terms.NOTICE, **meta,
    }  # fmt: skip
    return marked(as_json({"meta": about, "data": data}), version)


def as_json(body: Any, status: int = 200) -> flask.Response:
    """Answer with JSON; moments are ISO 8601 in UTC, what is missing is null."""
    response = flask.Response(orjson.dumps(body, option=_OPTIONS), status, mimetype="application/json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def refused(problem: Problem) -> flask.Response:
    """Answer with what was wrong."""
    response = as_json(problem.body(), problem.status)
    response.headers["Cache-Control"] = "no-store"
    if problem.status == 503:
        response.headers["Retry-After"] = "30"
    return response


def _not_yet() -> Problem:
    """Make the refusal anew: one that is raised again and again would hold the frames of every request that it ended."""
    return Problem("the store holds nothing yet", "store", "to be asked again later", 503)


def marked(response: flask.Response, version: str, kept_s: int = KEPT_S) -> flask.Response:
    """Say of which data version an answer is, and how long it may be shown without being asked for again [s]."""
    response.set_etag(etag_of(version), weak=True)  # of whatever coding
    response.headers["Cache-Control"] = f"public, max-age={kept_s}"
    return response
