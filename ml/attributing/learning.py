"""Learn the correction of one period as a process: `python -m ml.attributing.learning --data DIR --store URL --edge HOUR`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from ml.attributing.corrections import Shelf, learn_at
from ml.attributing.region import region_of
from streams.registry.kept import load_or_kept
from streams.store import open_store
from streams.store.connect import ending_in_words


@ending_in_words
def main() -> int:
    """Learn the correction of the period that begins with an epoch hour, and keep it."""
    parser = argparse.ArgumentParser(prog="python -m ml.attributing.learning", description=main.__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--store", default=os.environ.get("AIRSHED_STORE"))
    parser.add_argument("--registry", type=Path)
    parser.add_argument("--edge", type=int, required=True)
    given = parser.parse_args()
    os.nice(10)  # a live hour goes first
    registry = load_or_kept(given.registry)
    region = region_of(registry, given.edge)
    engine = open_store(given.store, create=False)
    try:
        learned = learn_at(engine, region, given.edge)
    finally:
        engine.dispose()
    Shelf(given.data / "attribution" / "corrections").keep(given.edge, learned)
    return 0


if __name__ == "__main__":
    sys.exit(main())
