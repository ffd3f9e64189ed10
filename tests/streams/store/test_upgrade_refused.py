"""A store that another directory feeds is refused before its schema is touched."""

from __future__ import annotations

import ast
import datetime as dt
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from streams.store.connect import _config, begin_write, open_store
from streams.store.feeders import StrangerError, admit, require_known_as_found
from streams.store.identity import identity_of
from streams.store.schema import topic_position
from streams.store.views import drop_views
from streams.wire import messages
from tests.test_import_law import ROOT, module_name, sources

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


def run(module: str, data: Path, url: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", module, "--data", str(data), "--store", url]
    environment = {**os.environ, "AIRSHED_LANG": "en"}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)


@pytest.mark.parametrize("module", ["streams.store", "streams.history"])
@pytest.mark.parametrize("is_older", [True, False])
def test_a_process_started_by_hand_refuses_first_and_leaves_nothing_behind(
    store, store_url, tmp_path, module, is_older
):
    if is_older:
        older(store)
    else:
        admit(store, identity_of(tmp_path / "own"))
        with begin_write(store) as connection:
            connection.execute(sa.insert(topic_position), [{"topic": "air", "segment": "1", "stored_at": TAKEN_IN}])
    before, stranger = version_of(store), tmp_path / "stranger"
    stranger.mkdir()
    done = run(module, stranger, store_url)
    assert done.returncode == 1 and "data directory" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert version_of(store) == before and not [*stranger.rglob("*")]


FIRST_MADE = {
    "streams.store.placing": "a draft of its own beside the store, and an empty schema",
    "infra.restore": "an empty place, which it has made sure of",
    "infra.feeding": "adopt: whoever hands a store over means it so",
    "infra.commands.store": "upgrade: the order itself",
    "research.notebooks.phase_store": "a store of its own",
}
"""Modules that upgrade a store without asking whose it is, and why they may."""


def openers(source: str) -> list[int]:
    """Give the lines in which a store is opened so that it may be upgraded, and nobody is asked whose it is."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or getattr(node.func, "id", getattr(node.func, "attr", "")) not in OPENERS:
            continue
        given = {each.arg: each.value for each in node.keywords}
        looks_only = isinstance(given.get("create"), ast.Constant) and given["create"].value is False
        if not looks_only and not {"before_upgrade", "feeds"} & set(given):
            found.append(node.lineno)
    return found


OPENERS = ("open_store", "open_when_there")


def test_whatever_may_upgrade_a_store_first_asks_whose_it_is():
    asked_nobody = {module_name(path, ROOT) for path in sources() if openers(path.read_text(encoding="utf-8"))}
    assert asked_nobody == set(FIRST_MADE)


def test_an_opener_that_asks_nobody_is_found():
    assert openers("open_store(url)\nopen_when_there(url, stop, create=True)\n") == [1, 2]
    assert not openers(
        "open_store(url, create=False)\nopen_store(url, before_upgrade=f)\nopen_when_there(u, s, feeds=d)"
    )
