"""Which attribution a city gets in an hour: corrected tags, else raw tags, else light tags, else shares of the inventory,
else none. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ml.attributing.gather import Gathered
from ml.attribution.attribute import attribute
from ml.attribution.learn import Correction
from ml.attribution.observations import Observations
from ml.attribution.outcome import Attribution, by_day, episode, mda8_hours
from ml.attribution.tags import TagEnsemble
from standards.pollutants import ITEMS

QUANTITIES = ("pm25", "o3", "ox")
O3 = ITEMS.index("o3")


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """An attribution of one tier, and what made it.

    models: their names. runs: starts of their runs (model, hour), epoch hours, -1 for none, of the hours from `first` on.
    learned: whether the correction counts in it.
    """

    made: Attribution
    first: int
    models: tuple[str, ...] = ()
    runs: np.ndarray | None = None
    learned: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """Attributions of the same hours, the best tier first, by quantity; faults: by city what went wrong, in words."""

    steps: dict[str, list[Step]]
    faults: dict[str, str] = field(default_factory=dict)


def decide(
    gathered: Gathered,
    correction: Correction | None,
    *,
    age_years: float | None,
    poorer: Callable[[], Sequence[tuple[str, TagEnsemble, str, np.ndarray]]] = tuple,
) -> Ladder:
    """Attribute the gathered hours.

    correction: what was learned before them, None for raw tags. age_years: of the inventory, None where not known.
    poorer: gives the poorer tiers of PM2.5, each as tier, tags, name of the model and starts of its runs (hour,); asked
    only where tags leave a city's observed hour open. A city that makes an attribution fail is left out of it and named.
    """
    faults = dict(gathered.faults)
    steps: dict[str, list[Step]] = {quantity: [] for quantity in QUANTITIES}
    simulated = bool(gathered.simulated.any())
    settings = {"inventory_age_years": age_years, "simulated": simulated}
    if gathered.tags is not None:
        for quantity in QUANTITIES:
            if gathered.tags.has(quantity):
                made = _each_city(gathered.tags, gathered.seen, correction, faults, quantity=quantity, **settings)
                if made is not None:
                    steps[quantity].append(
                        Step(made, gathered.first, gathered.tags.members, gathered.runs, correction is not None)
                    )
    if _open(steps["pm25"], gathered):
        for tier, tags, model, runs in poorer():
            made = _each_city(tags, gathered.seen, None, faults, quantity="pm25", tier=tier, **settings)
            if made is not None:
                steps["pm25"].append(
                    Step(made, gathered.first, (model,) if model else (), runs[None] if model else None)
                )
    return Ladder(steps, faults)


def _open(steps: Sequence[Step], gathered: Gathered) -> bool:
    wanted = np.isfinite(gathered.seen.items[ITEMS.index("pm25")])
    return bool((wanted & ~_told(steps, wanted.shape)).any())


def _told(steps: Sequence[Step], shape: tuple[int, int]) -> np.ndarray:
    told = np.zeros(shape, bool)
    for step in steps:
        told |= np.isfinite(step.made.total)
    return told


def _each_city(
    tags: TagEnsemble, seen: Observations, correction: Correction | None, faults: dict[str, str], **settings
) -> Attribution | None:
    """Attribute all cities together; where that fails, city by city, so that a fault costs its own city."""
    try:
        return attribute(tags, seen, correction, **settings)
    except Exception as error:  # whatever a city's numbers do, the others are attributed
        parts, last = [], error
    for c, city in enumerate(tags.cities):
        try:
            parts.append(attribute(_only(tags, c), seen, correction, **settings))
        except Exception as error:
            faults[city] = f"{type(error).__name__}: {error}"
    if not parts:
        faults.update(dict.fromkeys(tags.cities, f"{type(last).__name__}: {last}"))
        return None
    return _merged(parts)


def _only(tags: TagEnsemble, city: int) -> TagEnsemble:
    """Give tags that tell of one city alone."""
    keep = (np.arange(len(tags.receptors)) == city)[:, None, None]
    joint = None if tags.joint is None else np.where(keep[..., None], tags.joint, np.nan)
    removal = None if tags.removal is None else {q: np.where(keep, v, np.nan) for q, v in tags.removal.items()}
    sides = {name: np.where(keep, getattr(tags, name), np.nan) for name in ("sector", "place")}
    return replace(tags, joint=joint, removal=removal, **sides)


def _merged(parts: Sequence[Attribution]) -> Attribution:
    def first_known(name: str) -> np.ndarray:
        out = getattr(parts[0], name)
        for part in parts[1:]:
            out = np.where(np.isfinite(out), out, getattr(part, name))
        return out

    observed = np.logical_or.reduce([part.observed for part in parts])
    half = {k: np.nanmax([np.nan_to_num(p.half_width[k]) for p in parts], axis=0) for k in parts[0].half_width}
    removal = None if parts[0].removal is None else first_known("removal")
    return replace(
        parts[0], total=first_known("total"), values=first_known("values"), observed=observed, half_width=half,
        removal=removal,
    )  # fmt: skip


def days_of(ladder: Ladder, seen: Observations, *, last_hour: int) -> dict[tuple[str, str], list[Step]]:
    """Average a ladder's hours into natural days that have ended by an hour: PM2.5 by day, ozone and Ox by the hours of
    the largest 8-hour mean; by span and quantity."""
    found: dict[tuple[str, str], list[Step]] = {}
    for quantity, steps in ladder.steps.items():
        span = "day" if quantity == "pm25" else "mda8"
        for step in steps:
            chosen = None if span == "day" else mda8_hours(seen.items[O3], step.made.times)
            made = by_day(step.made, span=span, chosen=chosen)
            ended = (made.times + 1) * 24 - 8 <= last_hour
            found.setdefault((span, quantity), []).append(replace(step, made=_some(made, ended)))
    return found


def _some(made: Attribution, keep: np.ndarray) -> Attribution:
    removal = None if made.removal is None else made.removal[..., keep]
    return replace(
        made, times=made.times[keep], total=made.total[..., keep], observed=made.observed[..., keep],
        values=made.values[..., keep], half_width={k: v[..., keep] for k, v in made.half_width.items()}, removal=removal,
    )  # fmt: skip


def episode_of(ladder: Ladder, kind: str, first: int, last: int) -> dict[str, list[Step]]:
    """Average a ladder's hours from an episode's first hour up to one of its hours, by quantity; kind: haze or ozone."""
    found = {}
    for quantity in ("pm25",) if kind == "haze" else ("o3", "ox"):
        steps = [s for s in ladder.steps[quantity] if s.made.times[0] <= last and s.made.times[-1] >= first]
        found[quantity] = [replace(s, made=episode(s.made, first, last)) for s in steps]
    return found
