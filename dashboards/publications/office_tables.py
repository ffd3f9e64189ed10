"""The register of publications: what was frozen never changes, and the database itself holds that.

A row is one revision of one publication. Contents, inputs and lists of changes are kept by their SHA-256, so that the
record names exactly what it stands for and equal ones are kept once.
"""

from __future__ import annotations

import sqlalchemy as sa

from dashboards.office.schema import metadata, part, refuse_replacing, replacing_refused

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


def _differs(columns: tuple[str, ...], unlike: str) -> str:
    return " OR ".join(f"NEW.{c} {unlike} OLD.{c}" for c in columns)


def _guard(table: sa.Table, columns: tuple[str, ...], moves: str = "") -> None:
    """Let the database refuse to delete a row, to change one of its columns, or (moves: a condition) to move it back."""
    name, one_way = table.name, f"NOT ({moves})" if moves else ""
    in_sqlite = "".join(
        f"SELECT RAISE(ABORT, '{why}') WHERE {when}; "
        for when, why in ((_differs(columns, "IS NOT"), KEPT), (one_way, ONE_WAY))
        if when
    )
    in_postgres = "".join(
        f"IF {when} THEN RAISE EXCEPTION '{why}'; END IF; "
        for when, why in (("TG_OP = 'DELETE'", KEPT), (_differs(columns, "IS DISTINCT FROM"), KEPT), (one_way, ONE_WAY))
        if when
    )
    for dialect, text in (
        ("sqlite", f"CREATE TRIGGER {name}_kept BEFORE DELETE ON {name} BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"),
        ("sqlite", f"CREATE TRIGGER {name}_frozen BEFORE UPDATE ON {name} BEGIN {in_sqlite}END"),
        ("postgresql", f"CREATE OR REPLACE FUNCTION {name}_guard() RETURNS trigger LANGUAGE plpgsql AS "
                       f"$$ BEGIN {in_postgres}RETURN NEW; END $$"),
        ("postgresql", f"CREATE TRIGGER {name}_guard BEFORE UPDATE OR DELETE ON {name} FOR EACH ROW "
                       f"EXECUTE FUNCTION {name}_guard()"),
        ("postgresql", f"CREATE OR REPLACE FUNCTION {name}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                       f"$$ BEGIN RAISE EXCEPTION '{KEPT}'; END $$"),
        ("postgresql", f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name} EXECUTE FUNCTION {name}_refuse()"),
    ):  # fmt: skip
        sa.event.listen(table, "after_create", sa.DDL(text).execute_if(dialect=dialect))


KEPT, ONE_WAY = "a publication is frozen", "a publication does not come back from its state"
_guard(
    publication,
    FROZEN,
    " OR ".join(f"(OLD.state = '{a}' AND NEW.state = '{b}')" for a, to in ALLOWED.items() for b in to),
)
_guard(blob, tuple(column.name for column in blob.c))
for _table in (publication, blob):
    refuse_replacing(_table, KEPT)

part("publications", (publication, blob), (replacing_refused((publication, blob), KEPT),))
