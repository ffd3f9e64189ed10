"""What the virtual airshed costs: `python -m tests.bench.bench_virtual_airshed [--days N]` prints JSON.

Each part runs in a process of its own, so that its peak memory is its own: a year of the nature run (or so many days of
it) without tags and with them, forecast runs of 168 h, and days of observations with 300 micro-stations. The ratio is of the
run with tags to that without, on the same machine in the same minutes.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from research.virtual_airshed.forecasts.runs import Start, Starts, forecast_model
from research.virtual_airshed.forecasts.runs import run as run_forecast
from research.virtual_airshed.forecasts.write import write_run
from research.virtual_airshed.grid import NO_CELLS
from research.virtual_airshed.observe.observer import observe_days, observer_for
from research.virtual_airshed.produce import receptors_in
from research.virtual_airshed.run import simulate
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.truth import contributions
from research.virtual_airshed.world import shipped_world

YEAR_DAYS, FORECASTS, OBSERVED_DAYS = 365, 5, 10
PROMISE = {"year_s": 120.0, "peak_mib": 2048.0}
"""A year in under two minutes on two cores and under 2 GiB."""


def nature_run(days: int, *, tagged: bool) -> dict[str, float]:
    """Run the full year's first days, with the truth where there are tags."""
    chosen = scenario("full_year", days=days)
    world = chosen.world(shipped_world())
    tags, receptors = Tags(world.grid.cities, tagged=tagged), receptors_in(world, chosen.start)
    begun = time.perf_counter()
    for day in simulate(chosen.plan(), world, tags=tags, cells=receptors.cells):
        if tagged:
            contributions(day, tags, receptors)
    wall_s = time.perf_counter() - begun
    return {"wall_s": wall_s, "ms_per_hour": 1000 * wall_s / chosen.hours}


def forecasts(_: int) -> dict[str, float]:
    """Make and write forecast runs of a week; seconds and bytes of one."""
    chosen = scenario("winter_haze", days=1)
    world = chosen.world(shipped_world())
    starts: list[Start] = []
    taken = Tags(world.grid.cities, tagged=False)
    watch = Starts(chosen.forecast_every_h)
    for _day in simulate(chosen.plan(), world, tags=taken, cells=NO_CELLS, watch=watch):
        starts += watch.take()
    model, made_s, written_s, size = forecast_model(chosen, world), 0.0, 0.0, 0
    run_forecast(model, starts[0])  # compiles
    with tempfile.TemporaryDirectory() as folder:
        for _n in range(FORECASTS):
            begun = time.perf_counter()
            forecast = run_forecast(model, starts[0])
            made_s += time.perf_counter() - begun
            begun = time.perf_counter()
            path = write_run(forecast, model, Path(folder))
            written_s += time.perf_counter() - begun
            size = path.stat().st_size
            path.unlink()
    return {"made_s": made_s / FORECASTS, "written_s": written_s / FORECASTS, "bytes": size}


def observations(_: int) -> dict[str, float]:
    """Observe days of a run with tags; seconds of a day beyond the run itself, bytes of its files."""
    chosen = scenario("winter_haze", days=OBSERVED_DAYS)
    world = chosen.world(shipped_world())
    tags, receptors = Tags(world.grid.cities), receptors_in(world, chosen.start)
    observer = observer_for(chosen, world, tags=tags, cells=receptors.cells)
    days = list(simulate(chosen.plan(), world, tags=tags, cells=receptors.cells))
    begun = time.perf_counter()
    made = list(observe_days(iter(days), observer))
    wall_s = time.perf_counter() - begun
    size = sum(len(file.text.encode()) for each in made for file in each.files)
    return {"s_per_day": wall_s / OBSERVED_DAYS, "bytes_per_day": size / OBSERVED_DAYS}


PARTS: dict[str, Callable[[int], dict[str, float]]] = {
    "without_tags": lambda days: nature_run(days, tagged=False),
    "with_tags": lambda days: nature_run(days, tagged=True),
    "forecast_168_h": forecasts,
    "observations_300_micro": observations,
}


def main() -> None:
    """Measure all parts, or in a process of its own one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=YEAR_DAYS)
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        figures = PARTS[given.part](given.days)
        used = resource.getrusage(resource.RUSAGE_SELF)
        figures |= {"process_cpu_s": used.ru_utime + used.ru_stime, "peak_mib": used.ru_maxrss / 1024}
        print(json.dumps({name: round(value, 3) for name, value in figures.items()}))
        return
    parts = {part: _alone(part, given.days) for part in PARTS}
    tagged, year = parts["with_tags"], given.days == YEAR_DAYS
    kept = tagged["wall_s"] < PROMISE["year_s"] and tagged["peak_mib"] < PROMISE["peak_mib"] if year else None
    ratio = round(tagged["wall_s"] / parts["without_tags"]["wall_s"], 2)
    print(
        json.dumps(
            {"days": given.days, **parts, "tagged_over_untagged": ratio, "promise": PROMISE, "kept": kept}, indent=2
        )
    )


def _alone(part: str, days: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.bench_virtual_airshed", "--part", part, "--days", str(days)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


if __name__ == "__main__":
    main()
