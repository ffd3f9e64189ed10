"""Factors of a receptor result that the bench keeps, for the kinds that ask what ozone makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sqlalchemy as sa

from research.ozone.groups import Factors, factors_of
from streams.store.bench_kinds import RECEPTOR, sectors_of
from streams.store.bench_results import BenchError, Kept, result_named


def receptor_of(engine: sa.Engine, question: Mapping[str, Any]) -> Kept:
    """Read the receptor result that a question names; BenchError where there is none of this site."""
    if not question["receptor"]:
        raise BenchError("the receptor result is left out, expected the digest of the one whose factors are meant")
    with engine.connect() as connection:
        kept = result_named(connection, question["receptor"])
    if kept is None or kept.kind != RECEPTOR or kept.station != question["station"]:
        raise BenchError(
            f"there is no receptor result {question['receptor'][:12]} of {question['station']}, expected one of this site"
        )
    return kept


def factors_in(content: Mapping[str, Any]) -> Factors:
    """Give the factors of a receptor result by number and name; amounts that are null are NaN."""
    names = [f"{n + 1} {name}" if name != str(n + 1) else name for n, name in enumerate(content["factors"])]
    amount = np.array([[np.nan if v is None else v for v in row] for row in content["contribution"]], float)
    profiles, hours = np.array(content["profile_ppb"], float), np.array(content["hour_end"], int)
    return factors_of(names, content["species"], profiles, amount, hours)


def sectors_by_factor(factors: Factors, sectors: str) -> dict[str, list[str]]:
    """Give the sectors that a person says each factor stands for; BenchError for a factor that is not there."""
    found: dict[str, list[str]] = {}
    for sector, number in sectors_of(sectors).items():
        if number > len(factors.names):
            raise BenchError(f"{sector} is given to factor {number}, expected one of 1 to {len(factors.names)}")
        found.setdefault(factors.names[number - 1], []).append(sector)
    return found
