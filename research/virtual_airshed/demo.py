"""Where the demo lies, and the registry that it lays down first: `python -m research.virtual_airshed.demo --data DIR`.

Little is imported here, for the platform waits for it at its start.
"""

from __future__ import annotations

import argparse
import csv
import sys
from dataclasses import dataclass
from pathlib import Path

from research.virtual_airshed.grid import shipped_grid
from research.virtual_airshed.observe.micro import micro_stations
from research.virtual_airshed.observe.registry_files import registry_files
from research.virtual_airshed.observe.sites import RESEARCH_SITES
from streams import registry as registries

FOLDER = "simulated"
SEED, MICRO_STATIONS = 1, 160
"""Of the weather, the instruments and the faults of the demo; how many micro-stations it has."""


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of a demo."""

    root: Path

    @property
    def registry(self) -> Path:
        """Cities and stations, the invented ones among them."""
        return self.root / "registry"

    @property
    def outbox(self) -> Path:
        """What the platform reads."""
        return self.root / "outbox"

    @property
    def truth(self) -> Path:
        """What it must not read."""
        return self.root / "truth"

    @property
    def begun(self) -> Path:
        """On which day the demo began."""
        return self.root / "begun.json"


def write_registry(places: Places) -> Path:
    """Write the registry of the demo where it is not there yet, or of a version that knew fewer research sites, or some
    under another kind; give its folder."""
    if not _knows_all(places.registry / "stations.csv"):
        (places.registry / "stations.csv").unlink(missing_ok=True)
        shipped = registries.load()
        micro = micro_stations(shipped_grid(), shipped, count=MICRO_STATIONS, seed=SEED)
        registry_files(places.registry, shipped, (*RESEARCH_SITES, *micro))
    return places.registry


def _knows_all(stations: Path) -> bool:
    if not stations.exists():
        return False
    with stations.open(encoding="utf-8", newline="") as file:
        kinds = {row["code"]: row["kind"] for row in csv.DictReader(file)}
    return all(kinds.get(site.code) == site.kind for site in RESEARCH_SITES)


def main(arguments: list[str] | None = None) -> int:
    """Write the registry; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m research.virtual_airshed.demo", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    write_registry(Places(parser.parse_args(arguments).data / FOLDER))
    return 0


if __name__ == "__main__":
    sys.exit(main())
