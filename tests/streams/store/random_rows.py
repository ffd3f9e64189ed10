"""Rows of any table of results with every kind of value that a desk may give, for tests."""

from __future__ import annotations

import numpy as np
import sqlalchemy as sa

from streams import results
from streams.results import Coded
from streams.store import schema

HOUR, DAY = 465_000, 19_375
TABLES = [name for name, table in schema.metadata.tables.items() if {"simulated", "version"} <= {*table.c.keys()}]
WORDS = ("", "a", "1431A", "成都", "x" * 57, "y" * 58, "雨" * 40, "z" * 200)
"""Texts around the length from which on SQLite needs two bytes to say it."""


def made(chance: np.random.Generator, name: str, count: int, words: tuple[str, ...] = WORDS) -> results.Rows:
    """Rows of a table with keys of their own and every kind of value that a desk may give."""
    table = schema.metadata.tables[name]
    rows = results.Rows(name)
    keys = [column.name for column in table.primary_key]
    for column in table.c:
        needed = not column.nullable
        if column.name == keys[0]:
            rows.texts(column.name, [f"{i // 7:05d}" if len(keys) > 1 else f"{i:06d}" for i in range(count)])
        elif column.name in keys:
            rows.add(column.name, _of_key(column, np.arange(count)))
        elif chance.random() < 0.2:
            rows.add(column.name, results.Same(_one(chance, column) if needed or chance.random() < 0.7 else None))
        else:
            rows.add(column.name, _many(chance, column, count, words))
    return rows


def _of_key(column: sa.Column, number: np.ndarray) -> results.Column:
    if isinstance(column.type, sa.DateTime | sa.Date):
        return results.Numbers((HOUR if isinstance(column.type, sa.DateTime) else DAY) + number % 7)
    if isinstance(column.type, sa.Integer):
        return results.Numbers(1 + 23 * (number % 2))
    return results.Texts(["模式"] * len(number))


def _one(chance: np.random.Generator, column: sa.Column) -> object:
    if column.name == "status":
        return int(chance.integers(2))
    if isinstance(column.type, sa.String):
        return "ab"
    return int(chance.integers(2))


def _many(chance: np.random.Generator, column: sa.Column, count: int, words: tuple[str, ...]) -> results.Column:
    gone = chance.random(count) < (0.0 if not column.nullable or chance.random() < 0.3 else 0.2)
    if column.name in ("status", "primary_pollutants", "suspect", "suspect_means", "flags"):
        top = {"status": 2, "flags": 1 << 48}.get(column.name, 64)
        return results.Numbers(
            np.where(gone, np.nan, chance.integers(0, top, count)) if gone.any() else chance.integers(0, top, count)
        )
    if isinstance(column.type, sa.String):
        fitting = tuple(word for word in words if len(word) <= (column.type.length or 10**9))
        codes = np.where(gone, -1, chance.integers(0, len(fitting), count))
        return (
            Coded(codes, fitting)
            if chance.random() < 0.5
            else results.Texts([None if c < 0 else fitting[c] for c in codes])
        )
    if isinstance(column.type, sa.DateTime):
        return results.Numbers(np.where(gone, np.nan, chance.integers(-(10**6), 10**6, count)))
    if isinstance(column.type, sa.Date):
        return results.Numbers(np.where(gone, np.nan, chance.integers(-(10**4), 10**5, count)))
    if isinstance(column.type, sa.Float):
        kinds = (
            chance.normal(0, 1e3, count),
            chance.integers(-9, 9, count) * 1.0,
            np.full(count, -0.0),
            chance.normal(0, 1e-200, count),
        )
        return results.Numbers(np.where(gone, np.nan, kinds[chance.integers(len(kinds))]))
    top = {sa.Boolean: 2, sa.SmallInteger: 2**15, sa.Integer: 2**31, sa.BigInteger: 2**62}[type(column.type)]
    numbers = chance.integers(0 if top == 2 else -top + 1, top, count)
    return results.Numbers(np.where(gone, np.nan, numbers) if gone.any() and top <= 2**31 else numbers)
