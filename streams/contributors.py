"""Who can be named as a cause: sectors, places, and the quantities of which contributions are told.

A contributor is a pair (sector, place): ("coal", "510100") is coal in one city, ("coal", ALL) coal of all cities, (ALL, "510100")
all that a city emits, (ALL, OUTSIDE) what comes in from outside the modelled region, (ALL, ALL) the whole. Sectors and OUTSIDE add
up to the whole, so do places and OUTSIDE, and so do sector x city and OUTSIDE. What a model cannot tell apart (initial state,
boundary above, other) counts as OUTSIDE unless its file says otherwise.
"""

from __future__ import annotations

SECTORS = ("industry", "coal", "dust", "vehicles", "nonroad", "solvent", "residential", "agriculture", "biogenic")
"""The nine sectors; coal is what is burnt in boilers and power plants, dust comes from roads and building sites."""
GROUPS = {
    "industry": ("industry", "solvent"),
    "coal": ("coal",),
    "dust": ("dust",),
    "vehicles": ("vehicles", "nonroad"),
    "rest": ("residential", "agriculture", "biogenic"),
}
"""The four groups of the joint regulations, and the rest, as sums of sectors; OUTSIDE stands beside them."""
ALL, OUTSIDE = "*", "outside"
"""Names in a contributor: every sector or every place; what comes in from outside."""
TAG_QUANTITIES = {
    "so2": "ug m-3", "no2": "ug m-3", "nox": "ug m-3", "co": "mg m-3", "o3": "ug m-3", "ox": "ug m-3", "pm10": "ug m-3",
    "pm25": "ug m-3", "pm25_primary": "ug m-3", "coarse": "ug m-3", "sulphate": "ug m-3", "nitrate": "ug m-3", "ammonium": "ug m-3",
    "soa": "ug m-3", "nitric_acid": "ug m-3", "ammonia": "ug m-3",
    "alkanes": "ug m-3", "alkenes": "ug m-3", "aromatics": "ug m-3", "ovoc": "ug m-3", "isoprene": "ug m-3",
}  # fmt: skip
"""What a model may tell contributions to, and in which unit. nox as NO2, ox = O3 + NO2 as O3 (48 g/mol), at the reference
state of GB 3095; nitrate and ammonium are the particle's, nitric_acid and ammonia the gases; coarse is PM10 without PM2.5."""
DEFINITIONS = ("allocation", "removal")
"""What a contribution means: a part of the whole (parts add up), or how much less there would be without the source."""


def why_not(contributor: tuple[str, str]) -> str:
    """Say in words what is wrong with a contributor, nothing where it is one. Whether a place is a city of ours is not asked."""
    sector, place = contributor
    if sector != ALL and sector not in SECTORS:
        return f"the sector {sector!r} is none of {', '.join(SECTORS)} or {ALL}"
    if place == OUTSIDE and sector != ALL:
        return f"{OUTSIDE} has no sector, and {sector} was given"
    return ""
