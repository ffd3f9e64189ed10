"""A correction of tags, learned on pseudo-worlds: what the misfit of a span says of the contributions.

The best linear estimate of what is wrong (log factors on the linear species of every city and source, on what cities
carry to each other, and on ozone) from the misfit, under the errors that the pseudo-worlds draw, is made once for
each size of the inventory's error: none, half, whole. How likely each size is follows from the same misfit, and the
estimates are mixed by it. So where the misfit is within what models get wrong anyway, nothing is put on the
emissions, and without a misfit nothing changes at all. Source: best linear estimate, Rodgers 2000, Inverse Methods,
ch. 2; shrunk covariance, Ledoit and Wolf 2004; the mixture is Bayes' rule.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from sklearn.covariance import ledoit_wolf

from ml.attribution.background import LINEAR, NEEDED, background_of
from ml.attribution.misfit import Misfit, feeds_of, misfit_of, of_world
from ml.attribution.observations import Observations
from ml.attribution.pseudo import MARKERS, Prior, Stage, World, draw, stage_of
from ml.attribution.tags import SOURCES, AttributionError, TagEnsemble
from standards.days import HOURS_PER_DAY, hour_of_day

FINE = ("pm25_primary", "sulphate", "nitrate", "ammonia", "soa")
"""The linear species that PM2.5 is made of."""
SIZES = (0.0, 0.5, 1.0)
"""Sizes of the inventory's error that are told apart, 1 for that of the prior."""
WORLDS, KEPT = 400, 80
"""How many pseudo-worlds a correction is learned on, and how many more are kept to tell its error."""
GASES = ("no2", "co", "o3")
"""The items that speak of ozone."""
FURTHEST = 4.0
"""A ratio further than this from none, in standard deviations of the pseudo-worlds, counts as this far."""
SMALLEST = {"fine": 1e-6, "ozone": 0.3}
"""What counts as nothing where a log factor is formed [ug/m3 or nmol/m3]."""
WIDEST = 1.5
"""No contribution is changed by more than this [log]."""


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """Log factors on the tags. fine: (..., FINE, city, source). carried: (..., receiving city, city) on PM2.5. ozone,
    ozone_carried: the same of afternoon ozone, (..., city, source) and (..., city, city)."""

    fine: np.ndarray
    carried: np.ndarray
    ozone: np.ndarray
    ozone_carried: np.ndarray

    @staticmethod
    def of(flat: np.ndarray, cities: int) -> Factors:
        """Take a flat array (..., value) apart."""
        shapes = [(len(FINE), cities, len(SOURCES)), (cities, cities), (cities, len(SOURCES)), (cities, cities)]
        edges = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes)])
        parts = [flat[..., a:b] for a, b in itertools.pairwise(edges)]
        return Factors(*(p.reshape(*flat.shape[:-1], *shape) for p, shape in zip(parts, shapes, strict=True)))


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """What has been learned for a span. factors: the estimate; errors: draws of its error, (draw, ...). likely:
    probability of each of SIZES. feeds: what it rests on. misfit: the ratios. parts: what the uncorrected
    PM2.5 of the span is made of, (FINE, city, source) [ug/m3]. last_hour: the last hour that it
    knows."""

    cities: tuple[str, ...]
    factors: Factors
    errors: Factors
    likely: tuple[float, ...]
    feeds: tuple[str, ...]
    misfit: Misfit
    parts: np.ndarray
    last_hour: int


@cache
def shipped_profiles() -> np.ndarray:
    """Read profiles.csv: share of primary PM2.5 (source, component) in the orders of SOURCES and MARKERS."""
    lines = Path(__file__).with_name("profiles.csv").read_text(encoding="utf-8").splitlines()
    header, *rows = [line.split(",") for line in lines if line and not line.startswith("#")]
    if tuple(header[1:]) != MARKERS or tuple(row[0] for row in rows) != SOURCES:
        raise AttributionError(
            f"profiles.csv has {header}, expected the sources {SOURCES} and the components {MARKERS}"
        )
    return np.array([[float(cell) for cell in row[1:]] for row in rows])


