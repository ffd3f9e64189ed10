"""What the air of a super-site is made of, straight from the hours of its compounds: groups, ranking, ratios and age."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from dash import html

from dashboards.bench import named
from dashboards.bench.parts import day_cycle
from dashboards.bench.super_site import SiteHours
from dashboards.components import exploring
from dashboards.components.still import still_table
from dashboards.components.tables import scrolling, simple_table
from dashboards.components.take import Figure
from dashboards.components.take import figure as take_figure
from dashboards.context import Scene
from dashboards.figures.part_bars import part_bars
from standards.voc.age import OH, photochemical_age
from standards.voc.composition import GROUPS, Composition, composition
from standards.voc.ratios import RatioReading, diagnostic_ratios, readings_at
from standards.voc.species import species_named
from streams.store.compounds import CompoundHours

RANKED = 15
RATIOS = ("toluene/benzene", "m,p-xylene/ethylbenzene", "isopentane/n-pentane")
FRESH_PERCENTILE = 95
LEAST_AGED_HOURS = 24
_NAN = float("nan")


def groups(scene: Scene, title: html.H2, hours: SiteHours) -> list[Any]:
    """Tell the groups of compounds, their change against the span before, and their hours of the day."""
    text, found = scene.text, _described(hours.now)
    told = html.P(text("bench.total", value=_written(found.total_ppb, 1), n=len(hours.now.hour_end)))
    heads = [text(f"bench.{name}") for name in ("group", "mean", "share", "before", "change")]
    table = html.Div(scrolling(simple_table(heads, _group_rows(scene, found, hours.before))))
    panels = html.Div([table, _by_hour(scene, found, hours)], className="panels")
    return [title, told, panels, html.P(text("bench.composition_note"), className="footnote")]


def _described(hours: CompoundHours) -> Composition:
    return composition(hours.ppb, hours.below_ppb, hours.species, hours.hour)


def _group_rows(scene: Scene, found: Composition, before: CompoundHours | None) -> list[list[Any]]:
    was, rows = None if before is None else _described(before), []
    for n, group in enumerate(GROUPS):
        mean, old = found.group_ppb[n], _NAN if was is None else was.group_ppb[n]
        if not np.isfinite(mean):
            continue
        change = exploring.signed((mean / old - 1.0) * 100.0 if old > 0 else _NAN, 0)
        share = _written(mean / found.total_ppb * 100.0, 1)
        rows.append([scene.text(f"bench.{group}"), _written(mean, 2), share, _written(old, 2), change])
    return rows


def _by_hour(scene: Scene, found: Composition, hours: SiteHours) -> html.Div:
    text, title = scene.text, scene.text("bench.diurnal")
    kept = [n for n in range(len(GROUPS)) if np.isfinite(found.group_ppb[n])]
    lines = {text(f"bench.{GROUPS[n]}"): [float(value) for value in found.diurnal_ppb[n]] for n in kept}
    return day_cycle(scene, "ozone-composition", "voc-by-hour", title, lines, hours.about(scene, title, "ppb"))


def ranking(scene: Scene, title: html.H2, hours: SiteHours) -> list[Any]:
    """Rank the compounds by ozone formation potential and OH reactivity, with all of them in a table."""
    text, found = scene.text, _described(hours.now)
    told = (("ofp", "µg O₃/m³", found.ofp_ugm3), ("ohr", "1/s", found.oh_per_s))
    panels = [_ranked(scene, found, hours, *each) for each in told]
    table = html.Details([html.Summary(text("bench.numbers")), _all_compounds(scene, found)])
    return [title, html.Div(panels, className="panels"), table]


def _ranked(scene: Scene, found: Composition, hours: SiteHours, name: str, unit: str, values: np.ndarray) -> html.Div:
    said = scene.text(f"bench.{name}")
    parts = [(_name(scene, found.species[n]), float(values[n]), _NAN, _NAN) for n in _order(values)[:RANKED]]
    svg = part_bars(parts, unit, said, decimals=1 if name == "ofp" else 2)
    heads = (scene.text("bench.compound"), f"{said} [{unit}]")
    drawing = Figure(f"voc-{name}", svg, heads, [part[:2] for part in parts], hours.about(scene, said, unit))
    return html.Div([html.H3(said), take_figure(scene, "ozone-ranking", drawing, class_name="plot-box")])


def _all_compounds(scene: Scene, found: Composition) -> Any:
    text = scene.text
    heads = [text(f"bench.{name}") for name in ("compound", "group", "mean", "below", "hours")]
    heads += [f"{text('bench.ofp')} µg/m³", f"{text('bench.ohr')} 1/s"]
    rows = [
        [
            _name(scene, found.species[n]),
            text.of_code("bench.", species_named(found.species[n]).group),
            _written(found.mean_ppb[n], 3),
            _written(100 * found.below[n], 0),
            str(found.hours[n]),
            _written(found.ofp_ugm3[n], 2),
            _written(found.oh_per_s[n], 3),
        ]
        for n in _order(found.mean_ppb)
    ]
    return still_table(heads, rows)


def _order(values: np.ndarray) -> list[int]:
    """Give the places of the known values, the largest first."""
    largest = np.argsort(-np.where(np.isfinite(values), values, -np.inf), kind="stable")
    return [int(n) for n in largest if np.isfinite(values[n])]


def _name(scene: Scene, species: str) -> str:
    return species_named(species).name_zh if scene.text.lang == "zh" else species


def _written(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}" if np.isfinite(value) else "NA"


def ratios(scene: Scene, title: html.H2, hours: SiteHours) -> list[Any]:
    """Tell ratios that speak of sources and age, with what they are usually read as."""
    text = scene.text
    found = diagnostic_ratios(hours.now.ppb, hours.now.species, unit="ppb", invalid="missing")
    told = [name for name in RATIOS if name in found and np.isfinite(found[name].value).any()]
    heads = [text(f"bench.{key}") for key in ("ratio", "median", "quartiles", "hours", "reading")]
    rows = [_ratio_row(scene, name, found[name]) for name in told]
    return [title, scrolling(simple_table(heads, rows)), *_age(scene, found)]


def _ratio_row(scene: Scene, name: str, found: RatioReading) -> list[Any]:
    text = scene.text
    low, middle, high = np.nanpercentile(found.value, [25, 50, 75])
    bands = readings_at(found, int(np.nanargmin(np.abs(found.value - middle))))
    read = text("list.comma").join(band.reading_zh if text.lang == "zh" else band.reading_en for band in bands)
    whole = html.Span(named.ratio(text, name), className="whole")
    count = str(int(np.isfinite(found.value).sum()))
    return [whole, _written(middle, 2), f"{low:.2f} – {high:.2f}", count, read or "—"]


def _age(scene: Scene, found: Mapping[str, RatioReading]) -> list[Any]:
    """Tell how old the air was, from xylene over ethylbenzene, with the freshest of the period as fresh."""
    of = found.get("m,p-xylene/ethylbenzene")
    known = np.array([]) if of is None else of.value[np.isfinite(of.value) & (of.value > 0)]
    if known.size < LEAST_AGED_HOURS:
        return []
    fresh = float(np.percentile(known, FRESH_PERCENTILE))
    hours = photochemical_age(known, initial_ratio=fresh, invalid="missing").hours
    told = hours[np.isfinite(hours)]
    if not told.size:
        return []
    low, middle, high = np.percentile(told, [25, 50, 75])
    ends = {"low": f"{low:.1f}", "middle": f"{middle:.1f}", "high": f"{high:.1f}"}
    return [html.P(scene.text("bench.age", oh=_power(OH), fresh=f"{fresh:.2f}", **ends))]


def _power(value: float) -> str:
    """Write 2e6 as people do, "2 × 10⁶"."""
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(str.maketrans('0123456789-', '⁰¹²³⁴⁵⁶⁷⁸⁹⁻'))}"
