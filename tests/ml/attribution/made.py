"""A small made-up region with tags: three cities, twelve days, four models that differ; nothing of it is real."""

from __future__ import annotations

import datetime as dt

import numpy as np

from ml.attribution.background import NEEDED, background_of
from ml.attribution.learn import shipped_profiles
from ml.attribution.misfit import SEEN, told_items
from ml.attribution.observations import Observations
from ml.attribution.pseudo import Stage, stage_of
from ml.attribution.tags import TagEnsemble, ensemble_of
from standards.days import day_of_date, first_hour_of_day
from standards.pollutants import ITEMS
from streams.contributors import ALL, OUTSIDE, SECTORS

CITIES = ("510100", "510600", "510700")
FAR = "HILL"
FIRST_HOUR = int(first_hour_of_day(day_of_date(dt.date(2015, 1, 1))))
DAYS = 12
QUANTITIES = (*NEEDED, "ox", "alkanes", "alkenes", "aromatics", "ovoc", "isoprene")
SIZE = dict(zip(NEEDED, (12, 30, 60, 0.8, 30, 0, 40, 12, 14, 9, 12, 4, 6, 130), strict=True))
SIZE |= {"ox": 180, "alkanes": 20, "alkenes": 4, "aromatics": 10, "ovoc": 6, "isoprene": 1}
MIX = {  # of each sector in a quantity that is not named here: PLAIN
    "so2": (3, 9, 0, 0.3, 0.3, 0, 1, 0, 0), "sulphate": (2, 8, 0, 0.3, 0.3, 0, 1, 0, 0),
    "pm25_primary": (4, 2, 7, 2, 0.5, 0, 7, 1, 0),
    "coarse": (3, 1, 14, 0.5, 0.2, 0, 1, 1, 0), "ammonium": (0.5, 0.1, 0, 1, 0.1, 0, 2, 9, 0),
    "ammonia": (0.5, 0.1, 0, 1, 0.1, 0, 2, 9, 0),
    "soa": (2, 0.2, 0, 2, 0.5, 4, 1, 0.2, 2),
}  # fmt: skip
PLAIN = (3, 3, 0, 6, 1.5, 1, 1, 0.3, 0.5)


def made_tags(
    *, members: int = 4, days: int = DAYS, joint: bool = True, far: bool = False, seed: int = 5
) -> TagEnsemble:
    """Make an ensemble of tags; far: with a background site as fourth receptor."""
    rng = np.random.default_rng(seed)
    receptors = (*CITIES, FAR) if far else CITIES
    hours = 24 * days
    weather = np.exp(
        0.3 * rng.standard_normal((len(receptors), hours)).cumsum(axis=1) / np.sqrt(np.arange(1, hours + 1))
    )
    own = np.where(np.arange(len(receptors))[:, None] == np.arange(len(CITIES)), 0.75, 0.125)
    contributors = [(s, c) for s in SECTORS for c in CITIES] + [(ALL, OUTSIDE)]
    values = np.empty((members, len(QUANTITIES), len(contributors), len(receptors), hours))
    for m in range(members):
        for q, name in enumerate(QUANTITIES):
            mix = np.array(MIX.get(name, PLAIN), float)
            mix = mix / mix.sum() * np.exp(0.15 * rng.standard_normal(len(SECTORS)))
            local = 0.75 * SIZE[name] * mix[:, None, None, None] * own.T[None, :, :, None] * weather
            outside = 0.25 * SIZE[name] * np.exp(0.15 * rng.standard_normal()) * np.ones(weather.shape)
            if far:
                local[:, :, -1], outside[-1] = 0.1 * local[:, :, -1], 1.0 * outside[-1]
            values[m, q] = np.concatenate([local.reshape(-1, *weather.shape), outside[None]])
    parts = [QUANTITIES.index(p) for p in ("pm25_primary", "sulphate", "nitrate", "ammonium", "soa")]
    values[:, QUANTITIES.index("pm25")] = values[:, parts].sum(axis=1)
    if not joint:
        values, contributors = (
            _marginals(values),
            [(s, ALL) for s in SECTORS] + [(ALL, c) for c in CITIES] + [(ALL, OUTSIDE)],
        )
    return ensemble_of(
        values, members=[f"M{m}" for m in range(members)], quantities=QUANTITIES, contributors=contributors, receptors=receptors,
        cities=CITIES, city_of=[0, 1, 2, -1][: len(receptors)], first_hour=FIRST_HOUR,
        removal={"pm25": np.zeros((members, len(receptors), len(SECTORS) + 1, hours))},
    )  # fmt: skip


def _marginals(values: np.ndarray) -> np.ndarray:
    cross = values[:, :, :-1].reshape(*values.shape[:2], len(SECTORS), len(CITIES), *values.shape[3:])
    return np.concatenate([cross.sum(axis=3), cross.sum(axis=2), values[:, :, -1:]], axis=2)


def stage(tags: TagEnsemble) -> Stage:
    """Set the stage of the pseudo-worlds of some tags."""
    return stage_of(background_of(tags), shipped_profiles())


def seen_as_told(tags: TagEnsemble, *, factor: dict[str, float] | None = None) -> Observations:
    """Make observations that say just what the middle of the tags says, day by day; factor: on items of SEEN."""
    set_up = stage(tags)
    told = told_items(set_up.background, set_up.base)[:, : len(CITIES)]
    told = told * np.array([(factor or {}).get(what, 1.0) for what in SEEN])[:, None, None]
    so2, no2, co, coarse, pm25, o3 = np.repeat(told, 24, axis=-1)
    by_name = {"so2": so2, "no2": no2, "co": co, "o3": o3, "pm10": coarse + pm25, "pm25": pm25}
    return Observations(first_hour=tags.first_hour, items=np.stack([by_name[item] for item in ITEMS]))
