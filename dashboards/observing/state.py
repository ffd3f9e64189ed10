"""How the portal is, in one answer for whoever watches it: no path, no host, no name of a program, no secret."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import sqlalchemy as sa

from dashboards import moment as moments
from dashboards.context import Context
from dashboards.folder import SHELF
from dashboards.moment import epoch_seconds
from dashboards.queries.air import newest_hour
from dashboards.release import release
from dashboards.snapshots.press import version_of
from dashboards.snapshots.shelf import Shelf

SILENT_S = 30.0
"""A press that has not looked at the store for so long is not at work [s]."""


def report(context: Context) -> dict[str, Any]:
    """Tell the state of a portal.

    status: "ok"; "waiting" where the store holds no hour yet; "trouble" where it cannot be read. A feed that is late or a press
    that is silent is no trouble of the portal, which goes on showing what there is: both have words of their own.
    Ages in seconds, None where there is nothing whose age could be told.
    """
    pulse, trouble = context.pulse()
    newest, trouble = (None, trouble) if trouble else _newest(context)
    status = "trouble" if trouble else "ok" if newest else "waiting"
    version = None if trouble else version_of(context, pulse)
    said = {
        "status": status,
        "store": {"readable": not trouble, "trouble": trouble},
        "data": _data(newest, context.clock(), version),
        "release": release(),
    }
    return said if context.folder is None else said | {"press": _press(context, time.time())}


def _newest(context: Context) -> tuple[dt.datetime | None, str]:
    try:
        with context.engine().connect() as connection:
            return newest_hour(connection, tuple(context.registry.cities)), ""
    except sa.exc.SQLAlchemyError:
        return None, "tables"


def _data(newest: dt.datetime | None, now: dt.datetime, version: str | None) -> dict[str, Any]:
    if newest is None:
        return {"version": version, "newest_hour": None, "age_s": None, "mode": "waiting"}
    age = epoch_seconds(now) - epoch_seconds(newest)
    mode = moments.at(newest, now, None).mode
    return {"version": version, "newest_hour": f"{newest:%Y-%m-%dT%H:%MZ}", "age_s": age, "mode": mode}


def _press(context: Context, now: float) -> dict[str, Any]:
    """Tell which version the press made last, how long ago, and whether it still looks (now: s since 1970)."""
    folder = context.folder / SHELF
    state = Shelf(folder).state()
    if state is None:
        return {"at_work": False, "version": None, "looked_age_s": None, "made_age_s": None}
    looked = max(0.0, now - state.looked_at)
    try:
        made = round(max(0.0, now - (folder / state.version).stat().st_mtime), 1) if state.version else None
    except OSError:
        made = None
    return {
        "at_work": looked <= SILENT_S,
        "version": state.version,
        "looked_age_s": round(looked, 1),
        "made_age_s": made,
    }
