"""Three days of two models and what was seen of them, and an empty store; a file that needs others has its own."""

from __future__ import annotations

import pytest

from streams.store import open_store
from tests.ml.attribution.made import made_tags, seen_as_told


@pytest.fixture(scope="module")
def tags():
    return made_tags(days=3, members=2)


@pytest.fixture(scope="module")
def seen(tags):
    return seen_as_told(tags)


@pytest.fixture
def store(tmp_path):
    engine = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    yield engine
    engine.dispose()
