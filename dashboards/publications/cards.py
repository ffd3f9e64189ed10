"""What pages show of publications: the list, the record of one, and the cells in which two assessments differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from dashboards.components.marks import SYMBOLS
from dashboards.components.phase_tables import Told, lowered, own_scroll, unit_of
from dashboards.context import Scene
from dashboards.moment import SHANGHAI
from dashboards.phase import told as words
from dashboards.phase.content import Content, Table
from dashboards.phase.named import period_words
from dashboards.phase.question import question_of_text
from dashboards.publications.difference import Cell
from dashboards.publications.register import Record
from dashboards.text import Text

SHOWN_CELLS = 60
"""Of a list of changes on a page; all of them are in the files."""
FILES = ("pdf", "docx", "xlsx", "zip", "json")


def period_of_record(text: Text, record: Record) -> str:
    """Name the period of a publication in words."""
    return period_words(text, question_of_text(record.question).period)


def at(scene: Scene, path: str) -> str:
    """Give an address in the reader's language."""
    return path if scene.text.lang == "zh" else f"/en{path}"


def record_table(scene: Scene, records: Sequence[Record]) -> html.Ul:
    """List publications, the newest first, each with its number, period, edition, state and files."""
    return html.Ul([_work(scene, each) for each in records], className="works")


def _work(scene: Scene, record: Record) -> html.Li:
    text, to = scene.text, at(scene, f"/publications/{record.name}")
    title = html.H2(html.A(record.title(text.lang), href=to), className="work-title")
    facts = [
        html.B(record.name), period_of_record(text, record), text.of_code("document.edition.", record.edition),
        text("publications.frozen_on", day=f"{record.frozen_at + SHANGHAI:%Y-%m-%d}"),
    ]  # fmt: skip
    told = [html.Span(fact) for fact in facts]
    head = html.Div([title, state(scene, record), *_simulated(scene, record)], className="head")
    return html.Li([head, html.P(told, className="told"), files(scene, record)], className=record.state)


def state(scene: Scene, record: Record) -> html.Span:
    """Say how a publication stands."""
    said = scene.text(f"publications.state_{record.state}", reason=record.state_reason)
    return html.Span(said, className=f"state {record.state}")


def files(scene: Scene, record: Record) -> html.Span:
    """Link to the files of a publication; the answer says whether it is a file or a page that says how far that is."""
    links = [
        html.A(kind.upper(), href=at(scene, f"/publications/{record.name}.{kind}"), rel="nofollow") for kind in FILES
    ]
    return html.Span([each for link in links for each in (link, " ")], className="files")


def record_card(scene: Scene, record: Record, revisions: Sequence[Record]) -> html.Section:
    """Show the record of a publication: what identifies it, and its other revisions."""
    text = scene.text
    facts: list[tuple[str, Any]] = [
        ("state", state(scene, record)), ("period", f"{period_of_record(text, record)}（{record.first_day}—{record.last_day}）"),
        ("edition", text.of_code("document.edition.", record.edition)),
        ("frozen_at", f"{record.frozen_at + SHANGHAI:%Y-%m-%d %H:%M}"), ("frozen_by", record.frozen_by),
        ("files", files(scene, record)),
        *([("reason", record.reason)] if record.reason else []),
        *([("revisions", _others(scene, record, revisions))] if len(revisions) > 1 else []),
    ]  # fmt: skip
    proofs = [("content", record.content_sha256), ("inputs", record.inputs_sha256), ("software", record.software)]
    proof = _facts(scene, [(name, html.Code(value)) for name, value in proofs], "facts proofs")
    title = html.Div([html.H2(record.title(text.lang)), *_simulated(scene, record)], className="head")
    folded = html.Details([html.Summary(text("publications.proof")), proof])
    return html.Section([title, _facts(scene, facts, "facts record"), folded], className="card title")


def _facts(scene: Scene, facts: Sequence[tuple[str, Any]], name: str) -> html.Dl:
    return html.Dl(
        [html.Div([html.Dt(scene.text(f"publications.{key}")), html.Dd(value)]) for key, value in facts], className=name
    )


