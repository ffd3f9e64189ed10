"""Shares by the SHAP values of a statistical model, as they are often published: a baseline that must be in every table.

A boosted tree learns what stations measure from the weather at the city, the emissions of its own sectors by the hour and the
calendar; the mean |SHAP value| of a sector's emissions is called its share. Nothing is from outside. Source: Lundberg et al. 2020
(TreeSHAP). It answers what the model listened to, which is another question.
"""

from __future__ import annotations

import lightgbm as lgb
import numpy as np

from research.attribution_bench.making import HISTORY_H
from research.attribution_bench.told import Told
from standards.days import hour_of_day, natural_day
from standards.pollutants import ITEMS
from streams.contributors import SECTORS
from streams.records import SPECIES

FINE = {"pm25": 1.0, "so2": 0.3, "nox": 0.2, "nh3": 0.4, "voc": 0.03}
OZONE = {"nox": 1.0 / 46.0, "voc": 1.0 / 80.0}
"""How the species of a sector make one feature, by mass and by amount."""
SETTINGS = {
    "objective": "regression", "num_leaves": 15, "learning_rate": 0.08, "min_data_in_leaf": 40, "num_threads": 1,
    "verbose": -1, "seed": 1, "deterministic": True,
}  # fmt: skip
ROUNDS = 200


def naive_shares(told: Told, quantity: str) -> np.ndarray:
    """Give "contributions" (city, source, hour): |SHAP| of each sector's emissions, nothing from outside."""
    target = told.seen.items[ITEMS.index(quantity)]
    cities, hours = target.shape
    weights = FINE if quantity == "pm25" else OZONE
    emitted = sum(w * told.emitted[:, :, SPECIES.index(name)] for name, w in weights.items())
    at = told.seen.first_hour + np.arange(hours)
    day = natural_day(at)
    calendar = np.stack([hour_of_day(at), day % 7, day - day[0]])
    weather = np.stack([values[:, HISTORY_H:] for values in told.weather.values()], axis=1)
    place = np.broadcast_to(np.arange(cities)[:, None, None], (cities, 1, hours))
    parts = (emitted, weather, np.broadcast_to(calendar, (cities, *calendar.shape)), place)
    rows = np.moveaxis(np.concatenate(parts, axis=1), 1, -1).reshape(cities * hours, -1)
    known = np.isfinite(target.ravel())
    model = lgb.train(SETTINGS, lgb.Dataset(rows[known], target.ravel()[known]), ROUNDS)
    shap = np.abs(model.predict(rows, pred_contrib=True, num_threads=1)[:, : len(SECTORS)])
    found = np.moveaxis(shap.reshape(cities, hours, -1), -1, 1)
    return np.concatenate([found, np.zeros_like(found[:, :1])], axis=1)
