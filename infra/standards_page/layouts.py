"""Layouts of table files as Markdown: as the standard prints them where it is known, else row by row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from infra.standards_page.table_files import BESIDE, AnyFile, Row, TableFile, TreeFile, kind_of
from infra.standards_page.words import (
    ITEM_ORDER,
    KNOWN,
    PERIOD_ORDER,
    RULES,
    column_word,
    item_word,
    period_word,
    rank,
    symbol,
    unit_word,
)

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_LEVEL_COLUMNS = {"level", "aqi_from", "aqi_to", "hex", "category_zh", "effect_zh", "advice_zh"}


def layout(files: Sequence[AnyFile]) -> str:
    """Show the files of one section as Markdown, laid out by what their columns are."""
    if is_limits(files[0]):
        return _limits(files)
    return "\n\n".join(_tree(file) if isinstance(file, TreeFile) else _csv(file) for file in files)


def is_limits(file: AnyFile) -> bool:
    """Tell whether a file holds limits of grade 1 and grade 2, which editions are shown side by side for."""
    return isinstance(file, TableFile) and {"item", "period", "unit", "grade1", "grade2"} <= set(file.columns)


def colours(files: Iterable[AnyFile]) -> list[str]:
    """Give the colours ("#RRGGBB") named in any table, in order."""
    texts = (cell for f in files if isinstance(f, TableFile) for row in f.rows for cell in row.cells.values())
    return sorted({text.upper() for text in texts if _COLOUR.fullmatch(text)})


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table; what would break a cell is escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(text) for text in line) + " |" for line in lines)


def mark(text: str, row: Row) -> str:
    """Put the mark of how a value is known beside it; "" stays ""."""
    sign = KNOWN[kind_of(row.confidence)][0]
    return f"{text} {sign}" if text and sign else text


def _csv(file: TableFile) -> str:
    columns = set(file.columns)
    if {"item", "period", "unit", "iaqi", "concentration"} <= columns:
        return _index(file)
    if {"rule", "item", "value"} <= columns:
        return _rules(file)
    if columns >= _LEVEL_COLUMNS:
        return _levels(file)
    return _by_row(file)


def _index(file: TableFile) -> str:
    """Lay out HJ 633's table: a row for each index, a column for each item and averaging time."""
    keys = sorted(
        {(r.cells["item"], r.cells["period"]) for r in file.rows},
        key=lambda key: (rank(ITEM_ORDER, key[0]), rank(("day", "8h", "hour"), key[1])),
    )
    at: dict[str, dict[tuple[str, str], str]] = {}
    above, lines, units, clauses = {}, {}, {}, {}
    for row in file.rows:
        key, value = (row.cells["item"], row.cells["period"]), row.cells["concentration"]
        lines.setdefault(key, []).append(row.line)
        units[key] = unit_word(row.cells["unit"])
        if value.startswith(">"):
            above[key] = mark(f"{value} → {row.cells['iaqi'] or '不计算 none'} （{row.cells['clause']}）", row)
        else:
            at.setdefault(row.cells["iaqi"], {})[key] = mark(value, row)
            clauses.setdefault(key, {})[row.cells.get("clause", "")] = None
    header = ["IAQI", *(f"{symbol(item)} {period_word(period)} ({units[item, period]})" for item, period in keys)]
    body = [[index, *(cells.get(key, "") for key in keys)] for index, cells in sorted(at.items(), key=_by_number)]
    body.append(["更高 above", *(above.get(key, "") for key in keys)])
    body.append(["条款 clause", *("; ".join(clauses.get(key, ())) for key in keys)])
    body.append(["文件行 lines", *(spans(lines[key]) for key in keys)])
    return markdown(header, body)


def _by_number(pair: tuple[str, Any]) -> float:
    return float(pair[0])


