"""A store with two days of what a platform is sent: the virtual airshed makes files, the platform reads them. SIMULATED."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from research.virtual_airshed.produce import OUTBOX, REGISTRY, Wanted, produce
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.world import shipped_world
from standards.addresses import sqlite_url

DAYS = 2
ROOT = Path(__file__).resolve().parents[2]


def filled_store(folder: Path, *, days: int = DAYS) -> tuple[str, str]:
    """Fill a store in a folder with days of a winter haze; give its URL, and what the platform says of the files it has read.

    The run gives stations, VOC, composition, stacks, an inventory and tags of one twin, no CDAQS forecasts and no truth. The
    files are replayed by `airshed replay` in a process of its own. Errors: CalledProcessError where that fails.
    """
    folder = folder.resolve()
    asked = scenario("winter_haze", days=days, micro_stations=0)
    wanted = Wanted(truth=False, forecasts=False, tags=1, tag_hours=24)
    produce(asked, shipped_world(), folder / "run", wanted=wanted, progress=lambda done, of: None)
    data, store = folder / "data", sqlite_url(folder / "air.sqlite")
    shutil.copytree(folder / "run" / REGISTRY, data / "registry")
    outbox = str(folder / "run" / OUTBOX)
    command = [sys.executable, "-m", "infra", "replay", outbox, "--data", str(data), "--store", store, "--simulated"]
    # A kernel asks for colours, which are no text.
    plain = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "CLICOLOR_FORCE")}
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, encoding="utf-8", cwd=ROOT,
        env={**plain, "AIRSHED_BOOTSTRAP": "off", "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "150"},
    )  # fmt: skip
    return store, done.stdout
