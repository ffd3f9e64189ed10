"""What every part of the office declares: its tables, and the ordered steps that bring older ones to the present version."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

import dashboards

metadata = sa.MetaData()
"""All tables of the office. Their names begin with office_: in PostgreSQL they lie beside those of the store."""
MODULE = "office_tables"
"""A package of dashboards declares its tables in a module of this name."""

Step = Callable[[sa.Connection], None]


@dataclass(frozen=True)
class Part:
    """Tables that go together. steps: what brings version 1 to 2, 2 to 3, ...; new tables are made at the newest at once."""

    name: str
    tables: tuple[sa.Table, ...]
    steps: tuple[Step, ...] = ()

    @property
    def version(self) -> int:
        """The version of the tables as they are declared."""
        return 1 + len(self.steps)


_PARTS: dict[str, Part] = {}

version = sa.Table(
    "office_version", metadata, sa.Column("part", sa.String(40), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
)  # fmt: skip

state = sa.Table(
    "office_state", metadata, sa.Column("part", sa.String(40), primary_key=True),
    sa.Column("changes", sa.Integer, nullable=False),
)  # fmt: skip
"""How often what public pages show of a part has changed."""


def part(name: str, tables: Sequence[sa.Table], steps: Sequence[Step] = ()) -> Part:
    """Declare a part of the office. A step changes what is there by statements of its own: tables as declared may be newer.

    Raises ValueError for a table of another metadata, or whose name does not begin with office_.
    """
    for table in tables:
        if table.metadata is not metadata or not table.name.startswith("office_"):
            raise ValueError(f"table {table.name!r} of part {name!r}: expected office_… on office.schema.metadata")
    _PARTS[name] = Part(name, tuple(tables), tuple(steps))
    return _PARTS[name]


def parts() -> tuple[Part, ...]:
    """Give all parts, those of every package of dashboards that has a module office_tables."""
    for path in sorted(Path(dashboards.__file__).parent.glob(f"*/{MODULE}.py")):
        importlib.import_module(f"dashboards.{path.parent.name}.{MODULE}")
    return tuple(_PARTS.values())


def forbid_changes(table: sa.Table) -> None:
    """Let a table only grow: triggers, made with it, refuse UPDATE and DELETE (and TRUNCATE) from whomever."""
    # A colon before a letter would be a parameter, a percent sign a format: the texts hold neither.
    for ddl in (*_in_sqlite(table.name), *_in_postgres(table.name)):
        sa.event.listen(table, "after_create", ddl)
    refuse_replacing(table, f"{table.name} only grows")


def refuse_replacing(table: sa.Table, why: str) -> None:
    """Let a table, made from now on, take no row in the place of another one; why: what the database says."""
    sa.event.listen(table, "after_create", sa.DDL(_in_place(table, why)).execute_if(dialect="sqlite"))


def replacing_refused(tables: Sequence[sa.Table], why: str) -> Step:
    """Give the step that brings tables which could be replaced row by row to those of refuse_replacing."""

    def step(connection: sa.Connection) -> None:
        if connection.dialect.name == "sqlite":
            for table in tables:
                connection.exec_driver_sql(_in_place(table, why))

    return step


def _in_place(table: sa.Table, why: str) -> str:
    """Give the trigger that refuses what would take the place of a row, for SQLite alone.

    REPLACE deletes without a word where a program has not asked for triggers, as sqlite3 on a terminal has not.
    """
    keys = [
        each.columns.keys()
        for each in table.constraints
        if isinstance(each, sa.PrimaryKeyConstraint | sa.UniqueConstraint)
    ]
    alike = sorted(" AND ".join(f"{name} = NEW.{name}" for name in columns) for columns in (["rowid"], *keys))
    held = " OR ".join(f"({each})" for each in alike)
    return (
        f"CREATE TRIGGER {table.name}_in_place BEFORE INSERT ON {table.name} "
        f"WHEN EXISTS (SELECT 1 FROM {table.name} WHERE {held}) BEGIN SELECT RAISE(ABORT, '{why}'); END"
    )


def _in_sqlite(name: str) -> list[sa.DDL]:
    return [
        sa.DDL(
            f"CREATE TRIGGER {name}_no_{what.lower()} BEFORE {what} ON {name} "
            f"BEGIN SELECT RAISE(ABORT, '{name} only grows'); END"
        ).execute_if(dialect="sqlite")
        for what in ("UPDATE", "DELETE")
    ]


def _in_postgres(name: str) -> list[sa.DDL]:
    texts = (
        f"CREATE OR REPLACE FUNCTION {name}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{name} only grows'; END $$",
        f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE ON {name} FOR EACH ROW EXECUTE FUNCTION {name}_refuse()",
        f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name} EXECUTE FUNCTION {name}_refuse()",
    )
    return [sa.DDL(text).execute_if(dialect="postgresql") for text in texts]
