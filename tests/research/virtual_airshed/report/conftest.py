"""A short tagged run that all tests of the page share: two weeks of summer with a whole week in them."""

from __future__ import annotations

import pytest

from research.virtual_airshed.report.gather import Gathered, gather
from research.virtual_airshed.report.shell import write
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.world import World, shipped_world

DAYS = 13
"""From Wednesday 1 to Monday 13 July 2015: Monday 6 to Sunday 12 is the whole week."""


@pytest.fixture(scope="session")
def world() -> World:
    return shipped_world()


@pytest.fixture(scope="session")
def told() -> list[tuple[str, int, int]]:
    return []


@pytest.fixture(scope="session")
def gathered(world: World, told: list[tuple[str, int, int]]) -> Gathered:
    """About 20 s."""
    chosen = scenario("summer_ozone", days=DAYS, forecast_hours=72)
    return gather(chosen, world, forecasts=2, flags=True, progress=lambda *n: told.append(n))


@pytest.fixture(scope="session")
def html(gathered: Gathered, world: World) -> str:
    return write(gathered, world, lang="zh")
