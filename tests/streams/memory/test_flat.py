"""What desks, topics, store and pages keep in memory after a month more is what they kept before it."""

from __future__ import annotations

from streams.memory.book import PIECE_HOURS
from tests.bench.bench_years import CAPACITY, FEED_DAYS, RESULT_DAYS, Years

WARM_DAYS, MONTH, HOURS = 32, 30, 12
DESKS, KINDS = 4, 12
"""Three cities and the region; kinds of pieces of a desk, at most."""
DAYS_BLOCKS = 24 // HOURS + 1
"""Blocks of hours of a day, and its run."""


def test_a_month_more_leaves_no_more_behind(tmp_path) -> None:
    """After the warm-up the archive takes what leaves the state, and the first segments have gone from the topics."""
    years = Years(tmp_path, HOURS)
    years.play(WARM_DAYS)
    before = years.kept()
    years.play(MONTH)
    after = years.kept()
    years.engine.dispose()
    assert after["lines"] == 0
    assert after["segments_known"] <= (RESULT_DAYS + 1) * DAYS_BLOCKS, "of results, as many as are kept"
    assert after["files_listed"] <= (FEED_DAYS + RESULT_DAYS + 2) * DAYS_BLOCKS
    assert after["pieces"] <= before["pieces"] + KINDS * CAPACITY, "the rest lies in the archive"
    assert after["digests"] - before["digests"] <= DESKS * KINDS * MONTH * 24 / PIECE_HOURS, (
        "60 bytes for each that does"
    )
    assert after["objects"] < 1.02 * before["objects"], (before, after)
