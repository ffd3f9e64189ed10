"""What the virtual airshed costs: `python -m tests.bench.bench_virtual_airshed [--days N] [--only PART]` prints JSON.

untagged, tagged: the nature run of a year, sources not told apart and told apart; wall and CPU time are of its days
and the spin-up before them. truth_plain, truth_pairs: a month of the nature run and of its truth at cities and
stations, laid down, with nine sectors and the cities as sources, and with the sectors of each city (and their
zero-outs) besides. forecast: one run over 168 h. observe: a day of all instruments with 300 micro-stations. produce: one
day with everything wanted, from nothing to files, spin-up included. transport: one noon hour of two tagged species,
one thread, beside a peer in the same run: the same balance over whole numpy arrays. Each part has a process of its
own, and its peak memory is that of this process (Linux only). Compiled code is loaded before times are taken, but for
produce; set_up_s is from the start of the process to there. With other than 365 days only what is named scaled speaks
of a year.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from research.virtual_airshed.forecasts.runs import Starts, forecast_model, run
from research.virtual_airshed.forecasts.write import write_run
from research.virtual_airshed.grid import NO_CELLS
from research.virtual_airshed.model import Model
from research.virtual_airshed.observe.observer import observe_days, observer_for
from research.virtual_airshed.observe.outbox import Outbox
from research.virtual_airshed.produce import OUTBOX, TRUTH, Wanted, produce, receptors_in, stations_in
from research.virtual_airshed.run import DAY_HOURS, Day, series_of, simulate
from research.virtual_airshed.scenarios import Scenario, scenario
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.transport import advance, hour_shares
from research.virtual_airshed.truth import contributions
from research.virtual_airshed.truth_files import TruthFolder
from research.virtual_airshed.weather.fields import weather_of
from research.virtual_airshed.world import World, shipped_world

ROOT = Path(__file__).resolve().parents[2]
MONTH_DAYS, YEAR_DAYS, MICRO_STATIONS, FORECAST_H = 31, 365, 300, 168
PROMISE, PROMISED_S, PROMISED_MIB = "a year in under 120 s and under 2 GiB", 120.0, 2048.0
NOON, REPEATS = 12, 20
"""Which hour of the first day the transport is measured in, and how often; the quickest counts."""


def main(arguments: list[str] | None = None) -> None:
    """Measure one part here, or each in a process of its own, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_virtual_airshed", description=__doc__)
    parser.add_argument("--days", type=int, default=YEAR_DAYS, help="length of the nature runs [d], 365 for a year")
    parser.add_argument("--only", choices=PARTS, help="measure one part, in this process")
    asked = parser.parse_args(arguments)
    if asked.only:
        print(json.dumps(PARTS[asked.only](asked.days), indent=2))
        return
    figures: dict = {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 2), "days": asked.days}
    figures |= {part: _apart(part, asked.days) for part in PARTS}
    print(json.dumps(figures | _judged(figures["untagged"], figures["tagged"], asked.days), indent=2))


def nature(days: int, *, tagged: bool) -> dict[str, float]:
    """Run the nature run of some days from the first of January [d]; give s, ms per simulated hour and MiB."""
    chosen = scenario("full_year", days=days)
    list(_days(chosen.changed(days=1), spin_up_days=0, tagged=tagged))
    set_up = time.time() - psutil.Process().create_time()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in _days(chosen, tagged=tagged):
        pass
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    spin_up, hours = chosen.plan().spin_up_days, DAY_HOURS * (days + chosen.plan().spin_up_days)
    figures = {
        "set_up_s": round(set_up, 2), "wall_s": round(wall, 2), "cpu_s": round(cpu, 2),
        "hours_with_spin_up": hours, "ms_per_hour": round(1e3 * wall / hours, 2), "peak_rss_mib": _peak_mib(),
    }  # fmt: skip
    if days != YEAR_DAYS:
        figures["wall_s_scaled_to_a_year"] = round(wall * (YEAR_DAYS + spin_up) / (days + spin_up), 1)
    return figures


