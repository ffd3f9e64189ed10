"""The models of the platform, and what they say of a city: from the registry's files and from the store."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ml.registry.card import Card
from ml.registry.errors import RegistryError
from ml.registry.registry import Registry
from ml.registry.standing import STATUSES, Standing
from streams.store.schema import model_hour

Row = dict[str, Any]
_FIRST = ("serving", "approved")


@dataclass(frozen=True, slots=True)
class Model:
    """A version of a model: where it stands, and its card."""

    standing: Standing
    card: Card


def models_at(root: Path | None, until: dt.datetime | None, *, damaged: list[str] | None = None) -> list[Model]:
    """Give all models as they stood at a moment (naive UTC; None: now), those that serve first, then the newest.

    damaged: takes what is said of versions whose card cannot be read; they are left out, the others stay.
    Errors: ml.registry.errors.RegistryError where the registry cannot be read. Without a folder there are none.
    """
    if root is None:
        return []
    registry, found = Registry(root), []
    moment = None if until is None else until.replace(tzinfo=dt.UTC).timestamp()
    for each in registry.standings(moment).versions.values():
        try:
            found.append(Model(each, registry.card_of(each)))
        except RegistryError as error:
            if damaged is not None:
                damaged.append(f"{each.name} {each.version}: {error}")
    return sorted(found, key=lambda model: (_order(model.standing.status), -model.card.trained_at))


def stamp(root: Path | None) -> str:
    """Give a text that changes with every event of the registry; it costs one question to the file system."""
    try:
        return "" if root is None else f"+{(root / 'journal').stat().st_mtime_ns}"
    except OSError:
        return ""


def values_at(connection: sa.Connection, city: str, hour: dt.datetime) -> list[Row]:
    """Give what models say of an hour of a city (naive UTC), each with its version; of runs the newest of each quantity."""
    table = model_hour
    query = sa.select(table).where(table.c.city == city, table.c.hour_end == hour)
    found: dict[tuple[str, str], Row] = {}
    for row in connection.execute(query.order_by(table.c.run)).mappings():
        found[row["model"], row["quantity"]] = dict(row)
    return [found[key] for key in sorted(found)]


def _order(status: str) -> int:
    return _FIRST.index(status) if status in _FIRST else len(_FIRST) + STATUSES.index(status)
