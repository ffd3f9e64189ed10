"""The demo: the virtual airshed in step with the clock, file by file as the real world would send them. SIMULATED.

python -m research.virtual_airshed.live --data DIR [--once]

Below DIR/simulated: `registry/` (the shipped stations, research sites, micro-stations), `outbox/` (what the
platform reads) and `truth/` (what it must not read). The weather of an hour follows from the seed and the hour
alone, so that a demo that was stopped goes on where the clock is: it runs again from the day on which it began,
keeps the files that are there, and adds those that are missing.
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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path

from research.virtual_airshed.demo import FOLDER, MICRO_STATIONS, SEED, Places, write_registry
from research.virtual_airshed.forecasts.operation import Operation
from research.virtual_airshed.forecasts.runs import Start
from research.virtual_airshed.forecasts.write import write_missing
from research.virtual_airshed.grid import NO_CELLS
from research.virtual_airshed.inventory_files import inventory_texts, write_inventory
from research.virtual_airshed.model import Model
from research.virtual_airshed.observe.clock import stamp
from research.virtual_airshed.observe.observer import Manner, Observer, observe, observer_of
from research.virtual_airshed.observe.outbox import Outbox
from research.virtual_airshed.run import Day, simulate
from research.virtual_airshed.scenarios import Scenario
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.world import World, shipped_world
from standards.days import first_hour_of_day, natural_day
from standards.whole_files import write_whole

LOG = logging.getLogger("airshed.simulated")
HISTORY_DAYS = 7
"""Whole days before today that a new demo begins with."""
LONGEST_DAYS = 45
"""A demo that began longer ago begins anew: all its days are run again at each start."""
FORECAST_DAYS = 3
"""Forecast runs that are older are not made any more."""
PUBLISHED_AFTER_S = 120
"""So long after an hour has ended are its files there [s]."""
TODAY_FACTORS = {
    ("*", "*", "so2"): 0.30, ("*", "*", "nox"): 0.68, ("*", "*", "co"): 0.65, ("*", "*", "pm25"): 0.50, ("*", "*", "pm10"): 0.50,
    ("*", "*", "nh3"): 0.90, ("*", "*", "voc"): 0.70,
}  # fmt: skip
TODAY_EXCESS = 0.55
"""What the emissions, and the basin around, have come down to since 2015, of the order of the concentrations' fall
(recalled).
"""
BEHIND_OTHERS = 10
"""The platform goes first: the demo catches up in what it leaves of the machine."""
INVENTORY_VERSION = "virtual today v1"


def scenario_from(first_day: int) -> Scenario:
    """Give the scenario of a demo that begins on a natural day [days since 1970-01-01]."""
    return Scenario(
        name="live", title_zh="实时演示", title_en="Live demo", start=dt.date(1970, 1, 1) + dt.timedelta(days=first_day),
        days=LONGEST_DAYS + HISTORY_DAYS, factors=TODAY_FACTORS, basin_excess=TODAY_EXCESS, micro_stations=MICRO_STATIONS,
    )  # fmt: skip


def first_day_of(begun: int | None, today: int) -> int:
    """Decide on which natural day a demo begins. begun: where it began before, None where it never did."""
    if begun is not None and today - LONGEST_DAYS <= begun <= today:
        return begun
    return today - HISTORY_DAYS


def spans(first: int, now: int, by_hour: set[int]) -> Iterator[tuple[int, int]]:
    """Give the hours [first, end) to run, one natural day or one hour at a time, up to the hour `now`.

    first, now: epoch hours, the next one and the last that has ended. by_hour: natural days that were observed hour
    by hour; so is what is left of a day that has begun, and a day that has not ended.
    """
    while first <= now:
        day = int(natural_day(first))
        whole = first == first_hour_of_day(day) and first + 24 <= now + 1 and day not in by_hour
        end = first + (24 if whole else 1)
        yield first, end
        first = end


class Demo:
    """A demo in a folder, from a natural day on [days since 1970-01-01]."""

    def __init__(self, places: Places, world: World, *, first_day: int) -> None:
        self.places, self.scenario = places, scenario_from(first_day)
        self.world = self.scenario.world(world)
        self.tags = Tags(world.grid.cities, tagged=False)
        self.model = Model(self.world, self.tags, workers=1)
        self.outbox = Outbox(places.outbox, places.truth)
        self.observer = observer_in(self.world)
        self.operation, self.starts = Operation(self.scenario, self.world), list[Start]()
        self.held: Mapping[str, float] = {}
        self.next_hour = self.scenario.first_hour

    def prepare(self, today: int) -> None:
        """Lay down the truth about the instruments, and the inventory of the half-years around a natural day."""
        self.outbox.put_sites(self.observer, anew=True)
        for day in (self.scenario.start, dt.date(1970, 1, 1) + dt.timedelta(days=today + 31)):
            first, last = half_year(day)
            # Brought down to today, it is today's: an old year would say of it that it is not to be trusted any more.
            told = {"version": INVENTORY_VERSION, "year": first.year}
            texts = inventory_texts(first, last, factors=self.scenario.factors, **told)
            write_inventory(self.places.outbox / f"inventory-{first}", texts)

    def go_on(self, now: int) -> Iterator[Path]:
        """Run up to the epoch hour `now`, observe what has not been observed, and give the files that are laid down."""
        yield from self.outbox.deliver(now)
        for first, end in spans(self.next_hour, now, self._by_hour()):
            plan = replace(self.scenario.plan(), first_hour=first, hours=end - first)
            for day in simulate(plan, self.world, tags=self.tags, cells=NO_CELLS, model=self.model):
                self.starts += [start for start in self.operation.starts(day) if start.init > now - 24 * FORECAST_DAYS]
                yield from self._observe(day, now)
            self.next_hour = end

    def forecast(self, now: int) -> Iterator[Path]:
        """Make the forecast runs that are missing, the newest first; give their files one by one."""
        fresh, self.starts = [start for start in self.starts if start.init > now - 24 * FORECAST_DAYS], []
        yield from write_missing(reversed(fresh), self.operation.model, self.places.outbox)

    def _observe(self, day: Day, now: int) -> list[Path]:
        if natural_day(day.first_hour) != natural_day(day.first_hour - 1):
            self.held = {}
        if (self.places.truth / "faults" / f"faults_{stamp(day.first_hour, day.hours)}.csv").exists():
            return []
        observation = observe(day, self.observer, self.held)
        self.held = observation.held
        return self.outbox.put(observation, now=now)

    def _by_hour(self) -> set[int]:
        names = (path.stem.removeprefix("faults_") for path in (self.places.truth / "faults").glob("faults_*T??.csv"))
        return {(dt.datetime.strptime(name[:8], "%Y%m%d").date() - dt.date(1970, 1, 1)).days for name in names}


def observer_in(world: World) -> Observer:
    """Set up the instruments of a demo."""
    return observer_of(
        world.grid, world.patterns, world.registry, manner=Manner(seed=SEED), micro_count=MICRO_STATIONS,
        tags=Tags(world.grid.cities, tagged=False), cells=NO_CELLS,
    )  # fmt: skip


def half_year(day: dt.date) -> tuple[dt.date, dt.date]:
    """Give the first and last day of the half-year that holds a day."""
    if day.month <= 6:
        return dt.date(day.year, 1, 1), dt.date(day.year, 6, 30)
    return dt.date(day.year, 7, 1), dt.date(day.year, 12, 31)


def begun_day(places: Places, today: int) -> int:
    """Give the natural day on which the demo begins, and keep it for the next start."""
    known = json.loads(places.begun.read_text(encoding="utf-8"))["first_day"] if places.begun.exists() else None
    first_day = first_day_of(known, today)
    places.root.mkdir(parents=True, exist_ok=True)
    write_whole(places.begun, json.dumps({"first_day": first_day, "simulated": True}).encode(), synced=False)
    return first_day


def follow(places: Places, clock: Callable[[], float], stop: threading.Event, *, once: bool) -> None:
    """Keep a demo in step with a clock [s since 1970] until stop; once: only up to now."""
    today = int(natural_day(ended_hour(clock())))
    demo = Demo(places, shipped_world(), first_day=begun_day(places, today))
    while not stop.is_set():
        now = ended_hour(clock())
        demo.prepare(int(natural_day(now)))
        for path in _until(stop, demo.go_on(now), demo.forecast(now)):
            LOG.info("laid down %s, SIMULATED", path.relative_to(places.root))
        if once:
            return
        stop.wait(max((now + 1) * 3600 + PUBLISHED_AFTER_S - clock(), 1.0))


def ended_hour(seconds: float) -> int:
    """Give the last epoch hour whose files are out at a moment [s since 1970]."""
    return int((seconds - PUBLISHED_AFTER_S) // 3600)


def _until(stop: threading.Event, *parts: Iterator[Path]) -> Iterator[Path]:
    for path in chain(*parts):
        yield path
        if stop.is_set():
            return


def main(arguments: list[str] | None = None) -> int:
    """Run the demo as a process; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m research.virtual_airshed.live", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--once", action="store_true", help="only up to now")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stdout)
    places, stop = Places(given.data / FOLDER), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    write_registry(places)
    os.nice(BEHIND_OTHERS)
    follow(places, time.time, stop, once=given.once)
    return 0


if __name__ == "__main__":
    sys.exit(main())
