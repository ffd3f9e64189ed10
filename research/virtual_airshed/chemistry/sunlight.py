"""Rates of photolysis near the ground from the sun's height: the calculator TUV-x of musica in its setting for TS1."""

from __future__ import annotations

import functools
import json
import math
from pathlib import Path

from musica.tuvx import vTS1
from musica.utils import find_config_path

ALBEDO = 0.05
"""Reflection of ultraviolet light by the ground; towns and crops have 0.02 to 0.06 (recalled: Feister and Grewe 1995)."""
EDGES_KM = (0, 1)
"""Levels whose mean stands for the mixed layer, at 0.5 km."""
NOT_CALCULATED = ("jno",)
"""NO is photolysed by light that does not reach the troposphere; TUV-x has no rate for it here, so it is 0."""


@functools.cache
def photolysis_per_s(cos_zenith: float) -> dict[str, float]:
    """Compute the rates of photolysis under a cloudless sky.

    cos_zenith: above 0 and up to 1. Returns rates by the name of the mechanism's reaction, for instance "jno2" [1/s].
    The ozone column of 300 DU, temperatures, air and thin aerosol (optical depth 0.24 at 550 nm) are the calculator's own
    and do not change with the temperature of the box; the distance from the sun is 1 au.
    Errors: ValueError for a cosine outside the range.
    Source: TUV-x, delta-Eddington, cross sections of its configuration ts1_tsmlt.
    """
    if not 0.0 < cos_zenith <= 1.0:
        raise ValueError(f"cos_zenith is {cos_zenith}, expected above 0 and up to 1")
    rates = _calculator().run(sza=math.acos(cos_zenith), earth_sun_distance=1.0).photolysis_rate_constants
    mean = rates.isel(vertical_edge=list(EDGES_KM)).mean("vertical_edge")
    by_name = dict(zip(rates.reaction.values.tolist(), mean.values.tolist(), strict=True))
    found = {pair["to"]: by_name[pair["from"]] * pair.get("scale by", 1.0) for pair in _names()}
    return found | dict.fromkeys(NOT_CALCULATED, 0.0)


@functools.cache
def _calculator():
    calculator = vTS1.get_tuvx_calculator()
    albedo = calculator.get_profile_map()["surface albedo", "none"]
    albedo.edge_values = 0.0 * albedo.edge_values + ALBEDO
    albedo.midpoint_values = 0.0 * albedo.midpoint_values + ALBEDO
    return calculator


@functools.cache
def _names() -> list[dict]:
    file = Path(find_config_path("tuvx", "ts1_tsmlt.json"))
    return json.loads(file.read_text(encoding="utf-8"))["__CAM options"]["aliasing"]["pairs"]
