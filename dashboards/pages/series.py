"""时间序列: two quantities of two places over a span, against time and against each other, with what was revised."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import dash
from dash import html

from dashboards import live, shell
from dashboards.analysis.choice import HOUR, LEAD_DAYS, LED, NAMES, Asked, Quantity, Span, Two, hour_in
from dashboards.analysis.effective import Line, fitted
from dashboards.components import behind, exploring, marks
from dashboards.components.drawing import Drawing
from dashboards.components.tables import plain_table, scrolling
from dashboards.components.take import Figure, taking
from dashboards.components.take import figure as take_figure
from dashboards.context import Scene, open_scene
from dashboards.figures.series import COLUMNS, LINES, scatter, series_lines
from dashboards.moment import beijing
from dashboards.queries import analysis, points
from dashboards.snapshots.pages import written
from streams.registry import REFERENCE_KINDS

dash.register_page(__name__, path="/analysis/series", name="series", order=10)


def layout(**query: Any) -> html.Div:
    """Lay the page out for a URL's query: a, b (place:kind:name, with a day of lead of a forecast), span or from and to."""
    with open_scene(query) as scene:
        parts = [choice(scene, "card"), lines(scene, "card"), asked_point(scene, "card"), against(scene, "card"),
                 revisions(scene, "card")]  # fmt: skip
        content = html.Div([exploring.sister_pages(scene, "series"), *parts], className="below exploring")
        return shell.frame(scene, "series", content)


def _choose(scene: Scene) -> Two:
    asked, known = Asked(scene.params), scene.registry
    city, item = scene.view.city, scene.view.item
    other = "o3" if item != "o3" else "pm25"
    a = asked.quantity("a", known.cities, known.stations, Quantity(city, "air", item))
    b = asked.quantity("b", known.cities, known.stations, Quantity(city, "air", other))
    return Two(a, b, asked.span(scene.moment.hour, "30d"), tuple(asked.troubles))


def _choice(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("explore.series"))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    chosen = _choose(scene)
    said = [
        exploring.fallen_back(scene, chosen.troubles),
        exploring.span_choice(scene, chosen.span),
        _steps(scene, chosen.span),
    ]
    return [title, *said, _of(scene, "a", chosen.a), _of(scene, "b", chosen.b)]


def _of(scene: Scene, axis: str, now: Quantity) -> html.Details:
    """Choose the quantity of one axis: its place first, then what is known there."""
    text, cities = scene.text, scene.registry.cities

    def entry(words: str, quantity: Quantity) -> tuple[str, str, bool]:
        return words, scene.link({axis: str(quantity)}), quantity == now

    station = scene.registry.stations.get(now.place)
    home = station.city if station else now.place
    air = now if now.kind == "air" else Quantity(now.place, "air", "pm25")
    places = [entry(scene.city_name(code), replace(now, place=code)) for code in cities]
    points = [entry(exploring.place_name(scene, s.code), replace(air, place=s.code))
              for s in scene.registry.stations.values() if s.city == home and s.kind in REFERENCE_KINDS]  # fmt: skip
    rows = [exploring.choices(text("explore.city"), places)]
    rows += [exploring.choices(text("explore.station"), points)] if points else []
    for kind, names in NAMES.items():
        if station is not None and kind != "air":
            continue
        lead = (now.lead_day or 1) if kind in LED else 0
        offered = [Quantity(now.place, kind, name, lead) for name in names]
        entries = [entry(exploring.quantity_name(scene, each, with_place=False), each) for each in offered]
        rows.append(exploring.choices(text(f"explore.kind_{kind}"), entries))
    if now.lead_day:
        leads = [entry(str(day), replace(now, lead_day=day)) for day in range(1, LEAD_DAYS + 1)]
        rows.append(exploring.choices(text("explore.lead_day"), leads))
    head = [
        html.I(className=f"swatch of-{axis}"),
        html.B(exploring.quantity_name(scene, now)),
        html.Small(text("explore.change")),
    ]
    return html.Details([html.Summary(head), *rows], className="axis-choice")


