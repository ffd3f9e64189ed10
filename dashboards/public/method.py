"""How the numbers are computed, in the tables of the standards themselves: nothing here is typed by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from dash import html

from dashboards.components import marks
from dashboards.components.levels import level_chip
from dashboards.components.tables import plain_table, scrolling
from dashboards.components.take import About, Figure
from dashboards.context import Scene
from dashboards.snapshots.figured import taking
from dashboards.snapshots.pages import page
from standards.dated_tables import read_table
from standards.editions import EDITIONS, Breakpoints, Edition
from standards.index.levels import Level, levels_of, sensitive_groups_of
from standards.pollutants import ITEMS, POLLUTANTS

VALIDITY = (
    "day_min_hours", "eight_hour_min_hours", "mda8_min_windows", "mda8_first_end", "city_day_min_share",
    "city_day_min_share_of_few", "city_few_stations", "month_min_days", "february_min_days", "year_min_days",
)  # fmt: skip
"""Rules of the six items, of those in standards/tables/validity.csv."""
_SHARES = ("city_day_min_share", "city_day_min_share_of_few")


def index_editions() -> list[Edition]:
    """Give an edition for each HJ 633, the newest first."""
    by_code = {edition.code: edition for edition in EDITIONS}
    return list(reversed(by_code.values()))


def _said(scene: Scene) -> list[Any]:
    steps = [html.Li(scene.text(f"public.method_{n}")) for n in range(1, 6)]
    return [
        html.Section(
            [html.H2(scene.text("public.method_steps")), html.Ol(steps, className="method-steps")], className="card"
        )
    ]


def _levels(scene: Scene) -> list[html.Section]:
    text, found = scene.text, []
    for edition in index_editions():
        lines = html.Ul([_level(scene, each) for each in levels_of(edition)], className="level-texts")
        title = html.H2(text("public.levels_of", edition=edition.code))
        found.append(html.Section([title, lines, *_groups(scene, edition)], className="card"))
    return found


def _level(scene: Scene, level: Level) -> html.Li:
    text, lang = scene.text, scene.text.lang
    head = html.Div([level_chip(level.aqi_to, text), html.B(f"{level.aqi_from}–{level.aqi_to}")], className="head")
    effect = [html.Small(text("public.effect")), " ", getattr(level, f"effect_{lang}")]
    advice = [html.Small(text("public.what_to_do")), " ", getattr(level, f"advice_{lang}")]
    return html.Li([head, html.P(effect), html.P(advice)])


def _groups(scene: Scene, edition: Edition) -> list[Any]:
    groups, lang = sensitive_groups_of(edition), scene.text.lang
    lines = [
        html.Li([html.B(marks.SYMBOLS[item]), " ", getattr(groups[item], f"groups_{lang}")])
        for item in ITEMS
        if item in groups
    ]
    return [html.H3(scene.text("public.sensitive_title")), html.Ul(lines)] if lines else []


def _breakpoints(scene: Scene) -> list[html.Section]:
    text, found = scene.text, []
    for edition in index_editions():
        found.append(_steps(scene, text("public.breakpoints_of", edition=edition.code), edition.breakpoints))
        if differ := _differing(edition):
            found.append(_steps(scene, text("public.network_of", edition=edition.code), differ))
    return found


def _steps(scene: Scene, title: str, breakpoints: Mapping[tuple[str, str], Breakpoints]) -> html.Section:
    text = scene.text
    indices = sorted({index for line in breakpoints.values() for index in line.iaqi})
    lines = []
    for (item, period), line in breakpoints.items():
        at = dict(zip(line.iaqi, line.concentration, strict=True))
        values = [html.Td(_exact(at[index]) if index in at else "—", className="number") for index in indices]
        above = html.Td("—" if line.above is None else str(line.above), className="number")
        lines.append(html.Tr([_item(scene, item, period), *values, above]))
    heads = [text("public.item"), *map(str, indices), text("public.above")]
    return _table(title, heads, lines, html.P(text("public.breakpoint_note"), className="footnote"))


def _limits(scene: Scene) -> list[html.Section]:
    text, found = scene.text, []
    for edition in reversed(EDITIONS):
        lines = [
            html.Tr([_item(scene, item, period), *(html.Td(f"{limit:g}", className="number") for limit in limits)])
            for (item, period), limits in edition.limits.items() if item in ITEMS
        ]  # fmt: skip
        transition = edition.limits_code.endswith(" transition")
        code = edition.limits_code.removesuffix(" transition")
        title = text("public.limits_of", edition=code, kind=text("public.transition") if transition else "",
                     first=edition.valid_from.isoformat())  # fmt: skip
        found.append(_table(title, [text("public.item"), text("public.grade1"), text("public.grade2")], lines))
    return found


def steps_taken(scene: Scene) -> Figure:
    """Give the breakpoints of every edition, a line for each item, period and index; network: those of the network's index."""
    rows = [
        (edition.code, kind, item, period, POLLUTANTS[item].unit, index, _exact(at))
        for edition in index_editions()
        for kind, steps in (("index", edition.breakpoints), ("network", _differing(edition)))
        for (item, period), line in steps.items()
        for index, at in zip(line.iaqi, line.concentration, strict=True)
    ]
    heads = ("edition", "kind", "item", "period", "unit", "iaqi [1]", "concentration")
    return Figure(
        "airshed-breakpoints", "", heads, rows, _about(scene, "take.steps", [e.code for e in index_editions()])
    )


