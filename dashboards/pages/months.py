"""日历: a year of days, each with its index or an item, and how many days each level has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import dash
from dash import html

from dashboards import live, shell, theme
from dashboards.analysis.choice import DAY, Asked, whole
from dashboards.analysis.choice import day as read_day
from dashboards.components import behind, exploring, marks
from dashboards.components.drawing import Drawing
from dashboards.components.tables import plain_table, scrolling
from dashboards.components.take import About, Figure, taking
from dashboards.context import Scene, open_scene
from dashboards.figures.month_days import Cell, month_days
from dashboards.figures.plot import reach
from dashboards.figures.roses import SHADES, shade
from dashboards.figures.sheet import sheet
from dashboards.moment import SHANGHAI
from dashboards.queries import analysis, points
from standards.index.levels import LEVELS, level_of
from streams.store.history import superseded_rows

dash.register_page(__name__, path="/analysis/months", name="months", order=13, in_navigation=False)

FIRST_YEAR = 2013
"""The index by HJ 633-2012 begins here."""
OFFERED = 6
"""Years that are offered as links; any other can be written into the address."""


def layout(**query: Any) -> html.Div:
    """Lay the page out for a URL's query: year."""
    with open_scene(query) as scene:
        parts = [exploring.sister_pages(scene, "months"), choice(scene, "card"), days(scene, "card"),
                 asked_point(scene, "card")]  # fmt: skip
        return shell.frame(scene, "months", html.Div(parts, className="below exploring"))


def _today(scene: Scene) -> dt.date:
    """Give the last day in Beijing that is over at the hour shown."""
    return (scene.moment.hour + SHANGHAI - dt.timedelta(days=1)).date()


def _year(scene: Scene, asked: Asked) -> int:
    newest = _today(scene).year
    return asked.read("year", lambda text: whole(text, FIRST_YEAR, newest), newest)


def _choice(scene: Scene) -> list[Any]:
    title = html.H2(scene.text("explore.months"))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    asked = Asked(scene.params)
    year, newest = _year(scene, asked), _today(scene).year
    years = {str(each): str(each) for each in range(max(FIRST_YEAR, newest - OFFERED + 1), newest + 1)}
    return [title, exploring.fallen_back(scene, asked.troubles), exploring.city_choice(scene), exploring.item_choice(scene),
            exploring.own_choice(scene, scene.text("explore.year"), "year", years, str(year))]  # fmt: skip


def _days(scene: Scene) -> list[Any]:
    text, item, city = scene.text, scene.view.item, scene.view.city
    title = html.H2(text("explore.months"))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    year, today = _year(scene, Asked(scene.params)), _today(scene)
    last = min(dt.date(year, 12, 31), today)
    found = analysis.days_of(scene.connection, city, item, dt.date(year, 1, 1), last)
    of = last.timetuple().tm_yday
    name = f"{exploring.item_name(item)} {exploring.item_unit(item)}".strip()
    simulated = marks.simulated({"simulated": any(day.simulated for day in found)}, text)
    what = text(f"explore.days_of_{'o3' if item == 'o3' else 'others'}", name=name)
    title.children = [f"{scene.city_name(city)} {year}", html.Small(what), simulated]
    if not found:
        return [title, html.P(text("explore.nothing"), className="quiet")]
    scale = reach([day.value for day in found if day.value is not None])
    cells = {day.day: _cell(scene, day, scale) for day in found}
    heads = text("explore.weekday_heads").split()
    svgs = [
        (text(f"explore.month_{m}"), month_days(year, m, cells, heads, f"{name} {year}-{m:02}")) for m in range(1, 13)
    ]
    months = [html.Div([html.H3(head), Drawing(svg=svg, className="plot-box")]) for head, svg in svgs]
    editions = text("list.comma").join(dict.fromkeys(day.edition for day in found))
    about = About(f"{scene.city_name(city)} {year} · {what}", scene.city_name(city), f"{found[0].day} – {found[-1].day}",
                  exploring.item_unit(item) or "1", "air_city_day", editions, any(day.simulated for day in found))  # fmt: skip
    told = [(day.day.isoformat(), day.value, day.aqi, day.edition, day.status, day.simulated) for day in found]
    columns = ("day", f"{item} [{exploring.item_unit(item) or '1'}]", "aqi [1]", "edition", "status", "simulated")
    drawn = Figure(f"days-{year}", sheet(svgs, 4, about.title), columns, told, about, _shades(scene, scale))
    reviewed = sum(day.status == "reviewed" for day in found)
    rest = text("explore.days_rest", n=len(found), of=of, edition=editions, reviewed=reviewed)
    return [title, _counts(scene, found, of), 
            html.Figure([html.Div(months, className="panels months"), taking(scene, "months", drawn)], className="figure"),
            _legend(scene, scale),
            html.P(rest, className="footnote")]  # fmt: skip


