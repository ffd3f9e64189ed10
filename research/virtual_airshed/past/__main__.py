"""Bring the demo's past into the store, month by month, the newest first; then end. SIMULATED, and marked so in every row.

python -m research.virtual_airshed.past --data DIR --store URL [--registry DIR] [--no-forecasts]

First what the stations of all months measured, then a forecast run of each day. One process, so one core at most, behind everything
else on the machine. It may be killed at any moment: what is in the store stays, the month that was under way is made again, and
no month twice.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path

from research.virtual_airshed.demo import FOLDER, Places
from research.virtual_airshed.past.bringing import Bringing
from research.virtual_airshed.past.giving_way import GivingWay, OwnData, Stopped
from research.virtual_airshed.world import shipped_world
from standards.days import SHANGHAI
from streams.intake.own import own_since
from streams.registry import load
from streams.store.absence import open_when_there
from streams.store.connect import begin_write
from streams.store.feeders import admit
from streams.store.identity import identity_of
from streams.store.past import ENDED, note

LOG = logging.getLogger("airshed.past")
BEHIND_ALL = 15
"""Behind the live demo, which is behind the platform."""
LOOK_S = 0.5


def main(arguments: list[str] | None = None) -> int:
    """Run as a process; give the exit code: 0 where there is nothing left to do, or where it was asked to end."""
    parser = argparse.ArgumentParser(prog="python -m research.virtual_airshed.past", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--store", default=os.environ.get("AIRSHED_STORE"), help="database URL (default: AIRSHED_STORE)"
    )
    parser.add_argument("--registry", type=Path, default=None, help="folder of the registry's files")
    parser.add_argument("--no-forecasts", action="store_true", help="observations and emissions alone")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stdout)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    os.nice(BEHIND_ALL)
    engine = open_when_there(given.store, stop, feeds=given.data)
    if engine is None:
        return 0
    try:
        admit(engine, identity_of(given.data))
        bring(given.data, engine, given.registry, stop, forecasts=not given.no_forecasts)
    except Stopped as stopped:
        LOG.info("%s; it goes on at the next start", stopped)
    except OwnData as found:
        LOG.info("%s: no more of the simulated past is made", found)
        with begin_write(engine) as connection:
            note(connection, ENDED, ["own-data"])
    finally:
        engine.dispose()
    return 0


def bring(data: Path, engine, registry: Path | None, stop: threading.Event, *, forecasts: bool) -> None:
    """Bring the past of the demo of a data directory; raise Stopped or OwnData where it has to end before."""
    if own_since(data) is not None:
        raise OwnData("there are data of the user's own")
    places = Places(data / FOLDER)
    known = load(registry or places.registry)
    way = GivingWay(engine, data, tuple(known.cities), stop, time.time)
    bringing = Bringing(places.root / "past", engine, known, shipped_world(), live_from(places, stop), way)
    bringing.bring(forecasts=forecasts)
    LOG.info("all of the past is in; it gave way for %.0f s", way.waited_s)


def live_from(places: Places, stop: threading.Event) -> dt.date:
    """Give the natural day on which the live demo begins, once that is decided; raise Stopped where stop comes first."""
    while not places.begun.exists():
        if stop.wait(LOOK_S):
            raise Stopped("the past was asked to end")
    day = json.loads(places.begun.read_text(encoding="utf-8"))["first_day"]
    return dt.datetime.fromtimestamp(day * 86_400, SHANGHAI).date()


if __name__ == "__main__":
    sys.exit(main())
