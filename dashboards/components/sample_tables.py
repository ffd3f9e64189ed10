"""Tables of results of laboratories: the kinds of the list with what is measured, the statistics of one substance, its points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.components.behind import facts
from dashboards.components.drawing import Drawing
from dashboards.components.still import still
from dashboards.components.tables import plain_table, scrolling
from dashboards.context import Scene
from dashboards.queries.laboratory import Measured
from standards.laboratory.new_pollutants import Kind, PollutantList
from standards.laboratory.summary import Summary, summary_of, written
from streams.store.laboratory import as_censored

Row = dict[str, Any]


def kind_table(scene: Scene, pollutants: PollutantList, found: Sequence[Measured], chosen: Measured | None) -> html.Div:
    """List the kinds, each with what is measured of it; what is chosen is marked, the others lead to it."""
    text = scene.text
    names = ("substance", "medium", "results", "detected", "points", "days")
    body = []
    for kind in pollutants.kinds:
        mine = [each for each in found if each.kind is kind]
        none = [] if mine else [html.Small(text("laboratory.unmeasured"))]
        head = html.Th(
            [html.Span(f"{kind.number}", className="of-kind"), kind_name(scene, kind), *none],
            colSpan="6",
            scope="colgroup",
        )
        body.append(html.Tr(head, className="kind" if mine else "kind unmeasured"))
        body += [html.Tr(_cells(scene, each, each is chosen)) for each in mine]
    return scrolling(plain_table([text(f"laboratory.{name}") for name in names], body, "samples-kinds"))


def kind_name(scene: Scene, kind: Kind) -> str:
    """Give the name of a kind in the reader's language."""
    return kind.name_zh if scene.text.lang == "zh" else kind.name_en


def substance_name(scene: Scene, each: Measured) -> str:
    """Give the name of a substance in the reader's language."""
    return each.substance.name_zh if scene.text.lang == "zh" else each.substance.name_en


def medium_name(scene: Scene, each: Measured) -> str:
    """Give the name of a medium in the reader's language."""
    return scene.text.of_code("laboratory.", each.row["medium"])


def _cells(scene: Scene, each: Measured, chosen: bool) -> list[Any]:
    row, own = each.row, {"cas": each.substance.cas, "medium": each.row["medium"]}
    now = {"aria-current": "true" if chosen else "false", "data-state": ""}
    link = html.A(substance_name(scene, each), href=scene.link(own), **now)
    share = row["detected"] / row["n"]
    bar = html.Span(html.I(style={"width": f"{share:.1%}"}), className="share-bar", **{"aria-hidden": "true"})
    return [
        html.Th([link, " ", html.Small(each.substance.cas), marks.simulated(row, scene.text)], scope="row"),
        html.Td(medium_name(scene, each)),
        html.Td(str(row["n"]), className="number"), html.Td([f"{share:.0%}", bar], className="number"),
        html.Td(str(row["points"]), className="number"), html.Td(_days(row), className="days"),
    ]  # fmt: skip


def _days(row: Row) -> str:
    return str(row["last"]) if row["first"] == row["last"] else f"{row['first']} – {row['last']}"


def statistics(scene: Scene, told: Summary, unit: str) -> html.Div:
    """Tell the statistics of results, each with its interval, or why it is not told."""
    text = scene.text
    named = {
        "limits": limits(scene, told), "largest": written(told.largest), "km_median": _median(scene, told),
        "km_mean": _mean(scene, told), "ros_mean": _told(scene, told.ros_unsaid, written(told.ros_mean), told.ros_mean_ends),
    }  # fmt: skip
    counts = [(text("laboratory.results"), str(told.n))]
    counts.append((text("laboratory.detected"), f"{told.detected_share:.0%} ({told.detected})"))
    told_all = [*counts, *((f"{text(f'laboratory.{name}')} {unit}", value) for name, value in named.items())]
    return html.Div(facts(told_all), className="samples-facts")


def limits(scene: Scene, told: Summary) -> str:
    """Tell the least and the largest limit, and how many are not said; a dash where nothing lies below one."""
    low, high = told.limits
    known = [] if math.isnan(low) else [written(low) if low == high else f"{written(low)} – {written(high)}"]
    if told.unknown_limits:
        known.append(
            scene.text("laboratory.unknown_limits", n=told.unknown_limits)
            if known
            else scene.text("laboratory.no_limit")
        )
    return scene.text("list.comma").join(known) or "—"


def _median(scene: Scene, told: Summary) -> str:
    value = scene.text("laboratory.below_limit") if math.isnan(told.km_median) else written(told.km_median)
    return _told(scene, told.km_unsaid, value, told.km_median_ends)


def _mean(scene: Scene, told: Summary) -> str:
    low, high = told.km_mean_ends
    if told.km_unsaid or math.isnan(low) or told.km_least_mean == told.km_mean:
        return _told(scene, told.km_unsaid, written(told.km_mean), told.km_mean_ends)
    least, most = written(told.km_least_mean), written(told.km_mean)
    return scene.text("laboratory.at_most", least=least, most=most, low=written(low), high=written(high))


def _told(scene: Scene, why: str, value: str, ends: tuple[float, float]) -> str:
    if why:
        return scene.text.of_code("laboratory.why_", why)
    if all(map(math.isnan, ends)):
        return value
    low, high = (scene.text("laboratory.below_limit") if math.isnan(ends[0]) else written(ends[0])), written(ends[1])
    return scene.text("laboratory.between", value=value, low=low, high=high)


def point_table(scene: Scene, rows: Sequence[Row], unit: str) -> Drawing:
    """List points by name: results, detected, limits, median and largest value, and the last day."""
    text = scene.text
    heads = [
        text("laboratory.point"), text("laboratory.results"), text("laboratory.detected"),
        *(html.Span([text(f"laboratory.{name}"), html.Small(unit)]) for name in ("limits", "km_median", "largest")),
        text("laboratory.last"),
    ]  # fmt: skip
    body = []
    for (point, city), group in groupby(sorted(rows, key=_place), key=_place):
        mine = list(group)
        told = summary_of(as_censored(mine), intervals=False)
        name = [point, " ", html.Small(scene.city_name(city))] if city else [point]
        median = "NA" if told.km_unsaid else _median_alone(scene, told)
        cells = (str(told.n), f"{told.detected_share:.0%}", limits(scene, told), median, written(told.largest),
                 str(max(row["sampled_on"] for row in mine)))  # fmt: skip
        body.append(html.Tr([html.Th(name, scope="row"), *(html.Td(each, className="number") for each in cells)]))
    return still(scrolling(plain_table(heads, body, "samples-points")))


def _median_alone(scene: Scene, told: Summary) -> str:
    return scene.text("laboratory.below_limit") if math.isnan(told.km_median) else written(told.km_median)


def _place(row: Row) -> tuple[str, str]:
    return row["point"], row["city"] or ""