def whole_days(tags: TagEnsemble, seen: Observations, last_hour: int | None) -> tuple[TagEnsemble, Observations]:
    """Cut tags and observations to the whole natural days that both have, up to a last hour; AttributionError where
    there is none."""
    first = max(tags.first_hour, seen.first_hour)
    last = min(tags.first_hour + tags.hours, seen.first_hour + seen.hours) - 1
    last = last if last_hour is None else min(last, last_hour)
    first += (1 - int(hour_of_day(first))) % HOURS_PER_DAY
    days = (last - first + 1) // HOURS_PER_DAY
    if days < 1:
        raise AttributionError("tags and observations share no whole day, expected at least one")
    last = first + days * HOURS_PER_DAY - 1
    return tags.between(first, last), seen.between(first, last)


def told_days(tags: TagEnsemble, seen: Observations) -> tuple[TagEnsemble, Observations]:
    """Leave out the days of which the tags of any member are not whole; AttributionError where none is left."""
    at = [tags.quantities.index(q) for q in NEEDED if q in tags.quantities]
    known = np.isfinite(tags.sector[:, at]).all(axis=(0, 1, 2, 3)) & np.isfinite(tags.place[:, at]).all(
        axis=(0, 1, 2, 3)
    )
    days = known.reshape(-1, HOURS_PER_DAY).all(axis=-1)
    if not days.any():
        raise AttributionError("no day has tags of all members and quantities, expected at least one")
    kept = np.repeat(days, HOURS_PER_DAY)
    return (tags, seen) if days.all() else (tags.where(kept), seen.where(kept))


def learn(
    tags: TagEnsemble,
    seen: Observations,
    *,
    last_hour: int | None = None,
    prior: Prior | None = None,
    worlds: int = WORLDS,
    seed: int = 1,
) -> Correction:
    """Learn how tags must be corrected in a span of days.

    tags, seen: of the span; what lies after last_hour is not looked at. prior: how wrong tags may be. worlds: how
    many pseudo-worlds. seed: the same gives the same. Errors: AttributionError where there is no whole day, or the
    tags lack what a correction needs. Missing: a feed that is missing says nothing; without any the factors are 1 and
    the errors those of the prior.
    """
    prior = prior or Prior()
    tags, seen = whole_days(tags, seen, last_hour)
    end = tags.first_hour + tags.hours - 1
    tags, seen = told_days(tags, seen)
    background = background_of(tags)
    stage = stage_of(background, shipped_profiles())
    misfit = misfit_of(seen, tags, background, stage.base)
    ratios, wrong = _sample(stage, misfit, len(tags.cities), prior, worlds + KEPT, seed)
    fine, ozone = _halves(misfit, len(tags.cities))
    likely = _likely(_fits(ratios[..., fine[0]], wrong[..., :0], worlds), misfit.values[fine[0]])
    halves = [
        _estimated(ratios[..., use], wrong[..., part], misfit.values[use], worlds, likely, seed) for use, part in (fine, ozone)
    ]  # fmt: skip
    estimate, errors = (np.concatenate(parts, axis=-1) for parts in zip(*halves, strict=True))
    cities = len(tags.cities)
    return Correction(
        tags.cities,
        Factors.of(np.clip(estimate, -WIDEST, WIDEST), cities),
        Factors.of(errors, cities),
        tuple(float(p) for p in likely),
        tuple(feeds_of(misfit)),
        misfit,
        stage.base.parts[:, :cities].mean(axis=-1),
        end,
    )


def _halves(misfit: Misfit, cities: int) -> list[tuple[np.ndarray, slice]]:
    """Give for particles and for ozone which ratios are used and where their values stand.

    How ozone answers is known to first order only, so it says nothing of particles; and what particles are made of
    says nothing of the gases that make ozone.
    """
    fine = np.array([what != "o3" for *_, what in misfit.names], dtype=bool)
    gases = [feed in ("organic", "stacks") or what in GASES for feed, _, what in misfit.names]
    edge = len(FINE) * cities * len(SOURCES) + cities * cities
    return [(fine, slice(0, edge)), (np.array(gases, dtype=bool), slice(edge, None))]


