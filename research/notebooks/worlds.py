"""Small worlds for the notebooks, made in memory: a haze whose truth is known, and hours to forecast. SIMULATED."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.attribution.observations import Observations
from ml.attribution.tags import SOURCES, TagEnsemble, ensemble_of
from ml.forecast.inputs import Ahead, History
from research.virtual_airshed.chance import generator
from research.virtual_airshed.forecasts.cycle import Cycle, first_init
from research.virtual_airshed.forecasts.runs import ForecastModel, foreseen
from research.virtual_airshed.forecasts.tag_values import REMOVAL, contributors_of, tag_values
from research.virtual_airshed.forecasts.twin_table import NAMES, twin
from research.virtual_airshed.forecasts.twins import twin_model
from research.virtual_airshed.receptors import Receptors, over_cells
from research.virtual_airshed.reference.simulated import receptors as counting_receptors
from research.virtual_airshed.run import Day, simulate
from research.virtual_airshed.scenarios import Scenario, scenario
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.truth import QUANTITIES, contributions
from research.virtual_airshed.weather.fields import REPORTED_SHARE, Weather
from research.virtual_airshed.world import World, shipped_world
from standards.pollutants import ITEMS, POLLUTANTS
from streams.contributors import OUTSIDE, TAG_QUANTITIES

INSTRUMENT = 0.05
"""Standard deviation of the logarithm of what a city's mean is measured wrongly by, hour by hour."""
RUN_H, AHEAD_H = 24, 48
"""How far apart the runs that are told of are, and how far they reach [h]."""


@dataclass(frozen=True, eq=False)
class Haze:
    """A haze. tags: of some twins. seen: six items of the cities. truth: PM2.5 (city, source, hour) [ug/m3], sources as
    ml.attribution.tags.SOURCES; for judging alone."""

    tags: TagEnsemble
    seen: Observations
    truth: np.ndarray


def haze(*, days: int = 10, hidden: str | float = "mild", members: Sequence[str] = NAMES, seed: int = 11) -> Haze:
    """Make a winter haze that is driven by an inventory with hidden errors, and what twins that are told the plain one say.

    days: how many. hidden: as scenarios.Scenario.hidden. members: names of twins. The same arguments give the same numbers.
    """
    asked = scenario("winter_haze", days=days, hidden=hidden, seed=seed)
    stage = asked.world(shipped_world())
    tags, at = Tags(stage.grid.cities), counting_receptors(stage, asked.start)
    true = [contributions(day, tags, at) for day in simulate(asked.plan(), stage, tags=tags, cells=at.cells)]
    total = np.concatenate([each.total for each in true], axis=-1)
    parts = np.concatenate([each.allocation[list(QUANTITIES).index("pm25_ugm3")] for each in true], axis=-1)
    items = np.stack([total[list(QUANTITIES).index(POLLUTANTS[item].column)] for item in ITEMS])
    told = [_told(asked, stage, tags, at, name) for name in members]
    ensemble = ensemble_of(
        np.stack([values for values, _ in told]), members=members, quantities=tuple(TAG_QUANTITIES),
        contributors=contributors_of(tags), receptors=tags.cities, cities=tags.cities, first_hour=asked.first_hour,
        removal={"pm25": np.stack([gone for _, gone in told])},
    )  # fmt: skip
    seen = Observations(first_hour=asked.first_hour, items=_measured(items, seed))
    return Haze(ensemble, seen, parts[:, _sources(tags)])


