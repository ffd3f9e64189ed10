"""Figures of an assessment on a page: bars, days and boxes of HTML, which are as broad as there is room and legible on a phone.

The figures of the documents (dashboards.documents.figures) are of one breadth; these show the same tables. Each says its
numbers in words too, and gives them as CSV.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from dash import html

from dashboards.components.drawing import Drawing
from dashboards.components.levels import NUMERALS
from dashboards.components.phase_tables import Told, lowered, own_scroll, unit_of
from dashboards.components.take import About, as_csv, links
from dashboards.figures.axes import reach
from dashboards.figures.svg import tag
from dashboards.phase import told as words
from dashboards.phase.content import CODE, Column, Content, Table, Value
from dashboards.phase.named import period_words
from dashboards.phase.question import REGION, QuestionRefused, period_of
from dashboards.text import Text
from standards.editions import EDITIONS
from standards.index.levels import LEVELS
from standards.pollutants import ITEMS

NAMED_PCT = 9.0
"""Share of a whole from which a part has room for its number [%]."""
MOST_DAYS = 400
PM25 = "pm25_mean_ugm3"
SHADES = (90.0, 80.0, 65.0, 50.0)
"""Shares of good days below which a box is a shade darker [%]."""


def figures(told: Told, content: Content) -> list[html.Figure]:
    """Draw all figures for which the assessment has values."""
    drawn = (draw(told, content) for draw in (_pm25, _levels, _primary, _days, _months))
    return [each for each in drawn if each is not None]


def figure_of(
    told: Told, content: Content, title: str, table: Table, columns: Sequence[str], *parts: Any
) -> html.Figure:  # fmt: skip
    """Put a drawing under its title, with its numbers to take away. columns: keys of those that are drawn; none has no file."""
    if not columns:
        return html.Figure([html.Figcaption(html.H3(lowered(title))), *parts], className="card drawn")
    shown = [table.columns[0], *(table.columns[table.index(key)] for key in columns)]
    places = [table.index(column.key) for column in shown]
    heads = [f"{words.head(told.text, c)} {unit_of(told, c)}".strip() for c in shown]
    rows = [[told.cell(row[at], column) for at, column in zip(places, shown, strict=True)] for row in table.rows]
    written = as_csv(heads, rows, _about(told, content, title, table, shown[-1]).lines(told.text))
    taken = links(told.text, table.key, "", f"data:text/csv;charset=utf-8,{quote(written)}").children
    caption = html.Figcaption([html.H3(lowered(title)), html.Span(taken, className="take")])
    return html.Figure([caption, *parts], className="card drawn")


def _about(told: Told, content: Content, title: str, table: Table, column: Column) -> About:
    asked, city = content.question, Column("city", CODE, family="city.")
    places = [REGION] if asked.get("region") else asked["cities"]
    return About(
        title=title, place=told.text("list.comma").join(told.cell(place, city) for place in places),
        period=_period(told, str(asked["period"]), "period"), unit=unit_of(told, column) or "1",
        source=told.text("list.comma").join(table.sources),
        edition=told.text.of_code("document.edition.", str(asked["edition"])), simulated=bool(content.about.get("simulated")),
    )  # fmt: skip


def table_of(content: Content, key: str) -> Table | None:
    """Give a table that has rows; None for one that is not there or empty."""
    return next((table for table in content.tables if table.key == key and table.rows), None)


def level_name(text: Text, number: str) -> str:
    """Name a level by numeral and word; "0" is a day without an index."""
    if number == "0":
        return text("phase_page.no_index")
    return f"{NUMERALS[int(number) - 1]} {text.of_code('phase.level.', number)}"


def _title(told: Told, key: str) -> str:
    return told.text(f"phase_page.figure_{key}")


def _pm25(told: Told, content: Content) -> html.Figure | None:
    table = table_of(content, "same_edition") or table_of(content, "cities")
    if table is None or PM25 not in {column.key for column in table.columns}:
        return None
    kinds = [key for key in (PM25, f"{PM25}_base") if key in {column.key for column in table.columns}]
    found = [v for key in kinds for v in table.column(key) if isinstance(v, int | float)]
    if not found:
        return None
    limit = _limit(content)
    top = reach([*found, *([limit] if limit else [])])
    mark = [html.I(className="limit", style={"left": f"{limit / top * 100:.1f}%"})] if limit else []
    rows = []
    for row in table.rows:
        bars = [_bar(told, row[table.index(key)], table.columns[table.index(key)], top, kind, mark)
                for key, kind in zip(kinds, ("now", "was"), strict=False)]  # fmt: skip
        rows.append(html.Li([_who(told, table, row), html.Div(bars)]))
    names = [_period(told, str(content.question.get(part, "")), part) for part in ("period", "base")][: len(kinds)]
    legend = [_key(name, kind) for name, kind in zip(names, ("now", "was"), strict=False)]
    legend += [_key(told.text("document.limit", value=f"{limit:g}"), "limit")] if limit else []
    unit = unit_of(told, table.columns[table.index(PM25)])
    drawn = html.Ul(rows, className="bars")
    return figure_of(
        told,
        content,
        _title(told, "pm25"),
        table,
        kinds,
        drawn,
        html.Ul([*legend, html.Li(html.Small(unit))], className="legend"),
    )


def _bar(told: Told, value: Value, column: Column, top: float, kind: str, more: Sequence[Any] = ()) -> html.Span:
    share = value / top * 100 if isinstance(value, int | float) else 0.0
    return html.Span(
        [
            html.Span([html.I(className=kind, style={"width": f"{share:.1f}%"}), *more], className="track"),
            html.B(told.cell(value, column)),
        ],
        className="one",
    )


def _period(told: Told, name: str, part: str) -> str:
    """Name a period in words; one that is not known stands for itself."""
    try:
        return period_words(told.text, period_of(name))
    except QuestionRefused:
        return name or told.text("document.this_period" if part == "period" else "document.base_period")


def _limit(content: Content) -> float | None:
    named = str(content.question.get("edition", ""))
    return next((e.limits["pm25", "year"][1] for e in EDITIONS if named in (e.name, e.limits_code, e.code)), None)


def _levels(told: Told, content: Content) -> html.Figure | None:
    keys = {f"level_{level.level}_days": f"level-{level.level}" for level in LEVELS}
    return _stacked(told, content, "levels", keys, lambda key: level_name(told.text, key[6]))


def _primary(told: Told, content: Content) -> html.Figure | None:
    keys = {f"{item}_primary_days": f"part-{place}" for place, item in enumerate(ITEMS)}
    return _stacked(told, content, "primary", keys, lambda key: told.text.of_code("item.", key.split("_")[0]))


def _stacked(
    told: Told, content: Content, key: str, kinds: Mapping[str, str], name: Callable[[str], str]
) -> html.Figure | None:  # fmt: skip
    """Draw the days of each city as shares of a row; the region's are sums of all cities and left out."""
    table = table_of(content, key)
    if table is None:
        return None
    used = {k: kind for k, kind in kinds.items() if any(v for v in table.column(k))}
    if not used:
        return None
    rows = []
    for row in (row for row in table.rows if row[0] != REGION):
        parts = {k: row[table.index(k)] or 0 for k in used}
        whole = sum(parts.values()) or 1  # type: ignore[arg-type]  # counts of days
        said = told.text("list.comma").join(f"{name(k)} {n}" for k, n in parts.items() if n)
        drawn = [
            html.I(str(n) if n / whole * 100 >= NAMED_PCT else None, className=used[k], style={"flexGrow": n})
            for k, n in parts.items() if n
        ]  # fmt: skip
        stack = html.Div(
            drawn, className="stack", role="img", **{"aria-label": said or told.cell(None, table.columns[0])}
        )
        rows.append(html.Li([_who(told, table, row), stack]))
    legend = [_key(name(k), kind) for k, kind in used.items()]
    unit = html.Li(html.Small(told.text("phase_page.days")))
    drawn, below = html.Ul(rows, className="bars"), html.Ul([*legend, unit], className="legend")
    return figure_of(told, content, _title(told, key), table, list(used), drawn, below)


