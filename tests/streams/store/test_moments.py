"""Whoever reads on from a moment of the store sees each segment once, whatever is done to the clock meanwhile."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standards.addresses import sqlite_url
from streams.store import open_store
from streams.store.attribution import newest_stored, stored_since
from streams.store.materialiser import Materialiser
from streams.wire.messages import RESULT_TOPIC
from streams.wire.topics import DirectoryTopic
from tests.streams.store.test_materialiser import added

DAY_S, START_S = 86_400.0, 1_790_000_000.0


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(jumps=st.lists(st.sampled_from([-400.0, -1.0, 0.0, 0.001, 1.0, 400.0]), min_size=1, max_size=6))
def test_each_segment_is_read_on_once_however_the_clock_jumps(tmp_path_factory, jumps):
    folder, now, known, seen, looks = tmp_path_factory.mktemp("moments"), START_S, None, [], []
    engine, topic = open_store(sqlite_url(folder / "s.sqlite")), DirectoryTopic(folder / RESULT_TOPIC)
    try:
        materialiser = Materialiser(engine, [topic], clock=lambda: now)
        for number, days in enumerate([0.0, *jumps]):
            now += days * DAY_S + 0.01
            topic.append([added()], key=f"part-{number}")
            materialiser.step()
            with engine.connect() as connection:
                looks.append(newest_stored(connection))
                segments, known = stored_since(connection, known)
            seen += segments
            assert len(seen) == number + 1, f"after {days:+} days"
        assert looks == sorted(set(looks)), "each look sees that something came"
        assert sorted(seen) == sorted(topic.segments())
    finally:
        engine.dispose()