def _told(asked: Scenario, stage: World, tags: Tags, at: Receptors, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Give what a twin says: allocation (quantity, contributor, city, hour), and removal of PM2.5 (city, source, hour)."""
    cycle = Cycle(twin_model(asked, stage, twin(name)), tags, cells=at.cells)
    cycle.begin(first_init(asked.first_hour, cycle.every_h))
    first, end, kept, without = asked.first_hour, asked.first_hour + asked.hours, [], []
    while cycle.init + 1 < end:
        day = cycle.go_on()
        if cycle.init >= first:
            values, gone = tag_values(day, tags, at), tag_values(day, tags, at, definition=REMOVAL)["pm25"]
            inside = slice(max(first - day.first_hour, 0), min(end - day.first_hour, day.hours))
            kept.append(np.stack([values[q] for q in TAG_QUANTITIES])[..., inside])
            without.append(gone[1:][_sources(tags)].swapaxes(0, 1)[..., inside])
    return np.concatenate(kept, axis=-1), np.concatenate(without, axis=-1)


def _sources(tags: Tags) -> list[int]:
    """Give where SOURCES stand among the sources of a run."""
    return [tags.sources.index({OUTSIDE: "inflow"}.get(source, source)) for source in SOURCES]


def city_to_forecast(
    name: str,
    *,
    days: int,
    city: str = "510100",
    start: dt.date | None = None,
    seed: int = 5,
    concentrations: bool = False,
) -> tuple[History, Ahead]:
    """Make hours of a city to learn a forecast from, and what runs at the end of each natural day said of the 48 hours after it.

    name: of a scenario. days: how many. start: its first day, None for the scenario's. concentrations: whether the runs tell
    PM2.5 and ozone beside the weather, as TWIN-A has them at leads of 1 to 24 h, NaN later. Hours are those of a nature run
    with errors of instruments; the weather of runs is foreseen worse with each lead. Returns what ml.forecast learns from.
    """
    asked = scenario(name, days=days, seed=seed, **({} if start is None else {"start": start}))
    stage = asked.world(shipped_world())
    one = _alone(counting_receptors(stage, asked.start), city)
    tags = Tags(stage.grid.cities, tagged=False)
    air, weather = [], []
    for day in simulate(asked.plan(), stage, tags=tags, cells=one.cells):
        air.append(_items(day, one))
        weather.append(_weather(day.weather, stage, one))
    items = _measured(np.concatenate(air, axis=-1), seed)
    columns = {POLLUTANTS[item].column: items[i, 0] for i, item in enumerate(ITEMS)}
    columns |= {key: np.concatenate([each[key] for each in weather]) for key in weather[0] if key != "mixing_height_m"}
    history = History(city, asked.first_hour, columns)
    return history, _runs(asked, stage, one, tags, concentrations=concentrations)


def _runs(asked: Scenario, stage: World, one: Receptors, tags: Tags, *, concentrations: bool) -> Ahead:
    issues = asked.first_hour - 1 + RUN_H * np.arange(asked.days + 1)
    model = twin_model(asked, stage, twin("TWIN-A"))
    told = [_weather(foreseen(model, int(issue), AHEAD_H), stage, one) for issue in issues]
    columns = {key: np.stack([each[key] for each in told]) for key in told[0]}
    if concentrations:
        said = _said(model, tags, one, issues)
        columns |= {f"forecast_{POLLUTANTS[i].column}": said[:, ITEMS.index(i)] for i in ("pm25", "o3")}
    return Ahead(issues, columns)


def _said(model: ForecastModel, tags: Tags, one: Receptors, issues: np.ndarray) -> np.ndarray:
    """Give the six items of the twin by issue (issue, item, AHEAD_H), NaN beyond the next issue."""
    cycle = Cycle(model, tags, cells=one.cells, every_h=RUN_H)
    # Five days before, as a run forgets how it was started.
    cycle.begin(int(issues[0]) - 5 * RUN_H)
    found = np.full((len(issues), len(ITEMS), AHEAD_H), np.nan)
    while cycle.init <= issues[-1]:
        init = cycle.init
        day = cycle.go_on()
        if init >= issues[0]:
            found[np.searchsorted(issues, init), :, :RUN_H] = _items(day, one)[:, 0]
    return found


def _alone(at: Receptors, city: str) -> Receptors:
    place = at.cities.index(city)
    return dataclasses.replace(at, cities=(city,), weight=at.weight[place : place + 1])


def _items(day: Day, one: Receptors) -> np.ndarray:
    ground = day.ground.at(one.cells.row, one.cells.column)
    return over_cells(one.weight, ground.items())


def _weather(air: Weather, stage: World, one: Receptors) -> dict[str, np.ndarray]:
    """Give the weather of a city (hour,), in the columns of forecasts."""
    row, column = one.cells.row, one.cells.column
    u, v = (REPORTED_SHARE * speed for speed in stage.flow_of(air.wind_ms[0].T).centred())
    height = 0.5 * (air.mixing_height_m[1:] + air.mixing_height_m[:-1])
    fields = {
        "wind_u_ms": u, "wind_v_ms": v, "temperature_c": air.temperature_c, "humidity_pct": air.humidity_pct,
        "rain_mm": air.rain_mm, "mixing_height_m": height,
    }  # fmt: skip
    found = {key: one.weight[0] @ np.asarray(field)[:, row, column].T for key, field in fields.items()}
    return found | {"wind_speed_ms": np.hypot(found["wind_u_ms"], found["wind_v_ms"])}


def _measured(items: np.ndarray, seed: int) -> np.ndarray:
    """Give items (item, city, hour) as instruments tell them, rounded as they are published."""
    noise = generator(seed, "notebook", "instruments").standard_normal(items.shape)
    decimals = [POLLUTANTS[item].decimals for item in ITEMS]
    made = np.maximum(items, 0.0) * np.exp(INSTRUMENT * noise)
    return np.stack([np.round(values, places) for values, places in zip(made, decimals, strict=True)])
