"""Every request is counted and written down by the rule that answered it: no address, no query, nobody's browser."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from dashboards.observing.metrics import METHODS, Metrics
from dashboards.snapshots.front import FRAGMENTS, LONGEST
from dashboards.snapshots.pages import found
from dashboards.snapshots.statics import ROOT
from streams.registry import Registry

RULE = "airshed.rule"
"""Where a server that has found the rule of a request leaves it in the environment (None: no rule)."""
NO_RULE = "unmatched"
ASKED_ALWAYS = ("/now", "/health", "/metrics", "/beat", "/_dash-update-component")
"""What open pages and watchers ask every few seconds: counted, and written down only where it goes wrong."""
_WATCHED = "airshed.watched"
_LOG = logging.getLogger("dashboards.access")


@dataclass
class Watching:
    """A WSGI application around another one, which it counts. Where one stands around another the outer one counts."""

    behind: Callable[..., Iterable[bytes]]
    metrics: Metrics
    registry: Registry

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Pass a request on, count it and write it down."""
        if environ.get(_WATCHED):
            return self.behind(environ, start_response)
        environ[_WATCHED], began = True, time.perf_counter()
        sent: dict[str, Any] = {"status": 500, "bytes": None}

        def starting(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            sent["status"] = int(status.split(None, 1)[0])
            sent["bytes"] = next((value for name, value in headers if name.lower() == "content-length"), None)
            return start_response(status, headers, *more)

        try:
            return self.behind(environ, starting)
        finally:
            self._seen(environ, sent["status"], sent["bytes"], time.perf_counter() - began)

    def _seen(self, environ: dict[str, Any], status: int, size: str | None, seconds: float) -> None:
        rule = _rule_of(environ, self.registry)
        method = environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in METHODS else "other"
        self.metrics.request(method, rule, status, seconds)
        if rule not in ASKED_ALWAYS or status >= 400:
            _LOG.info("%s %s %d %.1f ms %s B", method, rule, status, 1000 * seconds, size or "-")


def _rule_of(environ: dict[str, Any], registry: Registry) -> str:
    """Give the rule that answered a request: of Flask where it came so far, else of what stands in front of it."""
    if RULE in environ:
        return environ[RULE] or NO_RULE
    path = environ.get("PATH_INFO", "")
    if path == "/now":
        return path
    for root in (FRAGMENTS, ROOT):
        if path.startswith(root):
            return root + "<name>"
    known = found(path, registry) if len(path) <= LONGEST else None
    return known[0].rule if known else NO_RULE
