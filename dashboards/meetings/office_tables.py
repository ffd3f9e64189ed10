"""Tables of the joint meetings: meetings, their papers, decisions and actions. What changed is in the office's log."""

from __future__ import annotations

import sqlalchemy as sa

from dashboards.office.schema import metadata, part

PLANNED, HELD, CLOSED = "planned", "held", "closed"
"""States of a meeting: a closed one does not change any more."""
TO_DO, DONE, DROPPED = "open", "done", "dropped"
PUBLIC, INTERNAL = "public", "internal"

meeting = sa.Table(
    "office_meeting", metadata,
    sa.Column("quarter", sa.String(8), primary_key=True, comment="whose assessment it speaks of: 2026-Q3"),
    sa.Column("host", sa.String(12), nullable=False), sa.Column("day", sa.Date, comment="NULL while it is not fixed"),
    sa.Column("place", sa.String(200), nullable=False, server_default=""),
    sa.Column("chair", sa.String(80), nullable=False, server_default=""),
    sa.Column("attended", sa.Text, nullable=False, server_default=""),
    sa.Column("agenda", sa.Text, nullable=False, server_default="", comment="an item in a line"),
    sa.Column("review", sa.Text, nullable=False, server_default="", comment="what was said, for the minutes"),
    sa.Column("audience", sa.String(10), nullable=False), sa.Column("state", sa.String(10), nullable=False),
    sa.Column("reported_on", sa.Date, comment="when the report went up to the province"),
    sa.Column("version", sa.Integer, nullable=False, comment="counts changes: two editors do not overwrite each other"),
    sa.Column("changed_by", sa.String(64), nullable=False), sa.Column("changed_at", sa.DateTime, nullable=False),
)  # fmt: skip

paper = sa.Table(
    "office_meeting_paper", metadata,
    sa.Column("quarter", sa.String(8), sa.ForeignKey(meeting.c.quarter), primary_key=True),
    sa.Column("publication", sa.String(24), primary_key=True, comment="number with revision, as the meeting had it"),
)  # fmt: skip

decision = sa.Table(
    "office_decision", metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("quarter", sa.String(8), sa.ForeignKey(meeting.c.quarter), nullable=False, index=True),
    sa.Column("text", sa.Text, nullable=False),
)  # fmt: skip

action = sa.Table(
    "office_action", metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("quarter", sa.String(8), sa.ForeignKey(meeting.c.quarter), nullable=False, comment="whose meeting gave it"),
    sa.Column("text", sa.Text, nullable=False), sa.Column("owner", sa.String(12), nullable=False, comment="a city"),
    sa.Column("due", sa.Date, nullable=False), sa.Column("state", sa.String(8), nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("closed_on", sa.Date, comment="when it was done or dropped"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("changed_by", sa.String(64), nullable=False), sa.Column("changed_at", sa.DateTime, nullable=False),
    sa.Index("ix_office_action_state", "state", "due"), sa.Index("ix_office_action_quarter", "quarter"),
)  # fmt: skip

part("meetings", (meeting, paper, decision, action))
