"""Kernels of the tests are kept in a folder of their own."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="session")
def cache(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setenv("AIRSHED_CACHE", str(tmp_path_factory.mktemp("cache")))
    yield
    patch.undo()
