"""Where the rows of each table come from, and so what of a store can be made anew from the topics and what cannot.

Results leave their topic 3 days after they were stored (AIRSHED_RESULT_DAYS), what came in after 30 days: so of every table older
rows are in the store alone, until the engine works them out anew from what came in (docs/keeping.md). Beside that:
"""

from __future__ import annotations

from enum import StrEnum

RUNS = "history"
"""The topic under which the runs of a history (streams.history) are noted that were made true."""


class Origin(StrEnum):
    """Where rows come from. Of all kinds that have versions, a row of a higher version stands."""

    TOPICS = "topics"
    """Results and their kin: the topics bring them again, with the same versions."""
    MIXED = "mixed"
    """Results, and beside them what a person brought that no topic holds: published daily values (`airshed store days`)."""
    COMMAND = "command"
    """What a command wrote itself (`airshed normalise`, `laboratory import`, `bench`): to be done again, but by no topic."""
    BOOKS = "books"
    """Counts that were added up, also of segments that have left; and rejects, of which some know when they first came."""
    SUMS = "sums"
    """Sums over the books: made of them."""
    LOG = "log"
    """What replaced rows said, and when they were replaced, which no topic tells."""
    POSITIONS = "positions"
    """Which segments are in; and notes that go with the store: the months of a simulated past, the runs of a history."""

    FEEDERS = "feeders"
    """Which data directories fed the store, and whose turn it is: told to the store alone."""


ORIGINS: dict[str, Origin] = {
    "air_station_hour": Origin.TOPICS,
    "air_city_hour": Origin.TOPICS,
    "air_station_day": Origin.TOPICS,
    "air_city_day": Origin.MIXED,
    "forecast_city_hour": Origin.TOPICS,
    "forecast_station_hour": Origin.TOPICS,
    "emission_city_hour": Origin.TOPICS,
    "tag_hour": Origin.TOPICS,
    "tag_axes": Origin.TOPICS,
    "voc_station_hour": Origin.TOPICS,
    "composition_station_hour": Origin.TOPICS,
    "episode_event": Origin.TOPICS,
    "model_hour": Origin.TOPICS,
    "attribution": Origin.TOPICS,
    "scenario": Origin.TOPICS,
    "normalised_month": Origin.COMMAND,
    "laboratory_sample": Origin.COMMAND,
    "bench_request": Origin.COMMAND,
    "bench_result": Origin.COMMAND,
    "rejected": Origin.BOOKS,
    "source_hour": Origin.BOOKS,
    "source_file": Origin.BOOKS,
    "source_total": Origin.SUMS,
    "row_history": Origin.LOG,
    "topic_position": Origin.POSITIONS,
    "feeder": Origin.FEEDERS,
    "feeding": Origin.FEEDERS,
}
"""Every table of the store; the office's are none of the store's, also where they lie in the same database."""
