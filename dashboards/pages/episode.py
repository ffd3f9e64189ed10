"""过程档案: all that is known of one episode, each number with where it comes from."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from dashboards import live, shell
from dashboards.components import marks
from dashboards.components.attribution_bars import attribution_panel, definition
from dashboards.components.dossier_tables import (
    alike_table,
    facts,
    onset_table,
    run_table,
    series_figure,
    wind_note,
)
from dashboards.components.judged_words import choices, fell_back
from dashboards.components.method_table import method_panel
from dashboards.components.scenario_tables import effect_words, effects_table, known_error, window_words
from dashboards.components.weather_tables import change_table, excess_words, trace
from dashboards.context import Scene, open_scene
from dashboards.moment import beijing
from dashboards.queries import dossiers, scenarios
from dashboards.queries import weather as by_weather
from dashboards.queries.methods import methods_of
from ml.scenario.effect import WARM_MONTHS
from streams.store.moments import local

dash.register_page(__name__, path="/analysis/episode", name="episode", order=22, in_navigation=False)


def layout(**query: Any) -> html.Div:
    """Lay the page out for a URL's query; id: the name of the episode, such as haze/2023-01-20T05Z."""
    with open_scene(query) as scene:
        parts = [what(scene, "card"), transport(scene, "card"), foreseen(scene, "card"), makers(scene, "card"),
                 weather(scene, "card"), cuts(scene, "card"), similar(scene, "card")]  # fmt: skip
        return shell.frame(scene, "episode", html.Div(parts, className="below judging-page"))


def _found(scene: Scene) -> dict[str, Any] | None:
    name = str(scene.params.get("id", ""))
    if scene.waiting or not dossiers.NAME.fullmatch(name):
        return None
    return dossiers.episode(
        scene.connection, name, scene.moment.hour, tuple(scene.registry.cities), newest=scene.moment.newest
    )


def _city(scene: Scene, row: dict[str, Any]) -> str:
    """Give the city that is looked at: the selected one where it took part, else that of the peak."""
    taking_part = dossiers.joined(row)
    return scene.view.city if scene.view.city in taking_part or not row["peak_city"] else row["peak_city"]


def _what(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("dossier.title"))
    back = html.A(text("dossier.back"), href="/analysis/episodes" + scene.view.link(), className="button")
    if scene.waiting:
        return [title, html.P(text("card.awaiting"), className="quiet")]
    row = _found(scene)
    if row is None:
        named = str(scene.params.get("id", ""))
        unread = fell_back(scene, ["id"] if named and not dossiers.NAME.fullmatch(named) else [])
        return [title, *unread, html.P(text("dossier.not_found"), className="quiet"), back]
    values, limits = dossiers.series(scene.connection, row, scene.moment.hour, tuple(scene.registry.cities))
    title.children = [
        text.of_code("kind.", row["kind"]),
        html.Small(f"{beijing(row['start'])} →"),
        marks.simulated(row, text),
    ]
    cities = choices(text("judging.city"), [(scene.city_name(c), scene.link(city=c), c == _city(scene, row))
                                            for c in dossiers.joined(row)])  # fmt: skip
    trace = text("episodes.trace", episode=row["episode"], edition=row["edition"], version=row["version"])
    series = text("dossier.series_from", quantity=text(f"dossier.mean_{row['kind']}"))
    return [
        html.Div([title, back], className="panel-head"), facts(scene, row), series_figure(scene, row, values, limits), cities,
html.P(f"{series} {trace}", className="footnote"),
    ]  # fmt: skip


