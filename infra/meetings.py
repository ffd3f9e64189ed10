"""What `airshed meetings` shows: the book of joint meetings, and what is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from rich.markup import escape
from rich.table import Table

from dashboards.meetings import book
from dashboards.meetings.quarters import Quarter, due_of, host_of
from dashboards.meetings.rules import Rules, rules_in
from dashboards.phase import told
from dashboards.text import Text
from infra.messages import language, say
from streams.registry import Registry
from streams.sources.files import harmless


def rules(folder: Path, known: Registry) -> Rules:
    """Give the rules in force: those of the portal's folder, else the shipped ones."""
    return rules_in(folder, tuple(known.cities))


def listed_table(office: sa.Connection, known: Registry, most: int) -> Table | None:
    """Lay out the newest meetings; None where none was called."""
    text = Text(language())
    names, rows = told.names_of(known, text), book.meetings(office, most=most)
    if not rows:
        return None
    table = Table(*say("meetings_columns").split("|"))
    for row in rows:
        state, audience = text(f"meetings.state_{row.state}"), text(f"meetings.audience_{row.audience}")
        _add(table, row.quarter, names(row.host), str(row.day or "—"), state, audience)
    return table


def due_table(
    office: sa.Connection, known: Registry, quarters: Sequence[Quarter], held: Rules, today: dt.date
) -> Table:  # fmt: skip
    """Lay out what is due for each quarter, who hosts its meeting, and how each duty stands."""
    text = Text(language())
    names, table = told.names_of(known, text), Table(*say("meetings_due_columns").split("|"))
    for quarter in quarters:
        host = host_of(quarter, held.rotations)
        for due in due_of(quarter, held.duties, book.fulfilled(office, quarter, tuple(known.cities)), today):
            assumed = say("meetings_assumed") if due.assumed else ""
            state = text(f"meetings.due_{due.state}")
            _add(table, quarter.name, names(host[0]) if host else "—", text(f"meetings.duty_{due.kind}"), str(due.day),
                 state, assumed)  # fmt: skip
    return table


def action_table(office: sa.Connection, known: Registry, today: dt.date) -> Table | None:
    """Lay out actions that are still to do, by when they are due; None where all are done."""
    text, found = Text(language()), book.to_do(office)
    if not found:
        return None
    names, table = told.names_of(known, text), Table(*say("meetings_action_columns").split("|"))
    for each in found:
        state = text(f"meetings.action_{'overdue' if each.is_overdue(today) else each.state}")
        _add(table, str(each.id), each.quarter, names(each.owner), str(each.due), state, each.text)
    return table


def _add(table: Table, *cells: str) -> None:
    table.add_row(*(escape(harmless(cell)) for cell in cells))