def _fits(ratios: np.ndarray, wrong: np.ndarray, worlds: int) -> list[_Fit]:
    return [_Fit(ratios[k, :worlds], wrong[k, :worlds]) for k in range(len(SIZES))]


def _estimated(
    ratios: np.ndarray, wrong: np.ndarray, seen: np.ndarray, worlds: int, likely: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Give the estimate (value,) and draws of its error (draw, value). likely: how likely each of SIZES is."""
    fits = _fits(ratios, wrong, worlds)
    sizes = np.random.default_rng([seed, worlds]).choice(len(SIZES), KEPT, p=likely)
    errors = [wrong[k, worlds + i] - _mixed(fits, ratios[k, worlds + i], likely) for i, k in enumerate(sizes)]
    return _mixed(fits, seen, likely), np.stack(errors)


class _Fit:
    """The best linear estimate under one size of the inventory's error: without misfit it is 0."""

    def __init__(self, ratios: np.ndarray, wrong: np.ndarray) -> None:
        self.size = np.sqrt((ratios**2).mean(axis=0)) + 1e-9
        z = ratios / self.size
        self.width = z.shape[1]
        covariance = ledoit_wolf(z, assume_centered=True)[0] if self.width else np.zeros((0, 0))
        self.inverse = np.linalg.inv(covariance)
        self.log_volume = np.linalg.slogdet(covariance)[1] + 2.0 * np.log(self.size).sum()
        self.gain = self.inverse @ (z.T @ wrong) / len(z)

    def estimate(self, ratios: np.ndarray) -> np.ndarray:
        return np.clip(ratios / self.size, -FURTHEST, FURTHEST) @ self.gain

    def log_density(self, ratios: np.ndarray) -> float:
        z = np.clip(ratios / self.size, -FURTHEST, FURTHEST)
        return float(-0.5 * (z @ self.inverse @ z + self.log_volume))


def _likely(fits: list[_Fit], ratios: np.ndarray) -> np.ndarray:
    log = np.array([fit.log_density(ratios) for fit in fits])
    weight = np.exp(log - log.max())
    return weight / weight.sum()


def _mixed(fits: list[_Fit], ratios: np.ndarray, likely: np.ndarray) -> np.ndarray:
    return sum(p * fit.estimate(ratios) for p, fit in zip(likely, fits, strict=True))


def _sample(
    stage: Stage, misfit: Misfit, cities: int, prior: Prior, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Give of pseudo-worlds the misfits (size, world, name) and the log factors that would be right (size, world,
    value)."""
    ratios = np.empty((len(SIZES), count, len(misfit.values)))
    told = _levels(stage.base, cities)
    wrong = np.empty((len(SIZES), count, told.size))
    for i in range(count):
        rng = np.random.default_rng([seed, i])
        for k, world in enumerate(draw(stage, rng, SIZES, prior)):
            ratios[k, i] = of_world(misfit, world, stage.base, np.random.default_rng([seed, i, 1]))
            wrong[k, i] = _levels(world, cities) - told
    return ratios, wrong


def _levels(world: World, cities: int) -> np.ndarray:
    """Give the logs of the means over the span of all that is corrected (value,)."""
    fine = [world.linear[LINEAR.index(name), :cities].mean(axis=-1) for name in FINE]
    parts = [np.stack(fine), world.places[:cities].mean(axis=-1)]
    ozone = [world.ozone[:cities].mean(axis=-1), world.ozone_places[:cities].mean(axis=-1)]
    small, smallest = SMALLEST["fine"], SMALLEST["ozone"]
    logs = [np.log(np.maximum(p, small)) for p in parts] + [np.log(np.maximum(p, smallest)) for p in ozone]
    return np.concatenate([log.ravel() for log in logs])


__all__ = ["FINE", "SIZES", "Correction", "Factors", "learn", "shipped_profiles", "whole_days"]