def _steps(scene: Scene, span: Span) -> html.Div:
    """Lead to the span before and after the one shown."""
    days = max(span.count // 24, 1)
    last = (span.last + dt.timedelta(hours=7)).date()  # the day in Beijing that the last hour belongs to
    entries = []
    for words, by in ((scene.text("explore.before"), -days), (scene.text("explore.after"), days)):
        end = last + dt.timedelta(days=by)
        if end - last <= dt.timedelta(0) or span.last < scene.moment.hour:
            own = {"span": None, "from": f"{end - dt.timedelta(days=days - 1)}", "to": f"{end}"}
            entries.append((words, scene.link(own), False))
    return exploring.choices(scene.text("explore.move"), entries)


def _read(scene: Scene) -> tuple[Two, analysis.Hours, analysis.Hours]:
    chosen = _choose(scene)
    a = analysis.hours_of(scene.connection, chosen.a, chosen.span)
    b = a if chosen.b == chosen.a else analysis.hours_of(scene.connection, chosen.b, chosen.span)
    return chosen, a, b


def _lines(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("explore.over_time"))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    chosen, a, b = _read(scene)
    title.children = [text("explore.over_time"), html.Small(exploring.span_words(scene, chosen.span))]
    names = [exploring.quantity_name(scene, each) for each in (chosen.a, chosen.b)]
    revised, _ = analysis.replaced(scene.connection, chosen.a, chosen.span)
    also, _ = analysis.replaced(scene.connection, chosen.b, chosen.span)
    marked = sorted({*revised, *also, *(chosen.span.first + HOUR * i for found in (a, b) for i in found.revised)})
    drawn = [(found.values, exploring.quantity_unit(each), name)
             for found, each, name in zip((a, b), (chosen.a, chosen.b), names, strict=True)]  # fmt: skip
    shown = f"{names[0]} · {names[1]} · {exploring.span_words(scene, chosen.span)}"
    quantities = [(chosen.a, a), (chosen.b, b)]
    svg = series_lines(chosen.span.first, drawn, marked, shown, lambda hour: (_ask(scene, hour), beijing(hour)))
    figure = Figure(
        "series", svg, ("hour_end_utc", *_heads(scene, chosen)),
        _hours_told(chosen.span, a, b), exploring.about(scene, shown, quantities, chosen.span),
        list(zip(LINES, (f"{name} [{unit or '1'}]" for name, (_, unit, _) in zip(names, drawn, strict=True)), strict=True)),
    )  # fmt: skip
    legend = [html.Span([html.I(className=f"swatch of-{axis}"), f"{name} [{unit or '1'}]"])
              for axis, name, (_, unit, _) in zip("ab", names, drawn, strict=True)]  # fmt: skip
    notes = [text("explore.revised_marks", n=len(marked))] if marked else [text("explore.none_revised")]
    notes += [text("explore.envelope")] if chosen.span.count > COLUMNS else []
    rests = [exploring.rests_on(scene, name, found, chosen.span) for name, found in zip(names, (a, b), strict=True)]
    empty = [] if a.n or b.n else [html.P(text("explore.nothing"), className="quiet")]
    return [title, html.Div(legend, className="legend"), *empty, _wide(scene, figure), *rests,
            *(html.P(note, className="footnote") for note in notes)]  # fmt: skip


def _ask(scene: Scene, hour: dt.datetime) -> str:
    """Give the address that asks what stands behind an hour."""
    return scene.link({"at": written("hour", hour)})


def _point(scene: Scene) -> list[Any]:
    """Show what stands behind both quantities at the hour that the reader asked for, else at the last hour of the span."""
    text = scene.text
    if scene.waiting:
        return exploring.awaiting(scene, html.H2(text("point.title")))
    chosen, asked = _choose(scene), Asked(scene.params)
    hour = asked.read("at", lambda said: hour_in(said, chosen.span), chosen.span.last)
    moves = [("day_before", -24), ("hour_before", -1), ("hour_after", 1), ("day_after", 24)]
    steps = [(text(f"point.{key}"), _ask(scene, hour + by * HOUR)) for key, by in moves
             if chosen.span.first <= hour + by * HOUR <= chosen.span.last]  # fmt: skip
    known = []
    for quantity in dict.fromkeys((chosen.a, chosen.b)):
        stations = [
            s.code for s in scene.registry.stations.values() if s.city == quantity.place and s.kind in REFERENCE_KINDS
        ]
        found = points.behind_hour(scene.connection, quantity, hour, stations)
        known.append(behind.hour_behind(scene, quantity, hour, found))
    said = exploring.fallen_back(scene, asked.troubles)
    return behind.panel(scene, steps, said, html.Div(known, className="behinds"))


def _wide(scene: Scene, drawn: Figure) -> html.Figure:
    """Show the lines in a box that scrolls, with the links to the files below it."""
    box = html.Div(Drawing(svg=drawn.svg, className="wide-plot"), className="scroll", tabIndex="0")
    return html.Figure([box, taking(scene, "series-lines", drawn)], className="figure")


def _heads(scene: Scene, chosen: Two) -> list[str]:
    return [
        f"{exploring.quantity_name(scene, each)} [{exploring.quantity_unit(each) or '1'}]"
        for each in (chosen.a, chosen.b)
    ]


def _hours_told(span: Span, a: analysis.Hours, b: analysis.Hours) -> list[tuple[str, float, float]]:
    told = zip(a.values.tolist(), b.values.tolist(), strict=True)
    return [(exploring.utc(span.first + i * HOUR), *pair) for i, pair in enumerate(told)]


def _against(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("explore.against"))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    chosen, a, b = _read(scene)
    line = fitted(a.values, b.values)
    labels = [
        f"{exploring.quantity_name(scene, each)} {exploring.quantity_unit(each)}".strip()
        for each in (chosen.a, chosen.b)
    ]
    about = exploring.about(scene, " · ".join(labels), [(chosen.a, a), (chosen.b, b)], chosen.span,
                            f"slope {line.slope:.6g}, intercept {line.intercept:.6g}, r {line.r:.6g}, n {line.n}")  # fmt: skip
    pairs = [row for row in _hours_told(chosen.span, a, b) if row[1] == row[1] and row[2] == row[2]]
    svg = scatter(a.values, b.values, line, (labels[0], labels[1]), " · ".join(labels))
    drawn = Figure("pairs", svg, ("hour_end_utc", *_heads(scene, chosen)), pairs, about)
    figure = take_figure(scene, "series-against", drawn, class_name="plot-box")
    effective = "NA" if line.effective != line.effective else f"{line.effective:.0f}"
    rows = [("pairs", str(line.n)), ("r", _r(line)), ("effective", effective), ("slope", exploring.signed(line.slope, 3)),
            ("intercept", exploring.signed(line.intercept, 1))]  # fmt: skip
    body = [
        html.Tr([html.Th(text(f"explore.{key}"), scope="row"), html.Td(value, className="number")])
        for key, value in rows
    ]
    simulated = marks.simulated({"simulated": a.simulated or b.simulated}, text)
    panels = html.Div([figure, html.Table(html.Tbody(body), className="stats")], className="panels")
    return [
        html.H2([text("explore.against"), simulated]),
        panels,
        html.P(text("explore.no_cause"), className="footnote"),
    ]


def _r(line: Line) -> str:
    if line.low != line.low:
        return exploring.signed(line.r)
    return f"{exploring.signed(line.r)} [{exploring.signed(line.low)}, {exploring.signed(line.high)}]"


def _revisions(scene: Scene) -> list[Any]:
    text = scene.text
    title = html.H2(text("explore.revisions"))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    chosen, a, b = _read(scene)
    body, counted = [], 0
    for quantity, found in [(chosen.a, a), *([(chosen.b, b)] if chosen.b != chosen.a else [])]:
        hours, rows = analysis.replaced(scene.connection, quantity, chosen.span)
        counted += len(hours)
        body += [_revision(scene, quantity, hour, old, found.values[(hour - chosen.span.first) // dt.timedelta(hours=1)])
                 for hour, versions in rows for old in versions]  # fmt: skip
    if not body:
        return [title, html.P(text("explore.none_revised"), className="quiet")]
    heads = [
        text(f"explore.{key}") for key in ("revised_hour", "quantity", "was", "old_status", "replaced_at", "is_now")
    ]
    return [title, scrolling(plain_table(heads, body, "revised-rows")),
            html.P(text("explore.newest_revised", n=counted, listed=analysis.LISTED), className="footnote")]  # fmt: skip


def _revision(scene: Scene, quantity: Quantity, hour: dt.datetime, old: dict[str, Any], now: float) -> html.Tr:
    text = scene.text
    was = analysis.old_value(old, quantity.name)
    status = text("note.short", edition=old.get("edition", "NA"), status=text.of_code("status.", old.get("status") or "NA"),
                  revision=old.get("revision", "NA"))  # fmt: skip
    cells = [beijing(hour), exploring.quantity_name(scene, quantity)]
    return html.Tr([
        html.Th(cells[0], scope="row"), html.Td(cells[1]), html.Td("NA" if was is None else f"{was:g}", className="number"),
        html.Td(status), html.Td(beijing(old["superseded_at"])), html.Td("NA" if now != now else f"{now:g}", className="number"),
    ])  # fmt: skip


choice = live.section("series-choice", _choice)
lines = live.section("series-lines", _lines)
against = live.section("series-against", _against, at_once=False)
asked_point = live.section("series-point", _point, at_once=False)
revisions = live.section("series-revisions", _revisions, at_once=False)
