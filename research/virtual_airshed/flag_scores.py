"""The command that scores quality flags on faults that are known: `python -m research.virtual_airshed flags`. SIMULATED.

Each seed is a winter month and a summer month of the virtual airshed, seen by national and by micro-stations with their faults;
the platform's flags judge what they show, city by city as the platform does, beside flags by fixed limits.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from research.virtual_airshed.flag_trial import Trial, trials
from research.virtual_airshed.observe.fixed_limits import fixed_flags
from research.virtual_airshed.observe.score import EVERY_ITEM, FLAG_OF, score_flags
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.world import World, shipped_world
from streams.assess.quality import KINDS, quality_flags

LOG = logging.getLogger(__name__)
TUNED_ON = 1
"""The seed on which the limits were tuned; figures that are reported are of others."""
SEEDS = (12, 13, 14)
SEASONS = ("winter_haze", "summer_ozone")
DAYS, MICRO = 45, 100
Judge = Callable[[np.ndarray], Mapping[str, np.ndarray]]
"""From the values of a city's stations to flags by kind, bool (item, station, hour)."""


def platform_flags(values: np.ndarray) -> Mapping[str, np.ndarray]:
    """Flag as the platform does: kind to bool (item, station, hour)."""
    return dict(zip(KINDS, quality_flags(values), strict=True))


METHODS: Mapping[str, Judge] = {"platform": platform_flags, "fixed limits": fixed_flags}


@dataclass(frozen=True, slots=True)
class Line:
    """How one method finds one kind of fault at the stations of one feed.

    fault_hours, found_hours; events, events_found (any hour flagged); clean_hours, false_hours: without any of these faults, and
    flagged all the same. far: share of the flagged hours that are false. Shares are NaN over nothing.
    """

    method: str
    feed: str
    fault: str
    flag: str
    fault_hours: int
    found_hours: int
    events: int
    events_found: int
    clean_hours: int
    false_hours: int

    @property
    def hit_share(self) -> float:
        """Share of the hours with the fault that are flagged."""
        return _share(self.found_hours, self.fault_hours)

    @property
    def event_share(self) -> float:
        """Share of the events of which any hour is flagged."""
        return _share(self.events_found, self.events)

    @property
    def false_share(self) -> float:
        """Share of the hours without a fault that are flagged."""
        return _share(self.false_hours, self.clean_hours)

    @property
    def far(self) -> float:
        """Share of the flagged hours that have no fault."""
        return _share(self.false_hours, self.false_hours + self.found_hours)


def scores(found: Iterable[Trial], methods: Mapping[str, Judge] = METHODS) -> list[Line]:
    """Score methods on trials, counts of trials of one feed added up; by method, feed and fault, then both feeds together."""
    counts: dict[tuple[str, str, str], np.ndarray] = {}
    for trial in found:
        for method, judge in methods.items():
            for fault, row in _counted(trial, judge).items():
                for feed in (trial.feed, "all"):
                    counts[method, feed, fault] = counts.get((method, feed, fault), 0) + row
    return [Line(method, feed, fault, FLAG_OF[fault], *map(int, row)) for (method, feed, fault), row in counts.items()]


def _counted(trial: Trial, judge: Judge) -> dict[str, np.ndarray]:
    flags = np.zeros((len(KINDS), *trial.values.shape), bool)
    cities = np.array(trial.cities)
    for city in np.unique(cities):
        own = cities == city
        for kind, flagged in judge(trial.values[:, own]).items():
            flags[KINDS.index(kind)][:, own] = flagged
    table = score_flags(
        flags, trial.values, trial.faults, stations=trial.codes, first_hour=trial.first_hour, feed=trial.feed
    )
    every = table[table["item"] == EVERY_ITEM].set_index("fault")
    return {
        fault: np.array([
            row["hits"] + row["misses"], row["hits"], row["events"], row["events_found"],
            row["false_alarms"] + row["rejections"], row["false_alarms"],
        ])
        for fault, row in every.iterrows()
    }  # fmt: skip


def trials_of(seeds: Sequence[int], world: World, *, days: int = DAYS, micro: int = MICRO) -> Iterable[Trial]:
    """Run the seasons of some seeds, one after the other, and give what each feed shows."""
    for seed in seeds:
        for season in SEASONS:
            LOG.info("模拟 SIMULATED: %s, %d d, seed %d", season, days, seed)
            yield from trials(scenario(season, seed=seed, days=days, micro_stations=micro), world)


def table_text(lines: Sequence[Line]) -> str:
    """Write the scores as a table in Markdown: shares in per cent."""
    head = (
        "| method | stations | fault | flag | hours found % | events found % | false alarms % of clean hours | FAR % |"
    )
    body = [
        f"| {each.method} | {each.feed} | {each.fault} | {each.flag} | {_percent(each.hit_share)} of {each.fault_hours} | "
        f"{_percent(each.event_share)} of {each.events} | {100 * each.false_share:.2f} | {_percent(each.far)} |"
        for each in lines
    ]
    return "\n".join([head, "|" + "---|" * 8, *body])


def add(commands: argparse._SubParsersAction) -> None:
    """Add the command to a parser's commands."""
    parser = commands.add_parser("flags", help="用已知故障评判质控标记 score quality flags on known faults")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS), help=f"调参用 tuned on: {TUNED_ON}")
    parser.add_argument("--days", type=int, default=DAYS, help="每季天数 days of each season")
    parser.add_argument("--micro", type=int, default=MICRO, help="微型站数 micro-stations")
    parser.add_argument("--json", type=Path, help="另存 JSON write them here, too")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Score the flags and print the table; give the exit code. Errors: ScenarioError."""
    lines = scores(trials_of(asked.seeds, shipped_world(), days=asked.days, micro=asked.micro))
    LOG.info("%s", table_text(lines))
    if asked.json:
        told = {"simulated": True, "seeds": asked.seeds, "tuned_on": TUNED_ON, "days": asked.days, "micro": asked.micro}
        shares = ("hit_share", "event_share", "false_share", "far")
        rows = [asdict(each) | {name: getattr(each, name) for name in shares} for each in lines]
        asked.json.write_text(json.dumps(told | {"scores": rows}, indent=1), encoding="utf-8")
    return 0


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _percent(share: float) -> str:
    return "NA" if share != share else f"{100 * share:.0f}"
