"""The portal's own health: /health, /metrics, slow statements, and an access log without personal data.

Both addresses answer to whoever reaches the portal, which listens on this machine only. A proxy in front of it must keep them to
itself: pass on neither `/health` nor `/metrics` (nginx: `location ~ ^/(health|metrics)$ { return 404; }`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask

from dashboards.context import Context
from dashboards.observing.metrics import CONTENT_TYPE, Metrics
from dashboards.observing.state import report
from dashboards.observing.statements import listen
from dashboards.observing.traffic import RULE, Watching

SLOW_S = 0.25
"""A statement that takes longer is written down [s]."""
_EXTENSION = "airshed-observing"
_UNKEPT = {"Cache-Control": "no-store"}


def install(server: flask.Flask, context: Context, *, slow_s: float = SLOW_S) -> Metrics:
    """Let a server tell how it is: two addresses, counts of its requests, and its slow statements in the log.

    Each server has a registry of metrics of its own; nothing is global to a process.
    """
    metrics = Metrics(lambda: report(context))
    server.extensions[_EXTENSION] = metrics
    _listen_when_opened(context, metrics, slow_s)
    server.add_url_rule("/health", "health", lambda: _health(context))
    server.add_url_rule(
        "/metrics", "metrics", lambda: flask.Response(metrics.text(), headers=_UNKEPT, content_type=CONTENT_TYPE)
    )
    server.before_request(_tell_rule)
    server.wsgi_app = Watching(server.wsgi_app, metrics, context.registry)
    return metrics


def watched(portal: Callable[..., Any], server: flask.Flask, context: Context) -> Watching:
    """Count also what is answered in front of a server; what goes through to it is counted once."""
    return Watching(portal, server.extensions[_EXTENSION], context.registry)


def _health(context: Context) -> flask.Response:
    said = report(context)
    return flask.Response(
        flask.json.dumps(said) + "\n",
        503 if said["status"] == "trouble" else 200,
        _UNKEPT,
        content_type="application/json",
    )


def _tell_rule() -> None:
    rule = flask.request.url_rule
    flask.request.environ[RULE] = rule.rule if rule else None


def _listen_when_opened(context: Context, metrics: Metrics, slow_s: float) -> None:
    """Hear of the statements of the engine, which is opened when the store is there."""
    if context._engine is not None:
        listen(context._engine, metrics.statement, slow_s)
        return
    opened = context.open_engine

    def opening() -> Any:
        engine = opened()
        listen(engine, metrics.statement, slow_s)
        return engine

    context.open_engine = opening
