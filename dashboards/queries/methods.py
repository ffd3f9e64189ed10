"""Who made the air of a stored span by other methods than the one that is stored: raw tags of each model, and the inventory alone.

The hours are those of the row; tags are as one knew them at its end, so that no method sees more than another. Every question is of
one city and goes by the key.
"""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import sqlalchemy as sa

from ml.attribution.inventory import inventory_tags
from streams.contributors import OUTSIDE, SECTORS
from streams.records import SPECIES
from streams.store.attribution import contributions_of, hour_of
from streams.store.connect import StoreError
from streams.store.schema import emission_city_hour
from streams.store.tags import models_of, read_tags, summed

Row = dict[str, Any]
STORED, TAGS, INVENTORY = "stored", "tags", "inventory"
NAMES = (*SECTORS, OUTSIDE)
LEAST_HOURS = 0.75
"""Share of the hours of a span that a method must tell of to stand beside the others (our choice)."""
LONGEST_H = 720
"""Hours of a span that are read."""
MOST_MODELS = 8


@dataclass(frozen=True, eq=False)
class Method:
    """What one method says. kind: STORED, TAGS or INVENTORY. name: tier, or model, or inventory. shares: (source,) [%] in the order
    of NAMES, NaN where it tells nothing; half: half width of the 90 % interval [%], None where it has none. hours: of the span that
    it tells of, of so many. simulated: whether any of it is.
    """

    kind: str
    name: str
    shares: np.ndarray
    half: np.ndarray | None
    hours: int
    of: int
    simulated: bool


def methods_of(connection: sa.Connection, row: Row) -> list[Method]:
    """Give the methods for the hours of a stored row, that of the row first; one that tells of too few hours has NaN for shares.

    Inventory shares stand beside PM2.5 alone: emissions do not tell who made ozone.
    """
    first, last = hour_of(row["first_hour"]), hour_of(row["hour_end"])
    first = max(first, last - LONGEST_H + 1)
    found = [_stored(row, last - first + 1)]
    told = models_of(connection, row["city"], first, last + 1)[:MOST_MODELS]
    found += [_tags(connection, row, model, first, last) for model in told]
    if row["quantity"] == "pm25":
        found += _inventory(connection, row, first, last)
    return found


def spread(methods: list[Method]) -> tuple[np.ndarray, np.ndarray] | None:
    """Give the least and the largest share of each source over the methods [%]; None with fewer than two that tell."""
    told = np.array([each.shares for each in methods if np.isfinite(each.shares).all()])
    return (told.min(axis=0), told.max(axis=0)) if len(told) > 1 else None


def _stored(row: Row, hours: int) -> Method:
    parts = contributions_of(row)
    if parts is None or not parts.total > 0:
        return Method(STORED, row["tier"], np.full(len(NAMES), np.nan), None, 0, hours, bool(row["simulated"]))
    shares = 100.0 * parts.by("sector") / parts.total
    return Method(STORED, row["tier"], shares, parts.half_width["sector"], hours, hours, bool(row["simulated"]))


def _tags(connection: sa.Connection, row: Row, model: str, first: int, last: int) -> Method:
    nothing = np.full(len(NAMES), np.nan)
    try:
        tags = read_tags(
            connection.engine, row["city"], first, last + 1, model=model, at=last, quantities=[row["quantity"]]
        )
        by_sector = summed(tags.values.swapaxes(0, 1), tags.contributors, "sector")
        values = np.array([by_sector[name][0] for name in NAMES], float)
    except (StoreError, ValueError, KeyError, IndexError, OSError, EOFError, zlib.error):
        # What cannot be read, or tells not all sectors, is no whole to take shares of.
        return Method(TAGS, model, nothing, None, 0, last - first + 1, False)
    return _of_hours(Method(TAGS, model, nothing, None, 0, last - first + 1, bool(tags.simulated.any())), values)


def _inventory(connection: sa.Connection, row: Row, first: int, last: int) -> list[Method]:
    """Give the shares of the city's own inventory in force; nothing where the store has none."""
    c, start = emission_city_hour.c, row["hour_end"] - dt.timedelta(hours=last - first)
    query = sa.select(c.hour_end, c.inventory, c.sectors, c.simulated).where(
        c.city == row["city"], c.hour_end.between(start, row["hour_end"]), c.sectors.is_not(None)
    )
    kg, names, made_up = np.full((1, len(SECTORS), len(SPECIES), last - first + 1), np.nan), set(), False
    for end, name, text, simulated in connection.execute(query):
        kg[0, :, :, hour_of(end) - first] = _kg(text)
        names.add(name or "")
        made_up |= bool(simulated)
    if not names:
        return []
    tags = inventory_tags(kg, cities=(row["city"],), first_hour=first)
    known = Method(INVENTORY, ", ".join(sorted(names)), np.full(len(NAMES), np.nan), None, 0, last - first + 1, made_up)
    return [_of_hours(known, tags.by_sector("pm25")[0, 0])]


def _kg(text: str) -> np.ndarray:
    """Lay the emissions of an hour out (sector, species) [kg/h]; what an inventory does not name it does not emit."""
    told, found = orjson.loads(text), np.zeros((len(SECTORS), len(SPECIES)))
    for sector, row in zip(told["sectors"], told["kgh"], strict=True):
        if sector in SECTORS:
            by_species = dict(zip(told["species"], row, strict=True))
            found[SECTORS.index(sector)] = [by_species.get(name) or 0.0 for name in SPECIES]
    return found


def _of_hours(method: Method, values: np.ndarray) -> Method:
    """Give a method with the shares of its mean over the hours that it tells of (source, hour)."""
    known = np.isfinite(values).all(axis=0)
    hours, mean = int(known.sum()), values[:, known].sum(axis=1)
    enough = hours >= LEAST_HOURS * method.of and mean.sum() > 0
    shares = 100.0 * mean / mean.sum() if enough else method.shares
    return Method(method.kind, method.name, shares, None, hours, method.of, method.simulated)
