"""风与污染: hours of wind by side and speed, and what an item has in the mean when the wind blows from there."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import dash
import numpy as np
from dash import html

from dashboards import live, shell
from dashboards.analysis.choice import Asked, Quantity
from dashboards.analysis.winds import CALM_MS, LEAST_HOURS, SECTORS, SPEEDS, Winds, winds
from dashboards.components import exploring, marks
from dashboards.components.tables import plain_table, scrolling
from dashboards.components.take import About, Figure
from dashboards.components.take import figure as take_figure
from dashboards.context import Scene, open_scene
from dashboards.figures.plot import reach
from dashboards.figures.roses import GREY, SHADES, polar_plot, pollution_rose, wind_rose
from dashboards.queries import analysis

dash.register_page(__name__, path="/analysis/winds", name="winds", order=12, in_navigation=False)


def layout(**query: Any) -> html.Div:
    """Lay the page out for a URL's query: span or from and to."""
    with open_scene(query) as scene:
        parts = [exploring.sister_pages(scene, "winds"), choice(scene, "card"), roses(scene, "card")]
        return shell.frame(scene, "winds", html.Div(parts, className="below exploring"))


def _choice(scene: Scene) -> list[Any]:
    title = html.H2(scene.text("explore.winds"))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    asked = Asked(scene.params)
    span = asked.span(scene.moment.hour, "90d")
    return [title, exploring.fallen_back(scene, asked.troubles), exploring.city_choice(scene), exploring.item_choice(scene),
            exploring.span_choice(scene, span)]  # fmt: skip


def _roses(scene: Scene) -> list[Any]:
    text, item, city = scene.text, scene.view.item, scene.view.city
    title = html.H2(text("explore.winds_of", city=scene.city_name(city), item=exploring.item_name(item)))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    span = Asked(scene.params).span(scene.moment.hour, "90d")
    u, v, hours = analysis.wind_of(scene.connection, city, item, span)
    found = winds(u, v, hours.values, span.first)
    if not found.known:
        return [
            title,
            html.P(text("explore.no_wind"), className="quiet"),
            exploring.rests_on(scene, exploring.item_name(item), hours, span),
        ]
    title.children = [
        title.children,
        html.Small(exploring.span_words(scene, span)),
        marks.simulated({"simulated": hours.simulated}, text),
    ]
    about = exploring.about(scene, "", [(Quantity(city, "air", item), hours)], span)
    notes = [text("explore.calm_note", limit=CALM_MS, n=found.calm, of=found.known), text("explore.few_note", hours=LEAST_HOURS),
             text("explore.error_note")]  # fmt: skip
    return [title, html.Div(_panels(scene, found, about), className="panels roses"), _table(scene, found),
            exploring.rests_on(scene, exploring.item_name(item), hours, span),
            *(html.P(note, className="footnote") for note in notes)]  # fmt: skip


def _panels(scene: Scene, found: Winds, about: About) -> list[html.Div]:
    text, item = scene.text, scene.view.item
    compass = text("explore.compass").split()
    name = f"{exploring.item_name(item)} {exploring.item_unit(item)}".strip()
    calm = text("explore.calm", n=found.calm, of=found.known)
    calm_mean = text(
        "explore.calm_mean", mean=exploring.signed(float(found.in_calm.mean[0]), 1), n=int(found.in_calm.hours[0])
    )
    levels = _scale(found.by_cell.mean, found)
    errors = _scale(found.by_cell.error, found)
    sectors = [
        _said(scene, found.by_sector.mean[i], found.by_sector.error[i], found.by_sector.hours[i], _side(scene, i))
        for i in range(SECTORS)
    ]

    def cell(sector: int, rank: int) -> str:
        means = found.by_cell
        where = f"{_side(scene, sector)} {_class(rank)} m/s"
        return _said(scene, means.mean[sector, rank], means.error[sector, rank], means.hours[sector, rank], where)

    heads = [
        text("explore.wind_rose"),
        *(text(f"explore.{key}", name=name) for key in ("pollution_rose", "polar", "polar_error")),
    ]
    means, still = found.by_cell, found.in_calm
    drawn = [
        (wind_rose(found, compass, calm, heads[0]), _speeds()),
        (pollution_rose(found.by_sector, calm_mean, sectors, compass, heads[1]), None),
        (polar_plot(means.mean, means, levels, (calm_mean, float(still.mean[0])), cell, compass, heads[2]), _shades(scene, levels)),
        (polar_plot(means.error, means, errors, (calm_mean, float(still.error[0])), cell, compass, heads[3]),
         _shades(scene, errors)),
    ]  # fmt: skip
    tables = _tables(scene, found)
    made = []
    for head, (svg, legend), (name, table) in zip(heads, drawn, tables.items(), strict=True):
        rose = Figure(name, svg, *table, _of(about, head, name), _looks(legend))
        made.append(html.Div([html.H3(head), take_figure(scene, "winds", rose, class_name="plot-box"), legend]))
    return made