def limits_taken(scene: Scene) -> Figure:
    """Give the limits of every edition, a line for each item and period."""
    rows = [
        (edition.limits_code, edition.valid_from.isoformat(), item, period, POLLUTANTS[item].unit, *limits)
        for edition in reversed(EDITIONS)
        for (item, period), limits in edition.limits.items()
        if item in ITEMS
    ]
    codes = list(dict.fromkeys(edition.limits_code for edition in reversed(EDITIONS)))
    heads = ("edition", "valid_from", "item", "period", "unit", "grade_1", "grade_2")
    return Figure("airshed-limits", "", heads, rows, _about(scene, "take.limits", codes))


def _about(scene: Scene, key: str, codes: Sequence[str]) -> About:
    comma, since = scene.text("list.comma"), min(edition.valid_from for edition in EDITIONS)
    units = ", ".join(sorted({p.unit for p in POLLUTANTS.values()}))
    return About(
        scene.text(key), scene.text("take.region"), f"{since} –", units, comma.join(codes), comma.join(codes), False
    )


def _differing(edition: Edition) -> dict[tuple[str, str], Breakpoints]:
    return {key: line for key, line in edition.network.items() if edition.breakpoints.get(key) != line}


def _taking(scene: Scene) -> html.Section:
    links = [taking(scene, "method", name, make(scene)) for name, make in FIGURES.items()]
    titles = [make(scene).about.title for make in FIGURES.values()]
    told = [html.Div([html.P(title), link]) for title, link in zip(titles, links, strict=True)]
    return html.Section(told, className="card")


def _item(scene: Scene, item: str, period: str) -> html.Th:
    name = [
        marks.SYMBOLS[item],
        " ",
        scene.text(f"public.period_{period}"),
        html.Small(f" {marks.UNITS[POLLUTANTS[item].unit]}"),
    ]
    return html.Th(name, scope="row")


def _exact(value: Fraction) -> str:
    return f"{float(value):g}"


def _rules(scene: Scene) -> list[html.Section]:
    text = scene.text
    rows = {row["rule"]: row for row in read_table("validity").rows}
    lines = [_rule(scene, name, rows[name]) for name in VALIDITY]
    decimals = [_decimals(scene, item) for item in POLLUTANTS]
    note = html.P(text("public.rounding_note"), className="footnote")
    return [
        _table(text("public.validity"), [text("public.rule"), text("public.value"), text("public.clause")], lines),
        _table(
            text("public.rounding"), [text("public.item"), text("public.unit"), text("public.decimals")], decimals, note
        ),
    ]


def _rule(scene: Scene, name: str, row: Mapping[str, str]) -> html.Tr:
    value = html.Td(_rule_value(name, row["value"]), className="number")
    return html.Tr(
        [html.Th(scene.text(f"public.rule_{name}"), scope="row"), value, html.Td(_clause(scene, row["clause"]))]
    )


def _decimals(scene: Scene, item: str) -> html.Tr:
    pollutant = POLLUTANTS[item]
    name = html.Th([marks.SYMBOLS[item], " ", scene.text.of_code("item.", item)], scope="row")
    return html.Tr([name, html.Td(marks.UNITS[pollutant.unit]), html.Td(str(pollutant.decimals), className="number")])


def _clause(scene: Scene, clause: str) -> str:
    word = scene.text("public.table_word")
    return (
        clause.replace("; ", scene.text("public.semicolon"))
        .replace("Table ", word)
        .replace(" and ", scene.text("list.comma"))
    )


def _rule_value(name: str, value: str) -> str:
    return f"{float(value) * 100:g} %" if name in _SHARES else value


def _table(title: str, heads: Sequence[Any], lines: list[html.Tr], *below: Any) -> html.Section:
    return html.Section(
        [html.H2(title), scrolling(plain_table(list(heads), lines, "method")), *below], className="card"
    )


FIGURES = {"breakpoints": steps_taken, "limits": limits_taken}
page(
    "method", "/method",
    {"said": _said, "levels": _levels, "breakpoints": _breakpoints, "limits": _limits, "rules": _rules, "files": _taking},
    in_navigation=True, figures=FIGURES,
)  # fmt: skip
