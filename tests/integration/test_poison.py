"""What ends the program that takes it is set aside by name after two tries, and the rest goes on: in the real engine."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from streams.records import ObservationBlock, ScorerNotice
from streams.scorers import announce
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.integration.processes import Platform
from tests.streams.echo_scorer import DEADLY

pytestmark = pytest.mark.flink
CITY, STATIONS, FIRST = "510100", ("1431A", "1432A"), 465_000


@pytest.fixture
def platform(tmp_path):
    made = Platform(tmp_path)
    yield made
    made.stop()


def test_a_block_that_kills_its_worker_is_set_aside_and_the_hours_after_it_are_assessed(platform) -> None:
    topics = platform.data / "topics"
    feed = open_topic(topics / messages.TOPICS[messages.OBSERVATION])
    announce(topics, ScorerNotice("deadly", "1"))
    platform.start("pipeline", "--scorers", "tests.streams.echo_scorer:load")
    platform.start("store")
    for number in range(240):  # the topics of feeds and of models are not read in step: until the model scores
        feed.append([messages.block_line(_block(FIRST, 20.0, number))], key=f"revision-{number}")
        time.sleep(0.5)
        if _asked(platform, "SELECT count(*) FROM model_hour"):
            break
    feed.append([messages.block_line(_block(FIRST + 100, DEADLY))], key="poison")
    _wait(platform, "SELECT count(*) FROM rejected WHERE reason LIKE '%ended the worker that takes it twice%'")
    feed.append([messages.block_line(_block(FIRST + 200, 30.0))], key="after")
    _wait(platform, "SELECT count(*) FROM air_station_hour WHERE hour_end > '2023-01-26' AND pm25_ugm3 = 30")
    assert platform.running["pipeline"].poll() is None, "the job went on by itself"
    log = (platform.data / "pipeline.log").read_text()
    assert "the engine stopped" not in log and "计算引擎停止" not in log


def _block(first: int, value: float, revision: int = 0) -> ObservationBlock:
    made = ObservationBlock(source="made", city=CITY, stations=STATIONS, first_hour=first, values=np.full((6, 2, 4), value),
                            present=np.ones((2, 4), bool))  # fmt: skip
    return replace(made, revision=revision)


def _asked(platform: Platform, query: str) -> int:
    with platform.engine.connect() as connection:
        return connection.exec_driver_sql(query).scalar()


def _wait(platform: Platform, query: str, seconds: float = 150) -> None:
    end = time.monotonic() + seconds
    while not _asked(platform, query):
        assert time.monotonic() < end, f"nothing came of {query}: {platform.tail('pipeline')}"
        time.sleep(0.5)
