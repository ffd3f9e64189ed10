"""The cuts that are tried: what a level of a plan asks, a traffic limit, and single sectors."""

from __future__ import annotations

from collections.abc import Sequence

from ml.scenario.cuts import Cut, plan_cuts, traffic_cut
from standards.warning.plan_files import plan_named
from streams.contributors import ALL

CHENGDU, DEYANG, MEISHAN = "510100", "510600", "511400"
PLAN = "sichuan_2024"
KINDS = {
    "red_everywhere": "the red level of the plan in all cities: all managed sectors 30 % less SO2, NOx, PM, VOC",
    "orange_chengdu": "the orange level in Chengdu alone: 20 % less",
    "vehicles_chengdu": "half of what vehicles emit in Chengdu",
    "coal_two_cities": "no coal in Deyang and Meishan",
    "solvent_vehicles": "half of solvent and vehicles in all cities",
}
"""Name to what it is."""


def cuts_of(kind: str, cities: Sequence[str], hours: tuple[int, int]) -> tuple[Cut, ...]:
    """Give the cuts of a kind over epoch hours, both included."""
    one = {"first_hour": hours[0], "last_hour": hours[1]}
    match kind:
        case "red_everywhere":
            return plan_cuts(plan_named(PLAN), 3, cities, hours)
        case "orange_chengdu":
            return plan_cuts(plan_named(PLAN), 2, (CHENGDU,), hours)
        case "vehicles_chengdu":
            return traffic_cut(0.5, (CHENGDU,), hours)
        case "coal_two_cities":
            return tuple(Cut(sector="coal", city=city, share=1.0, **one) for city in (DEYANG, MEISHAN))
        case "solvent_vehicles":
            return tuple(Cut(sector=sector, city=ALL, share=0.5, **one) for sector in ("solvent", "vehicles"))
    raise ValueError(f"the kind is {kind!r}, expected one of {', '.join(KINDS)}")
