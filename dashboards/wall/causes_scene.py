"""Scene 4: who causes it now, by sector and by place, with the spread of each number."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.components.attribution_bars import reasons
from dashboards.context import Scene
from dashboards.queries.attributions import Row
from dashboards.wall.asked import Asked, asked
from dashboards.wall.causes import Part, by_distance, leading, parts_of
from dashboards.wall.tiles import ATTRIBUTED, absent, scene_of, tile
from streams.contributors import OUTSIDE
from streams.store.attribution import contributions_of

MOST = 7
"""So many bars are shown; the smaller ones are one."""


def causes(scene: Scene) -> html.Section:
    """Draw the scene: the city with the highest index of those attributed, and all of them in a table."""
    found, text = asked(scene), scene.text
    told = {city: row for city, row in found.made_by.items() if contributions_of(row) is not None}
    if not told:
        words = text("card.awaiting") if scene.waiting else text("wall.causes_none")
        why = [reasons(scene, row) for row in list(found.made_by.values())[:1]]
        content = [absent(words), *(html.P(each, className="fine") for each in why if each)]
        return scene_of(scene, "causes", tile(scene, text("wall.causes_title"), content, ATTRIBUTED, None))
    city = worst(found, told)
    row = told[city]
    bars = [_bars(scene, city, row, kind) for kind in ("sector", "place")]
    return scene_of(scene, "causes", *bars, _all(scene, found, told))


def worst(found: Asked, told: dict[str, Row]) -> str:
    """Name the city with the highest index of those that are attributed; without any index the first."""
    return max(told, key=lambda city: (found.rows.get(city) or {}).get("aqi") or -1)


def _bars(scene: Scene, city: str, row: Row, kind: str) -> html.Div:
    text = scene.text
    parts = sorted(parts_of(contributions_of(row), kind, row["quantity"]), key=lambda each: -each.share)
    shown, rest = parts[:MOST], parts[MOST:]
    reach = max((each.high for each in shown), default=1.0) or 1.0
    lines = [_bar(part_name(scene, kind, each.name), each, reach) for each in shown]
    if rest:
        share = sum(each.share for each in rest)
        lines.append(_bar(text("wall.smaller", count=len(rest)), Part("", 0.0, share, share, share), reach))
    title = text(f"wall.causes_by_{kind}", city=scene.city_name(city))
    total = "NA" if row["total"] is None else f"{row['total']:.0f}"
    said = html.P([html.Span(text(f"attribution.quantity_{row['quantity']}")), html.B(total), html.Small("µg/m³")],
                  className="whole")  # fmt: skip
    return tile(scene, title, [said, html.Ul(lines, className="bars"), html.P(text("wall.spread_note"), className="fine")],
                ATTRIBUTED, row["hour_end"], simulated=bool(row["simulated"]))  # fmt: skip


def part_name(scene: Scene, kind: str, name: str) -> str:
    """Name a sector, a group or a place in the reader's language."""
    if name == OUTSIDE:
        return scene.text("attribution.outside")
    if kind == "place":
        return scene.city_name(name)
    return scene.text.of_code("attribution.group_" if kind == "group" else "sector.", name)


def _bar(name: str, part: Part, reach: float) -> html.Li:
    def at(share: float) -> str:
        return f"{100.0 * max(share, 0.0) / reach:.0f}%"

    span = [] if part.high == part.low else [
        html.I(className="spread", style={"left": at(part.low), "right": f"calc(100% - {at(part.high)})"})
    ]  # fmt: skip
    drawn = html.Span([html.I(className="amount", style={"width": at(part.share)}), *span], className="track")
    interval = "" if part.high == part.low else f"{_pct(part.low)}–{_pct(part.high)}"
    return html.Li([html.Span(name, className="name"), drawn, html.B(f"{_pct(part.share)}%"), html.Small(interval)])


def _all(scene: Scene, found: Asked, told: dict[str, Row]) -> html.Div:
    text = scene.text
    heads = {"city": "", "largest": "", "home": "number", "others": "number", "outside": "number", "trust": ""}
    named = [html.Th(text(f"wall.{key}"), scope="col", className=kind or None) for key, kind in heads.items()]
    head = html.Thead(html.Tr(named))
    body = [_city(scene, city, told.get(city)) for city in found.cities]
    oldest = min(row["hour_end"] for row in told.values())
    simulated = any(row["simulated"] for row in told.values())
    table = html.Table([head, html.Tbody(body)], className="causes")
    return tile(scene, text("wall.causes_all"), [table, html.P(text("wall.causes_note"), className="fine")], ATTRIBUTED,
                oldest, kind="wide", simulated=simulated)  # fmt: skip


def _city(scene: Scene, city: str, row: Row | None) -> html.Tr:
    text, name = scene.text, html.Th(scene.city_name(city), scope="row")
    if row is None:
        return html.Tr([name, html.Td(text("wall.not_attributed"), colSpan=5, className="absent")])
    found = contributions_of(row)
    first = leading(parts_of(found, "group", row["quantity"]))
    named = [html.Span(_leading(scene, each), className="named") for each in first]
    largest: list[Any] = [named[0], *([text("wall.either"), named[1]] if named[1:] else [])] if named else ["NA"]
    if row["quantity"] != "pm25":
        largest.append(html.Small(marks.SYMBOLS["o3"] if row["quantity"] == "o3" else "Ox"))
    home, others, outside = by_distance(parts_of(found, "place", row["quantity"]), city)
    trust = html.Td(text(f"attribution.confidence_{row['confidence']}"), className=f"trust-{row['confidence']}")
    return html.Tr([name, html.Td(largest), *(html.Td(f"{_pct(each)}%", className="number") for each in (home, others, outside)),
                    trust])  # fmt: skip


def _leading(scene: Scene, part: Part) -> str:
    return scene.text("wall.part", name=part_name(scene, "group", part.name), share=_pct(part.share),
                      low=_pct(part.low), high=_pct(part.high))  # fmt: skip


def _pct(share: float) -> str:
    return (
        f"{share:.0f}".replace("-", "−").replace("−0", "0") if round(share) == 0 else f"{share:.0f}".replace("-", "−")
    )
