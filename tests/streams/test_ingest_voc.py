"""From a file of organic compounds to its topic: once, in its own topic, and hour by hour where a replay is paced."""

from __future__ import annotations

import pytest

from streams.ingest import ingest_path
from streams.records import VocBlock
from streams.registry import load
from streams.wire import messages
from streams.wire.topics import open_topic

LINES = (
    "station,hour_end,toluene_ppb,benzene_ppb",
    *(f"1431A,2023-01-20T{8 + h:02d}:00+08:00,{h}.5,<0.02" for h in range(3)),
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "voc.csv"
    path.write_text("\n".join(LINES) + "\n")
    return path


def _published(topics) -> list[list[VocBlock]]:
    topic = open_topic(topics / "obs.voc_hour")
    return [[messages.block_from(line) for line in topic.read(segment)] for segment in topic.segments()]


def test_a_file_is_published_once(file, tmp_path):
    topics = tmp_path / "topics"
    first, again = (ingest_path(file, topics, load()) for _ in range(2))
    assert (first.files, first.rows, first.rejected, first.blocks) == (1, 3, 0, 1) and again.files == 0
    ((block,),) = _published(topics)
    assert isinstance(block, VocBlock) and block.hours == 3
    assert not open_topic(topics / "obs.station_hour").segments()


def test_a_paced_replay_publishes_hour_by_hour(file, tmp_path):
    topics = tmp_path / "topics"
    ingest_path(file, topics, load(), speed=1e9)
    hours = [block for segment in _published(topics) for block in segment]
    assert [block.hours for block in hours] == [1, 1, 1] and len(_published(topics)) == 3
    assert [block.values[1, 0, 0] for block in hours] == [0.5, 1.5, 2.5]
    assert [block.first_hour - hours[0].first_hour for block in hours] == [0, 1, 2]
    assert all(block.below_ppb[0, 0, 0] == 0.02 for block in hours)
