"""A world of the trial: the nature run with and without cuts, and the tags of the twins, which know of neither.
SIMULATED.

made = world_of("winter_haze", 31)          # minutes
save(made, folder), load(folder, "winter_haze", 31)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ml.attribution.tags import TagEnsemble, ensemble_of
from ml.scenario.cuts import Cut, left
from research.scenario_trial.kinds import KINDS, cuts_of
from research.virtual_airshed.forecasts.cycle import EVERY_H, Cycle, first_init
from research.virtual_airshed.forecasts.operation import Stations
from research.virtual_airshed.forecasts.tag_values import REMOVAL, contributors_of, tag_values
from research.virtual_airshed.forecasts.twin_table import Twin, shipped_twins
from research.virtual_airshed.forecasts.twins import corrected_by, twin_model
from research.virtual_airshed.grid import NO_CELLS
from research.virtual_airshed.model import Model
from research.virtual_airshed.receptors import Receptors, over_cells
from research.virtual_airshed.reference.simulated import receptors as counting_receptors
from research.virtual_airshed.run import DAY_HOURS, Day, Plan, run_hours, series_of
from research.virtual_airshed.scenarios import Scenario, scenario
from research.virtual_airshed.sources import hourly_kg
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.weather.fields import Weather, weather_of
from research.virtual_airshed.world import World, shipped_world
from standards.pollutants import ITEMS
from streams.contributors import SECTORS
from streams.records import SPECIES

DAYS, FIRST_CUT_H, LAST_CUT_H = 6, 32, 119
"""How long a run is; the cut lasts from 08:00 of the second day to 24:00 of the fifth, so that a day after it shows
the air clear."""
QUANTITIES = (
    "so2", "no2", "nox", "o3", "ox", "coarse", "pm25_primary", "sulphate", "nitrate", "ammonium", "soa", "nitric_acid", "ammonia",
)  # fmt: skip
"""What is taken of the tags."""
REMOVED = ("o3", "ox")
"""Of which what would be less without a source is taken, too."""
JUDGED = ("pm25", "o3")
OF_SPECIES = {"pm": ("pm25", "pm10")}
"""What a cut of primary particles is in an inventory; other species have their names."""


@dataclass(frozen=True, eq=False)
class TrialWorld:
    """What a world of the trial knows. first_hour: epoch hour. cities: codes.

    level: by JUDGED, without the cuts (city, hour) [ug/m3]; cut: the same with them, by kind. tags: of the twins;
    removal_place: what would be less without a city, by REMOVED (member, receptor, city, hour). kg: what the told
    inventory emits (city, sector, species, hour) [kg/h]."""

    season: str
    seed: int
    first_hour: int
    cities: tuple[str, ...]
    level: Mapping[str, np.ndarray]
    cut: Mapping[str, Mapping[str, np.ndarray]]
    tags: TagEnsemble
    removal_place: Mapping[str, np.ndarray]
    kg: np.ndarray

    @property
    def cut_hours(self) -> tuple[int, int]:
        """The first and the last epoch hour of the cuts."""
        return self.first_hour + FIRST_CUT_H, self.first_hour + LAST_CUT_H


def scenario_of(season: str, seed: int, *, hidden: float | str = "mild") -> Scenario:
    """Give what is run: some days of a season, with errors of the inventory that no twin is told."""
    return scenario(season, days=DAYS, seed=seed, hidden=hidden)


def world_of(
    season: str, seed: int, *, twins: Sequence[Twin] | None = None, kinds: Sequence[str] = tuple(KINDS),
    hidden: float | str = "mild", sector_city: bool = False,
) -> TrialWorld:  # fmt: skip
    """Run a world of the trial. twins: None for the four that are shipped. sector_city: whether they tell it."""
    chosen = scenario_of(season, seed, hidden=hidden)
    stage = chosen.world(shipped_world())
    at = counting_receptors(stage, chosen.start)
    nature = _Nature(chosen, stage, at)
    hours = chosen.first_hour + FIRST_CUT_H, chosen.first_hour + LAST_CUT_H
    level, observed = nature.control()
    cut = {kind: nature.with_cuts(cuts_of(kind, stage.grid.cities, hours)) for kind in kinds}
    tags, by_place = _tags_of(chosen, stage, at, twins or shipped_twins(), observed, sector_city)
    kg = hourly_kg(chosen.told_plan().inventory, stage.registry, chosen.first_hour, chosen.hours)
    return TrialWorld(season, seed, chosen.first_hour, stage.grid.cities, level, cut, tags, by_place, kg)


class _Nature:
    """The nature run: first without cuts, then again from the hour in which each cut begins."""

    def __init__(self, chosen: Scenario, stage: World, at: Receptors) -> None:
        self.chosen, self.stage, self.at, self.plan = chosen, stage, at, chosen.plan()
        self.stations = Stations(stage, seed=chosen.seed)
        self.begin = chosen.first_hour
        self._days: dict[int, tuple[Weather, np.ndarray]] = {}
        self._totals: np.ndarray | None = None
        self._level: dict[str, np.ndarray] = {}

    def control(self) -> tuple[dict[str, np.ndarray], dict]:
        """Run it without cuts; give its levels by JUDGED (city, hour), and what stations measured at the start of
        twins' runs."""
        model, observed, found = self._new(), {}, []
        plan = self.plan
        first = self.begin - plan.spin_up_days * DAY_HOURS
        kg = hourly_kg(
            plan.inventory, self.stage.registry, first, self.begin + plan.hours - first, factors=plan.factors
        )
        for start, hours in self._pieces(first):
            weather, emitted = self._weather(plan, start, hours), kg[..., start - first : start - first + hours]
            if not model.filled:
                model.fill(weather)
            if start == self.begin + FIRST_CUT_H:
                self._totals = model.tracers.copy_totals()
            ground, tagged = run_hours(model, weather, emitted, NO_CELLS)
            if start < self.begin:
                continue
            self._days[start] = weather, emitted
            found.append(self._items(ground))
            day = Day(start, weather, ground, tagged, emitted)
            observed |= {h: self.stations.observed(day, h) for h in range(start, start + hours) if h % EVERY_H == 0}
        self._level = self._joined(found)
        return self._level, observed

    def with_cuts(self, cuts: Sequence[Cut]) -> dict[str, np.ndarray]:
        """Run it again from where the cuts begin; before them it is what it was."""
        model, found = self._new(), []
        model.tracers.take_totals(self._totals)
        model.filled = True
        for start, (weather, emitted) in self._days.items():
            if start >= self.begin + FIRST_CUT_H:
                kept = kept_of(cuts, self.stage.grid.cities, start + np.arange(weather.hours))
                found.append(self._items(run_hours(model, weather, emitted * kept, NO_CELLS)[0]))
        later = self._joined(found)
        return {q: np.concatenate([self._level[q][:, :FIRST_CUT_H], later[q]], axis=-1) for q in JUDGED}

    def _new(self) -> Model:
        return Model(self.stage, Tags(self.stage.grid.cities, tagged=False), workers=1)

    def _pieces(self, first: int) -> list[tuple[int, int]]:
        """Split the run into days, and where the cuts begin."""
        end = self.begin + self.plan.hours
        starts = sorted({*range(first, end, DAY_HOURS), self.begin + FIRST_CUT_H})
        return [(a, b - a) for a, b in zip(starts, [*starts[1:], end], strict=True)]

    def _weather(self, plan: Plan, start: int, hours: int) -> Weather:
        return weather_of(self.stage.grid, series_of(plan, start - 1, hours + 1), start)

    def _items(self, ground: object) -> np.ndarray:
        return over_cells(self.at.weight, ground.at(self.at.cells.row, self.at.cells.column).items())

    @staticmethod
    def _joined(found: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
        whole = np.concatenate(found, axis=-1)
        return {q: whole[ITEMS.index(q)] for q in JUDGED}


def kept_of(cuts: Sequence[Cut], cities: Sequence[str], hours: np.ndarray) -> np.ndarray:
    """Give which share of each emission of an inventory is left: (city, sector, species, hour), species as SPECIES."""
    kept = np.ones((len(cities), len(SECTORS), len(SPECIES), len(hours)))
    for species in ("so2", "nox", "co", "nh3", "voc", "pm"):
        share = left(cuts, species, cities, hours).swapaxes(0, 1)
        for name in OF_SPECIES.get(species, (species,)):
            kept[:, :, SPECIES.index(name)] = share
    return kept


def _tags_of(
    chosen: Scenario, stage: World, at: Receptors, twins: Sequence[Twin], observed: Mapping, sector_city: bool
) -> tuple[TagEnsemble, dict[str, np.ndarray]]:
    tags = Tags(stage.grid.cities, sector_city=sector_city)
    told = [_twin_tags(chosen, stage, at, each, observed, tags) for each in twins]
    removal = {q: np.stack([gone[q] for _, gone in told]) for q in REMOVED}  # (member, contributor, receptor, hour)
    pairs = contributors_of(tags)
    by_sector = [pairs.index((s, "*")) for s in SECTORS] + [pairs.index(("*", "outside"))]
    by_place = [pairs.index(("*", city)) for city in stage.grid.cities]
    ensemble = ensemble_of(
        np.stack([values for values, _ in told]), members=[each.name for each in twins], quantities=QUANTITIES, contributors=pairs,
        receptors=stage.grid.cities, cities=stage.grid.cities, first_hour=chosen.first_hour,
        removal={q: np.moveaxis(v[:, by_sector], 1, 2) for q, v in removal.items()},
    )  # fmt: skip
    return ensemble, {q: np.moveaxis(v[:, by_place], 1, 2) for q, v in removal.items()}


def _twin_tags(
    chosen: Scenario, stage: World, at: Receptors, each: Twin, observed: Mapping, tags: Tags
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Run a twin, corrected by what stations measured; give what it allocates (quantity, contributor, city, hour),
    and removes."""
    correction = corrected_by(observed)
    cycle = Cycle(twin_model(chosen, stage, each), tags, cells=at.cells)
    cycle.begin(first_init(chosen.first_hour, EVERY_H))
    end, values, gone = chosen.first_hour + chosen.hours, [], {q: [] for q in REMOVED}
    while cycle.init + 1 < end:
        day = cycle.go_on()
        if (factors := correction(day, cycle.init)) is not None:
            cycle.correct(factors)
        if day.first_hour + day.hours <= chosen.first_hour:
            continue
        part = slice(max(chosen.first_hour - day.first_hour, 0), end - day.first_hour)
        told, less = tag_values(day, tags, at), tag_values(day, tags, at, definition=REMOVAL)
        values.append(np.stack([told[q] for q in QUANTITIES])[..., part].astype(np.float32))
        for q in REMOVED:
            gone[q].append(less[q][..., part].astype(np.float32))
    return np.concatenate(values, axis=-1), {q: np.concatenate(v, axis=-1) for q, v in gone.items()}


def save(made: TrialWorld, folder: Path) -> Path:
    """Keep a world in a folder; give the file."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {f"level {q}": made.level[q] for q in JUDGED}
    arrays |= {f"cut {kind} {q}": cut[q] for kind, cut in made.cut.items() for q in JUDGED}
    arrays |= {f"removal {q}": v for q, v in made.tags.removal.items()}
    arrays |= {f"place {q}": v for q, v in made.removal_place.items()}
    if made.tags.joint is not None:
        arrays["joint"] = made.tags.joint
    path = folder / f"{made.season}_{made.seed}.npz"
    np.savez(path, first=made.first_hour, cities=made.cities, members=made.tags.members, sector=made.tags.sector,
             by_place=made.tags.place, kg=made.kg, **arrays)  # fmt: skip
    return path


def load(folder: Path, season: str, seed: int) -> TrialWorld:
    """Read a world that was kept; FileNotFoundError where there is none."""
    with np.load(folder / f"{season}_{seed}.npz") as file:
        read = {name: file[name] for name in file.files}
    cities = tuple(read["cities"].tolist())
    pick = lambda word: {n.partition(" ")[2]: v for n, v in read.items() if n.startswith(f"{word} ")}  # noqa: E731
    cut: dict[str, dict[str, np.ndarray]] = {}
    for name, values in pick("cut").items():
        kind, q = name.split(" ")
        cut.setdefault(kind, {})[q] = values
    tags = TagEnsemble(
        members=tuple(read["members"].tolist()), cities=cities, receptors=cities, city_of=np.arange(len(cities)),
        quantities=QUANTITIES, first_hour=int(read["first"]), sector=read["sector"], place=read["by_place"],
        joint=read.get("joint"), removal=pick("removal"),
    )  # fmt: skip
    return TrialWorld(season, seed, int(read["first"]), cities, pick("level"), cut, tags, pick("place"), read["kg"])


__all__ = ["DAYS", "JUDGED", "QUANTITIES", "TrialWorld", "kept_of", "load", "save", "scenario_of", "world_of"]
