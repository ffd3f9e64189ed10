"""Models in the running platform: approval, roll back and refusal take effect without a restart, and rows name their model."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from ml.registry.announcing import FOLDER, announcer
from ml.registry.serving import HOME
from streams.records import ObservationBlock
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.integration.processes import Platform
from tests.ml.registry.made import NAME, registry, serving, trained

pytestmark = pytest.mark.flink
CITY, FIRST, PM25 = "510100", 465_000, 20.0
LOADER = "ml.registry.serving:load"


@pytest.fixture
def platform(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME, str(tmp_path))
    made = Platform(tmp_path)
    yield made
    made.stop()


class Feed:
    """Publishes ever new revisions of the same hours until the store shows what is wanted."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.topic = open_topic(platform.data / "topics" / messages.TOPICS[messages.OBSERVATION])
        self.number = 0

    def until(self, query: str, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.publish()
            for _ in range(10):
                time.sleep(0.2)
                if self.ask(query)[0][0]:
                    return
        pytest.fail(
            f"nothing came of {query}: {self.ask('SELECT reason FROM rejected')} {self.platform.tail('pipeline')}"
        )

    def publish(self) -> None:
        block = ObservationBlock(
            source="made", city=CITY, stations=("1431A", "1432A"), first_hour=FIRST, values=np.full((6, 2, 30), PM25),
            present=np.ones((2, 30), bool), revision=self.number,
        )  # fmt: skip
        self.number += 1
        self.topic.append([messages.block_line(replace(block))], key=f"revision-{self.number}")

    def ask(self, query: str) -> list[tuple]:
        with self.platform.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query).all()]


def _rows_of(version: str) -> str:
    return f"SELECT count(*) = 30 FROM model_hour WHERE model = '{NAME}' AND model_version = '{version}'"


def _rejected(words: str) -> str:
    return f"SELECT count(*) FROM rejected WHERE source = 'scorer {NAME}' AND reason LIKE '%{words}%'"


def test_approved_rolled_back_and_refused_models_do_what_they_say_while_the_platform_runs(platform) -> None:
    root = platform.data / FOLDER
    models = registry(root, announce=announcer(root, platform.data / "topics"), clock=time.time)
    trained(models, "1", error=6.0, weight=1.0)
    platform.start("pipeline", "--scorers", LOADER)
    platform.start("store")
    feed = Feed(platform)
    feed.until("SELECT count(*) FROM air_city_hour")
    assert feed.ask("SELECT count(*) FROM model_hour") == [(0,)], "a model that is not approved says nothing"

    models.approve(NAME, "1", by="赵主任")
    feed.until(_rows_of("1"))
    assert feed.ask("SELECT DISTINCT model, model_version, quantity, value FROM model_hour") == [
        (NAME, "1", "pm25_ugm3", PM25)
    ]
    serving(models, "2")
    feed.until(_rows_of("2"))
    assert feed.ask("SELECT DISTINCT value FROM model_hour") == [(2 * PM25,)]
    models.roll_back(NAME, by="赵主任", why="too high")
    feed.until(_rows_of("1"))
    assert feed.ask("SELECT DISTINCT value FROM model_hour") == [(PM25,)]
    assert feed.ask("SELECT count(*) FROM rejected") == [(0,)]

    models.refuse(NAME, "1", by="赵主任", why="wrong units")
    feed.until(_rejected("is refused (by 赵主任: wrong units)"))
    before = feed.ask("SELECT max(version) FROM model_hour")
    cities = feed.ask("SELECT max(version) FROM air_city_hour")[0][0]
    feed.until(f"SELECT max(version) > {cities} FROM air_city_hour")
    assert feed.ask("SELECT max(version) FROM model_hour") == before, "nothing is scored by a model that was refused"

    models.approve(NAME, "2", by="赵主任", why="it was the first that was wrong", serve=False)
    (part,) = models.artefact(NAME, "2").parts
    digest = _digest_of_part(models, "2", part)
    path = root / "objects" / digest[:2] / digest
    path.write_bytes(path.read_bytes().replace(b"2.0", b"9.0"))
    models._require_loadable = lambda model: None  # as by a hand that does not look
    models.serve(NAME, "2", by="赵主任")
    feed.until(_rejected("has changed on disk"))
    assert feed.ask("SELECT count(*) FROM model_hour WHERE value NOT IN (20.0)") == [(0,)]


def _digest_of_part(models, version: str, part: str) -> str:
    import json

    return json.loads(models.artefact(NAME, version).manifest)[part]
