"""A small panel below a figure: what stands behind the point that the reader asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dash import html

from dashboards.analysis.choice import Quantity, Span
from dashboards.components import exploring, marks
from dashboards.components.origin import origin_details
from dashboards.components.tables import plain_table, scrolling
from dashboards.context import Scene
from dashboards.moment import beijing
from dashboards.queries.analysis import Hours, old_value
from dashboards.queries.origins import Origin
from dashboards.queries.points import Behind, Row
from dashboards.snapshots.pages import address
from standards.pollutants import ITEMS, POLLUTANTS
from streams.store.flags import set_aside

Told = Sequence[tuple[str, Any]]


def panel(scene: Scene, steps: Sequence[tuple[str, str]], *parts: Any) -> list[Any]:
    """Give the content of a panel: how to ask, links (words, address) that move from point to point, and what was found."""
    links = [html.A(words, href=href, **{"data-state": ""}) for words, href in steps]
    move = html.Nav(links, className="choices", **{"aria-label": scene.text("point.steps")})
    return [html.H2(scene.text("point.title")), html.P(scene.text("point.how"), className="footnote"), move, *parts]


def facts(told: Told) -> html.Dl:
    """List names and what is told of each."""
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in told], className="behind-facts")


def hour_behind(scene: Scene, quantity: Quantity, hour: dt.datetime, found: Behind) -> html.Div:
    """Show what stands behind a quantity of an hour."""
    title = html.H3([exploring.quantity_name(scene, quantity), html.Small(f" {beijing(hour)}")])
    if found.row is None:
        return html.Div([title, html.P(["NA ", scene.text("point.none")], className="quiet")], className="behind")
    observed = quantity.kind in ("air", "wind")
    told = [
        *_value_of(scene, quantity, found.row),
        *(_air(scene, found.row) if observed else _model(scene, quantity, found.row)),
    ]
    more = (
        _observed(scene, quantity, hour, found)
        if observed
        else [html.P(scene.text("point.no_history"), className="quiet")]
    )
    return html.Div([title, facts(told), *more, html.P(rows_link(scene, quantity, hour, hour))], className="behind")


def _value_of(scene: Scene, quantity: Quantity, row: Row) -> Told:
    text, unit = scene.text, exploring.quantity_unit(quantity)
    value = number_of(quantity, row)
    shown = ["NA" if value is None else f"{value:g}", html.Small(f" {unit}" if unit else "")]
    if quantity.name in ITEMS and quantity.kind == "air" and quantity.name in set_aside(row):
        shown.append(html.Small(text("flags.not_counted")))
    return [(text("point.value"), shown), (text("point.unit"), unit or "1")]


def number_of(quantity: Quantity, row: Row) -> float | None:
    """Give the number that a row has of a quantity, None for NA."""
    if quantity.name == "wind_speed":
        u, v = row["wind_u_ms"], row["wind_v_ms"]
        return None if u is None or v is None else round((u * u + v * v) ** 0.5, 3)
    if quantity.kind == "attribution":
        return row["total"]
    name = POLLUTANTS[quantity.name].column if quantity.name in POLLUTANTS else quantity.name
    return row[{"emission": f"{quantity.name}_kgh", "forecast": f"forecast_{name}"}.get(quantity.kind, name)]


def _air(scene: Scene, row: Row) -> Told:
    text = scene.text
    told = [
        (text("point.edition"), row["edition"]), (text("point.status"), text.of_code("status.", row["status"])),
        (text("point.revision"), str(row["revision"])), (text("point.version"), str(row["version"])),
        (text("point.age"), marks.age(scene.moment, row["hour_end"], text)), _made_up(scene, row),
    ]  # fmt: skip
    if "completeness" in row:
        told.insert(4, (text("point.completeness"), _complete(scene, row, "stations_reporting")))
    if row.get("received_at") is not None:
        told.append((text("point.received"), beijing(row["received_at"])))
    return told


def _complete(scene: Scene, row: Row, counted: str) -> str:
    share = row["completeness"]
    known = {"reporting": row[counted], "expected": row["stations_expected"]}
    shown = {name: "NA" if value is None else value for name, value in known.items()}
    return scene.text("point.of_stations", percent="NA" if share is None else f"{share * 100:.0f} %", **shown)


def _made_up(scene: Scene, row: Row) -> tuple[str, str]:
    return scene.text("point.simulated"), scene.text("take.yes" if row["simulated"] else "take.no")


def _model(scene: Scene, quantity: Quantity, row: Row) -> Told:
    """Tell of a row that was computed: run and lead, inventory, or method and models."""
    text = scene.text
    if quantity.kind in ("forecast", "weather"):
        lead = text("point.lead_told", hours=row["lead_hours"], day=row["lead_day"])
        told = [(text("point.run"), row["run"]), (text("point.lead"), lead), (text("point.edition"), row["edition"])]
    elif quantity.kind == "emission":
        told = [(text("point.inventory"), row["inventory"] or "NA")]
    else:
        sure = text(f"attribution.confidence_{row['confidence']}")
        told = [
            (text("point.method"), row["method"]), (text("point.models"), row["models"] or "—"),
            (text("point.inventory"), row["inventory"] or "NA"), (text("point.confidence"), sure),
        ]  # fmt: skip
    received = row.get("received_at")
    told += [(text("point.received"), beijing(received))] if received is not None else []
    age = marks.age(scene.moment, row["hour_end"], text)
    return [*told, (text("point.version"), str(row["version"])), (text("point.age"), age), _made_up(scene, row)]


def _observed(scene: Scene, quantity: Quantity, hour: dt.datetime, found: Behind) -> list[Any]:
    text = scene.text
    parts = [_history(scene, quantity, found)]
    if quantity.place in scene.registry.cities:
        to = address(scene, "city_hour", city=quantity.place, hour=hour)
    else:
        to = address(scene, "station_hour", station=quantity.place, hour=hour)
    rows = _station_rows(scene, quantity, found.stations, found.origins)
    return [*parts, *rows, html.P(html.A(text("point.page_hour"), href=to))]


def _history(scene: Scene, quantity: Quantity, found: Behind) -> html.Div | html.P:
    """List what the row said before it was revised."""
    if quantity.kind == "air":
        return _versions(scene, [(was, old_value(was, quantity.name)) for was in found.superseded])
    return _versions(scene, [(was, number_of(quantity, was)) for was in found.superseded])


def _versions(scene: Scene, replaced: Sequence[tuple[Row, float | None]]) -> html.Div | html.P:
    """List replaced rows with their value: status, revision, and until when they stood."""
    text, lines = scene.text, []
    if not replaced:
        return html.P(text("point.not_revised"), className="quiet")
    for was, value in replaced:
        status = text.of_code("status.", was.get("status") or "NA")
        until = beijing(dt.datetime.fromisoformat(str(was["superseded_at"])))
        head = text("origin.was", status=status, revision=was.get("revision", "NA"), until=until)
        lines.append(html.Li([html.Small(head), " ", html.B("NA" if value is None else f"{value:g}")]))
    return html.Div([html.B(text("point.old")), html.Ul(lines)])


def _station_rows(
    scene: Scene, quantity: Quantity, rows: Mapping[str, Row], origins: Mapping[str, Origin]
) -> list[html.Details]:
    """List the rows of stations of the hour with their values, each with its file and line to open."""
    if not rows:
        return []
    text, station = scene.text, scene.registry.stations
    lines = []
    for code, row in sorted(rows.items()):
        value = number_of(quantity, row) if quantity.kind == "air" else None
        to = address(scene, "station_hour", station=code, hour=row["hour_end"])
        name = html.A(f"{station[code].name_zh} {code}" if code in station else code, href=to)
        status = text(
            "note.short",
            edition=row["edition"],
            status=text.of_code("status.", row["status"]),
            revision=row["revision"],
        )
        cells = [html.Th(name, scope="row"), html.Td("NA" if value is None else f"{value:g}", className="number"), html.Td(status),
                 html.Td(origin_details(scene, row, origins[code]))]  # fmt: skip
        lines.append(html.Tr(cells))
    heads = [text("stations.station"), text("point.value"), text("point.status"), text("origin.own")]
    table = scrolling(plain_table(heads, lines, "stats"))
    summary = html.Summary(f"{text('point.stations')} ({len(rows)})")
    return [html.Details([summary, table], open=quantity.place not in scene.registry.cities)]


OFFERED = {"forecast": "forecasts", "weather": "forecasts", "attribution": "attributions"}
"""By kind of quantity where the open data have its rows; emissions are not among them."""


def rows_link(scene: Scene, quantity: Quantity, first: dt.datetime, last: dt.datetime, *others: str) -> html.A | None:
    """Link to the rows behind hours of a quantity in the open-data API; None where these are not given away."""
    if quantity.kind == "emission":
        return None
    city = quantity.place in scene.registry.cities
    name = OFFERED.get(quantity.kind, "city-hours" if city else "station-hours")
    asked = {"city" if city else "station": ",".join((quantity.place, *others))}
    asked |= {"item": quantity.name} if quantity.name in ITEMS and quantity.kind in ("air", "forecast") else {}
    asked |= {"from": exploring.utc(first), "to": exploring.utc(last)}
    return html.A(scene.text("point.rows"), href=f"/api/v1/{name}?{urlencode(asked, safe=':,')}")


def hours_told(scene: Scene, found: Hours, span: Span) -> Told:
    """Tell of an aggregate over a span: its period, the hours with a value, the editions, and whether any is simulated."""
    return span_told(scene, span, found.n, span.count, found.editions, simulated=found.simulated)


def span_told(scene: Scene, span: Span, n: int, of: int, editions: Sequence[str], *, simulated: bool) -> Told:
    """Tell of an aggregate: period, hours with a value of those there could be, editions, and whether any is simulated."""
    text = scene.text
    share = f"{100.0 * n / of:.1f} %" if of else "NA"
    return [
        (text("point.period"), exploring.span_words(scene, span)),
        (text("point.hours"), text("point.hours_of", n=n, of=of, percent=share)),
        (text("point.edition"), text("list.comma").join(editions) or "NA"), _made_up(scene, {"simulated": simulated}),
    ]  # fmt: skip


def day_behind(scene: Scene, city: str, item: str, day: dt.date, row: Row | None, old: Sequence[Row]) -> html.Div:
    """Show what stands behind a natural day of a city."""
    text = scene.text
    title = html.H3([f"{scene.city_name(city)} {exploring.item_name(item)}", html.Small(f" {day}")])
    page = html.P(html.A(text("point.page_day"), href=address(scene, "day", city=city, day=day)))
    if row is None:
        return html.Div([title, html.P(["NA ", text("point.no_day")], className="quiet"), page], className="behind")
    name = "aqi" if item == "aqi" else {"o3": "o3_mda8_ugm3"}.get(item) or POLLUTANTS[item].column
    unit = exploring.item_unit(item)
    value = "NA" if row[name] is None else f"{row[name]:g}"
    told = [
        (text("point.value"), [value, html.Small(f" {unit}" if unit else "")]), (text("point.unit"), unit or "1"),
        (text("point.definition"), text("point.of_natural_day")), (text("point.edition"), row["edition"]),
        (text("point.status"), text.of_code("status.", row["status"])), (text("point.revision"), str(row["revision"])),
        (text("point.version"), str(row["version"])), (text("point.completeness"), _complete(scene, row, "stations_valid")),
        _made_up(scene, row),
    ]  # fmt: skip
    history = _versions(scene, [(was, was.get(name)) for was in old])
    asked = {"city": city, "from": f"{day}", "to": f"{day}"}
    rows = html.P(html.A(text("point.rows"), href=f"/api/v1/city-days?{urlencode(asked)}"))
    return html.Div([title, facts(told), history, page, rows], className="behind")
