"""The register of publications: what was frozen never changes, and the database itself holds that.

A row is one revision of one publication. Contents, inputs and lists of changes are kept by their SHA-256, so that the
record names exactly what it stands for and equal ones are kept once.
"""

from __future__ import annotations

import sqlalchemy as sa

from dashboards.office.schema import metadata, part

PUBLISHED, SUPERSEDED, WITHDRAWN = "published", "superseded", "withdrawn"
STATES = (PUBLISHED, SUPERSEDED, WITHDRAWN)
ALLOWED = {PUBLISHED: (SUPERSEDED, WITHDRAWN), SUPERSEDED: (), WITHDRAWN: ()}
"""From which state a revision may go to which; none comes back."""
PUBLIC, INTERNAL = "public", "internal"
AUDIENCES = (PUBLIC, INTERNAL)
INPUTS, CONTENT, CHANGES = "inputs", "content", "changes"

publication = sa.Table(
    "office_publication", metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("number", sa.String(16), nullable=False, comment="YYYY-NNN, without gaps in a year (Beijing)"),
    sa.Column("revision", sa.SmallInteger, nullable=False, comment="0 the first, then 1, 2, …"),
    sa.Column("question", sa.String(200), nullable=False, comment="the question's canonical text: period, edition, base, places"),
    sa.Column("title_zh", sa.String(200), nullable=False), sa.Column("title_en", sa.String(200), nullable=False),
    sa.Column("period", sa.String(60), nullable=False), sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date, nullable=False), sa.Column("edition", sa.String(40), nullable=False),
    sa.Column("audience", sa.String(10), nullable=False), sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("inputs_sha256", sa.String(64), nullable=False), sa.Column("content_sha256", sa.String(64), nullable=False),
    sa.Column("changes_sha256", sa.String(64), comment="what a revision changed; NULL for the first"),
    sa.Column("software", sa.String(40), nullable=False), sa.Column("versions", sa.Text, nullable=False, comment="JSON"),
    sa.Column("frozen_by", sa.String(64), nullable=False), sa.Column("frozen_at", sa.DateTime, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, server_default="", comment="why a revision was made"),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("state_by", sa.String(64), nullable=False), sa.Column("state_at", sa.DateTime, nullable=False),
    sa.Column("state_reason", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint("number", "revision", name="uq_office_publication_number"),
    sa.UniqueConstraint("question", "revision", name="uq_office_publication_question"),
    sa.Index("ix_office_publication_frozen", "frozen_at"),
)  # fmt: skip

blob = sa.Table(
    "office_blob", metadata,
    sa.Column("sha256", sa.String(64), primary_key=True), sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("size", sa.Integer, nullable=False, comment="bytes before compression"),
    sa.Column("body", sa.LargeBinary, nullable=False, comment="zlib"),
)  # fmt: skip

MOVES = ("state", "state_by", "state_at", "state_reason")
FROZEN = tuple(c.name for c in publication.c if c.name not in MOVES)
"""Columns that no statement may change once a row stands."""


def _sqlite(table: sa.Table, name: str, event: str, when: str, why: str) -> sa.DDL:
    return sa.DDL(
        f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON {table.name} FOR EACH ROW WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
    )


def _guards(columns: tuple[str, ...], differs: str) -> str:
    return " OR ".join(f"NEW.{c} {differs} OLD.{c}" for c in columns)


_MOVE = " OR ".join(f"(OLD.state = '{a}' AND NEW.state = '{b}')" for a, to in ALLOWED.items() for b in to)
_KEPT, _ONE_WAY = "a publication is frozen", "a publication does not come back from its state"

for _table, _columns in ((publication, FROZEN), (blob, tuple(c.name for c in blob.c))):
    for _event, _when, _why, _name in (
        ("DELETE", "1", _KEPT, "kept"),
        ("UPDATE", _guards(_columns, "IS NOT"), _KEPT, "frozen"),
        *([("UPDATE", f"NOT ({_MOVE})", _ONE_WAY, "one_way")] if _table is publication else []),
    ):
        sa.event.listen(
            _table, "after_create",
            _sqlite(_table, f"{_table.name}_{_name}", _event, _when, _why).execute_if(dialect="sqlite"),
        )  # fmt: skip
    _body = (
        f"IF TG_OP = 'DELETE' THEN RAISE EXCEPTION '{_KEPT}'; END IF; "
        f"IF {_guards(_columns, 'IS DISTINCT FROM')} THEN RAISE EXCEPTION '{_KEPT}'; END IF; "
        + (f"IF NOT ({_MOVE}) THEN RAISE EXCEPTION '{_ONE_WAY}'; END IF; " if _table is publication else "")
        + "RETURN NEW;"
    )
    sa.event.listen(
        _table, "after_create",
        sa.DDL(
            f"CREATE OR REPLACE FUNCTION {_table.name}_guard() RETURNS trigger AS $$ BEGIN {_body} END $$ LANGUAGE plpgsql"
        ).execute_if(dialect="postgresql"),
    )  # fmt: skip
    sa.event.listen(
        _table, "after_create",
        sa.DDL(
            f"CREATE TRIGGER {_table.name}_guard BEFORE UPDATE OR DELETE ON {_table.name} "
            f"FOR EACH ROW EXECUTE FUNCTION {_table.name}_guard()"
        ).execute_if(dialect="postgresql"),
    )  # fmt: skip

part("publications", (publication, blob))
