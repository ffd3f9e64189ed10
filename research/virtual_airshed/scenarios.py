"""Scenarios by name: when, how long, and how the weather and the emissions lean.

A name, a seed and the parameters say everything: the same give the same bytes.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from research.virtual_airshed.hidden import hidden_factors, size_of, together
from research.virtual_airshed.inflow import Inflow
from research.virtual_airshed.run import Plan
from research.virtual_airshed.sources import INVENTORY, OUTDATED
from research.virtual_airshed.weather.series import SERIES
from research.virtual_airshed.world import World
from standards.days import SHANGHAI
from standards.errors import AirshedError

_NOTHING = MappingProxyType({})
TOLD = {"current": INVENTORY, "outdated": OUTDATED}
"""Inventories that a platform may be told, by name; the nature run is always driven by the current one."""


class ScenarioError(AirshedError, ValueError):
    """A scenario cannot be run as asked; the message says what is wrong and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is run.

    start: first natural day. days: how many. seed: of the weather, of instruments and of faults. tilts: what is added
    to random series of the weather (weather.series.SERIES), in standard deviations. factors: (city, sector, species),
    each possibly "*", to a factor on emissions that everybody is told: campaigns, or what emissions have come down to.
    hidden: standard deviation of the logarithm of errors of the inventory that nobody is told (hidden.hidden_factors), 0 for
    none; `changed` takes a word of hidden.SIZES, too. told: the inventory that the platform and the twins are told, a name of TOLD.
    basin_excess: how much more polluted than clean air that of the rest of
    the basin is, 1 for the years 2015 and 2016. micro_stations: how many. forecast_every_h, forecast_hours: how often a
    forecast run starts and how far it reaches [h]. faults: how many faults the instruments have, 1 for as many as
    networks have, 0 for none.
    """

    name: str
    title_zh: str
    title_en: str
    start: dt.date
    days: int
    seed: int = 1
    tilts: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    factors: Mapping[tuple[str, str, str], float] = field(default_factory=lambda: _NOTHING)
    hidden: float = 0.0
    told: str = "current"
    basin_excess: float = 1.0
    micro_stations: int = 300
    forecast_every_h: int = 12
    forecast_hours: int = 168
    faults: float = 1.0
    note: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        bounds = (
            ("days", 1, 1_100), ("seed", 0, 2**32), ("micro_stations", 0, 5_000), ("forecast_hours", 1, 240), ("faults", 0, 20),
            ("basin_excess", 0, 5), ("hidden", 0, 1),
        )  # fmt: skip
        wrong = [
            (not low <= (value := getattr(self, name)) <= high, f"{name} is {value}, expected {low} to {high}")
            for name, low, high in bounds
        ]
        every, unknown = self.forecast_every_h, sorted(set(self.tilts) - set(SERIES))
        wrong += [
            (not 2001 <= self.start.year <= 2098, f"start is {self.start}, expected a day from 2001 to 2098"),
            (every not in (0, 6, 12, 24), f"forecast_every_h is {every}, expected 0 (none), 6, 12 or 24"),
            (self.told not in TOLD, f"told is {self.told!r}, expected {', '.join(TOLD)}"),
            (bool(unknown), f"tilts name {unknown}, expected {', '.join(SERIES)}"),
            (
                any(not f >= 0 for f in self.factors.values()),
                f"factors are {dict(self.factors)}, expected numbers >= 0",
            ),
        ]
        for is_wrong, message in wrong:
            if is_wrong:
                raise ScenarioError(f"scenario {self.name}: {message}")

    @property
    def first_hour(self) -> int:
        """The epoch hour of the first hour's end: 01:00 of the first day."""
        begin = dt.datetime.combine(self.start, dt.time(), SHANGHAI)
        return int(begin.timestamp() // 3600) + 1

    @property
    def hours(self) -> int:
        """How many hours there are."""
        return 24 * self.days

    def plan(self) -> Plan:
        """Give what the nature run needs of it, with what is told to nobody."""
        return dataclasses.replace(self.told_plan(), factors=together(self.factors, self.hidden_factors()))

    def told_plan(self) -> Plan:
        """Give what a model that is told everything but the hidden errors needs of it."""
        return Plan(
            first_hour=self.first_hour, hours=self.hours, seed=self.seed, tilts=self.tilts, factors=self.factors
        )

    def hidden_factors(self) -> dict[tuple[str, str, str], float]:
        """Give the errors of the inventory that nobody is told, as hidden.hidden_factors does."""
        return hidden_factors(self.hidden, seed=self.seed)

    def world(self, world: World) -> World:
        """Give the stage of a run as the scenario has it."""
        return dataclasses.replace(world, inflow=Inflow(world.grid, excess=self.basin_excess))

    def changed(self, **parameters: object) -> Scenario:
        """Give the scenario with other parameters; ScenarioError for a name or a value that cannot be."""
        known = {f.name for f in dataclasses.fields(self)}
        if unknown := set(parameters) - known:
            raise ScenarioError(f"unknown parameter {sorted(unknown)[0]!r}, expected one of {', '.join(sorted(known))}")
        if isinstance(size := parameters.get("hidden"), str):
            try:
                parameters["hidden"] = size_of(size)
            except ValueError as error:
                raise ScenarioError(f"scenario {self.name}: {error}") from None
        return dataclasses.replace(self, **parameters)  # type: ignore[arg-type]


SCENARIOS = {
    each.name: each
    for each in (
        Scenario(
            name="winter_haze", title_zh="冬季灰霾", title_en="Winter haze", start=dt.date(2015, 1, 1), days=31,
            tilts={"ventilation_slow": -0.7, "mixing": -0.5, "cloud_slow": 0.3},
        ),
        Scenario(
            name="summer_ozone", title_zh="夏季臭氧", title_en="Summer ozone", start=dt.date(2015, 7, 1), days=31,
            tilts={"cloud_slow": -0.6, "warmth": 0.8, "rain": -0.5, "ventilation_slow": -0.3},
        ),
        Scenario(
            name="spring_dust", title_zh="春季沙尘", title_en="Spring dust", start=dt.date(2015, 3, 10), days=31,
            tilts={"dust": 0.9, "ventilation_slow": 0.3, "north": -0.3},
        ),
        Scenario(
            name="clean_autumn", title_zh="清洁秋季", title_en="Clean autumn", start=dt.date(2015, 9, 20), days=31,
            tilts={"ventilation_slow": 0.6, "rain": 0.6, "mixing": 0.4},
        ),
        Scenario(name="full_year", title_zh="全年", title_en="Full year", start=dt.date(2015, 1, 1), days=365),
    )
}  # fmt: skip


def scenario(name: str, **parameters: object) -> Scenario:
    """Give a scenario by name, with other parameters where wanted; ScenarioError for an unknown one."""
    if name not in SCENARIOS:
        raise ScenarioError(f"unknown scenario {name!r}, expected one of {', '.join(SCENARIOS)}")
    return SCENARIOS[name].changed(**parameters)
