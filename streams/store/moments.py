"""Moments as the store has them: UTC without an offset. The one place that reads a moment of somebody else's making."""

from __future__ import annotations

import datetime as dt

from standards.days import UTC_OFFSET_HOURS

LOCAL_AHEAD = dt.timedelta(hours=UTC_OFFSET_HOURS)
"""By how much clocks in Asia/Shanghai are ahead of UTC."""


def as_stored(moment: dt.datetime) -> dt.datetime:
    """Give a moment as the store has it; one without a time zone is UTC already."""
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment


def local(moment: dt.datetime) -> dt.datetime:
    """Give what a clock in Asia/Shanghai shows at a stored moment, without an offset."""
    return moment + LOCAL_AHEAD
