"""A wall that stays open while days go by and its portal is killed: tests/bench/soak_portal.py does the same for a month."""

from __future__ import annotations

import pytest

from tests.browser.test_overview import pytestmark  # noqa: F401 - marks

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


def test_a_wall_lives_through_killed_portals_and_never_looks_live_without_one():
    from tests.bench.soak_portal import WITHIN_S, soak

    seen = soak(kills=2, days=2)
    assert seen.errors == [] and seen.reloads == 0 and seen.looked_live == 0
    assert max(seen.steps_s) < WITHIN_S
    assert seen.heap_mb[1] - seen.heap_mb[0] < 1.5, "the heap grows"
