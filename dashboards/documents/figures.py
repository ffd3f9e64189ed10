"""Which figures an assessment gives: each is drawn where its table and values are there, and left out where they are not."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from dashboards.documents.spoken import Spoken
from dashboards.figures.printed import (
    PARTS,
    Bars,
    bars_beside,
    day_strips,
    marked_bars,
    ranked_bars,
    shaded_boxes,
    stacked_rows,
)
from dashboards.phase.content import CODE, DATE, NUMBER, Column, Content, Table, Value
from dashboards.phase.question import REGION
from standards.editions import EDITIONS
from standards.index.levels import LEVELS, level_of

PM25 = r"pm25(_mean)?_ugm3"
BEFORE = r"(pm25_mean_ugm3_base|pm25_(mean_)?(before|previous|last_year|last|reference)(_ugm3)?|(before|previous|last_year)_pm25.*)"
CHANGE = r"(composite.*(change|_pct).*|change.*composite.*|index_change_pct)|change_pct"
LEVEL = r"(days_)?(level_?)?([1-6])(_days)?"
PRIMARY = r"(primary_|days_)?({item})(_days|_primary.*)?"
RATIO = r"good_(ratio|days)"
SECTOR_FILLS = (
    "#1f3b63", "#b5651d", "#7fb2d9", "#5f8f4e", "#e3cf8f", "#6b4a7d", "#c98b9b", "#3f7f83", "#a9b665", "#d8d8d8",
)  # fmt: skip
"""Of nine sectors and what comes from outside."""
FINE = "pm25"
SYMBOLS = {"pm25": "PM2.5", "pm10": "PM10", "o3": "O3", "no2": "NO2", "so2": "SO2", "co": "CO"}
MOST = 16
"""Rows of a figure; a longer table is no picture any more."""


@dataclass(frozen=True)
class Figure:
    """A figure: its key in the catalogue ("document.figure.<key>"), the drawing, and the table that it shows."""

    key: str
    svg: str
    table: Table


def figures_of(content: Content, spoken: Spoken) -> dict[str, Figure]:
    """Draw all figures for which the content has values, by key, in their order."""
    made = ((key, draw(content, spoken)) for key, draw in DRAWN.items())
    return {key: Figure(key, found[0], found[1]) for key, found in made if found is not None}


def _pm25(content: Content, spoken: Spoken) -> tuple[str, Table] | None:
    table = _table(content, "cities")
    own = _column(table, PM25)
    if table is None or own is None or not _fits(table):
        return None
    asked, text = content.question, spoken.text
    names = [
        spoken.period(str(asked.get("period") or "")) or text("document.this_period"),
        spoken.period(str(asked.get("base") or "")) or text("document.base_period"),
    ]
    kinds = [_bars(spoken, table, own, _names(table), names[0], PARTS[0])]
    for other in (_table(content, "same_edition"), _table(content, "change"), table):
        before = _column(other, BEFORE)
        if other is not None and before is not None:
            kinds.append(_bars(spoken, other, before, _names(table), names[1], PARTS[4]))
            break
    kinds = [kind for kind in kinds if any(v is not None for v in kind.values)]
    if not kinds:
        return None
    limit = _limit(content)
    line = (limit, spoken.text("document.limit", value=f"{limit:g}")) if limit else None
    return bars_beside(_said_names(spoken, table), kinds, own.unit, line), table


def _levels(content: Content, spoken: Spoken) -> tuple[str, Table] | None:
    table = _table(content, "levels")
    found = [] if table is None else [(c, m[3]) for c in table.columns[1:] if (m := re.fullmatch(LEVEL, c.key))]
    parts = [(_level(spoken, number), LEVELS[int(number) - 1].hex) for _, number in found]
    return _stacked(spoken, table, [column for column, _ in found], parts)


def _primary(content: Content, spoken: Spoken) -> tuple[str, Table] | None:
    table = _table(content, "primary")
    found = []
    for place, item in enumerate(SYMBOLS):
        column = _column(table, PRIMARY.replace("{item}", item))
        if column is not None:
            found.append((column, (SYMBOLS[item], PARTS[place])))
    return _stacked(spoken, table, [column for column, _ in found], [part for _, part in found])


def _calendar(content: Content, spoken: Spoken) -> tuple[str, Table] | None:
    table = _table(content, "days")
    if table is None:
        return None
    date = next((c for c in table.columns if c.kind == DATE), None)
    index = _column(table, r"aqi(_.*)?")
    level = _column(table, r"level")
    if date is None or (index is None and level is None):
        return None
    fills: dict[Value, dict[dt.date, str]] = {}
    days = set()
    for code, day, aqi, lev in zip(table.column(table.columns[0].key), table.column(date.key), *(
        table.column(c.key) if c else [None] * len(table.rows) for c in (index, level)
    ), strict=True):  # fmt: skip
        when = dt.date.fromisoformat(str(day))
        days.add(when)
        number = int(lev) if lev is not None else int(level_of(float(aqi))) if aqi is not None else None
        row = fills.setdefault(code, {})
        if number:
            row[when] = str(number)
    if not any(fills.values()) or len(fills) > MOST or len(days) > 400:
        return None
    first, last = min(days), max(days)
    span = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    rows = list(fills.values())
    used = sorted({number for row in rows for number in row.values()})
    legend = [(f"{n} {_level(spoken, n)}", LEVELS[int(n) - 1].hex) for n in used]
    names = [spoken.cell(code, table.columns[0]) for code in fills]
    return day_strips(
        names, span, [{d: LEVELS[int(n) - 1].hex for d, n in row.items()} for row in rows], rows, legend
    ), table


def _change(content: Content, spoken: Spoken) -> tuple[str, Table] | None:
    for table in (_table(content, "change"), _table(content, "ranking")):
        column = _column(table, CHANGE)
        if table is None or column is None:
            continue
        known = [(row[0], row[table.index(column.key)]) for row in table.rows]
        known = [(code, value) for code, value in known if value is not None]
        if known and len(known) <= MOST:
            names = [spoken.cell(code, table.columns[0]) for code, _ in known]
            said = [spoken.cell(value, column) for _, value in known]
            return ranked_bars(names, [float(value) for _, value in known], said, column.unit), table
    return None


def _good_target(content: Content, spoken: Spoken) -> tuple[str, Table] | None:
    return _beside_target(content, spoken, "good_ratio_to_date_pct", "good_ratio_target_pct")


def _pm25_target(content: Content, spoken: Spoken) -> tuple[str, Table] | None:
    return _beside_target(content, spoken, "pm25_to_date_ugm3", "pm25_target_ugm3")


def _beside_target(content: Content, spoken: Spoken, value: str, target: str) -> tuple[str, Table] | None:
    """Draw what is reached beside the target, for the places that have one."""
    table = _table(content, "targets")
    reached, goal = _column(table, value), _column(table, target)
    if table is None or goal is None or reached is None:
        return None
    rows = tuple(row for row in table.rows if row[table.index(goal.key)] is not None)
    part = replace(table, rows=rows)
    values = _bars(spoken, part, reached, None, spoken.head(reached), PARTS[2])
    marks = _bars(spoken, part, goal, None, spoken.head(goal), "#a80000")
    if not any(v is not None for v in values.values) or not _fits(part):
        return None
    return marked_bars(_said_names(spoken, part), values, marks, reached.unit), table


def _path(content: Content, spoken: Spoken) -> tuple[str, Table] | None:
    table = _table(content, "months")
    column = _column(table, f"{RATIO}_to_date_pct")
    if table is None or column is None or table.columns[1].key != "month":
        return None
    months = sorted({str(row[1]) for row in table.rows})
    found = {(row[0], str(row[1])): row[table.index(column.key)] for row in table.rows}
    codes = list(dict.fromkeys(row[0] for row in table.rows))
    values = [[found.get((code, month)) for month in months] for code in codes]
    if not any(v is not None for row in values for v in row) or len(codes) > MOST or len(months) > 18:
        return None
    names = [spoken.cell(code, table.columns[0]) for code in codes]
    said = [[spoken.cell(v, column) for v in row] for row in values]
    return shaded_boxes(
        names, spoken.months(months), [[_number(v) for v in row] for row in values], said, column.unit
    ), table


def _yearly(content: Content, spoken: Spoken) -> tuple[str, Table] | None:
    """Draw PM2.5 of each city and year, the darker the more."""
    table = _table(content, "yearly")
    column = _column(table, PM25)
    if table is None or column is None:
        return None
    return _crossed(spoken, table, column, [str(row[1]) for row in table.rows], lambda years: sorted(years))


def _sectors(content: Content, spoken: Spoken) -> tuple[str, Table] | None:
    """Draw which part of the fine particles of each city comes from which sector."""
    table, column = _of_fine(_table(content, "attribution_sectors"))
    if table is None or column is None:
        return None
    sectors = list(dict.fromkeys(str(row[2]) for row in table.rows))
    codes = list(dict.fromkeys(row[0] for row in table.rows))
    if len(codes) > MOST or len(sectors) > len(SECTOR_FILLS):
        return None
    found = {(row[0], str(row[2])): row[table.index(column.key)] for row in table.rows}
    values = [[_number(found.get((code, sector))) for sector in sectors] for code in codes]
    said = [[spoken.cell(found.get((code, sector)), column) for sector in sectors] for code in codes]
    parts = [
        (spoken.cell(sector, table.columns[2]), SECTOR_FILLS[-1] if sector == "outside" else SECTOR_FILLS[place])
        for place, sector in enumerate(sectors)
    ]
    return stacked_rows([spoken.cell(code, table.columns[0]) for code in codes], parts, values, said), table


def _places(content: Content, spoken: Spoken) -> tuple[str, Table] | None:
    """Draw which part of the fine particles of each city comes from where, the darker the more."""
    table, column = _of_fine(_table(content, "attribution_places"))
    if table is None or column is None:
        return None
    heads = [str(row[2]) for row in table.rows]
    return _crossed(spoken, table, column, heads, list, told=lambda code: spoken.cell(code, table.columns[2]))


def _of_fine(table: Table | None) -> tuple[Table | None, Column | None]:
    """Leave the rows of fine particles, with the column of shares."""
    if table is None or [c.key for c in table.columns[:2]] != ["city", "quantity"]:
        return None, None
    rows = tuple(row for row in table.rows if row[1] == FINE)
    return (replace(table, rows=rows), _column(table, "share_pct")) if rows else (None, None)


def _crossed(
    spoken: Spoken, table: Table, column: Column, heads: list[str], ordered: Callable[[dict[str, None]], list[str]],
    told: Callable[[str], str] = str,
) -> tuple[str, Table] | None:  # fmt: skip
    """Draw a column of a long table as boxes of city by head, the darker the more; None where nothing is known."""
    at = table.index(column.key)
    across, codes = ordered(dict.fromkeys(heads)), list(dict.fromkeys(row[0] for row in table.rows))
    found = {(row[0], head): row[at] for row, head in zip(table.rows, heads, strict=True)}
    values = [[_number(found.get((code, head))) for head in across] for code in codes]
    if not any(v is not None for row in values for v in row) or len(codes) > MOST or len(across) > MOST:
        return None
    said = [[spoken.cell(found.get((code, head)), column) for head in across] for code in codes]
    names = [spoken.cell(code, table.columns[0]) for code in codes]
    return shaded_boxes(names, [told(head) for head in across], values, said, column.unit, more_is_dark=True), table


DRAWN: dict[str, Callable[[Content, Spoken], tuple[str, Table] | None]] = {
    "pm25": _pm25, "levels": _levels, "primary": _primary, "path": _path, "calendar": _calendar, "change": _change,
    "targets": _good_target, "targets_pm25": _pm25_target, "yearly": _yearly, "sectors": _sectors, "places": _places,
}  # fmt: skip


def _stacked(
    spoken: Spoken, table: Table | None, columns: list[Column], parts: list[tuple[str, str]]
) -> tuple[str, Table] | None:
    if table is None or not columns or not _fits(table):
        return None
    rows = tuple(row for row in table.rows if row[0] != REGION)  # its days are those of all cities together
    table = replace(table, rows=rows)
    values = [[_number(row[table.index(c.key)]) for c in columns] for row in rows]
    if not any(v for row in values for v in row):
        return None
    said = [[spoken.cell(row[table.index(c.key)], c) for c in columns] for row in rows]
    return stacked_rows(_said_names(spoken, table), parts, values, said), table


def _bars(spoken: Spoken, table: Table, column: Column, order: list[Value] | None, name: str, fill: str) -> Bars:
    found = dict(zip(table.column(table.columns[0].key), table.column(column.key), strict=True))
    values = list(table.column(column.key)) if order is None else [found.get(code) for code in order]
    return Bars(name, [_number(v) for v in values], [spoken.cell(v, column) for v in values], fill)


def _limit(content: Content) -> float | None:
    """The limit of a year (grade 2) of the edition that the assessment is of, the one that everybody compares with."""
    named = str(content.question.get("edition", ""))
    return next((e.limits["pm25", "year"][1] for e in EDITIONS if named in (e.name, e.limits_code, e.code)), None)


def _table(content: Content, *keys: str) -> Table | None:
    return next((table for key in keys for table in content.tables if table.key == key and table.rows), None)


def _column(table: Table | None, pattern: str) -> Column | None:
    """Find a column of numbers (or of codes that are numbers) by its key, None where there is none."""
    every: Iterator[Column] = iter(() if table is None else table.columns[1:])
    return next(
        (column for column in every if column.kind in (NUMBER, CODE) and re.fullmatch(pattern, column.key)), None
    )


def _names(table: Table) -> list[Value]:
    return list(table.column(table.columns[0].key))


def _said_names(spoken: Spoken, table: Table) -> list[str]:
    return [spoken.cell(code, table.columns[0]) for code in _names(table)]


def _fits(table: Table) -> bool:
    return 0 < len(table.rows) <= MOST


def _level(spoken: Spoken, number: str) -> str:
    level = LEVELS[int(number) - 1]
    return level.category_zh if spoken.lang == "zh" else level.category_en


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) else None
