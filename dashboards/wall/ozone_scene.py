"""Scene 5: ozone of today in the eight cities, and what super-sites have measured of volatile organic compounds."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dash import html

from dashboards.components.drawing import Drawing
from dashboards.context import Scene
from dashboards.figures import spark
from dashboards.figures.svg import tag
from dashboards.moment import SHANGHAI
from dashboards.queries.air import Row
from dashboards.queries.wall import voc_hours
from dashboards.wall.asked import Asked, asked
from dashboards.wall.tiles import OBSERVED, SPECIES, absent, scene_of, tile
from standards.editions import edition_for, limit
from standards.voc.species import species_named

MOST = {1: 5, 2: 3, 3: 1}
"""Compounds of each site by how many sites the tile shows: as many as it has room for, in either language."""
WIDTH, HEIGHT = 960, 720
HOUR = dt.timedelta(hours=1)


def ozone(scene: Scene) -> html.Section:
    """Draw the scene."""
    found = asked(scene)
    return scene_of(scene, "ozone", _curves(scene, found), _voc(scene))


def today_of(scene: Scene) -> list[dt.datetime]:
    """Give the ends of the 24 hours of the natural day shown, 01:00 to 24:00 in Beijing, naive UTC."""
    local = scene.moment.hour + SHANGHAI - HOUR
    begin = dt.datetime(local.year, local.month, local.day) - SHANGHAI
    return [begin + n * HOUR for n in range(1, 25)]


def _curves(scene: Scene, found: Asked) -> html.Div:
    text = scene.text
    if scene.waiting:
        return tile(scene, text("wall.ozone_title"), absent(text("card.awaiting")), OBSERVED, None)
    hours = today_of(scene)
    today = {
        code: {row["hour_end"]: row for row in rows if row["hour_end"] >= hours[0]}
        for code, rows in found.history.items()
    }
    values = {code: [_ozone(rows.get(hour)) for hour in hours] for code, rows in today.items()}
    known = [each for row in values.values() for each in row if each is not None]
    edition = edition_for((hours[0] + SHANGHAI - HOUR).date())
    limits = {name: limit("o3", name, edition=edition) for name in ("8h", "hour")}
    title = text("wall.ozone_of", date=f"{hours[0] + SHANGHAI:%m-%d}")
    if not known:
        return tile(scene, title, absent(text("wall.ozone_none")), OBSERVED, None)
    highest = max(values, key=lambda code: max((v for v in values[code] if v is not None), default=-1.0))
    figure = Drawing(_figure(values, highest, limits, title), className="curves-box")
    table = _table(scene, found, today, values, highest)
    newest = max(row["hour_end"] for rows in today.values() for row in rows.values())
    simulated = any(row["simulated"] for rows in today.values() for row in rows.values())
    note = text("wall.ozone_note", hour=f"{limits['hour']:.0f}", eight=f"{limits['8h']:.0f}", city=scene.city_name(highest),
                edition=edition.name)  # fmt: skip
    content = [html.Div([figure, table], className="beside"), html.P(note, className="fine")]
    return tile(scene, title, content, OBSERVED, newest, kind="wide", simulated=simulated)


def _ozone(row: Row | None) -> float | None:
    return None if row is None else row["o3_ugm3"]


def _figure(values: dict[str, list[float | None]], highest: str, limits: dict[str, float], title: str) -> str:
    known = [each for row in values.values() for each in row if each is not None]
    top = max(*known, limits["hour"]) * 1.08
    left, bottom = 60, HEIGHT - 40
    wide = WIDTH - left - 20
    step = wide / 23
    lines = [
        tag("g", tag("path", d=f"M0 {_y(value, top, bottom)}h{wide}"),
            tag("text", text=f"{value:.0f}", x=-10, y=_y(value, top, bottom) + 9), class_=f"limit limit-{name}")
        for name, value in limits.items()
    ]  # fmt: skip
    ticks = [
        tag("text", text=f"{n:02d}", x=round((n - 1) * step), y=HEIGHT - 6, class_="tick") for n in (1, 6, 12, 18, 24)
    ]
    order = sorted(values, key=lambda code: code == highest)  # the highest lies above the others
    curves = [
        tag("path", d=spark.path(values[code], step, top, bottom), class_="curve first" if code == highest else "curve")
        for code in order
    ]
    body = tag("g", *lines, *ticks, tag("path", d=f"M0 {bottom}h{wide}", class_="axis"), *curves,
               transform=f"translate({left} 0)")  # fmt: skip
    return tag("svg", body, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=title, class_="curves")


def _y(value: float, top: float, height: int) -> int:
    return round(height - 2 - min(value / top, 1.0) * (height - 4))


def _table(
    scene: Scene, found: Asked, today: dict[str, dict[dt.datetime, Row]], values: dict[str, list[float | None]], highest: str
) -> html.Table:  # fmt: skip
    text = scene.text
    numbers = [html.Th(text(f"wall.ozone_{key}"), scope="col", className="number") for key in ("now", "8h", "max")]
    heads = [html.Th(text("wall.city"), scope="col"), *numbers]
    body = []
    for code in found.cities:
        row = today[code].get(scene.moment.hour)
        most = max((v for v in values[code] if v is not None), default=None)
        shown = [_ozone(row), row["o3_8h_ugm3"] if row else None, most]
        cells = [html.Td("NA" if each is None else f"{each:.0f}", className="number") for each in shown]
        body.append(
            html.Tr([html.Th(scene.city_name(code), scope="row"), *cells], className="first" if code == highest else "")
        )
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className="ozone")


def _voc(scene: Scene) -> html.Div:
    text, title = scene.text, scene.text("wall.voc_title")
    sites = [each for each in scene.registry.stations.values() if each.kind == "super"]
    if scene.waiting:
        return tile(scene, title, absent(text("card.awaiting")), SPECIES, None)
    if not sites:
        return tile(scene, title, absent(text("wall.voc_no_site")), SPECIES, None, kind="voc-tile")
    hours = today_of(scene)
    rows = voc_hours(scene.connection, [each.code for each in sites], hours[0], scene.moment.hour)
    if not rows:
        return tile(scene, title, absent(text("wall.voc_none", count=len(sites))), SPECIES, None, kind="voc-tile")
    newest = max(row["hour_end"] for row in rows)
    simulated = any(row["simulated"] for row in rows)
    names = {each.code: each.name_zh for each in sites}
    shown = rows[: max(MOST)]
    content = [_site(scene, names[row["station"]], row, MOST[len(shown)]) for row in shown]
    return tile(scene, title, content, SPECIES, newest, kind="voc-tile", simulated=simulated)


def compound_in(lang: str, name: str) -> str:
    """Give the name of a compound in "zh" or "en"; one that the list of species lacks stays as the feed says it."""
    try:
        species = species_named(name)
    except ValueError:
        return name
    return species.name_zh if lang == "zh" else species.name_en


def _site(scene: Scene, name: str, row: dict[str, Any], most: int) -> html.Div:
    text = scene.text
    numbers = [("wall.voc_total", row["total_ppb"], "ppb"), ("wall.voc_ofp", row["ofp_ugm3"], "µg/m³"),
               ("wall.voc_oh", row["oh_reactivity_per_s"], "1/s")]  # fmt: skip
    said = [
        html.P([html.Small(text(key)), html.B("NA" if value is None else f"{value:.1f}"), html.Small(unit)])
        for key, value, unit in numbers
    ]
    largest = sorted(row["compounds"].items(), key=lambda each: -each[1])[:most]
    largest_first = [
        html.Li([html.Span(compound_in(text.lang, compound)), html.B(f"{value:.2f}"), html.Small("ppb")])
        for compound, value in largest
    ]
    covered = text("wall.voc_covered", species=row["n_species"], ofp=row["ofp_species"] or 0, most=most)
    return html.Div([html.H4(name), html.Div(said, className="facts"), html.Ol(largest_first, className="compounds"),
                     html.P(covered, className="fine")], className="site")  # fmt: skip
