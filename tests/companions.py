"""What lies beside the shipped station hours in tests: four forecast runs of the virtual airshed, and an illustrative inventory."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from research.virtual_airshed.forecasts.runs import Starts, forecast_model
from research.virtual_airshed.forecasts.write import write_missing
from research.virtual_airshed.grid import NO_CELLS
from research.virtual_airshed.run import simulate
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.world import shipped_world
from streams.records import epoch_hour

EMISSIONS = Path(__file__).with_name("data") / "emissions"
INITS = tuple(
    epoch_hour(dt.datetime(2023, 1, day, hour, tzinfo=dt.UTC)) for day, hour in ((18, 12), (19, 0), (19, 12), (20, 0))
)
RUN_HOURS = 100


def write_runs(folder: Path) -> list[Path]:
    """Write four runs of January 2023 into a folder; give their files in the order of their starts."""
    chosen = scenario("winter_haze", start=dt.date(2023, 1, 18), days=3, forecast_hours=RUN_HOURS)
    world, starts = shipped_world(), Starts(12)
    model = forecast_model(chosen, world)
    tags = Tags(world.grid.cities, tagged=False)
    for _ in simulate(chosen.plan(), world, tags=tags, cells=NO_CELLS, watch=starts):
        pass
    wanted = [start for start in starts.take() if start.init in INITS]
    return sorted(write_missing(wanted, model, folder))
