"""Judge the scenarios, and write the table of errors that the product shows.

python -m research.scenario_trial --work FOLDER             # runs what is missing there (20 CPU-seconds a world),
prints the tables python -m research.scenario_trial --work FOLDER --write     # and writes ml/scenario/shown.toml"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ml.scenario.effect import TABLE, Shown
from research.scenario_trial.answers import METHODS, distances_km
from research.scenario_trial.kinds import KINDS
from research.scenario_trial.scores import Cases, cases_of, statistics, tuned
from research.scenario_trial.worlds import TrialWorld, load, save, world_of
from research.virtual_airshed.world import shipped_world

TUNE, JUDGE = (31, 32, 33), (41, 42, 43)
SEASONS = ("winter_haze", "summer_ozone")
LINE = "{:<10}{:>7}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}{:>9}{:>8}{:>8}"
HEAD = ("method", "cases", "true", "median", "mean", "q95", "bias", "q95 %", "covered", "width", "sign %")
HEADER = "\n".join((
    "# How wrong the answers to cuts were where the answer is known: nature runs with and without cuts. SIMULATED.",
    "# Written by python -m research.scenario_trial --write; docs/scenarios.md says what each number is.",
    "# Worlds: fraternal twins of other physics and chemistry, corrected by stations at the start of each run (leads 1 to",
    "# 12 h); errors of the inventory (sd 0.21 in the log) that no twin is told. Cases: cities x days x kinds of cuts.",
    "",
))  # fmt: skip


def worlds(folder: Path, seeds: Sequence[int], seasons: Sequence[str] = SEASONS) -> list[TrialWorld]:
    """Read the worlds of some seeds, and run those that are not there yet."""
    found = []
    for season in seasons:
        for seed in seeds:
            try:
                found.append(load(folder, season, seed))
            except FileNotFoundError:
                save(world_of(season, seed), folder)
                found.append(load(folder, season, seed))
    return found


def fitted(cases: Mapping[tuple[str, str], Cases]) -> dict[str, dict[str, Shown]]:
    """Fit the intervals on the tuning worlds: (quantity, season) to Shown by quantity and season."""
    table: dict[str, dict[str, Shown]] = {}
    for (quantity, season), each in cases.items():
        relative, least = tuned(each)
        off = float(np.sqrt(np.mean(each.misfit**2)))
        table.setdefault(quantity, {})[season] = Shown(
            relative_sd=relative, least=least, worlds=0, q95=0.0, misfit_sd=off
        )
    return table


def text_of(
    table: Mapping[str, Mapping[str, Shown]], judged: Mapping[tuple[str, str], Cases], tune: Sequence[int], judge: Sequence[int],
    date: dt.date,
) -> str:  # fmt: skip
    """Write the table of errors."""
    lines = [HEADER, f"tuned_on = {list(tune)}", f"judged_on = {list(judge)}", f'date = "{date}"']
    for (quantity, season), cases in judged.items():
        shown, found = table[quantity][season], statistics(cases, "response")
        numbers = {
            "relative_sd": shown.relative_sd, "least": shown.least, "misfit_sd": shown.misfit_sd, "q95": found["q95_share"],
            "median_ugm3": found["median"], "mean_ugm3": found["mean"], "unchanged_ugm3": found["true"],
            "q95_ugm3": found["q95"], "covered": found["covered"],
            "sign_right": found["sign_right"],
        }  # fmt: skip
        lines += ["", f"[{quantity}.{season}]", f"worlds = {len(set(cases.world.tolist()))}"]
        lines += [f"{name} = {round(value, 4)}" for name, value in numbers.items()]
    return "\n".join(lines) + "\n"


def report(cases: Mapping[tuple[str, str], Cases]) -> None:
    """Print the errors of all methods, then of the product's answer by kind, and by world what its intervals hold."""
    for (quantity, season), each in cases.items():
        print(f"\n{quantity}, {season} season [ug/m3]\n" + LINE.format(*HEAD))
        for method in METHODS:
            if np.isfinite(each.said[method][0]).all():
                print(_line(method, each, method))
        for kind in KINDS:
            print(_line(kind[:9], each.some(each.kind == kind), "response"))
        for seed in sorted(set(each.world.tolist())):
            print(_line(f"seed {seed}", each.some(each.world == seed), "response"))


def _line(name: str, cases: Cases, method: str) -> str:
    s = statistics(cases, method)
    numbers = [f"{s[key]:.2f}" for key in ("true", "median", "mean", "q95", "bias")]
    shares = [f"{100 * s[key]:.1f}" for key in ("q95_share", "covered")]
    return LINE.format(name, int(s["cases"]), *numbers, *shares, f"{s['width']:.2f}", f"{100 * s['sign_right']:.0f}")


def main(arguments: list[str] | None = None) -> int:
    """Run, judge and print; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m research.scenario_trial", description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder in which worlds are kept")
    parser.add_argument("--tune", type=int, nargs="+", default=TUNE, help="seeds on which intervals are fitted")
    parser.add_argument("--judge", type=int, nargs="+", default=JUDGE, help="seeds that are reported")
    parser.add_argument("--write", action="store_true", help="write the table that the product shows")
    asked = parser.parse_args(arguments)
    if shared := sorted(set(asked.tune) & set(asked.judge)):
        parser.error(f"seeds {shared} are tuned on and judged on, expected none in both")
    distance = distances_km(shipped_world().registry)
    table = fitted(cases_of(worlds(asked.work, asked.tune), distance, None))
    judged = cases_of(worlds(asked.work, asked.judge), distance, table)
    report(judged)
    if asked.write:
        TABLE.write_text(
            text_of(table, judged, asked.tune, asked.judge, dt.datetime.now(dt.UTC).date()), encoding="utf-8"
        )
    return 0


__all__ = ["fitted", "main", "text_of", "worlds"]

if __name__ == "__main__":
    sys.exit(main())
