"""A store that another directory feeds is refused before its schema is touched."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest
import sqlalchemy as sa
from alembic import command

from streams.store.connect import _config, begin_write, open_store
from streams.store.feeders import StrangerError, admit, require_known_as_found
from streams.store.identity import identity_of
from streams.store.schema import topic_position
from streams.store.views import drop_views
from streams.wire import messages

TAKEN_IN = dt.datetime(2024, 5, 11)
BEFORE_FEEDERS = "0009"
"""The last schema that knew no feeders (streams/store/migrations)."""


def version_of(engine: sa.Engine) -> str:
    with engine.connect() as connection:
        return connection.scalar(sa.text("select version_num from alembic_version"))


def older(engine: sa.Engine) -> None:
    """Take the store back to the schema before it knew its feeders, with one segment taken in."""
    config = _config()
    with begin_write(engine) as connection:
        row = {"topic": messages.TOPICS[messages.OBSERVATION], "segment": "1-a.jsonl", "stored_at": TAKEN_IN}
        connection.execute(sa.insert(topic_position), [row])
        config.attributes["connection"] = connection
        drop_views(connection)
        command.downgrade(config, BEFORE_FEEDERS)


def test_one_that_was_filled_by_another_directory_keeps_its_older_schema(store, store_url, tmp_path):
    older(store)
    before = version_of(store)
    stranger = identity_of(tmp_path / "stranger")
    with pytest.raises(StrangerError, match="was filled from another data directory"):
        open_store(store_url, before_upgrade=partial(require_known_as_found, identity=stranger))
    assert version_of(store) == before == BEFORE_FEEDERS
    # Who only looks after it upgrades it, as before.
    open_store(store_url).dispose()
    assert version_of(store) > BEFORE_FEEDERS


def test_its_own_directory_is_let_through(store, store_url, tmp_path):
    own = identity_of(tmp_path / "own")
    admit(store, own)
    with store.connect() as connection:
        require_known_as_found(connection, own)
    open_store(store_url, before_upgrade=partial(require_known_as_found, identity=own)).dispose()