def spans(lines: Sequence[int]) -> str:
    """Write line numbers as spans: "9–12, 15"; they come in rising order."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)


def _rules(file: TableFile) -> str:
    """Lay out rules by item: a row for each rule, a column for each item, and one for rules that hold for all."""
    by_rule: dict[str, list[Row]] = {}
    for row in file.rows:
        by_rule.setdefault(row.cells["rule"], []).append(row)
    items = sorted({row.cells["item"] for row in file.rows} - {""}, key=lambda item: rank(ITEM_ORDER, item))
    header = ["规则 rule", "全部 all", *map(symbol, items), "条款 clause", "行 line", "依据 known"]
    body = []
    for rule, rows in by_rule.items():
        cells = {row.cells["item"]: mark(row.cells["value"], row) for row in rows}
        known = dict.fromkeys(_known(row, file.head.get("confidence", "")) for row in rows)
        clauses = dict.fromkeys(row.cells.get("clause", "") for row in rows)
        name = f"{rule}<br>{RULES[rule]}" if rule in RULES else rule
        body.append([
            name, cells.get("", ""), *(cells.get(item, "") for item in items), "; ".join(clauses),
            spans([row.line for row in rows]), "; ".join(known),
        ])  # fmt: skip
    return markdown(header, body)


def _levels(file: TableFile) -> str:
    """Lay out the levels as in HJ 633 Table 1, with swatches; what is left of the columns is shown beside them."""
    header = [
        "AQI",
        "级别 level",
        "类别 category",
        "颜色 colour",
        "RGB",
        "对健康影响情况 effect",
        "建议采取的措施 advice",
        "行 line",
    ]
    body = []
    for row in file.rows:
        c = row.cells
        rgb = ", ".join(c.get(name, "") for name in ("red", "green", "blue"))
        body.append([
            f"{c['aqi_from']}–{c['aqi_to']}", f"{c.get('level_zh', '')} {c['level']}",
            _both(c, "category"), f"{_swatch(c['hex'])} {_both(c, 'colour')} {c['hex']}", rgb,
            _both(c, "effect"), mark(_both(c, "advice"), row), str(row.line),
        ])  # fmt: skip
    return markdown(header, body)


def _both(cells: Mapping[str, str], name: str) -> str:
    zh, en = cells.get(f"{name}_zh", ""), cells.get(f"{name}_en", "")
    return f"{zh}<br>*{en}*" if en and len(en) > 24 else f"{zh} {en}".strip()


def _swatch(colour: str) -> str:
    return f"![{colour}](swatches/{colour[1:].upper()}.svg)"


def _limits(files: Sequence[AnyFile]) -> str:
    """Lay out GB 3095's tables: a row for each item and averaging time, two grades of each edition side by side."""
    tables = [file for file in files if isinstance(file, TableFile)]
    cells: dict[tuple[str, str, str], dict[str, tuple[str, str, str, str]]] = {}
    for file in tables:
        for row in file.rows:
            c = row.cells
            key = c["item"], c["period"], c["unit"]
            cells.setdefault(key, {})[file.path] = (
                mark(c["grade1"], row), mark(c["grade2"], row), c.get("clause", ""), str(row.line),
            )  # fmt: skip
    header = ["项目 item", "平均时间 period", "单位 unit"]
    for file in tables:
        name = f"{file.head.get('code', file.path)}（{_since(file)}）"
        header += [f"{name} 一级 grade 1", "二级 grade 2", "条款、行 clause, line"]
    body = []
    for key in sorted(cells, key=lambda k: (_table_of(cells[k]), rank(ITEM_ORDER, k[0]), rank(PERIOD_ORDER, k[1]))):
        line = [item_word(key[0]), period_word(key[1]), unit_word(key[2])]
        for file in tables:
            grade1, grade2, clause, number = cells[key].get(file.path, ("—", "—", "", ""))
            line += [grade1, grade2, f"{clause}, {number}" if number else ""]
        body.append(line)
    return markdown(header, body)


def _table_of(by_file: Mapping[str, tuple[str, str, str, str]]) -> str:
    # Table 1, Table 2, then the annexes.
    clause = min(clause for _, _, clause, _ in by_file.values())
    return clause if clause.startswith("Table") else f"~{clause}"


def _since(file: TableFile) -> str:
    start, end = file.head.get("valid_from", ""), file.head.get("valid_to", "")
    return f"{start or '…'} 至 {end or '…'}"


def _by_row(file: TableFile) -> str:
    """Lay out any other table: its own columns and rows, with the line and how each row is known."""
    columns = [name for name in file.columns if name not in ("confidence", "tag") and not name.endswith(BESIDE)]
    header = ["行 line", *(column_word(name) for name in columns), "依据 known"]
    said_above = file.head.get("confidence", "")
    body = [[str(row.line), *(_shown(name, row) for name in columns), _known(row, said_above)] for row in file.rows]
    return markdown(header, body)


def _shown(column: str, row: Row) -> str:
    text = row.cells[column]
    if column in row.by_value:
        return f"{text} {KNOWN[kind_of(row.by_value[column])][0]}".strip()
    if column == "rule" and text in RULES:
        return f"{text}<br>{RULES[text]}"
    if _COLOUR.fullmatch(text):
        return f"{_swatch(text)} {text}"
    if column == "unit":
        return unit_word(text)
    if column == "period":
        return period_word(text)
    if column == "item":
        return f"{text} {item_word(text)}" if item_word(text) != text else text
    return text


def _known(row: Row, said_above: str) -> str:
    # What the head of the file says of all rows is not repeated in each.
    if row.by_value:
        return "逐值 by value"
    sign, zh, _ = KNOWN[kind_of(row.confidence)]
    return f"{sign} {zh} {'' if row.confidence == said_above else row.confidence}".strip()


def _tree(file: TreeFile) -> str:
    """Lay out a TOML: each table of it with its line, key by key, as they stand in the file."""
    parts = []
    for path, node in branches(file.tree):
        singles = {key: value for key, value in node.items() if not _is_branch(value)}
        if not singles:
            continue
        header = ["行 line", "键 key", "值 value", "注 note"]
        body = []
        for key, value in singles.items():
            where = f"{path}.{key}" if path else key
            body.append([str(file.lines.get(where, "")), key, _condition(key, value), file.notes.get(where, "")])
        known = KNOWN[kind_of(str(node["confidence"]))] if "confidence" in node else None
        heading = f"`[{path}]`" if path else ""
        heading += f" {file.notes[path]}" if path in file.notes else ""
        heading += f" — {known[0]} {known[1]}".replace("  ", " ") if known and path else ""
        parts += [heading.strip(), markdown(header, body)] if heading else [markdown(header, body)]
    return "\n\n".join(parts)


def branches(node: Mapping[str, Any], path: str = "") -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Give a TOML's tables with their paths, such as "", "lift" and "level[0]", in the order of the file."""
    yield path, node
    for key, value in node.items():
        below = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            yield from branches(value, below)
        elif _is_tables(value):
            for number, each in enumerate(value):
                yield from branches(each, f"{below}[{number}]")


def _condition(key: str, value: Any) -> str:
    """Write the conditions of a warning plan in words; any other value as it is."""
    if key != "any_of" or not all(set(each) == {"above", "days"} for group in value for each in group):
        return _text(value)
    groups = [" 且 and ".join(f"> {each['above']} ≥ {each['days']} 天 d" for each in group) for group in value]
    return "；或 or ".join(groups)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _is_branch(value: Any) -> bool:
    return isinstance(value, dict) or _is_tables(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(_text(each) for each in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_text(each)}" for key, each in value.items()) + "}"
    return str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")
