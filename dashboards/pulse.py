"""Whether the store has changed: one question for all who ask within half a second."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from dashboards.queries.air import fingerprint
from dashboards.queries.bench import standing
from dashboards.queries.models import stamp
from streams.store import is_current

KEPT_S = 0.5


def bench_of(context: Any) -> str:
    """Name how the bench stands: open requests with their progress, and the newest result; pages of Dash are drawn again by it."""
    engine = context.engine()
    if engine is None:
        return ""
    try:
        with engine.connect() as connection:
            return standing(connection) if is_current(connection) else ""
    except sa.exc.SQLAlchemyError:
        return ""


def pulse_of(context: Any) -> tuple[str, str]:
    """Give (fingerprint of the store and of the models, trouble): trouble is empty while the store can be read."""
    engine = context.engine()
    if engine is None:
        return "", "closed"
    try:
        with engine.connect() as connection:
            if not is_current(connection):
                return "", "version"
            return fingerprint(connection, tuple(context.registry.cities)) + stamp(context.models), ""
    except sa.exc.SQLAlchemyError:
        return "", "tables"


def digest(*parts: str) -> str:
    """Give the name of a data version, 16 hexadecimal digits of what it is made of."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


@dataclass
class Shared:
    """The last answer of pulse_of, kept for half a second: a thousand viewers ask the store as often as one."""

    context: Any
    _at: float = field(default=-1e9, repr=False)
    bench: str = ""
    _answer: tuple[str, str] = ("", "closed")
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self) -> tuple[str, str]:
        """Give (fingerprint, trouble), not older than KEPT_S."""
        with self._lock:
            if time.monotonic() - self._at > KEPT_S:
                self._answer, self.bench = pulse_of(self.context), bench_of(self.context)
                self._at = time.monotonic()
            return self._answer
