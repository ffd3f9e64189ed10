"""城市相关: how the hours of eight cities go together, which follows which and by how much, against what chance would give."""

from __future__ import annotations

from typing import Any

import dash
import numpy as np
from dash import html

from dashboards import live, shell
from dashboards.analysis.choice import Asked, Quantity, whole
from dashboards.analysis.lags import LAGS, LEAST_PAIRS, band, best, correlations, without_cycle
from dashboards.components import behind, exploring, marks
from dashboards.components.tables import plain_table, scrolling
from dashboards.components.take import About, Figure
from dashboards.components.take import figure as take_figure
from dashboards.context import Scene, open_scene
from dashboards.figures.lag_curve import lag_curve
from dashboards.queries import analysis

dash.register_page(__name__, path="/analysis/between", name="between", order=14, in_navigation=False)

WAYS = ("anomaly", "raw")


def layout(**query: Any) -> html.Div:
    """Lay the page out for a URL's query: span or from and to, by (anomaly or raw), with (the other city)."""
    with open_scene(query) as scene:
        parts = [exploring.sister_pages(scene, "between"), choice(scene, "card"), lags(scene, "card"),
                 asked_point(scene, "card")]  # fmt: skip
        return shell.frame(scene, "between", html.Div(parts, className="below exploring"))


def _other(scene: Scene, asked: Asked) -> str:
    others = [code for code in scene.registry.cities if code != scene.view.city]
    return asked.among("with", others, others[0])


def _choice(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("explore.between_cities"))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    asked = Asked(scene.params)
    span, way, other = asked.span(scene.moment.hour, "90d"), asked.among("by", WAYS, "anomaly"), _other(scene, asked)
    others = {code: scene.city_name(code) for code in scene.registry.cities if code != scene.view.city}
    cities = [
        (scene.city_name(code), scene.link({"with": None}, city=code), code == scene.view.city)
        for code in scene.registry.cities
    ]
    ways = {each: text(f"explore.by_{each}") for each in WAYS}
    return [title, exploring.fallen_back(scene, asked.troubles), exploring.choices(text("explore.city"), cities),
            exploring.own_choice(scene, text("explore.with"), "with", others, other), exploring.item_choice(scene),
            exploring.span_choice(scene, span), exploring.own_choice(scene, text("explore.taken"), "by", ways, way)]  # fmt: skip


def _lags(scene: Scene) -> list[Any]:
    text, item, codes = scene.text, scene.view.item, tuple(scene.registry.cities)
    title = html.H2(text("explore.between_cities"))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    asked = Asked(scene.params)
    span, way = asked.span(scene.moment.hour, "90d"), asked.among("by", WAYS, "anomaly")
    grid, simulated, editions = analysis.grid_of(scene.connection, codes, item, span)
    series = without_cycle(grid, span.first) if way == "anomaly" else grid
    r, pairs = correlations(series)
    half = band(series)
    i, j = codes.index(scene.view.city), codes.index(_other(scene, asked))
    names = scene.city_name(codes[i]), scene.city_name(codes[j])
    title.children = [f"{names[0]} → {names[1]} · {exploring.item_name(item)}", html.Small(exploring.span_words(scene, span)),
                      marks.simulated({"simulated": simulated}, text)]  # fmt: skip
    if not np.isfinite(r[i, j]).any():
        return [
            title,
            html.P(text("explore.few_pairs", n=int(pairs[i, j].max()), least=LEAST_PAIRS), className="quiet"),
        ]
    label = text("explore.lag_of", a=names[0], b=names[1])
    asks = [(scene.link({"at": str(at)}), f"{_signed(at)} h") for at in range(-LAGS, LAGS + 1)]
    svg = lag_curve(r[i, j], float(half[i, j]), (text("explore.lag"), "r"), label, asks)
    about = About(f"{label} · {exploring.item_name(item)}", text("list.comma").join(names), exploring.span_words(scene, span),
                  "1 (r)", "air_city_hour", text("list.comma").join(editions) or "—", simulated,
                  (text(f"explore.by_{way}"),))  # fmt: skip
    rows = [(lag - LAGS, float(r[i, j, lag]), int(pairs[i, j, lag]), float(half[i, j])) for lag in range(2 * LAGS + 1)]
    drawn = Figure(f"lags-{codes[i]}-{codes[j]}", svg, ("lag [h]", "r [1]", "n", "chance_95 [1]"), rows, about)
    figure = take_figure(scene, "between", drawn, class_name="plot-box")
    value, lag = best(r)
    said = text("explore.best", a=names[0], b=names[1], lag=_signed(lag[i, j]), r=exploring.signed(float(value[i, j])),
                n=int(pairs[i, j, LAGS + int(lag[i, j])]), band=exploring.signed(float(half[i, j])))  # fmt: skip
    editions_named = text("list.comma").join(editions) or "NA"
    notes = [text("explore.lag_note"), text("explore.band_note"), text("explore.matrix_note"),
             text("explore.grid_rest", n=int(np.isfinite(grid).sum()), of=grid.size, edition=editions_named)]  # fmt: skip
    matrix = _matrix(scene, codes, value, lag, half, pairs)
    return [title, html.P(said, className="said"), figure, html.H3(text("explore.matrix")), matrix,
            *(html.P(note, className="footnote") for note in notes)]  # fmt: skip


