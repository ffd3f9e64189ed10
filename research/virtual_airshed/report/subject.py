"""What the page is about, as its sections take it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from research.virtual_airshed.report.gather import Gathered
from research.virtual_airshed.report.maps import Stage
from research.virtual_airshed.report.words import Both


@dataclass(frozen=True, slots=True)
class Versions:
    """What the run was made with: of the software, the chemistry's mechanism, the inventory."""

    airshed: str
    mechanism: str
    inventory: str


@dataclass(frozen=True, eq=False)
class Subject:
    """A gathered run with the stage of its maps, its days as reference.judge judged them, and the versions behind it."""

    g: Gathered
    stage: Stage
    judged: pd.DataFrame
    versions: Versions

    @property
    def title(self) -> Both:
        """The name of the scenario."""
        return Both(self.g.scenario.title_zh, self.g.scenario.title_en)

    @property
    def span(self) -> dict[str, str]:
        """The first and the last natural day."""
        dates = self.g.days.index.get_level_values("date")
        return {"first": f"{dates.min():%Y-%m-%d}", "last": f"{dates.max():%Y-%m-%d}"}
