"""Where the hours of stations come from, and what they said before they were revised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from streams.store.history import source_files, superseded_rows

Row = dict[str, Any]


@dataclass(frozen=True)
class Origin:
    """Where a row comes from: files of its feed that reach over its hour, and its replaced versions, oldest first."""

    files: list[Row] = field(default_factory=list)
    superseded: list[Row] = field(default_factory=list)


def origins(connection: sa.Connection, rows: Mapping[str, Row]) -> dict[str, Origin]:
    """Give the origin of each station's hour; rows: by station its row of air_station_hour."""
    asked = {(row["source"], row["hour_end"]) for row in rows.values() if row["source"] is not None}
    files = {key: source_files(connection, *key) for key in asked}
    old = superseded_rows(connection, "air_station_hour", [(code, row["hour_end"]) for code, row in rows.items()])
    return {
        code: Origin(files.get((row["source"], row["hour_end"]), []), old.get((code, row["hour_end"]), []))
        for code, row in rows.items()
    }
