"""The office's own tables: accounts, sessions, used forms, failed attempts, and the log of every change. Times are naive UTC."""

from __future__ import annotations

import sqlalchemy as sa

from dashboards.office import schema

user = sa.Table(
    "office_user", schema.metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("display", sa.String(80), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("city", sa.String(12)),
    sa.Column("hash", sa.String(200), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("created", sa.DateTime, nullable=False),
    sa.Column("changed", sa.DateTime, nullable=False),
    sa.Column("must_change", sa.Boolean, nullable=False),
    sa.Column("removed", sa.DateTime),
)  # fmt: skip
"""hash: argon2id, "" of a removed account: its name stands in the log and is never given again."""

session = sa.Table(
    "office_session", schema.metadata,
    sa.Column("token", sa.String(64), primary_key=True),
    sa.Column("label", sa.String(16), nullable=False, unique=True),
    sa.Column("name", sa.String(40), sa.ForeignKey("office_user.name"), nullable=False, index=True),
    sa.Column("begun", sa.DateTime, nullable=False),
    sa.Column("seen", sa.DateTime, nullable=False),
    sa.Column("place", sa.String(60), nullable=False),
)  # fmt: skip
"""token: SHA-256 of what the browser holds; label: by which a person ends it, worth nothing to anybody else."""

used_form = sa.Table(
    "office_used_form", schema.metadata,
    sa.Column("nonce", sa.String(64), primary_key=True),
    sa.Column("at", sa.DateTime, nullable=False, index=True),
)  # fmt: skip

attempt = sa.Table(
    "office_attempt", schema.metadata,
    sa.Column("key", sa.String(120), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False, index=True),
    sa.Column("until", sa.DateTime, nullable=False),
    sa.Column("turned_away", sa.Integer, nullable=False),
)  # fmt: skip
"""key: of an account or an address. until: no attempt counts before; turned_away: attempts since the last entry in the log."""

audit = sa.Table(
    "office_audit", schema.metadata,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(27), nullable=False),
    sa.Column("who", sa.String(80), nullable=False),
    sa.Column("place", sa.String(60), nullable=False),
    sa.Column("what", sa.String(60), nullable=False, index=True),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
)  # fmt: skip
schema.forbid_changes(audit)
# Only what follows the last may come in.
sa.event.listen(
    audit, "after_create",
    sa.DDL(
        "CREATE TRIGGER office_audit_in_order BEFORE INSERT ON office_audit "
        "WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM office_audit) "
        "BEGIN SELECT RAISE(ABORT, 'office_audit only grows'); END"
    ).execute_if(dialect="sqlite"),
)  # fmt: skip

schema.part("accounts", (user, session, used_form, attempt))
schema.part("log", (audit,), (schema.replacing_refused((audit,), f"{audit.name} only grows"),))