def _days(told: Told, content: Content) -> html.Figure | None:
    """Draw a strip of days for each city, coloured by level."""
    table = table_of(content, "days")
    if table is None:
        return None
    first, last = (dt.date.fromisoformat(str(content.question[key])) for key in ("first", "last"))
    n = (last - first).days + 1
    by_city: dict[Value, dict[int, str]] = {}
    for city, date, level in zip(*(table.column(key) for key in ("city", "date", "level")), strict=True):
        by_city.setdefault(city, {})[(dt.date.fromisoformat(str(date)) - first).days] = str(level or 0)
    if n > MOST_DAYS or len(by_city) < 2 or not any(any(v != "0" for v in of.values()) for of in by_city.values()):
        return None
    rows = [
        html.Li([html.Span(told.cell(city, table.columns[0]), className="who"), Drawing(_strip(days, n), className="strip")])
        for city, days in by_city.items()
    ]  # fmt: skip
    axis = html.Li(
        [html.Span(className="who"), html.Div(_month_marks(first, n), className="axis")], **{"aria-hidden": "true"}
    )
    used = sorted({level for of in by_city.values() for level in of.values()})
    legend = [_key(level_name(told.text, k), f"level-{k}") for k in used]
    return figure_of(
        told, content, _title(told, "calendar"), table, (), html.Ul([*rows, axis], className="bars days"),
        html.Ul(legend, className="legend"),
    )  # fmt: skip


def _strip(days: Mapping[int, str], n: int) -> str:
    """Draw days side by side, each level in one path: small, and coloured by the page's palette."""
    paths = [
        tag(
            "path",
            d="".join(f"M{at} 0h1v1h-1z" for at, level in days.items() if level == each),
            class_=f"level-{each}",
        )
        for each in sorted(set(days.values()))
    ]
    return tag("svg", *paths, viewBox=f"0 0 {n} 1", preserveAspectRatio="none", aria_hidden="true")


