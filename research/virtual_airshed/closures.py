"""How a model's chemistry may differ from the nature run's: factors on its rates, plain data. With factors of 1 it is the same."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

TOWN_OH = 0.7
"""OH of the polluted plain over that of the table, which is of cleaner air."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chemistry:
    """What a model holds of the chemistry that is not known well; the defaults are the nature run's.

    Factors [1]: so2 on the oxidation of SO2; nox_day, nox_night on that of NOx; voc on that of all VOC; soa on the
    yields of secondary organics; dry_nitrate, dry_ammonia on their speeds of deposition. town_oh is no factor but the
    number itself: OH of the polluted plain over that of the table [1]. Errors: ValueError for a number that cannot be.
    """

    so2: float = 1.0
    nox_day: float = 1.0
    nox_night: float = 1.0
    voc: float = 1.0
    soa: float = 1.0
    dry_nitrate: float = 1.0
    dry_ammonia: float = 1.0
    town_oh: float = TOWN_OH

    def __post_init__(self) -> None:
        for each in fields(self):
            if not ((value := getattr(self, each.name)) >= 0 and math.isfinite(value)):
                raise ValueError(f"{each.name} is {value}, expected a number of 0 or more")

    def of_reaction(self, species: str, voc_groups: object, *, light: bool) -> float:
        """Give the factor on the rate at which a species reacts, 1 for what has none. voc_groups: holds the names of the VOC."""
        if species == "so2":
            return self.so2
        if species == "nox":
            return self.nox_day if light else self.nox_night
        return self.voc if species in voc_groups else 1.0  # type: ignore[operator]

    def of_deposition(self, species: str) -> float:
        """Give the factor on the speed at which a species comes down, 1 for what has none."""
        return {"nitrate": self.dry_nitrate, "ammonia": self.dry_ammonia}.get(species, 1.0)


NATURE = Chemistry()
"""The chemistry of the nature run."""