def _others(scene: Scene, record: Record, revisions: Sequence[Record]) -> html.Ul:
    lines = []
    for each in revisions:
        if each.id == record.id:
            lines.append(html.Li([html.B(each.name), " ", scene.text("publications.this_one")]))
            continue
        beside = scene.text("publications.against", name=each.name)
        lines.append(
            html.Li(
                [
                    html.A(each.name, href=at(scene, f"/publications/{each.name}")), " ",
                    html.A(beside, href=at(scene, f"/publications/{record.name}/against/{each.name}")),
                ]
            )
        )  # fmt: skip
    return html.Ul(lines, className="revisions")


def _simulated(scene: Scene, record: Record) -> list[Any]:
    return [html.Span(scene.text("publications.simulated"), className="mark simulated")] if record.simulated else []


def cell_table(told: Told, cells: Sequence[Cell], contents: Sequence[Content]) -> list[Any]:
    """List cells that differ: table, row, column, was, is and change; long lists are cut off with a word of how many more."""
    text = told.text
    if not cells:
        return [html.P(text("publications.same"))]
    heads = [text(f"publications.{key}") for key in ("table", "row", "column", "before", "now", "change")]
    rows = [
        html.Tr(
            [
                html.Td(lowered(_table_name(told, cell))), html.Td(_row_name(told, cell, contents)),
                html.Td([*lowered(words.head(text, cell.column)), " ", html.Small(unit_of(told, cell.column))]),
                html.Td(told.cell(cell.was, cell.column), className="number"),
                html.Td(told.cell(cell.now, cell.column), className="number"),
                html.Td("" if cell.change is None else told.cell(cell.change, cell.column), className="number"),
            ]
        )
        for cell in cells[:SHOWN_CELLS]
    ]  # fmt: skip
    head = _heads(heads)
    more = len(cells) - SHOWN_CELLS
    return [
        own_scroll(html.Table([head, html.Tbody(rows)], className="differences"), text("publications.changed_cells")),
        *([html.Small(text("publications.and_more", count=more))] if more > 0 else []),
    ]


def _heads(heads: Sequence[str]) -> html.Thead:
    """Head a table of changes: its last columns are numbers (was, is, change)."""
    numbers = {len(heads) - back for back in range(1, 4 if len(heads) > 5 else 3)}
    return html.Thead(
        html.Tr(
            [html.Th(each, scope="col", className="number" if at in numbers else None) for at, each in enumerate(heads)]
        )
    )


def _table_name(told: Told, cell: Cell) -> str:
    title = told.text.of_code("phase.table.", cell.table)
    return f"{title}（{told.text.of_code('phase.edition.', cell.edition)}）" if cell.edition else title


def _row_name(told: Told, cell: Cell, contents: Sequence[Content]) -> str:
    columns = next((t.columns for c in contents for t in _tables(c, cell.edition) if t.key == cell.table), ())
    return " ".join(told.cell(value, column) for value, column in zip(cell.row, columns, strict=False))


def _tables(content: Content, edition: str) -> Sequence[Table]:
    return content.by_edition.get(edition, ()) if edition else content.tables


def day_table(scene: Scene, days: Sequence[Mapping[str, Any]]) -> list[Any]:
    """List the daily values that a revision rests on."""
    text = scene.text
    heads = [text(f"publications.{key}") for key in ("place", "day", "item", "before", "now")]
    rows = [
        html.Tr(
            [
                html.Td(scene.city_name(each["place"])), html.Td(html.Time(each["day"])),
                html.Td(SYMBOLS.get(each["item"], text.of_code("phase.standing.", each["item"]))),
                html.Td(_value(each, "was", text), className="number"),
                html.Td(_value(each, "now", text), className="number"),
            ]
        )
        for each in days[:SHOWN_CELLS]
    ]  # fmt: skip
    head = _heads(heads)
    more = len(days) - SHOWN_CELLS
    return [
        own_scroll(html.Table([head, html.Tbody(rows)], className="differences"), text("publications.changed_days")),
        *([html.Small(text("publications.and_more", count=more))] if more > 0 else []),
    ]


def _value(each: Mapping[str, Any], when: str, text: Any) -> str:
    value = each[when]
    standing = text.of_code("phase.standing.", each[f"standing_{when}"])
    return standing if value is None else f"{value:.3f}".rstrip("0").rstrip(".") + f" {standing}"
