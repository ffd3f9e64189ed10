"""The methods in the table, each from what is told to an answer: shares by day of sources, places, sector x place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ml.attribution.attribute import attribute
from ml.attribution.history import corrections, joined
from ml.attribution.inventory import TIER, inventory_tags
from ml.attribution.outcome import Attribution, by_day
from ml.tagger.boundary import usual_boundary
from ml.tagger.places import places_in
from ml.tagger.tagger import INVENTORY, QUANTITIES, tagged
from research.attribution_bench.making import HISTORY_H
from research.attribution_bench.naive import naive_shares
from research.attribution_bench.told import Told
from research.virtual_airshed.world import shipped_world
from standards.days import HOURS_PER_DAY
from streams.contributors import SECTORS
from streams.records import SPECIES

JUDGED = ("pm25", "o3")
SPAN = {"pm25": "day", "o3": "afternoon"}
WINDOW = {"pm25": slice(0, 24), "o3": slice(12, 20)}
"""Which hours of a natural day make its value: all, and those ending 13:00 to 20:00."""
EQUIVALENT = {"pm25": 1.0, "so2": 0.30, "nox": 0.07, "nh3": 0.19, "voc": 0.01}
"""Particles per mass emitted, as bench_tagger chose them."""
RAW, CORRECTED, TAGGER, PRIMARY, EQUIVALENTS, FALLBACK, PRECURSORS, NAIVE = (
    "raw tags", "corrected tags", "light tagger", "inventory, primary", "inventory, equivalents", "inventory, as the platform",
    "inventory, NOx and VOC", "naive SHAP",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """Shares of days [%]: sector (city, sectors + outside, day), place (city, own, others and outside; day), both (city, sector x
    city and outside, day), half widths of the 90 % intervals of the first two. None where a method does not say."""

    sector: np.ndarray
    place: np.ndarray | None = None
    both: np.ndarray | None = None
    half: np.ndarray | None = None
    half_place: np.ndarray | None = None


def answers(told: Told) -> Iterator[tuple[str, str, Answer]]:
    """Give the answers of all methods to what is told: quantity, method, answer."""
    tags, seen = told.tags, told.seen
    members = {f"{RAW}, {name}": [i] for i, name in enumerate(tags.members)}
    for name, at in {RAW: range(len(tags.members)), **members}.items():
        for quantity in JUDGED:
            yield quantity, name, answer_of(attribute(tags.some(at), seen, quantity=quantity, simulated=True))
    for quantity, found in corrected(told).items():
        yield quantity, CORRECTED, answer_of(found)
    yield "pm25", TAGGER, light(told)
    yield "pm25", PRIMARY, of_own(told, {"pm25": 1.0}, "pm25")
    yield "pm25", EQUIVALENTS, of_own(told, EQUIVALENT, "pm25")
    alone = inventory_tags(told.emitted, cities=tags.cities, first_hour=tags.first_hour)
    yield "pm25", FALLBACK, answer_of(attribute(alone, seen, quantity="pm25", tier=TIER, simulated=True))
    yield "o3", PRECURSORS, of_own(told, {"nox": 1.0, "voc": 1.0}, "o3")
    for quantity in JUDGED:
        yield quantity, NAIVE, Answer(sector=shares(daily(naive_shares(told, quantity), quantity)))


def corrected(told: Told) -> dict[str, Attribution]:
    """Attribute the span as the platform does a history: window by window, each by what was known at its end."""
    parts: dict[str, list[Attribution]] = {quantity: [] for quantity in JUDGED}
    for tags, seen, correction in corrections(told.tags, told.seen):
        for quantity in JUDGED:
            parts[quantity].append(attribute(tags, seen, correction, quantity=quantity, simulated=True))
    return {quantity: joined(found) for quantity, found in parts.items()}


def answer_of(hours: Attribution) -> Answer:
    """Take an attribution of hours as an answer."""
    days = by_day(hours, span=SPAN[hours.quantity])
    cities = np.arange(len(days.cities))
    with np.errstate(divide="ignore", invalid="ignore"):
        places = 100.0 * days.three_places() / days.total[:, None]
    # Of one's own city and of outside the half widths are told; of the others' sum they are not.
    half = days.half_width["place"]
    own = np.stack([half[cities, cities], np.full(days.total.shape, np.nan), half[:, -1]], axis=1)
    return Answer(
        sector=days.shares("sector"), place=places, both=days.shares("both"), half=days.half_width["sector"], half_place=own
    )  # fmt: skip


def light(told: Told) -> Answer:
    """Ask the light tagger, which knows no concentration."""
    places = places_in(shipped_world().registry, told.start)
    first = told.tags.first_hour - HISTORY_H
    emissions = {name: told.kg[:, :, SPECIES.index(name)] for name in INVENTORY}
    air = {name: values for name, values in told.weather.items() if name != "light"}
    boundary = usual_boundary(first + np.arange(told.kg.shape[-1]))
    made = tagged(air, emissions, boundary, places, first).values[QUANTITIES.index("pm25"), ..., HISTORY_H:]
    cities = len(places.cities)
    local = made[:-1].reshape(cities, len(SECTORS), *made.shape[1:])
    both = np.concatenate([local.swapaxes(0, 1).reshape(-1, *made.shape[1:]), made[-1:]])
    return of_both(np.moveaxis(both, 1, 0), "pm25")


def of_own(told: Told, weights: dict[str, float], quantity: str) -> Answer:
    """Share out by what the own city emits, nothing from elsewhere."""
    emitted = sum(w * told.emitted[:, :, SPECIES.index(name)] for name, w in weights.items())
    cities, sectors, hours = emitted.shape
    both = np.zeros((cities, sectors, cities, hours))
    both[np.arange(cities), :, np.arange(cities)] = emitted
    whole = both.reshape(cities, sectors * cities, hours)
    return of_both(np.concatenate([whole, np.zeros((cities, 1, hours))], axis=1), quantity)


def of_both(hourly: np.ndarray, quantity: str) -> Answer:
    """Take contributions (city, sector x city and outside, hour) as an answer."""
    both = daily(hourly, quantity)
    sector, place = gathered(both)
    return Answer(sector=shares(sector), place=shares(place), both=shares(both))


def gathered(both: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum sector x city and outside (city, 9 x cities + 1, day) up: by source (city, 10, day), by place (city, 3, day)."""
    cities = len(both)
    inner, outside = both[:, :-1].reshape(cities, len(SECTORS), cities, -1), both[:, -1:]
    own = inner[np.arange(cities), :, np.arange(cities)].sum(axis=1)[:, None]
    others = inner.sum(axis=(1, 2))[:, None] - own
    return np.concatenate([inner.sum(axis=2), outside], axis=1), np.concatenate([own, others, outside], axis=1)


def daily(hourly: np.ndarray, quantity: str) -> np.ndarray:
    """Average hours (..., hour) of whole natural days over the window of a quantity (..., day)."""
    return hourly.reshape(*hourly.shape[:-1], -1, HOURS_PER_DAY)[..., WINDOW[quantity]].mean(axis=-1)


def shares(values: np.ndarray) -> np.ndarray:
    """Turn contributions (city, name, day) into shares [%]; NaN where the sum is not above 0."""
    total = values.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(total > 0, 100.0 * values / total, np.nan)
