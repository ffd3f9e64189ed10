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
    data, store = folder / "data", f"sqlite:///{folder}/air.sqlite"
    shutil.copytree(folder / "run" / REGISTRY, data / "registry")
    command = [
        sys.executable,
        "-m",
        "infra",
        "replay",
        str(folder / "run" / OUTBOX),
        "--data",
        str(data),
        "--store",
        store,
    ]
    done = subprocess.run(
        [*command, "--simulated"], capture_output=True, text=True, check=True, encoding="utf-8", cwd=ROOT,
        env={**os.environ, "AIRSHED_BOOTSTRAP": "off", "COLUMNS": "150"},
    )  # fmt: skip
    return store, done.stdout
