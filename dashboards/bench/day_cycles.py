"""Results over the hours of a day: pathways of ozone, reactivity and radicals of a box model, contributions of factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from dash import html

from dashboards.bench import named
from dashboards.bench.parts import SECTION, about_of, day_cycle
from dashboards.context import Scene
from standards.days import HOURS_PER_DAY, hour_of_day
from standards.voc.composition import GROUPS
from streams.store.bench_results import Kept

MADE = ("HO2 + NO", "RO2 + NO", "CH3O2 + NO")
"""Pathways that make ozone; the others use it up, or go both ways."""
MOST_LINES = len(GROUPS)
"""So many lines have a colour of their own."""
PPT_PER_PPB = 1000.0
Hours = Mapping[str, Any]


def of_box(scene: Scene, digest: str, kept: Kept, hours: Hours) -> list[html.Div]:
    """Draw the mean hours of a box model: ozone made and used up, OH reactivity by group, radicals."""
    text, radicals = scene.text, {name: np.array(line) * PPT_PER_PPB for name, line in hours["radicals_ppb"].items()}
    peroxy = {named.radical(name): list(radicals[name]) for name in ("HO2", "RO2")}
    drawings = [
        ("production", text("bench.hours_ozone"), "ppb/h", ozone_lines(scene, hours)),
        ("reactivity", text("bench.hours_reactivity"), "1/s", reactivity_lines(scene, hours["oh_reactivity_per_s"])),
        ("oh", text("bench.hours_oh"), "ppt", {"OH": list(radicals["OH"])}),
        ("peroxy", text("bench.hours_peroxy"), "ppt", peroxy),
    ]
    return [
        day_cycle(scene, SECTION, f"{name}-{digest[:8]}", title, lines, about_of(scene, kept, title, unit))
        for name, title, unit, lines in drawings
    ]


def ozone_lines(scene: Scene, hours: Hours) -> dict[str, Sequence[float]]:
    """Give what makes ozone by pathway, all others together, and the net, which is the sum of these [ppb/h]."""
    text, ways = scene.text, hours["ozone_ppb_h"]
    made = {named.pathway(text, name): ways[name] for name in MADE if name in ways}
    rest = np.sum([line for name, line in ways.items() if name not in MADE] or [np.zeros(24)], axis=0)
    return {text("bench.hours_net"): hours["net_ppb_h"], **made, text("bench.hours_lost"): list(rest)}


def reactivity_lines(scene: Scene, groups: Mapping[str, Sequence[float]]) -> dict[str, Sequence[float]]:
    """Give the groups with the most reactivity, and the others as one line; their sum is the whole [1/s]."""
    text, ranked = scene.text, sorted(groups, key=lambda name: -float(np.mean(groups[name])))
    kept = ranked if len(ranked) <= MOST_LINES else ranked[: MOST_LINES - 1]
    lines: dict[str, Sequence[float]] = {text.of_code("bench.reactive_", name): groups[name] for name in kept}
    if rest := [groups[name] for name in ranked if name not in kept]:
        lines[text("bench.reactive_rest")] = list(np.sum(rest, axis=0))
    return lines


def of_factors(scene: Scene, digest: str, kept: Kept, content: Mapping[str, Any]) -> list[html.Div]:
    """Draw the mean contributions of factors by the hour of the day; nothing where a result has no hours."""
    if "contribution" not in content or "hour_end" not in content:
        return []
    title = scene.text("bench.hours_factors")
    means = factor_hours(content["contribution"], content["hour_end"], content["profile_ppb"])
    names = [named.factor_with_proposal(scene.text, content, n) for n in range(len(means))]
    drawings = []
    for begin in range(0, len(means), MOST_LINES):
        lines = dict(zip(names[begin : begin + MOST_LINES], means[begin : begin + MOST_LINES].tolist(), strict=True))
        name = f"factor-hours-{begin + 1}-{digest[:8]}"
        drawings.append(day_cycle(scene, SECTION, name, title, lines, about_of(scene, kept, title, "ppb")))
    return drawings


def factor_hours(
    contribution: Sequence[Sequence[float | None]], hour_end: Sequence[int], profile_ppb: Sequence[Sequence[float]]
) -> np.ndarray:
    """Give the mean of each factor's sum of species by the hour of the day (factor, 24) [ppb], hour ends 01:00 to 24:00 in Beijing.

    contribution: (factor, hour), as multiples of profile_ppb (factor, species). hour_end: hours since 1970, UTC. Missing: an
    hour that is none counts nowhere; an hour of the day without any is NaN.
    """
    amount = np.array([[np.nan if v is None else v for v in row] for row in contribution], float)
    amount = amount * np.array(profile_ppb, float).sum(axis=1)[:, None]
    place, found = hour_of_day(np.array(hour_end, int)), np.full((len(amount), HOURS_PER_DAY), np.nan)
    for hour in range(HOURS_PER_DAY):
        known = np.isfinite(amount) & (place == hour + 1)
        count = known.sum(axis=1)
        np.divide(np.where(known, amount, 0.0).sum(axis=1), count, out=found[:, hour], where=count > 0)
    return found
