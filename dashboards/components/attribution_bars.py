"""Who made the air: contributions as bars with their intervals, tables so that they read aloud and print."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from dash import html

from dashboards.components import marks
from dashboards.components.tables import plain_table, scrolling
from dashboards.components.take import About, Figure, taking
from dashboards.context import Scene
from dashboards.figures.part_bars import part_bars
from dashboards.moment import beijing
from streams.contributors import OUTSIDE, SECTORS
from streams.store.attribution import Contributions, contributions_of, unpacked_removal

Row = dict[str, Any]
SIGNED = ("o3",)
"""Quantities of which a contribution may be below nothing."""
NO_SOURCE = ("rest", OUTSIDE)
"""What nobody can act on: never named as the largest source."""
MOST_PLACES = 5
"""So many places have a bar of their own; the other cities are one."""


def attribution_panel(scene: Scene, row: Row, *, grouped: bool, section: str) -> html.Div:
    """Show a row: its span, what was shared out, bars of sectors and places, and sector by place to open; grouped: bars of the
    regulatory groups alone; section: of Dash, which draws it. Then how far it is to be trusted, and what it rests on. Where there
    is no attribution, its reason."""
    text, parts = scene.text, contributions_of(row)
    title = html.H3([_span(scene, row), marks.simulated(row, text), marks.age(scene.moment, row["hour_end"], text)])
    total = "NA" if row["total"] is None else f"{row['total']:.0f}"
    said = text("attribution.total", quantity=text(f"attribution.quantity_{row['quantity']}"), total=total,
                how=text("attribution.observed" if row["observed"] else "attribution.modelled"))  # fmt: skip
    if parts is None:
        why = text("attribution.nothing", reasons=reasons(scene, row) or text("attribution.no_reason"))
        return html.Div([title, html.P(said), html.P(why, className="quiet")], className="attributed")
    kind = "group" if grouped else "sector"
    tables = [_table(scene, parts, kind, row)]
    if grouped:  # what is not grouped has its summary above it
        tables.insert(0, html.P(_leading(scene, parts, kind, row)))
    if not grouped:
        tables += [_table(scene, parts, "place", row), _crossed(scene, parts, row)]
    links = taking(scene, section, _file(scene, row, parts, kind, said))
    return html.Div([title, html.P(said), *tables, links, *_trust(scene, row)], className="attributed")


def _file(scene: Scene, row: Row, parts: Contributions, kind: str, said: str) -> Figure:
    """Give the bars that a panel shows: of groups, or of sectors and places, with the ends of their intervals."""
    text, kinds = scene.text, (kind,) if kind == "group" else (kind, "place")
    rows = []
    for each in kinds:
        low, high = parts.interval(each, signed=row["quantity"] in SIGNED)
        told = zip(parts.names(each), parts.by(each).tolist(), low.tolist(), high.tolist(), strict=True)
        rows += [(each, name, _name(scene, each, name), *values) for name, *values in told]
    svg = part_bars([(name, *values) for _, _, name, *values in rows], "µg/m³", said)
    period = f"{beijing(row['first_hour'])} – {beijing(row['hour_end'])} ({text('hour.zone')})"
    source = f"attribution ({row['method']}; {row['models'] or '—'}; {row['inventory'] or 'NA'})"
    about = About(said, scene.city_name(row["city"]), period, "ug/m3", source, "—", bool(row["simulated"]),
                  (text("attribution.definition"),))  # fmt: skip
    heads = ("kind", "code", "name", "value [ug/m3]", "low_90 [ug/m3]", "high_90 [ug/m3]")
    return Figure(f"attribution-{row['quantity']}-{row['span']}", svg, heads, rows, about)


def definition(scene: Scene, rows: Sequence[Row]) -> list[html.P]:
    """Say what the numbers of rows mean; nothing where there is no attribution."""
    told = any(row["packed"] for row in rows)
    return [html.P(scene.text("attribution.definition"), className="footnote")] if told else []


def _trust(scene: Scene, row: Row) -> list[html.P]:
    """Say how far a row is to be trusted and why, and name what stands behind its numbers."""
    text = scene.text
    level = html.Span(text(f"attribution.confidence_{row['confidence']}"), className=f"trust trust-{row['confidence']}")
    about = [
        text("attribution.tier", tier=text.of_code("attribution.tier_", row["tier"].replace(" ", "_"))),
        text("attribution.models", models=row["models"] or "—", method=row["method"]),
        text("attribution.inventory", inventory=row["inventory"] or "NA"),
    ]
    if row["learned_to"] is not None:
        window = {"first": beijing(row["learned_from"])[:10], "last": beijing(row["learned_to"])[:10]}
        about.append(text("attribution.learned", **window))
    about.append(text("attribution.version", version=row["version"]))
    why = reasons(scene, row)
    return [
        html.P([text("attribution.confidence"), level, f" {why}" if why else ""]),
        html.P(" · ".join(about), className="footnote"),
    ]


def reasons(scene: Scene, row: Row) -> str:
    """Give the reasons of a row in words."""
    return scene.text("list.comma").join(_reason(scene, code) for code in json.loads(row["reasons"]))


def _reason(scene: Scene, code: str) -> str:
    name, _, value = code.partition(":")
    if name == "missing":
        return scene.text("attribution.reason_missing", feed=scene.text.of_code("attribution.feed_", value))
    key = f"attribution.reason_{name.replace(' ', '_')}"
    return scene.text(key, value=value) if value else scene.text.of_code("attribution.reason_", name.replace(" ", "_"))


def _span(scene: Scene, row: Row) -> str:
    text = scene.text
    if row["span"] == "hour":
        return text("attribution.hour", hour=beijing(row["hour_end"])[5:])
    if row["span"] == "episode":
        return text("attribution.episode", first=beijing(row["first_hour"])[5:], last=beijing(row["hour_end"])[5:])
    return text(f"attribution.{row['span']}", day=beijing(row["first_hour"])[:10])


def _table(scene: Scene, parts: Contributions, kind: str, row: Row) -> html.Table:
    text, signed = scene.text, row["quantity"] in SIGNED
    values, (low, high) = parts.by(kind), parts.interval(kind, signed=signed)
    removal = unpacked_removal(row["removal"]) if kind == "sector" and row["removal"] else None
    names = parts.names(kind)
    order = [int(i) for i in np.argsort(-values[:-1], kind="stable")] + [len(names) - 1]
    if kind == "place":
        order = _places(parts, row, order)
    reach = max(float(high.max()), 1e-9)
    floor = min(float(low.min()), 0.0)
    lines = [
        _line(_name(scene, kind, names[i]), (values[i], low[i], high[i]), parts.total, (floor, reach),
              None if removal is None else removal[i])
        for i in order
    ]  # fmt: skip
    if kind == "place" and len(order) < len(names):
        rest = values.sum() - values[order].sum()
        lines.insert(-1, _line(text("attribution.other_cities"), (rest, None, None), parts.total, (floor, reach), None))
    bar = html.Span(text("attribution.bar"), className="unseen")
    heads = [text(f"attribution.by_{kind}"), bar, "µg/m³", "%"]
    if removal is not None:
        gone = [text("attribution.removal"), html.Small("µg/m³")]
        heads.append(html.Span(gone, title=text("attribution.removal_long")))
    head = html.Thead(html.Tr([html.Th(each, className="" if i < 2 else "number") for i, each in enumerate(heads)]))
    return html.Table([head, html.Tbody(lines)], className="contributions")


def _leading(scene: Scene, parts: Contributions, kind: str, row: Row) -> str:
    """Name the largest source, and the largest whose interval overlaps its own: nobody can say which is first.

    What is left over is no source that could be first, nor is what comes from outside; where they are more, it is said.
    """
    values, (low, high) = parts.by(kind), parts.interval(kind, signed=row["quantity"] in SIGNED)
    names = parts.names(kind)
    order = [int(i) for i in np.argsort(-values, kind="stable")]
    first, *others = [i for i in order if names[i] not in NO_SOURCE]
    rival = next((i for i in others if high[i] >= low[first]), None)
    name = _name(scene, kind, names[first])
    if rival is None:
        said = [scene.text("attribution.first", name=name)]
    else:
        said = [scene.text("attribution.either", name=name, other=_name(scene, kind, names[rival]))]
    more = [i for i in order if names[i] in NO_SOURCE and values[i] > values[first]]
    said += [
        scene.text("attribution.besides", name=_name(scene, kind, names[i]), amount=_amount(values[i])) for i in more
    ]
    return ("" if scene.text.lang == "zh" else " ").join(said)


def _crossed(scene: Scene, parts: Contributions, row: Row) -> html.Details:
    """Lay sector by place out as a table to open [ug/m3]; what comes from outside has no sector."""
    text = scene.text
    own, *others = _places(parts, row, [int(i) for i in np.argsort(-parts.by("place")[:-1], kind="stable")] + [-1])[:-1]
    columns = [own, *others]
    rest = [i for i in range(len(parts.cities)) if i not in columns]
    heads = [text("attribution.by_sector"), *(scene.city_name(parts.cities[i]) for i in columns)]
    heads += [text("attribution.other_cities")] if rest else []
    strongest = max(float(parts.values[:, columns].max()), 1e-9)
    body = []
    for i in np.argsort(-parts.values.sum(axis=1), kind="stable").tolist():
        amounts = [parts.values[i, j] for j in columns] + ([parts.values[i, rest].sum()] if rest else [])
        cells = [
            html.Td(_amount(each), className="number", style={"--part": f"{max(float(each), 0.0) / strongest:.2f}"})
            for each in amounts
        ]
        body.append(html.Tr([html.Th(_name(scene, "sector", SECTORS[i]), scope="row"), *cells]))
    summary = html.Summary(text("attribution.crossed", outside=_amount(parts.outside)))
    return html.Details([summary, scrolling(plain_table(heads, body, "crossed"))], className="crossed-box")


def _places(parts: Contributions, row: Row, order: list[int]) -> list[int]:
    """The own city first, then the largest others, outside last."""
    own = parts.cities.index(row["city"])
    others = [i for i in order[:-1] if i != own]
    return [own, *others[: MOST_PLACES - 1], order[-1]]


def _name(scene: Scene, kind: str, name: str) -> str:
    text = scene.text
    if name == OUTSIDE:
        return text("attribution.outside")
    if kind == "place":
        return scene.city_name(name)
    return text.of_code("attribution.group_" if kind == "group" else "sector.", name)


def _line(
    name: str, told: tuple[float, float | None, float | None], total: float, reach: tuple[float, float],
    removal: float | None,
) -> html.Tr:  # fmt: skip
    value, low, high = (None if each is None else float(each) for each in told)
    width = reach[1] - reach[0]

    def at(amount: float) -> float:
        return 100.0 * (amount - reach[0]) / width

    begin, end = sorted((at(0.0), at(value)))
    drawn = [html.Div(className="amount", style={"left": f"{begin:.1f}%", "width": f"{end - begin:.1f}%"})]
    span = ""
    if low is not None and high is not None:
        drawn.append(
            html.Div(className="spread", style={"left": f"{at(low):.1f}%", "width": f"{at(high) - at(low):.1f}%"})
        )
        span = f"{_amount(low)} … {_amount(high)}"
    share = f"{100.0 * value / total:.0f}" if total > 0 else "NA"
    cells = [
        html.Th(name, scope="row"), html.Td(html.Div(drawn, className="track", title=f"{name} {_amount(value)} ({span})")),
        html.Td([_amount(value), html.Small(f" {span}")], className="number"), html.Td(share, className="number"),
    ]  # fmt: skip
    if removal is not None:
        cells.append(html.Td(f"{-removal:+.1f}".replace("-", "−"), className="number"))
    return html.Tr(cells)


def _amount(value: float) -> str:
    return f"{value:.1f}".replace("-", "−")