def truth(days: int, *, sector_city: bool) -> dict[str, float]:
    """Run and tell at most a month; give s, ms per simulated hour, MiB and the bytes of the two files."""
    chosen = scenario("full_year", days=min(days, MONTH_DAYS))
    world = _stage(chosen)
    tags = Tags(world.grid.cities, sector_city=sector_city, pair_zero_outs=sector_city)
    at = stations_in(world, receptors_in(world, chosen.start), chosen.start)
    plan = chosen.plan()
    list(simulate(replace(plan, hours=2, spin_up_days=0), world, tags=tags, cells=at.receptors.cells))
    wall, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as name:
        span = {"first_hour": chosen.first_hour, "hours": chosen.hours, "about": {}}
        with TruthFolder(Path(name), tags, at, **span) as files:
            for day in simulate(plan, world, tags=tags, cells=at.receptors.cells):
                files.add(contributions(day, tags, at.receptors))
        wall, cpu, laid = time.perf_counter() - wall, time.process_time() - cpu, _laid_down(Path(name))
    hours = DAY_HOURS * (chosen.days + plan.spin_up_days)
    return {
        "days": chosen.days, "sources": len(tags.sources), "stations": len(at.stations), "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2), "ms_per_hour": round(1e3 * wall / hours, 2), "bytes": laid["bytes"], "peak_rss_mib": _peak_mib(),
    }  # fmt: skip


def forecast(_: int = 0) -> dict[str, float]:
    """Make and write forecast runs from two states of a day; give the second's s and bytes."""
    chosen = scenario("full_year", days=1, forecast_hours=FORECAST_H)
    world = _stage(chosen)
    model, starts = forecast_model(chosen, world), Starts(chosen.forecast_every_h)
    list(_days(chosen, spin_up_days=0, tagged=False, watch=starts))
    with tempfile.TemporaryDirectory() as folder:
        for start in starts.take():
            made, ran = _timed(lambda start=start: run(model, start))
            written, path = _timed(lambda ran=ran: write_run(ran, model, Path(folder)))
        size = path.stat().st_size
    return {
        "hours": FORECAST_H, "make_s": round(made, 2), "write_s": round(written, 2), "bytes": size,
        "peak_rss_mib": _peak_mib(),
    }  # fmt: skip


def observe(_: int = 0) -> dict[str, float]:
    """Observe two days and lay down what the instruments give; give the second's s, files and bytes."""
    chosen = scenario("full_year", days=2, micro_stations=MICRO_STATIONS)
    world = _stage(chosen)
    cells = receptors_in(world, chosen.start).cells
    observer = observer_for(chosen, world, tags=Tags(world.grid.cities), cells=cells)
    observations = observe_days(list(_days(chosen, spin_up_days=0, tagged=True)), observer)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        outbox, before = Outbox(folder / OUTBOX, folder / TRUTH), {}
        for _ in range(chosen.days):
            before = _laid_down(folder)
            made, observation = _timed(lambda: next(observations))
            put, _ = _timed(lambda observation=observation: outbox.put(observation))
        laid = {key: count - before[key] for key, count in _laid_down(folder).items()}
    return {
        "micro_stations": MICRO_STATIONS, "observe_s_per_day": round(made, 3), "lay_down_s_per_day": round(put, 3),
        **laid, "peak_rss_mib": _peak_mib(),
    }  # fmt: skip


def produce_day(_: int = 0) -> dict[str, float]:
    """Produce one day, everything wanted; give s, files, bytes and MiB."""
    chosen = scenario("full_year", days=1, micro_stations=MICRO_STATIONS, forecast_hours=FORECAST_H)
    with tempfile.TemporaryDirectory() as name:
        cpu = time.process_time()
        wall, _ = _timed(
            lambda: produce(chosen, shipped_world(), Path(name), wanted=Wanted(), progress=lambda done, of: None)
        )
        cpu, laid = time.process_time() - cpu, _laid_down(Path(name))
    return {
        "spin_up_days": chosen.plan().spin_up_days, "forecast_runs": DAY_HOURS // chosen.forecast_every_h,
        "wall_s": round(wall, 2), "cpu_s": round(cpu, 2), **laid, "peak_rss_mib": _peak_mib(),
    }  # fmt: skip


def transport(_: int = 0) -> dict[str, float]:
    """Move two tagged species through an hour, by the model and by numpy; give ms and how far they differ."""
    shares, state, lid, counted = _moved_hour()
    pair = state.copy(), state.copy()
    ours = min(_timed(lambda: _by_model(*pair, shares, lid, counted))[0] for _ in range(REPEATS))
    peer = min(_timed(lambda: _by_numpy(pair[0], shares, lid))[0] for _ in range(REPEATS))
    moved = _by_model(state.copy(), state.copy(), shares, lid, counted)
    expected = _by_numpy(state.copy(), shares, lid)
    return {
        "substeps": len(shares), "tracers": state.shape[-1],
        "model_ms": round(1e3 * ours, 1), "peer_numpy_ms": round(1e3 * peer, 1),
        "peer_numpy_over_model": round(peer / ours, 2),
        "largest_relative_difference": float(f"{np.abs(moved - expected).max() / expected.max():.1e}"),
    }  # fmt: skip