def _matrix(
    scene: Scene, codes: tuple[str, ...], value: np.ndarray, lag: np.ndarray, half: np.ndarray, pairs: np.ndarray
) -> html.Div:
    """List each pair: the row first, the column so many hours later; r inside the band of chance is quiet."""
    body = []
    for i, code in enumerate(codes):
        cells = [html.Th(scene.city_name(code), scope="row")]
        for j, other in enumerate(codes):
            if i == j or not np.isfinite(value[i, j]):
                cells.append(html.Td("—" if i == j else "NA", className="number quiet"))
                continue
            n = int(pairs[i, j, LAGS + int(lag[i, j])])
            link = html.A([exploring.signed(float(value[i, j])), html.Small(f"{_signed(lag[i, j])} h · n {n}")],
                          href=scene.link({"with": other}, city=code), **{"data-state": ""})  # fmt: skip
            chance = not value[i, j] > half[i, j]
            cells.append(html.Td(link, className="number chance" if chance else "number"))
        body.append(html.Tr(cells))
    heads = [scene.text("explore.first_then"), *(scene.city_name(code) for code in codes)]
    return scrolling(plain_table(heads, body, "stats lag-matrix"))


def _signed(lag: float) -> str:
    return f"{lag:+.0f}".replace("-", "−") if lag else "0"


def _point(scene: Scene) -> list[Any]:
    """Show what stands behind the correlation at the lag that the reader asked for, else at no lag."""
    text, item = scene.text, scene.view.item
    if scene.waiting:
        return exploring.awaiting(scene, html.H2(text("point.title")))
    asked = Asked(scene.params)
    span, way, other = asked.span(scene.moment.hour, "90d"), asked.among("by", WAYS, "anomaly"), _other(scene, asked)
    asked = Asked(scene.params)
    lag = asked.read("at", _lag, 0)
    grid, simulated, editions = analysis.grid_of(scene.connection, (scene.view.city, other), item, span)
    series = without_cycle(grid, span.first) if way == "anomaly" else grid
    r, pairs = correlations(series)
    names = scene.city_name(scene.view.city), scene.city_name(other)
    steps = [(text(f"point.{key}"), scene.link({"at": str(lag + by)})) for key, by in (("previous", -1), ("next", 1))
             if abs(lag + by) <= LAGS]  # fmt: skip
    defined = text("point.of_lag", lag=_signed(lag), way=text(f"explore.by_{way}"))
    chance = exploring.signed(float(band(series)[0, 1]))
    told = [
        (text("point.value"), ["r ", exploring.signed(float(r[0, 1, LAGS + lag]), 3)]), (text("point.unit"), "1"),
        (text("point.lag"), f"{_signed(lag)} h"), (text("point.definition"), defined),
        (text("explore.pairs"), str(int(pairs[0, 1, LAGS + lag]))), (text("point.band"), f"±{chance}"),
        *behind.span_told(scene, span, int(np.isfinite(grid).sum()), grid.size, editions, simulated=simulated),
    ]  # fmt: skip
    head = html.H3(f"{names[0]} → {names[1]} · {exploring.item_name(item)}")
    rows = html.P(behind.rows_link(scene, Quantity(scene.view.city, "air", item), span.first, span.last, other))
    said = exploring.fallen_back(scene, asked.troubles)
    return behind.panel(scene, steps, said, html.Div([head, behind.facts(told), rows], className="behind"))


def _lag(text: str) -> int:
    """Read a lag within what is drawn [h]; raise ValueError otherwise."""
    return -whole(text[1:], 1, LAGS) if text.startswith("-") else whole(text, 0, LAGS)


choice = live.section("between-choice", _choice)
asked_point = live.section("between-point", _point, at_once=False)
lags = live.section("between", _lags)
