"""Errors of the answers against the true change, and how wide an interval has to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ml.scenario.effect import MEMBERS_SEEN, Shown
from research.scenario_trial.answers import METHODS, answers, misfit, month_of, response_of, windows
from research.scenario_trial.worlds import JUDGED, TrialWorld

PLAIN = Shown(relative_sd=0.0, least=0.0, worlds=0, q95=0.0)
SPEAKS = 0.02
"""From which true change on, as a share of the level, its sign is asked for."""
RELATIVE, LEAST = np.arange(0.0, 1.51, 0.05), np.array([0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.08])


@dataclass(frozen=True, eq=False)
class Cases:
    """Cases of a quantity in a season: arrays (case,) of kind, true change, level, and by method change, low and high
    [ug/m3]."""

    kind: np.ndarray
    world: np.ndarray
    true: np.ndarray
    level: np.ndarray
    said: Mapping[str, np.ndarray]
    misfit: np.ndarray

    def some(self, kept: np.ndarray) -> Cases:
        """Give some of the cases."""
        said = {name: v[:, kept] for name, v in self.said.items()}
        return Cases(self.kind[kept], self.world[kept], self.true[kept], self.level[kept], said, self.misfit[kept])


def season_of(world: TrialWorld) -> str:
    """Say whether a world is of the cold or the warm season."""
    return "warm" if 4 <= month_of(world) <= 9 else "cold"


def cases_of(
    worlds: Iterable[TrialWorld], distance_km: np.ndarray, table: Mapping[str, Mapping[str, Shown]] | None
) -> dict[tuple[str, str], Cases]:
    """Judge worlds: (quantity, season) to the cases of all kinds, days and cities. table: of intervals, None for the
    spread alone."""
    rows: dict[tuple[str, str], list[tuple]] = {}
    for world in worlds:
        season = season_of(world)
        for kind in world.cut:
            response = response_of(world, kind, distance_km)
            for quantity in JUDGED:
                shown = table[quantity][season] if table else PLAIN
                for hours in windows(quantity):
                    level = world.level[quantity][:, hours].mean(axis=-1)
                    true = world.cut[kind][quantity][:, hours].mean(axis=-1) - level
                    said = answers(world, kind, quantity, hours, shown, response)
                    rows.setdefault((quantity, season), []).append(
                        (kind, world.seed, true, level, said, misfit(world, quantity, hours))
                    )
    return {key: _cases(each) for key, each in rows.items()}


def _cases(rows: list[tuple]) -> Cases:
    kinds, seeds, true, level, said, off = zip(*rows, strict=True)
    cities = len(true[0])
    joined = {m: np.concatenate([np.stack(each[m]) for each in said], axis=1) for m in METHODS}
    return Cases(np.repeat(kinds, cities), np.repeat(seeds, cities), np.concatenate(true), np.concatenate(level), joined,
                 np.concatenate(off))  # fmt: skip


def statistics(cases: Cases, method: str) -> dict[str, float]:
    """Give the errors of a method: median, mean and 95th percentile of |error| [ug/m3] and of the level, bias,
    coverage, sign right."""
    change, low, high = cases.said[method]
    error, share = change - cases.true, np.abs(change - cases.true) / cases.level
    speaks = np.abs(cases.true) > SPEAKS * cases.level
    certain = speaks & ((low > 0) | (high < 0))
    right = np.sign(change) == np.sign(cases.true)
    return {
        "cases": float(error.size), "true": float(np.abs(cases.true).mean()), "mean": float(np.abs(error).mean()),
        "median": float(np.median(np.abs(error))), "q95": float(np.quantile(np.abs(error), 0.95)), "bias": float(error.mean()),
        "mean_share": float(share.mean()), "q95_share": float(np.quantile(share, 0.95)),
        "covered": float(((low <= cases.true) & (cases.true <= high)).mean()) if np.isfinite(low).all() else float("nan"),
        "width": float((high - low).mean()),
        "sign_right": float(right[speaks].mean()) if speaks.any() else float("nan"),
        "sign_right_certain": float(right[certain].mean()) if certain.any() else float("nan"),
        "certain": float(certain[speaks].mean()) if speaks.any() else float("nan"),
    }  # fmt: skip


def tuned(cases: Cases, covers: float = 0.90) -> tuple[float, float]:
    """Find relative_sd and least of Shown: the narrowest intervals on average that hold `covers` of all cases, of
    those with an effect above SPEAKS, and of the others. cases: judged with PLAIN."""
    change, low, _ = cases.said["response"]
    middle, true = change / cases.level, cases.true / cases.level
    spread = (change - low) / cases.level / MEMBERS_SEEN
    large = np.abs(middle) > SPEAKS
    best = (np.inf, RELATIVE[-1], LEAST[-1])
    for relative in RELATIVE:
        for least in LEAST:
            half = MEMBERS_SEEN * np.sqrt(spread**2 + (relative * middle) ** 2 + least**2)
            held = np.abs(middle - true) <= half
            if held[large].mean() >= covers and held[~large].mean() >= covers:
                best = min(best, (float(half.mean()), float(relative), float(least)))
    return best[1], best[2]
