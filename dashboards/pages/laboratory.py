"""新污染物: the kinds of the list, what is measured of them where, statistics without substitution, and results over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import dash
from dash import html

from dashboards import live, shell
from dashboards.analysis.choice import Asked
from dashboards.components import exploring, marks
from dashboards.components.sample_figure import sample_figure, unit_of
from dashboards.components.sample_tables import kind_table, medium_name, point_table, statistics, substance_name
from dashboards.context import Scene, open_scene
from dashboards.queries import laboratory as queries
from standards.laboratory.new_pollutants import PollutantList
from standards.laboratory.summary import summary_of
from streams.store.laboratory import as_censored

dash.register_page(__name__, path="/analysis/laboratory", name="laboratory", order=14, in_navigation=False)

KNOWN = ("cas", "medium")
"""What the page reads of an address beside the selection."""


class Choice(NamedTuple):
    """The list in force (None before the first), what is measured of it, the one chosen, and parameters that fell back."""

    pollutants: PollutantList | None
    found: list[queries.Measured]
    chosen: queries.Measured | None
    troubles: tuple[str, ...]


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


def _read(scene: Scene) -> Choice:
    pollutants, found = queries.measured_kinds(scene.connection, queries.known_by(scene.moment))
    asked = Asked(scene.params)
    most = max(found, key=lambda each: each.row["n"], default=None)
    cas = asked.among("cas", {each.substance.cas for each in found}, most.substance.cas if most else "")
    media = {each.row["medium"]: each for each in found if each.substance.cas == cas}
    default = max(media, key=lambda name: media[name].row["n"], default="")
    chosen = media.get(asked.among("medium", media, default))
    return Choice(pollutants, found, chosen, tuple(asked.troubles))


def _opened(scene: Scene, title: html.H2, then: Callable[[Choice], list[Any]]) -> list[Any]:
    """Begin a section: its title, and what `then` gives of the choice, or that there is nothing to show yet."""
    return exploring.awaiting(scene, title) if scene.connection is None else [title, *then(_read(scene))]


def _opened_with_results(
    scene: Scene, title: html.H2, then: Callable[[queries.Measured, list[queries.Row]], list[Any]]
) -> list[Any]:
    """Begin a section on the results of what is chosen: as `_opened`, and said where nothing is measured."""

    def of_chosen(choice: Choice) -> list[Any]:
        if choice.chosen is None:
            return [html.P(scene.text("laboratory.nothing"), className="quiet")]
        return then(choice.chosen, queries.results(scene.connection, choice.chosen, queries.known_by(scene.moment)))

    return _opened(scene, title, of_chosen)


def _kinds(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2([text("laboratory.title"), html.Small(text("laboratory.title_what"))])
    return _opened(scene, title, lambda choice: _listed(scene, choice))


def _listed(scene: Scene, choice: Choice) -> list[Any]:
    text, pollutants, chosen = scene.text, choice.pollutants, choice.chosen
    shown = text("laboratory.nothing_shown") if chosen is None else _title(scene, chosen)
    said = [exploring.fallen_back(scene, choice.troubles, shown), exploring.not_known(scene, KNOWN)]
    if pollutants is None:
        return [*said, html.P(text("laboratory.list_none"), className="quiet")]
    code = pollutants.code if text.lang == "zh" else text("laboratory.list_name", year=pollutants.valid_from.year)
    measured = len({each.kind.number for each in choice.found})
    head = text("laboratory.list", code=code, day=pollutants.valid_from, n=len(pollutants.kinds), measured=measured)
    table = kind_table(scene, pollutants, choice.found, chosen)
    return [*said, html.P(head), table, html.P(text("laboratory.known"), className="footnote")]


def _summary(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("laboratory.summary"))

    def told(chosen: queries.Measured, rows: list[queries.Row]) -> list[Any]:
        title.children = [_title(scene, chosen), marks.simulated(chosen.row, text)]
        names = text("list.comma").join(sorted({row["method"] for row in rows if row["method"]}))
        methods = [html.P(text("laboratory.methods_named", names=names), className="footnote")] if names else []
        unit = unit_of(chosen.row)
        numbers = [statistics(scene, summary_of(as_censored(rows)), unit)]
        note = html.P(text("laboratory.method"), className="footnote")
        return [*numbers, note, *methods, html.H3(text("laboratory.by_point")), point_table(scene, rows, unit)]

    return _opened_with_results(scene, title, told)


def _title(scene: Scene, chosen: queries.Measured) -> str:
    named = {"name": substance_name(scene, chosen), "cas": chosen.substance.cas, "medium": medium_name(scene, chosen)}
    return scene.text("laboratory.figure", **named)


def _over_time(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("laboratory.over_time"))

    def drawn(chosen: queries.Measured, rows: list[queries.Row]) -> list[Any]:
        name = _title(scene, chosen)
        title.children = [text("laboratory.over_time"), html.Small(name), marks.simulated(chosen.row, text)]
        return sample_figure(scene, "laboratory-time", name, rows)

    return _opened_with_results(scene, title, drawn)


kinds = live.section("laboratory-kinds", _kinds)
summary = live.section("laboratory-summary", _summary, at_once=False)
over_time = live.section("laboratory-time", _over_time, at_once=False)