def _days(chosen: Scenario, *, tagged: bool, spin_up_days: int | None = None, watch=None) -> Iterator[Day]:
    world, plan = _stage(chosen), chosen.plan()
    plan = plan if spin_up_days is None else replace(plan, spin_up_days=spin_up_days)
    cells = receptors_in(world, chosen.start).cells if tagged else NO_CELLS
    return simulate(plan, world, tags=Tags(world.grid.cities, tagged=tagged), cells=cells, watch=watch)


def _stage(chosen: Scenario) -> World:
    return chosen.world(shipped_world())


def _moved_hour() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Give an hour's shares, and of the first block the state (layer, row, column, tracer), lid and counted tracers."""
    chosen = scenario("full_year", days=1)
    world, plan = _stage(chosen), replace(chosen.plan(), spin_up_days=0)
    model = Model(world, Tags(world.grid.cities))
    list(simulate(plan, world, tags=model.tags, cells=NO_CELLS, model=model))
    weather = weather_of(world.grid, series_of(plan, plan.first_hour - 1, DAY_HOURS + 1), plan.first_hour)
    before, after = (np.pad(weather.mixing_height_m[NOON + j], 1, mode="edge") for j in (0, 1))
    shares = hour_shares(world.flow_of(weather.wind_ms[:, :, NOON]), before, after)
    return shares, model.tracers.blocks[0], model.tracers.outside[0], model.tracers.totals_in(0)


def _by_model(now: np.ndarray, new: np.ndarray, shares: np.ndarray, lid: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Move a state through the substeps, to and fro between two arrays; give the one that holds the end."""
    balance = np.zeros((counted.size, 2))
    for each in shares:
        advance(now, new, each, lid, counted, balance)
        now, new = new, now
    return now


def _by_numpy(now: np.ndarray, shares: np.ndarray, lid: np.ndarray) -> np.ndarray:
    """Do what transport.advance does as one would write it first, without the books; the state is changed and given."""
    for each in shares:
        stay, west, east, south, north, other, top, _ = np.moveaxis(each, -1, 0)[..., None]
        inner = now[:, 1:-1, 1:-1]
        new = stay * inner + west * now[:, 1:-1, :-2] + east * now[:, 1:-1, 2:]
        new += south * now[:, :-2, 1:-1] + north * now[:, 2:, 1:-1] + other * inner[::-1] + top * lid
        now[:, 1:-1, 1:-1] = new
    return now


def _apart(part: str, days: int) -> dict:
    """Measure a part in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.bench_virtual_airshed", "--only", part, "--days", str(days)]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def _judged(untagged: dict, tagged: dict, days: int) -> dict:
    """Give ratios, and whether the tagged run keeps the promise [s, MiB]: a year's, or one scaled to it."""
    whole = days == YEAR_DAYS
    seconds = tagged["set_up_s"] + tagged["wall_s" if whole else "wall_s_scaled_to_a_year"]
    met = seconds < PROMISED_S and tagged["peak_rss_mib"] < PROMISED_MIB
    return {
        "tagged_over_untagged_wall": round(tagged["wall_s"] / untagged["wall_s"], 2),
        "tagged_over_untagged_cpu": round(tagged["cpu_s"] / untagged["cpu_s"], 2),
        "promise": PROMISE, "promise_met_tagged" if whole else "promise_met_tagged_scaled_to_a_year": met,
    }  # fmt: skip


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Give the seconds of a call and its result."""
    began = time.perf_counter()
    result = call()
    return time.perf_counter() - began, result


def _laid_down(folder: Path) -> dict[str, int]:
    """Count files and bytes, all of them and those that a platform may read."""
    counts = {}
    for name, within in (("", folder), (f"{OUTBOX}_", folder / OUTBOX)):
        sizes = [path.stat().st_size for path in within.rglob("*") if path.is_file()]
        counts |= {f"{name}files": len(sizes), f"{name}bytes": sum(sizes)}
    return counts


def _peak_mib() -> float:
    """Give the most resident memory that this process had [MiB]; unlike getrusage's, it forgets who started it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (peak,) = (line for line in lines if line.startswith("VmHWM:"))
    return round(int(peak.split()[1]) / 1024, 1)


PARTS: dict[str, Callable[[int], dict]] = {
    "untagged": lambda days: nature(days, tagged=False),
    "tagged": lambda days: nature(days, tagged=True),
    "truth_plain": lambda days: truth(days, sector_city=False),
    "truth_pairs": lambda days: truth(days, sector_city=True),
    "forecast": forecast,
    "observe": observe,
    "produce": produce_day,
    "transport": transport,
}

if __name__ == "__main__":
    main()
