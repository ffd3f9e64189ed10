"""Tag files as tests want them: contributions that add up, at some stations, in the three forms."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from research.virtual_airshed.forecasts.cdaqs_writer import write_ioapi
from research.virtual_airshed.forecasts.tag_writer import write_tags
from streams.contributors import ALL, OUTSIDE, SECTORS, TAG_QUANTITIES

INIT = 464_988
"""2023-01-17T12:00Z."""
CITIES = ("510100", "510600", "510700", "510900", "511100", "511400", "511800", "512000")
RECEPTORS = (("1431A", "510100"), ("1432A", "510100"), ("1901A", "510600"))
SECTORAL = (*((sector, ALL) for sector in SECTORS), (ALL, OUTSIDE))
PLACED = (*((ALL, city) for city in CITIES), (ALL, OUTSIDE))
CROSSED = (*((sector, city) for sector in SECTORS for city in CITIES), (ALL, OUTSIDE))


ISAM_TABLE = """
layout = "isam"
model = "CMAQ-ISAM"
[tags]
IND = ["industry", "*"]
COA = ["coal", "*"]
"""
CAMX_TABLE = """
layout = "camx"
model = "CAMx-OSAT"
[groups]
1 = "industry"
2 = "coal"
[regions]
1 = "510100"
9 = "outside"
"""


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


def isam_file(path: Path, *, hours: int = 4, table: str = ISAM_TABLE, **changes: object) -> dict[str, float]:
    """Write a grid of CMAQ-ISAM, the same number in every cell and hour, and its tag table; give variable to number."""
    numbers = {
        f"{species}_{tag}": round(0.5 + 0.1 * i + 0.01 * j, 3)
        for i, species in enumerate(("ASO4I", "ASO4J", "ANO3J", "ANH4J", "AECJ", "APOCJ", "AOTHRJ", "AMT1J"))
        for j, tag in enumerate(("IND", "COA", "BCO", "ICO", "OTH"))
    } | {f"O3_{tag}": 0.004 + 0.001 * j for j, tag in enumerate(("IND", "COA", "BCO", "ICO", "OTH"))}
    return _grid(path, numbers, table, hours, gases=("O3",), **changes)


def camx_file(path: Path, *, hours: int = 4, table: str = CAMX_TABLE, **changes: object) -> dict[str, float]:
    """Write a grid of CAMx-OSAT tracers, the same number in every cell and hour, and its tag table."""
    names = ("001001", "001009", "002001", "000BC", "000IC")
    numbers = {
        f"{family}{of}": 0.001 * (1 + i + j) for i, family in enumerate(("O3N", "O3V")) for j, of in enumerate(names)
    }
    numbers |= {
        f"{family}{of}": 0.3 * (1 + i + j) for i, family in enumerate(("PS4", "PEC")) for j, of in enumerate(names)
    }
    return _grid(path, numbers, table, hours, gases=("O3N", "O3V"), **changes)


def _grid(
    path: Path, numbers: dict[str, float], table: str, hours: int, *, gases: tuple[str, ...], drop: tuple[str, ...] = (),
    more: dict[str, tuple[str, float]] | None = None, attributes: dict[str, object] | None = None,
) -> dict[str, float]:  # fmt: skip
    kept = {name: number for name, number in numbers.items() if name not in drop}
    of = {name: ("ppmV" if name.startswith(gases) else "ug m-3", number) for name, number in kept.items()} | (
        more or {}
    )
    fields = {name: (unit, np.full((hours, 18, 20), number)) for name, (unit, number) in of.items()}
    grid = {"rows": 18, "columns": 20, "cell_m": 30_000.0, "first_stamp": INIT, "run_init": INIT}
    write_ioapi(path, fields, **grid, classic=True, attributes=attributes)
    if table:
        path.with_name(path.name + ".tags.toml").write_text(table, encoding="utf-8")
    return kept


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
