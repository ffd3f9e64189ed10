"""Make pages ahead until stopped: `python -m dashboards.snapshots --store sqlite:///air.db --folder .airshed/portal`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from pathlib import Path

from dashboards.context import Context
from dashboards.folder import SHELF
from dashboards.office.records import office_url
from dashboards.outside import public_url_of
from dashboards.snapshots import declared
from dashboards.snapshots.press import LOOK_S, Press
from dashboards.snapshots.shelf import Shelf
from standards import logged
from streams.registry.kept import load_or_kept
from streams.store import open_store
from streams.store.reasons import told_in

_LOG = logging.getLogger(__name__)
NICE = 10
WAIT_S = 5.0
"""So long a look at the store waits for a writer's lock [s]: nobody waits for the press, and its pages stay up meanwhile."""
AFTER_FAULT_S = 10.0


def looked(press: Press) -> float:
    """Let the press look once, and give how long it rests [s]: longer after a fault, for every page would be drawn in vain."""
    try:
        press.look()
    except Exception:  # a full disk or a store that went away: what was made stays, and the next look tries again
        _LOG.exception("pages could not be made")
        return AFTER_FAULT_S
    return LOOK_S


def main() -> None:
    """Read the command line and make pages until stopped. The store may come later: pages then say what they wait for."""
    parser = argparse.ArgumentParser(
        prog="python -m dashboards.snapshots", description="Make the pages that many read."
    )
    parser.add_argument("--store", required=True, help="URL of the store, for instance sqlite:///air.db")
    parser.add_argument("--folder", type=Path, required=True, help="the portal's own folder")
    parser.add_argument("--registry", help="folder with a user's own cities.csv, stations.csv, cities.geojson")
    parser.add_argument("--models", type=Path, help="folder of the registry of models")
    parser.add_argument(
        "--office", help="URL of the office's database (default: beside a PostgreSQL store, else in the folder)"
    )
    options = parser.parse_args()
    logged.begin(os.environ, sys.stderr, told_in)
    os.nice(NICE)
    declared.load()
    known = load_or_kept(options.registry)
    context = Context(
        lambda: open_store(options.store, create=False, wait_s=WAIT_S), known, models=options.models, folder=options.folder,
        office=office_url(options.folder, options.store, options.office), public_url=public_url_of(os.environ),
    )  # fmt: skip
    press = Press(context, Shelf(options.folder / SHELF))
    while True:
        time.sleep(looked(press))


if __name__ == "__main__":
    main()
