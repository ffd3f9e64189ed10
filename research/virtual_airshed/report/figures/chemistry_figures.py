"""Section 5: how ozone is made, what limits it where, and how it is lost at night in towns."""

from __future__ import annotations

import numpy as np

from research.virtual_airshed.report import cycles, regimes
from research.virtual_airshed.report.charts import Key, Part, figure, stacks
from research.virtual_airshed.report.dates import days_of_hours
from research.virtual_airshed.report.gather import Gathered
from research.virtual_airshed.report.maps import GridMap, Stage
from research.virtual_airshed.report.names import SYMBOLS, UGM3, in_season, number, titled
from research.virtual_airshed.report.palette import INK, PAPER, REGIME_COLOURS, SUMMER, WINTER, Scale, scale
from research.virtual_airshed.report.panel import Panel, ends
from research.virtual_airshed.report.svg import path_of, png_uri, tag, text, tip
from research.virtual_airshed.report.words import Both, same, words
from standards.pollutants import ITEMS

NOX_ENDS, REACTIVITY_ENDS = (0.2, 60.0), (0.4, 20.0)
PRODUCTION = scale("heat", (-2, 0, 1, 2, 4, 6, 8, 10, 12, 15, 18, 22, 26, 30))
CLOCK_TICKS = [(float(h), same(h)) for h in (1, 6, 12, 18, 24)]
FINE = 240
LINE_HEIGHT = 17.0


def isopleth_figure(g: Gathered, stage: Stage) -> str | None:
    """Show production over NOx and reactivity at a summer noon with the places on it; None without summer days."""
    if not g.noon.hours:
        return None
    places = dict(zip(g.sites.names, zip(g.sites.at_row, g.sites.at_column, strict=True), strict=True))
    at = {name: (float(g.noon.nox_ppb[p]), float(g.noon.reactivity_per_s[p])) for name, p in places.items()}
    panel = _isopleth(g)
    _named_points(panel, {stage.name_of(n) if n in g.cities else words(f"site.{n}"): where for n, where in at.items()})
    town = g.cities[0]
    caption = words(
        "chem.isopleth_caption", hours=g.noon.hours, cloud=number(g.noon.cloud_transmission, "{:.2f}"),
        warm=number(g.noon.temperature_c), nox=number(at[town][0]), reactivity=number(at[town][1], "{:.1f}"),
        made=number(float(g.noon.production_ppb_per_h[places[town]]), "{:.1f}"),
        above=sum(int(g.noon.by_nox[places[city]] < 0) for city in g.cities),
    )  # fmt: skip
    key = [
        Key(colour, same(f"{low:g}–{high:g}"))
        for colour, low, high in zip(PRODUCTION.colours[1:], PRODUCTION.edges[1:-1], PRODUCTION.edges[2:], strict=True)
    ]
    return figure(
        "fig-isopleth",
        words("chem.isopleth_title"),
        [panel.svg()],
        caption,
        keys=[*key, Key(INK, words("chem.ridge"), "dash")],
        columns=1,
    )


def _named_points(panel: Panel, points: dict[Both, tuple[float, float]]) -> None:
    """Draw points (NOx, reactivity) with their names at the end of a thin line, to the side that is nearer, one
    below the other.
    """
    xs, ys = (
        np.array(v)
        for v in (
            panel.px(np.array([r for _, r in points.values()])),
            panel.py(np.array([n for n, _ in points.values()])),
        )
    )
    for side, chosen in ((-1, xs < np.median(xs)), (1, xs >= np.median(xs))):
        order = np.flatnonzero(chosen)[np.argsort(ys[chosen])]
        heights = _apart(ys[order], LINE_HEIGHT)
        for i, y in zip(order, heights, strict=True):
            x = float(xs[i]) + side * 34
            panel.add(
                tag("path", d=f"M{xs[i]:.1f} {ys[i]:.1f}L{x:.1f} {y:.1f}", fill="none", stroke=INK, stroke_width=0.9)
            )
            panel.add(
                text(
                    list(points)[i],
                    x + side * 4,
                    float(y) + 4,
                    text_anchor="start" if side > 0 else "end",
                    class_="place",
                )
            )
    for (said, _), x, y in zip(points.items(), xs, ys, strict=True):
        panel.add(tag("circle", cx=float(x), cy=float(y), r=4.5, fill=INK, stroke=PAPER, stroke_width=1.2, **tip(said)))


def _apart(heights: np.ndarray, least: float) -> np.ndarray:
    """Move rising heights so that they are at least so far apart, about the middle of those that collide."""
    moved = heights.astype(float).copy()
    for _ in range(200):
        gap = np.diff(moved)
        close = np.flatnonzero(gap < least - 1e-6)
        if not close.size:
            break
        for i in close:
            push = 0.5 * (least - (moved[i + 1] - moved[i]))
            moved[i], moved[i + 1] = moved[i] - push, moved[i + 1] + push
    return moved


