"""How the bench stands, in a text that changes when it does."""

from __future__ import annotations

import sqlalchemy as sa

from streams.store.bench_requests import OPEN
from streams.store.schema import bench_request, bench_result

STEPS = 20
"""Progress is told in so many steps: pages are drawn again no more often for one request."""


def standing(connection: sa.Connection) -> str:
    """Name open requests with their state and progress, and the newest use of a result; both by an index."""
    c = bench_request.c
    query = sa.select(c.id, c.state, c.progress, c.cancel).where(c.state.in_(OPEN)).order_by(c.id).limit(100)
    opened = [
        f"{id}{state[0]}{int(progress * STEPS)}{int(stop)}" for id, state, progress, stop in connection.execute(query)
    ]
    newest = connection.scalar(sa.select(sa.func.max(bench_result.c.used_at)))
    return f"{' '.join(opened)} {newest or ''}".strip()
