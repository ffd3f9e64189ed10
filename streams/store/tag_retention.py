"""Thin tagged contributions: of hours that ended long ago only the short leads are kept.

A run of a week at fifty places is eight thousand rows, twice a day for each model. What is asked of years ago is why it
happened, and that the shortest leads tell. How long the others are kept is a setting; a history that is
read into a store of its own is never thinned.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa

from streams.store.connect import begin_write
from streams.store.schema import KEPT_LEAD_H, tag_hour
from streams.store.settings import whole_number

DAYS, LEAD = "AIRSHED_TAG_DAYS", "AIRSHED_TAG_LEAD"
"""Settings: after how many days long leads go (0: never), and which leads [h] are kept for good (24 or more)."""
KEPT_DAYS = 30
_SPAN = dt.timedelta(hours=6)
"""Hours whose rows go in one transaction: writers wait no longer than for a batch of their own."""


def settings_of(environment: Mapping[str, str]) -> tuple[int, int]:
    """Read after how many days long leads go (0: never) and which leads [h] are kept for good; what is no such number is told
    and not obeyed.
    """
    return (
        whole_number(environment, DAYS, KEPT_DAYS, least=0),
        whole_number(environment, LEAD, KEPT_LEAD_H, least=KEPT_LEAD_H),
    )


def thin_tags(engine: sa.Engine, now: dt.datetime, *, days: int = KEPT_DAYS, lead_hours: int = KEPT_LEAD_H) -> int:
    """Remove rows of leads beyond lead_hours [h] whose hour ended more than days before now (naive UTC); give how many.

    days 0: nothing goes. What stays is not looked at, so it costs the same after years.
    """
    if not days:
        return 0
    c, horizon, removed = tag_hour.c, now - dt.timedelta(days=days), 0
    # Written out, for a database takes an index of some rows only where it sees that these are asked for.
    long_leads = sa.and_(c.lead_hours > sa.literal_column(str(KEPT_LEAD_H)), c.lead_hours > lead_hours)
    after = dt.datetime(1, 1, 1)
    while True:
        oldest = sa.select(sa.func.min(c.hour_end)).where(long_leads, c.hour_end >= after, c.hour_end < horizon)
        with engine.connect() as connection:
            first = connection.scalar(oldest)
        if first is None:
            return removed
        after = min(first + _SPAN, horizon)
        with begin_write(engine) as connection:
            gone = sa.delete(tag_hour).where(long_leads, c.hour_end >= first, c.hour_end < after)
            removed += connection.execute(gone, execution_options={"preserve_rowcount": True}).rowcount
