"""What a page of rows costs does not grow with the rows before it: every question goes along a key."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from dashboards.opendata.offered import COLLECTIONS
from dashboards.queries import opendata as queries
from streams.store import schema


@pytest.mark.parametrize("name", COLLECTIONS)
def test_a_page_is_found_by_the_key_in_sqlite(connection, name):
    collection, asked = COLLECTIONS[name], []
    key = [collection.table.c[each] for each in collection.key]
    at = dt.date(2023, 1, 20) if collection.is_daily else dt.datetime(2023, 1, 20)
    after = ("510100", at, *("m" for _ in collection.key[2:]))
    event = ("before_cursor_execute", lambda _c, _cursor, text, values, *_: asked.append((text, values)))
    sa.event.listen(connection, *event)
    queries.page(
        connection, collection.columns(), key, ["510100", "510600"], first=at, last=None, equal={}, after=after, size=9
    )
    sa.event.remove(connection, *event)
    asked = [each for each in asked if each[0].startswith("SELECT")]
    assert asked
    for text, values in asked:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
        assert any(step.startswith("SEARCH") for step in plan), plan
        assert not any(step.startswith("SCAN") for step in plan), plan
        # Episodes are ordered within an index of kind and start; nothing else is sorted.
        assert name == "episodes" or not any("TEMP B-TREE" in step for step in plan), plan


def test_revisions_are_found_by_few_looks(connection):
    asked = []
    event = ("before_cursor_execute", lambda _c, _cursor, text, *_: asked.append(text))
    sa.event.listen(connection, *event)
    queries.replaced_since(connection, dt.datetime(2024, 1, 1))
    queries.replaced(connection, 0, 9)
    sa.event.remove(connection, *event)
    asked = [each for each in asked if each.startswith("SELECT")]
    assert 0 < len(asked) <= 33
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[-1]}", (0, 9, 0)).all()
    assert [row[3] for row in plan] == ["SEARCH row_history USING INTEGER PRIMARY KEY (rowid>?)"]


def test_versions_are_added_without_overflow(own):
    engine, _ = own
    table = schema.air_city_hour
    with engine.begin() as connection:
        connection.execute(sa.update(table).values(version=2**62))
        found = queries.month_digest(connection, table, dt.datetime(2023, 1, 1), dt.datetime(2023, 1, 31))
    assert found is not None


def test_the_questions_are_ones_that_postgresql_understands():
    table = schema.air_city_hour
    text = str(sa.select(sa.func.sum(table.c.version % 7)).compile(dialect=postgresql.dialect()))
    assert "%%" in text  # the driver takes a bare per cent sign for a parameter
