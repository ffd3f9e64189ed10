"""What the job is told and what it loads: approved, rolled back, refused and retired models do what they say at a desk."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import threading
from dataclasses import replace

import numpy as np
import pytest

from ml.registry import kinds
from ml.registry.announcing import FOLDER, announce_all, announcer, notice_of
from ml.registry.errors import Damaged, NotApproved, RegistryError
from ml.registry.linear import build, linear
from ml.registry.serving import HOME, load, load_from
from streams.assess.joined import JoinedHours
from streams.records import ScorerNotice
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.ml.registry.made import NAME, artefact, card, registry, serving, trained
from tests.streams import replaying as r
from tests.streams.test_scorers import Desk


@pytest.fixture
def models(tmp_path):
    return registry(tmp_path / FOLDER, announce=announcer(tmp_path / FOLDER, tmp_path / "topics"))


def told(tmp_path) -> list[ScorerNotice]:
    topic = open_topic(tmp_path / "topics" / messages.SCORER_TOPIC)
    return [messages.scorer_from(line) for segment in topic.segments() for line in topic.read(segment)]


def block(number: int):
    return replace(r.blocks_of("510100", np.full((6, 4, 3), 10.0 + number))[0], received_at=float(number))


class Served:
    """A desk that hears of every notice, as the job does."""

    def __init__(self, tmp_path) -> None:
        self.tmp_path, self.number = tmp_path, 0
        self.desk = Desk(load=lambda notice: load_from(tmp_path / FOLDER, notice))

    def values(self) -> set[tuple[str, float]]:
        """Let a block come and give the versions and values that the models made of it."""
        for notice in told(self.tmp_path):
            self.desk.announce(notice)
        self.desk.rows.clear(), self.desk.rejected.clear()
        self.number += 1
        self.desk.take(block(self.number))
        found = r.stored([messages.rows_line(rows, "510100") for rows in self.desk.rows]).get("model_hour", {})
        return {(row["model_version"], row["value"]) for row in found.values()}

    def reasons(self) -> list[str]:
        return [each.reason for each in self.desk.rejected]


def test_the_desk_follows_approval_roll_back_refusal_and_retirement(models, tmp_path) -> None:
    served = Served(tmp_path)
    assert served.values() == set(), "nothing is announced"
    serving(models, "1")
    assert served.values() == {("1", 12.0)}
    serving(models, "2")
    assert served.values() == {("2", 2 * 13.0)}
    models.roll_back(NAME, by="赵主任", why="drift")
    assert served.values() == {("1", 14.0)}
    models.retire(NAME, by="赵主任", why="season is over")
    assert served.values() == set() and any(
        "is retired (by 赵主任: season is over)" in each for each in served.reasons()
    )
    models.approve(NAME, "1", by="赵主任", why="season begins")
    assert served.values() == {("1", 16.0)}
    models.refuse(NAME, "1", by="赵主任", why="wrong units")
    assert served.values() == set() and any("is refused (by 赵主任: wrong units)" in each for each in served.reasons())


def test_a_notice_carries_the_digest_of_what_serves(models, tmp_path) -> None:
    serving(models, "1", "2")
    models.roll_back(NAME, by="赵主任", why="drift")
    notices = told(tmp_path)
    assert [n.version for n in notices] == ["1", "2", "1"]
    assert [n.digest for n in notices] == [artefact(float(v)).digest for v in (1, 2, 1)]
    models.retire(NAME, by="赵主任", why="over")
    assert (told(tmp_path)[-1].version, told(tmp_path)[-1].digest) == ("1", "")


def test_what_is_not_approved_is_not_loaded_whoever_announces_it(models, tmp_path) -> None:
    trained(models, "1")
    notice = ScorerNotice(NAME, "1", digest=artefact().digest)
    with pytest.raises(NotApproved, match=f"{NAME} 1 is evaluated"):
        load_from(models.root, notice)
    with pytest.raises(RegistryError, match="there is no model pm25-linear 9"):
        load_from(models.root, ScorerNotice(NAME, "9"))
    with pytest.raises(RegistryError, match="there is no model bias 1"):
        load_from(tmp_path / "nowhere", ScorerNotice("bias", "1"))


def test_a_model_announced_with_another_digest_is_not_loaded(models) -> None:
    serving(models, "1")
    with pytest.raises(NotApproved, match="is announced as abababababab, expected"):
        load_from(models.root, ScorerNotice(NAME, "1", digest="ab" * 32))


def test_a_model_whose_bytes_changed_on_disk_is_not_loaded_and_the_reject_says_so(models, tmp_path) -> None:
    served = Served(tmp_path)
    serving(models, "1")
    (digest,) = json.loads(models.artefact(NAME, "1").manifest).values()
    path = models.root / "objects" / digest[:2] / digest
    path.write_bytes(path.read_bytes().replace(b"1.0", b"9.0"))
    assert served.values() == set()
    (reason,) = served.reasons()
    assert "cannot be loaded Damaged: the artefact of pm25-linear 1, part linear.json, has changed on disk" in reason
    with pytest.raises(Damaged):
        load_from(models.root, notice_of(models.root, NAME))


def test_a_version_that_was_followed_by_another_still_loads_while_the_job_has_not_heard(models) -> None:
    serving(models, "1")
    earlier = notice_of(models.root, NAME)
    serving(models, "2")
    assert load_from(models.root, earlier).version == "1"


def test_a_start_announces_what_serves_and_nothing_else(models, tmp_path) -> None:
    serving(models, "1")
    trained(models, "2")
    before = len(told(tmp_path))
    assert announce_all(models.root, tmp_path / "topics") == [NAME]
    assert [n.version for n in told(tmp_path)[before:]] == ["1"]
    assert announce_all(tmp_path / "nothing", tmp_path / "topics") == []
    assert notice_of(tmp_path / "nothing", NAME) is None


def test_a_kill_between_the_event_and_its_notice_is_mended_by_the_next_start(models, tmp_path) -> None:
    serving(models, "1")
    models.announce = lambda name: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        serving(models, "2")
    assert told(tmp_path)[-1].version == "1"
    announce_all(models.root, tmp_path / "topics")
    assert told(tmp_path)[-1].version == "2"


def test_of_many_who_approve_and_roll_back_at_once_the_last_notice_is_of_what_serves(models, tmp_path) -> None:
    serving(models, "1", "2", "3")

    def act(number: int) -> None:
        mine = registry(models.root, announce=models.announce)
        with contextlib.suppress(RegistryError):
            if number % 2:
                mine.roll_back(NAME, by="赵主任", why="drift")
            else:
                mine.approve(NAME, str(1 + number % 3), by="孙主任", why="no drift")

    threads = [threading.Thread(target=act, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    serves = models.standings().serving[NAME]
    last = told(tmp_path)[-1]
    assert (last.version, last.digest) == (serves, artefact(float(serves)).digest)
    assert load_from(models.root, last).version == serves


def test_the_loader_looks_in_the_data_directory_of_the_environment(models, tmp_path, monkeypatch) -> None:
    serving(models, "1")
    monkeypatch.setenv(HOME, str(tmp_path))
    assert load(notice_of(models.root, NAME)).version == "1"


def hours(**columns) -> JoinedHours:
    length = len(next(iter(columns.values())))
    arrays = {name: np.array(values, float) for name, values in columns.items()}
    return JoinedHours("510100", "", 0, 1, arrays, np.zeros(length, bool), np.ones(length, bool))


def test_a_linear_model_weighs_columns_and_is_missing_where_one_is() -> None:
    made = linear({"pm25_ugm3": {"forecast_pm25_ugm3": 0.5, "pm25_ugm3": 2.0}}, intercepts={"pm25_ugm3": -10.0})
    scorer = build(made, card())
    found = scorer.score(hours(forecast_pm25_ugm3=[0, 10, 10, 10], pm25_ugm3=[0, 5, np.nan, 1]))
    np.testing.assert_array_equal(found["pm25_ugm3"], [5.0, np.nan, 0.0])
    assert scorer.needs == ("forecast_pm25_ugm3", "pm25_ugm3") and scorer.of_runs and not scorer.of_hours
    with pytest.raises(RegistryError, match=r"gives o3_ugm3, expected pm25_ugm3 of its card"):
        build(linear({"o3_ugm3": {}}), card())


def test_a_kind_is_named_by_the_card_and_found_in_a_table_of_code() -> None:
    with pytest.raises(RegistryError, match="there is no kind of models 'os:system', expected one of linear"):
        kinds.builder("os:system")
    assert all(target.startswith("ml.") for target in kinds.KINDS.values())


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_every_kind_has_its_builder(kind) -> None:
    package = kinds.KINDS[kind].rpartition(".")[0]
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not part of this installation")
    assert callable(kinds.builder(kind))
