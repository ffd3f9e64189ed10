"""Who can be named as a cause: the groups take every sector once."""

from __future__ import annotations

from research.virtual_airshed.tracers import SECTORS as SIMULATED
from streams.contributors import GROUPS, SECTORS


def test_the_groups_take_every_sector_once() -> None:
    assert sorted(sector for group in GROUPS.values() for sector in group) == sorted(SECTORS)


def test_the_virtual_airshed_knows_the_same_sectors() -> None:
    assert tuple(SIMULATED) == SECTORS