def _isopleth(g: Gathered) -> Panel:
    panel = Panel(
        words("chem.isopleth_panel"),
        x=REACTIVITY_ENDS,
        y=NOX_ENDS,
        x_log=True,
        y_log=True,
        width=760,
        height=470,
        margins=(46, 44),
    )
    nox, reactivity = (np.geomspace(*e, FINE) for e in (NOX_ENDS, REACTIVITY_ENDS))
    made = regimes.plane(g.noon, nox, reactivity)
    x, y = (float(panel.px(REACTIVITY_ENDS[0])), float(panel.py(NOX_ENDS[1])))
    wide, high = float(panel.px(REACTIVITY_ENDS[1])) - x, float(panel.py(NOX_ENDS[0])) - y
    panel.add(tag("image", href=png_uri(PRODUCTION.index(made)[::-1], PRODUCTION.colours), x=x, y=y, width=wide, height=high,
                  preserveAspectRatio="none", class_="smooth"), under=True)  # fmt: skip
    ridge = nox[np.argmax(made, axis=0)]
    inside = (ridge > nox[0]) & (ridge < nox[-1])
    # The table is linear between its nodes, so its ridge runs from node to node in steps; a parabola goes through them.
    fit = np.polynomial.Polynomial.fit(np.log(reactivity[inside]), np.log(ridge[inside]), 2)
    line = path_of(panel.px(reactivity), np.where(inside, panel.py(np.exp(fit(np.log(reactivity)))), np.nan))
    panel.add(tag("path", d=line, fill="none", stroke=INK, stroke_width=1.8, stroke_dasharray="7 4"))
    panel.y_axis([0.2, 0.5, 1, 2, 5, 10, 20, 50]).x_axis([(v, same(f"{v:g}")) for v in (0.5, 1, 2, 5, 10, 20)])
    panel.label(words("chem.voc_side"), 0.9, 34, colour=INK, class_="label strong").label(
        words("chem.nox_side"), 9, 0.42, colour=INK, class_="label strong"
    )
    return panel.label(words("chem.reactivity"), 2.8, NOX_ENDS[0], dy=36, class_="tick")


def regime_figure(g: Gathered, stage: Stage) -> str | None:
    """Show which regime each cell is in, and the shares; None without summer days."""
    if not g.noon.hours:
        return None
    regime = regimes.regime_of(g.noon.by_nox, g.noon.by_reactivity)
    colours = Scale((0.0, 1.0, 2.0, 3.0, 4.0), REGIME_COLOURS)
    field = np.where(regime < 0, np.nan, regime + 0.5)
    shown = GridMap(
        words("chem.regime_map"),
        field,
        colours,
        (),
        step=0.5,
        named=True,
        kinds=tuple(words(f"regime.{n}") for n in regimes.REGIMES),
    ).svg(stage)
    edges = tuple((i, same(f"{PRODUCTION.edges[i]:g}")) for i in (1, 4, 6, 8, 10, 12))
    title = titled(words("chem.made_map"), "ppb/h")
    made = GridMap(title, g.noon.production_ppb_per_h, PRODUCTION, edges, same("ppb/h")).svg(stage)
    inside = {stage.name_of(c): stage.grid.city == i for i, c in enumerate(g.cities)}
    rows = {**inside, words("chem.eight"): stage.grid.city >= 0, words("chem.whole"): np.ones(stage.grid.shape, bool)}
    sizes = 100.0 * np.stack([regimes.shares(regime, where) for where in rows.values()], axis=1)
    parts = [Part(REGIME_COLOURS[i], words(f"regime.{name}"), sizes[i]) for i, name in enumerate(regimes.REGIMES)]
    bars = stacks(titled(words("chem.shares"), "%"), list(rows), parts, unit="%", most=100.0)
    keys = [Key(REGIME_COLOURS[i], words(f"regime.{name}")) for i, name in enumerate(regimes.REGIMES)]
    cities = len(g.cities)
    seats = regime[g.sites.at_row[:cities], g.sites.at_column[:cities]]
    whole = sizes[:, -1]
    caption = words(
        "chem.regime_caption", towns=int(np.isin(seats, (0, 1)).sum()), of=cities, times=f"{regimes.TIMES:g}",
        voc=number(whole[0] + whole[1]), transition=number(whole[2]), nox=number(whole[3]),
    )  # fmt: skip
    return figure("fig-regime", words("chem.regime_title"), [shown, made, bars], caption, keys=keys)


def night_figure(g: Gathered) -> str:
    """Show ozone and odd oxygen by hour in town and in the fields."""
    name = g_season(g)
    town, plain = 0, g.sites.names.index("plain")
    o3 = {s: cycles.by_clock(g.hours, g.hours.items[ITEMS.index("o3"), s], name) for s in (town, plain)}
    ox = {s: cycles.by_clock(g.hours, g.hours.ox_ppb[s], name) for s in (town, plain)}
    no2 = {s: cycles.by_clock(g.hours, g.hours.items[ITEMS.index("no2"), s], name) for s in (town, plain)}
    panels = []
    for title, curves in (
        (titled(SYMBOLS["o3"], UGM3), o3),
        (titled(words("chem.odd_oxygen"), "ppb"), ox),
        (titled(SYMBOLS["no2"], UGM3), no2),
    ):
        panel = Panel(title, x=(1, 24), y=ends(*curves.values())).y_axis().x_axis(CLOCK_TICKS)
        panels.append(panel.line(cycles.CLOCK, curves[town], SUMMER).line(cycles.CLOCK, curves[plain], WINTER).svg())
    keys = [Key(SUMMER, words("site.town"), "line"), Key(WINTER, words("site.plain"), "line")]
    night = slice(0, 5)
    at_night = {"town": o3[town], "plain": o3[plain], "ox_town": ox[town], "ox_plain": ox[plain], "no2": no2[town]}
    caption = words(
        "chem.night_caption", season=in_season(name), peak_town=number(o3[town].max()), peak_plain=number(o3[plain].max()),
        **{key: number(curve[night].mean()) for key, curve in at_night.items()},
    )  # fmt: skip
    return figure("fig-night", words("chem.night_title"), panels, caption, keys=keys)


def g_season(g: Gathered) -> str:
    """Name the season in which the nights are shown: summer where the run has it."""
    pair = days_of_hours(g.hours.first_hour, g.hours.hours)[0].pair()
    return "summer" if "summer" in pair else pair[-1]