def _month_marks(first: dt.date, n: int) -> list[html.Span]:
    days = [(at, first + dt.timedelta(days=at)) for at in range(n)]
    marks = [(at, day) for at, day in days if at == 0 or day.day == 1]
    some = [each for place, each in enumerate(marks) if len(marks) <= 6 or place % 3 == 0]
    return [html.Span(f"{day:%m-%d}", style={"left": f"{at / n * 100:.1f}%"}) for at, day in some]


def _months(told: Told, content: Content) -> html.Figure | None:
    """Show the share of good days from the first month on, in boxes that are the darker the lower."""
    table = table_of(content, "months")
    key = "good_ratio_to_date_pct"
    if table is None or key not in {column.key for column in table.columns}:
        return None
    months = sorted({str(month) for month in table.column("month")})
    column = table.columns[table.index(key)]
    found = {(row[0], str(row[table.index("month")])): row[table.index(key)] for row in table.rows}
    known = [v for v in found.values() if isinstance(v, int | float)]
    if not known or len(months) < 2:
        return None
    rows = []
    for city in dict.fromkeys(table.column("city")):
        cells = [html.Td(told.cell(v := found.get((city, m)), column), className=_shade(v)) for m in months]
        rows.append(html.Tr([html.Th(told.cell(city, table.columns[0]), scope="row"), *cells]))
    heads = [html.Th(html.Span(told.text("phase_page.city"), className="unseen"), scope="col")]
    heads += [html.Th(month[2:], scope="col") for month in months]
    drawn = html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="heat")
    title = _title(told, "path")
    legend = html.Ul([html.Li(html.Small(column.unit))], className="legend")
    return figure_of(told, content, title, table, ["month", key], own_scroll(drawn, title), legend)


def _shade(value: Value) -> str:
    """Give the shade of a share of good days [%]: the darker the lower, the same for every period."""
    if not isinstance(value, int | float):
        return "none"
    return f"shade-{sum(value < bound for bound in SHADES)}"


def changes(told: Told, content: Content, key: str = "index_change_pct") -> html.Figure | None:
    """Draw the change of the index of each city from a line of nothing, the greatest fall first."""
    table = table_of(content, "change")
    if table is None or key not in {column.key for column in table.columns}:
        return None
    at, column = table.index(key), table.columns[table.index(key)]
    rows = sorted((row for row in table.rows if isinstance(row[at], int | float)), key=lambda row: row[at])  # type: ignore[arg-type,return-value]
    if not rows:
        return None
    top = max(abs(row[at]) for row in rows) or 1.0  # type: ignore[arg-type]
    drawn = [html.Li([_who(told, table, row), _diverging(told, row[at], column, top)]) for row in rows]
    title = _title(told, "change")
    return figure_of(told, content, title, table, [key], html.Ul(drawn, className="bars diverging"))


def _diverging(told: Told, value: Any, column: Column, top: float) -> html.Span:
    share = abs(value) / top * 50
    left = 50 - share if value < 0 else 50
    bar = html.I(className="fall" if value < 0 else "rise", style={"left": f"{left:.1f}%", "width": f"{share:.1f}%"})
    signed = told.cell(value, column)
    number = f"+{signed}" if value > 0 else signed
    return html.Span(
        [html.Span(bar, className="track"), html.B([number, html.Small(f" {column.unit}")])], className="one"
    )


def _who(told: Told, table: Table, row: Sequence[Value]) -> html.Span:
    return html.Span(told.cell(row[0], table.columns[0]), className="who")


def _key(name: str, kind: str) -> html.Li:
    return html.Li([html.I(className=kind), html.Span(lowered(name))])


def spark(points: Sequence[float | None], target: float | None, title: str) -> str:
    """Draw values one after the other with a line for what is to be reached. Pure; "" where nothing is known."""
    known = [p for p in points if p is not None]
    if not known:
        return ""
    low, high = (
        min([*known, *([target] if target is not None else [])]),
        max([*known, *([target] if target is not None else [])]),
    )
    pad = (high - low) * 0.15 or max(abs(high) * 0.1, 1.0)
    low, high = low - pad, high + pad
    across = 236 / max(len(points) - 1, 11)
    up = lambda value: 72 - (value - low) / (high - low) * 68  # noqa: E731
    places = [(4 + at * across, up(p)) for at, p in enumerate(points) if p is not None]
    line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    dots = [tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="3") for x, y in places]
    aim = [] if target is None else [tag("path", d=f"M0 {up(target):.1f}H244", class_="aim")]
    return tag(
        "svg",
        *aim,
        tag("path", d=line, class_="line"),
        *dots,
        viewBox="0 0 244 76",
        role="img",
        aria_label=escape(title),
    )
