"""Tag files as tests want them: contributions that add up, at some stations, in the three forms."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from research.virtual_airshed.forecasts.tag_writer import write_tags
from streams.contributors import ALL, OUTSIDE, SECTORS, TAG_QUANTITIES

INIT = 464_988
"""2023-01-17T12:00Z."""
CITIES = ("510100", "510600", "510700", "510900", "511100", "511400", "511800", "512000")
RECEPTORS = (("1431A", "510100"), ("1432A", "510100"), ("3136A", "510600"))
SECTORAL = (*((sector, ALL) for sector in SECTORS), (ALL, OUTSIDE))
PLACED = (*((ALL, city) for city in CITIES), (ALL, OUTSIDE))
CROSSED = (*((sector, city) for sector in SECTORS for city in CITIES), (ALL, OUTSIDE))


def shares(
    contributors: tuple[tuple[str, str], ...],
    *,
    hours: int,
    receptors: int,
    seed: int = 1,
    quantities: tuple[str, ...] = (),
) -> dict[str, np.ndarray]:
    """Give quantity to contributions (hour, contributor, receptor): sector x city of its own, and what of it is asked for."""
    rng = np.random.default_rng(seed)
    found = {}
    for quantity in quantities or tuple(TAG_QUANTITIES):
        scale = 0.1 if quantity == "co" else 40.0
        whole = scale * rng.gamma(4, 0.25, (hours, 1, receptors))
        parts = rng.dirichlet(np.full(len(CROSSED), 0.3), (hours, receptors)).transpose(0, 2, 1) * whole
        of = {pair: parts[:, i] for i, pair in enumerate(CROSSED)}
        found[quantity] = np.stack([summed(of, pair) for pair in contributors], axis=1)
    return found


def summed(of: dict[tuple[str, str], np.ndarray], wanted: tuple[str, str]) -> np.ndarray:
    """Add the parts, by sector and city, that a contributor stands for."""
    sector, place = wanted
    if place == OUTSIDE:
        return of[ALL, OUTSIDE]
    return sum(
        part for (s, p), part in of.items()
        if (sector in (ALL, s) and place in (ALL, p) and p != OUTSIDE) or (wanted == (ALL, ALL))
    )  # fmt: skip


def receptor_file(
    path: Path, *, contributors: tuple[tuple[str, str], ...] = SECTORAL, receptors: tuple[tuple[str, str], ...] = RECEPTORS,
    hours: int = 6, quantities: tuple[str, ...] = ("o3", "pm25"), fields: dict[str, np.ndarray] | None = None, **how: object,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Write a file of form A; give what was written."""
    if fields is None:
        fields = shares(contributors, hours=hours, receptors=len(receptors), quantities=quantities)
    how = {"model": "TWIN-A", "run_init": INIT, "first_hour": INIT + 1} | how
    write_tags(path, fields, contributors=contributors, receptors=receptors, **how)
    return fields
