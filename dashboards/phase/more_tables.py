"""Further tables, each with the reason that is told where it has no data."""

from __future__ import annotations

from dashboards.phase.content import Table
from dashboards.phase.gathered import Gathered
from dashboards.phase.statistics import Statistics


def tables(gathered: Gathered, now: Statistics) -> list[tuple[str, Table | None, str]]:
    """Give the tables of targets, events, trend, episodes, scores, attribution and weather."""
    return []