def _looks(legend: html.Div | None) -> list[tuple[str, str]]:
    """Give the keys that stand beside a rose: their colours and words."""
    keys = [each.children for each in (legend.children if legend else []) if isinstance(each.children, list)]
    return [(key.style["backgroundColor"], words) for key, words in keys]


def _of(about: About, head: str, name: str) -> About:
    return replace(about, title=f"{about.place} · {head}", unit="%" if name == "wind-rose" else about.unit)


def _tables(scene: Scene, found: Winds) -> dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]]:
    """Give the numbers of each rose: by its name heads and rows. Cells of few hours are in them, with their hours."""
    unit, sides = exploring.item_unit(scene.view.item) or "1", scene.text("explore.sides").split()
    share, known = ("calm", *sides), max(found.known, 1)
    classes = [_class(rank) for rank in range(len(SPEEDS))]
    calm, sector, cell = found.in_calm, found.by_sector, found.by_cell
    winds_told = [(share[0], *([None] * len(SPEEDS)), found.calm / known * 100.0)]
    winds_told += [(side, *(found.counts[i] / known * 100.0).tolist(), float(found.counts[i].sum()) / known * 100.0)
                   for i, side in enumerate(sides)]  # fmt: skip
    still = float(calm.mean[0]), float(calm.error[0]), int(calm.hours[0])
    means = [("calm", *still)]
    means += [
        (side, float(sector.mean[i]), float(sector.error[i]), int(sector.hours[i])) for i, side in enumerate(sides)
    ]
    cells = [("calm", "", *still)]
    cells += [(side, classes[k], float(cell.mean[i, k]), float(cell.error[i, k]), int(cell.hours[i, k]))
              for i, side in enumerate(sides) for k in range(len(SPEEDS)) if cell.hours[i, k]]  # fmt: skip
    of_cells = ("side", "speed [m/s]", f"mean [{unit}]", f"standard_error [{unit}]", "hours"), cells
    return {
        "wind-rose": (("side", *(f"{each} m/s [%]" for each in classes), "all [%]"), winds_told),
        "pollution-rose": (("side", f"mean [{unit}]", f"standard_error [{unit}]", "hours"), means),
        "polar-mean": of_cells, "polar-error": of_cells,
    }  # fmt: skip


def _scale(values: np.ndarray, found: Winds) -> tuple[float, float]:
    """Give the ends of the shades: of the cells that are shown in colour."""
    return reach(values[found.by_cell.hours >= LEAST_HOURS].tolist(), zero=False)


def _said(scene: Scene, mean: float, error: float, hours: int, where: str) -> str:
    return scene.text(
        "explore.cell",
        where=where,
        mean=exploring.signed(float(mean), 1),
        error=exploring.signed(float(error), 1),
        n=int(hours),
    )


def _side(scene: Scene, sector: int) -> str:
    return scene.text("explore.sides").split()[sector]


def _class(rank: int) -> str:
    return f"{SPEEDS[rank]:g}–{SPEEDS[rank + 1]:g}" if rank + 1 < len(SPEEDS) else f"≥ {SPEEDS[rank]:g}"


def _speeds() -> html.Div:
    entries = [
        html.Span([html.I(style={"backgroundColor": colour}), _class(rank)]) for rank, colour in enumerate(SHADES)
    ]
    return html.Div([*entries, html.Span("m/s")], className="legend")


def _shades(scene: Scene, scale: tuple[float, float]) -> html.Div:
    step = (scale[1] - scale[0]) / len(SHADES)
    entries = [
        html.Span([html.I(style={"backgroundColor": colour}), f"{scale[0] + i * step:.3g}"])
        for i, colour in enumerate(SHADES)
    ]
    grey = html.Span([html.I(style={"backgroundColor": GREY}), scene.text("explore.few", hours=LEAST_HOURS)])
    return html.Div([*entries, grey], className="legend")


def _table(scene: Scene, found: Winds) -> html.Details:
    """List the sectors and the calm hours with their numbers."""
    text, means = scene.text, found.by_sector
    heads = [text(f"explore.{key}") for key in ("side", "share", "mean", "error", "n_hours")]
    lines = [
        (_side(scene, i), found.counts[i].sum(), means.mean[i], means.error[i], means.hours[i]) for i in range(SECTORS)
    ]
    calm = found.in_calm
    lines.append((text("explore.calm_air"), found.calm, calm.mean[0], calm.error[0], calm.hours[0]))
    body = [
        html.Tr([html.Th(name, scope="row"), *(html.Td(cell, className="number") for cell in (
            f"{count / found.known * 100:.1f} %", exploring.signed(float(mean), 1),
            exploring.signed(float(error), 1) if math.isfinite(error) else "NA", str(int(n))))])
        for name, count, mean, error, n in lines
    ]  # fmt: skip
    return html.Details([html.Summary(text("explore.numbers")), scrolling(plain_table(heads, body, "stats"))])


choice = live.section("winds-choice", _choice)
roses = live.section("winds", _roses)
