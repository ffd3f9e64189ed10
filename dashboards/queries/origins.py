"""Where the hours of stations come from, and what they said before they were revised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from streams.store.history import files_named, source_files, superseded_rows

Row = dict[str, Any]


@dataclass(frozen=True)
class Origin:
    """Where a row comes from: its file, or, where it names none, files of its feed that reach over its hour; its replaced versions,
    oldest first; and by file_digest the files that it and these name.
    """

    files: list[Row] = field(default_factory=list)
    superseded: list[Row] = field(default_factory=list)
    named: Mapping[str, Row] = field(default_factory=dict)


def origins(connection: sa.Connection, rows: Mapping[str, Row]) -> dict[str, Origin]:
    """Give the origin of each station's hour; rows: by station its row of air_station_hour."""
    old = superseded_rows(connection, "air_station_hour", [(code, row["hour_end"]) for code, row in rows.items()])
    every = [*rows.values(), *(was for versions in old.values() for was in versions)]
    named = files_named(connection, (row.get("file_digest") for row in every))
    asked = {(row["source"], row["hour_end"]) for row in rows.values() if _needs_files(row, named)}
    files = {key: source_files(connection, *key) for key in asked}
    return {
        code: Origin(
            [named[row["file_digest"]]]
            if row["file_digest"] in named
            else files.get((row["source"], row["hour_end"]), []),
            old.get((code, row["hour_end"]), []),
            named,
        )
        for code, row in rows.items()
    }


def _needs_files(row: Row, named: Mapping[str, Row]) -> bool:
    return row["source"] is not None and row["file_digest"] not in named
