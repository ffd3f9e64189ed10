"""新污染物: the kinds of the list, what is measured of them where, statistics without substitution, and results over time."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from dashboards import live, shell
from dashboards.analysis.choice import Asked
from dashboards.components import exploring, marks
from dashboards.components.drawing import Drawing
from dashboards.components.sample_tables import kind_table, medium_name, point_table, statistics, substance_name
from dashboards.components.take import About, Figure, taking
from dashboards.context import Scene, open_scene
from dashboards.figures.samples import BELOW, FOUND, UNKNOWN, Sampled, samples
from dashboards.queries import laboratory as queries
from standards.laboratory.summary import summary_of, written
from streams.store.laboratory import as_censored, limit_of

dash.register_page(__name__, path="/analysis/laboratory", name="laboratory", order=14, in_navigation=False)

MOST_DRAWN = 2000
"""More marks than this are no figure but a cloud; the newest are drawn."""


def layout(**query: Any) -> html.Div:
    """Lay the page out for a URL's query: cas and medium, what is measured most where none is asked for."""
    with open_scene(query) as scene:
        parts = [
            exploring.sister_pages(scene, "laboratory"),
            kinds(scene, "card"),
            summary(scene, "card"),
            over_time(scene, "card"),
        ]
        return shell.frame(scene, "laboratory", html.Div(parts, className="below exploring laboratory-page"))


def _read(scene: Scene) -> tuple[Any, list[queries.Measured], queries.Measured | None, list[str]]:
    """Give the list, what is measured, what is chosen of it, and which parameters could not be read."""
    pollutants, found = queries.measured_kinds(scene.connection, queries.known_by(scene.moment))
    asked = Asked(scene.params)
    most = max(found, key=lambda each: each.row["n"], default=None)
    cas = asked.among("cas", {each.substance.cas for each in found}, most.substance.cas if most else "")
    media = {each.row["medium"]: each for each in found if each.substance.cas == cas}
    default = max(media, key=lambda name: media[name].row["n"], default="")
    return pollutants, found, media.get(asked.among("medium", media, default)), asked.troubles


def _kinds(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2([text("laboratory.title"), html.Small(text("laboratory.title_what"))])
    if scene.connection is None:
        return exploring.awaiting(scene, title)
    pollutants, found, chosen, troubles = _read(scene)
    if pollutants is None:
        return [title, html.P(text("laboratory.list_none"), className="quiet")]
    kinds_found = len({each.kind.number for each in found})
    said = text("laboratory.list", code=pollutants.code if text.lang == "zh" else "2023 list", day=pollutants.valid_from,
                n=len(pollutants.kinds), measured=kinds_found)  # fmt: skip
    return [title, exploring.fallen_back(scene, troubles), html.P(said), kind_table(scene, pollutants, found, chosen),
            html.P(text("laboratory.known"), className="footnote")]  # fmt: skip


def _summary(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("laboratory.summary"))
    if scene.connection is None:
        return exploring.awaiting(scene, title)
    _, _, chosen, _ = _read(scene)
    if chosen is None:
        return [title, html.P(text("laboratory.nothing"), className="quiet")]
    rows = queries.results(scene.connection, chosen, queries.known_by(scene.moment))
    title.children = [_title(scene, chosen), marks.simulated(chosen.row, text)]
    methods = text("list.comma").join(sorted({row["method"] for row in rows if row["method"]}))
    named = [html.P(text("laboratory.methods_named", names=methods), className="footnote")] if methods else []
    unit = marks.UNITS.get(chosen.row["unit"], chosen.row["unit"].replace("m3", "m³"))
    return [title, statistics(scene, summary_of(as_censored(rows)), unit), html.P(text("laboratory.method"), className="footnote"),
            *named, html.H3(text("laboratory.by_point")), point_table(scene, rows, unit)]  # fmt: skip


def _title(scene: Scene, chosen: queries.Measured) -> str:
    named = {"name": substance_name(scene, chosen), "cas": chosen.substance.cas, "medium": medium_name(scene, chosen)}
    return scene.text("laboratory.figure", **named)


def _over_time(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("laboratory.over_time"))
    if scene.connection is None:
        return exploring.awaiting(scene, title)
    _, _, chosen, _ = _read(scene)
    if chosen is None:
        return [title, html.P(text("laboratory.nothing"), className="quiet")]
    rows = queries.results(scene.connection, chosen, queries.known_by(scene.moment))
    drawn, unit, name = rows[-MOST_DRAWN:], chosen.row["unit"], _title(scene, chosen)
    title.children = [text("laboratory.over_time"), html.Small(name), marks.simulated(chosen.row, text)]
    svg = samples([_sampled(scene, row) for row in drawn], unit.replace("m3", "m³"), name)
    entries = [(FOUND, text("laboratory.drawn_found")), (BELOW, text("laboratory.drawn_below"))]
    entries += [(UNKNOWN, text("laboratory.drawn_unknown"))] if any(_is_unknown(row) for row in drawn) else []
    cities = text("list.comma").join(sorted({scene.city_name(row["city"]) for row in drawn if row["city"]})) or "—"
    about = About(name, cities, f"{drawn[0]['sampled_on']} – {drawn[-1]['sampled_on']}", unit, "laboratory_sample", "—",
                  any(row["simulated"] for row in drawn))  # fmt: skip
    heads = ("sampled_on", "point", "sample", f"result [{unit}]", "below", f"detection_limit [{unit}]",
             f"quantification_limit [{unit}]", "method", "simulated")  # fmt: skip
    told = [[row[head.partition(" ")[0]] for head in heads] for row in drawn]
    figure = Figure("laboratory", svg, heads, [[str(cells[0]), *cells[1:]] for cells in told], about, entries)
    box = html.Div(Drawing(svg=svg, className="wide-plot"), className="scroll samples-plot", tabIndex="0")
    legend = [html.Span([html.I(style={"backgroundColor": colour}), words]) for colour, words in entries]
    rest = [html.P(text("laboratory.left_out", n=MOST_DRAWN), className="footnote")] if len(rows) > MOST_DRAWN else []
    return [title, html.Div(legend, className="legend"),
            html.Figure([box, taking(scene, "laboratory-time", figure)], className="figure"), *rest]  # fmt: skip


def _is_unknown(row: queries.Row) -> bool:
    return row["result"] is None and limit_of(row) is None


def _sampled(scene: Scene, row: queries.Row) -> Sampled:
    limit = limit_of(row)
    amount = written(row["result"]) if row["result"] is not None else f"< {'NA' if limit is None else written(limit)}"
    return Sampled(
        row["sampled_on"], row["result"], limit, f"{row['sampled_on']} {row['point']} {amount} {row['unit']}"
    )


kinds = live.section("laboratory-kinds", _kinds)
summary = live.section("laboratory-summary", _summary, at_once=False)
over_time = live.section("laboratory-time", _over_time, at_once=False)
