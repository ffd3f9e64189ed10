"""Statements of the store that take long: their shape is written down, never what was asked with."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

LONGEST = 600
"""Characters of a shape that are written."""
_LOG = logging.getLogger(__name__)
_LITERAL = re.compile(r"'(?:[^']|'')*'|(?<![\w.])\d+(?:\.\d+)?\b")
_MANY = re.compile(r"(\?|%\(\w+\)s|:\w+)(?:\s*,\s*(?:\?|%\(\w+\)s|:\w+))+")
_STARTED = "_airshed_started"

Heard = Callable[[float, bool], None]


def listen(engine: sa.Engine, heard: Heard, slow_s: float) -> None:
    """Tell heard(seconds, slow) of every statement of an engine, and log the shape of those slower than slow_s.

    The time is that until the store answers with its first row; what reading the others takes belongs to the page.
    """

    @sa.event.listens_for(engine, "before_cursor_execute")
    def _before(_connection: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        if context is not None:
            setattr(context, _STARTED, time.perf_counter())

    @sa.event.listens_for(engine, "after_cursor_execute")
    def _after(_connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        started = getattr(context, _STARTED, None)
        if started is None:
            return
        seconds = time.perf_counter() - started
        heard(seconds, seconds > slow_s)
        if seconds > slow_s:
            _LOG.warning("slow statement, %.0f ms: %s", 1000 * seconds, shape(statement))


def shape(statement: str) -> str:
    """Give a statement without anything that was asked for: literals become ?, lists of parameters one, blanks single.

    >>> shape("SELECT a FROM t\\nWHERE b = 'x' AND c IN (?, ?, ?) LIMIT 5")
    'SELECT a FROM t WHERE b = ? AND c IN (?, …) LIMIT ?'
    """
    bare = _MANY.sub(r"\1, …", _LITERAL.sub("?", " ".join(statement.split())))
    return bare if len(bare) <= LONGEST else bare[: LONGEST - 1] + "…"
