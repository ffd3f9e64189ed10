"""Make forecast runs of a scenario: `python -m research.virtual_airshed.forecasts winter_haze FOLDER --days 3`. SIMULATED.

Runs that are there already are not made again. It runs the nature run without tags, for what its stations measure.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from research.virtual_airshed.forecasts.operation import Operation
from research.virtual_airshed.forecasts.write import LAYOUTS, write_missing
from research.virtual_airshed.grid import NO_CELLS
from research.virtual_airshed.run import simulate
from research.virtual_airshed.scenarios import SCENARIOS, ScenarioError, scenario
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.world import shipped_world

LOG = logging.getLogger(__name__)


def main(arguments: list[str] | None = None) -> int:
    """Write the runs below a folder; give the exit code."""
    asked = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    given = {name: getattr(asked, name) for name in ("days", "seed", "forecast_hours", "forecast_every_h")}
    try:
        chosen = scenario(asked.scenario, **{name: value for name, value in given.items() if value is not None})
    except ScenarioError as error:
        LOG.error("%s", error)
        return 2
    world = shipped_world()
    tags = Tags(world.grid.cities, tagged=False)
    operation = Operation(chosen, world)
    for day in simulate(chosen.plan(), world, tags=tags, cells=NO_CELLS):
        for path in write_missing(operation.starts(day), operation.model, asked.folder, layout=asked.layout):
            LOG.info("wrote %s: %d bytes, SIMULATED", path, path.stat().st_size)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m research.virtual_airshed.forecasts", description=__doc__)
    parser.add_argument("scenario", help=", ".join(SCENARIOS))
    parser.add_argument("folder", type=Path)
    for name in ("--days", "--seed", "--forecast-hours", "--forecast-every-h"):
        parser.add_argument(name, type=int)
    parser.add_argument("--layout", choices=LAYOUTS, default=LAYOUTS[0])
    return parser


if __name__ == "__main__":
    sys.exit(main())