def _transport(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2([text("dossier.transport"), html.Small(text("dossier.transport_what"))])
    row = _found(scene)
    if row is None:
        return []
    cities = tuple(scene.registry.cities)
    values, limits = dossiers.series(scene.connection, row, scene.moment.hour, cities)
    found = dossiers.onsets(scene.connection, row, scene.moment.hour, cities, values, limits)
    return [title, onset_table(scene, found), wind_note(scene)]


def _foreseen(scene: Scene) -> list[Any]:
    text = scene.text
    row = _found(scene)
    if row is None:
        return []
    city = _city(scene, row)
    title = html.H2([text("dossier.foreseen"), html.Small(scene.city_name(city))])
    table = dossiers.runs_before(scene.connection, row, scene.moment.hour, city)
    if table.empty:
        return [title, html.P(text("dossier.no_runs"), className="quiet")]
    title.children.append(marks.simulated({"simulated": bool(table["simulated"].any())}, text))
    return [title, run_table(scene, row, table), html.P(text("dossier.runs_note"), className="footnote")]


def _makers(scene: Scene) -> list[Any]:
    text = scene.text
    row = _found(scene)
    if row is None:
        return []
    city = _city(scene, row)
    title = html.H2([text("dossier.makers"), html.Small(scene.city_name(city))])
    rows = dossiers.attribution_of(scene.connection, row, scene.moment.hour, city)
    if not rows:
        return [title, html.P(text("dossier.no_attribution"), className="quiet")]
    said = [html.P(each[f"summary_{text.lang}"], className="said") for each in rows if each[f"summary_{text.lang}"]]
    panels = [attribution_panel(scene, each, grouped=False, section="dossier-makers") for each in rows]
    beside = [
        part
        for each in rows
        for part in method_panel(
            scene, methods_of(scene.connection, each), text(f"attribution.quantity_{each['quantity']}")
        )
    ]
    return [title, *said, html.Div(panels, className="panels"), *beside, *definition(scene, rows)]


def _weather(scene: Scene) -> list[Any]:
    text = scene.text
    row = _found(scene)
    if row is None:
        return []
    city, item = _city(scene, row), dossiers.ITEM[row["kind"]]
    title = html.H2([text("weather.title"), html.Small(f"{scene.city_name(city)} · {text('weather.title_what')}")])
    until = scene.moment.hour if scene.moment.is_past else None
    last = dossiers.over(row, scene.moment.hour)
    above = by_weather.excess(scene.connection, city, item, row["start"], last, hour=until)
    month = by_weather.month_of(row["start"])
    base = by_weather.year_before(month)
    change = by_weather.normalised_between(scene.connection, city, item, (month, month), (base, base), hour=until)
    said = text("weather.was", now=f"{month:%Y-%m}", base=f"{base:%Y-%m}", item=marks.SYMBOLS[item])
    return [title, excess_words(scene, above), *change_table(scene, [(said, change)]), *trace(scene, above.row)]


def _cuts(scene: Scene) -> list[Any]:
    text = scene.text
    row = _found(scene)
    if row is None:
        return []
    city, cities = _city(scene, row), tuple(scene.registry.cities)
    title = html.H2([text("dossier.cuts"), html.Small(scene.city_name(city))])
    found = scenarios.ahead(scene.connection, city, cities, row["start"])
    if found is None:
        return [title, html.P(text("dossier.no_cuts"), className="quiet")]
    quantity = dossiers.ITEM[row["kind"]]
    title.children += [html.Small(window_words(scene, found)), marks.simulated({"simulated": found.simulated}, text)]
    warm = local(found.first).month in WARM_MONTHS
    any_row = found.any_row
    trace = text("scenario.trace", models=any_row["models"], run=beijing(found.run), method=any_row["method"],
                 version=any_row["version"])  # fmt: skip
    return [title, *effect_words(scene, found, quantity), effects_table(scene, found, quantity),
            known_error(scene, quantity, found.shown(quantity), warm=warm),
            html.P(f"{text('scenario.definition')} {trace}", className="footnote")]  # fmt: skip


def _similar(scene: Scene) -> list[Any]:
    text = scene.text
    row = _found(scene)
    if row is None:
        return []
    title = html.H2(text("dossier.similar"))
    found, compared = dossiers.alike(scene.connection, row, scene.moment.hour, tuple(scene.registry.cities))
    note = html.P(
        text("dossier.distance", n=compared, most=dossiers.CANDIDATES, finalists=dossiers.FINALISTS),
        className="footnote",
    )
    if not found:
        return [title, html.P(text("dossier.no_similar"), className="quiet"), note]
    return [title, alike_table(scene, found), note]


what = live.section("dossier-what", _what)
transport = live.section("dossier-transport", _transport)
foreseen = live.section("dossier-foreseen", _foreseen, at_once=False)
makers = live.section("dossier-makers", _makers, at_once=False)
weather = live.section("dossier-weather", _weather, at_once=False)
cuts = live.section("dossier-cuts", _cuts, at_once=False)
similar = live.section("dossier-similar", _similar, at_once=False)