def _cell(scene: Scene, day: analysis.Day, scale: tuple[float, float]) -> Cell:
    item = scene.view.item
    words = "NA" if day.value is None else exploring.signed(day.value, 0 if item != "co" else 1)
    colour = (
        theme.ABSENT if day.value is None else theme.fill(int(day.value)) if item == "aqi" else shade(day.value, scale)
    )
    index = f"AQI {'NA' if day.aqi is None else day.aqi} {marks.category(day.aqi, scene.text)}"
    title = f"{day.day} {exploring.item_name(item)} {words} · {index}"
    return Cell(words, colour, title, day.simulated, scene.link({"at": f"{day.day}"}))


def _counts(scene: Scene, found: Sequence[analysis.Day], of: int) -> html.Div:
    """Count the days of each level of the index, those without an index, and those that are not stored."""
    text = scene.text
    told = [int(level_of(float(day.aqi))) for day in found if day.aqi is not None]
    heads = [text("explore.level"), text("explore.n_days"), text("explore.share_of_known")]
    lines: list[tuple[Any, int, str]] = []
    for level in LEVELS:
        n = told.count(level.level)
        share = f"{n / len(told) * 100:.1f} %" if told else "NA"
        lines.append((marks.chip(level.aqi_to, text), n, share))
    lines += [
        (text("explore.no_index"), len(found) - len(told), "—"),
        (text("explore.not_stored"), of - len(found), "—"),
    ]
    body = [
        html.Tr([html.Th(head, scope="row"), html.Td(str(n), className="number"), html.Td(share, className="number")])
        for head, n, share in lines
    ]
    return scrolling(plain_table(heads, body, "stats level-days"))


def _legend(scene: Scene, scale: tuple[float, float]) -> html.Div | None:
    if scene.view.item == "aqi":
        return None
    entries = _shades(scene, scale)
    return html.Div(
        [html.Span([html.I(style={"backgroundColor": colour}), words]) for colour, words in entries], className="legend"
    )


def _shades(scene: Scene, scale: tuple[float, float]) -> list[tuple[str, str]]:
    """Give what each colour stands for: a level of the index, or from where a shade begins."""
    if scene.view.item == "aqi":
        return [(level.hex, marks.category(level.aqi_to, scene.text)) for level in LEVELS]
    step = (scale[1] - scale[0]) / len(SHADES)
    return [(colour, f"{scale[0] + i * step:.3g}") for i, colour in enumerate(SHADES)]


def _point(scene: Scene) -> list[Any]:
    """Show what stands behind the day that the reader asked for, else the last day of the year shown."""
    text, item, city = scene.text, scene.view.item, scene.view.city
    if scene.waiting:
        return exploring.awaiting(scene, html.H2(text("point.title")))
    asked = Asked(scene.params)
    year, today = _year(scene, Asked(scene.params)), _today(scene)
    first, last = dt.date(year, 1, 1), min(dt.date(year, 12, 31), today)
    day = asked.read("at", lambda said: _within(said, first, last), last)
    moves = (("point.day_before", -1), ("point.day_after", 1))
    steps = [
        (text(key), scene.link({"at": f"{day + by * DAY}"})) for key, by in moves if first <= day + by * DAY <= last
    ]
    row = points.behind_day(scene.connection, city, day)
    old = superseded_rows(scene.connection, "air_city_day", [(city, day)]).get((city, day), [])
    said = exploring.fallen_back(scene, asked.troubles)
    return behind.panel(scene, steps, said, behind.day_behind(scene, city, item, day, row, old))


def _within(said: str, first: dt.date, last: dt.date) -> dt.date:
    found = read_day(said)
    if not first <= found <= last:
        raise ValueError(said)
    return found


choice = live.section("months-choice", _choice)
asked_point = live.section("months-point", _point, at_once=False)
days = live.section("months", _days)
