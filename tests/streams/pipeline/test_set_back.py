"""That the engine had to go back is noted until it has caught up, and said once on terminal, card and page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.datadir import DataDirectory
from infra.trouble_told import TroubleTold
from infra.troubles import said_of
from streams.pipeline import recovery
from streams.pipeline.manifests import Manifests
from streams.pipeline.set_back import BEFORE, CALM_S, NOTE, TOPICS, SetBack
from tests.streams.pipeline.test_checkpoint_damage import CAUSE, SHARED, checkpoint, flip

NOW = 1_796_000_000.0


@pytest.fixture
def data(tmp_path):
    for number in (7, 8, 9):
        checkpoint(tmp_path, "a", number)
    Manifests(tmp_path / "checkpoints").look()
    return tmp_path


def noted(data: Path) -> str | None:
    path = data / NOTE
    return json.loads(path.read_text())["kind"] if path.exists() else None


def begin(data: Path) -> recovery.Recovery:
    return recovery.begin(data, data / "checkpoints")


def test_a_whole_checkpoint_is_no_set_back(data):
    begin(data)
    assert noted(data) is None


def test_one_byte_of_a_shared_file_is_noted_as_working_all_out_anew_and_that_of_one_checkpoint_as_going_back(data):
    flip(data / "checkpoints/a/chk-9/_metadata", 11)
    assert begin(data).checkpoint == data / "checkpoints/a/chk-8" and noted(data) == BEFORE
    flip(data / "checkpoints/a/shared" / SHARED, 11)
    assert begin(data).checkpoint is None and noted(data) == TOPICS
    begin(data)
    assert noted(data) == TOPICS, "a start in between has not caught up"


def test_what_flink_could_not_start_from_is_noted_too(data):
    for kind in (BEFORE, BEFORE, TOPICS):
        begin(data).failed(CAUSE)
        assert noted(data) == kind


def test_the_note_goes_when_the_engine_has_been_calm_for_a_while_and_not_before(tmp_path):
    now = [0.0]
    made = SetBack(tmp_path, wall=lambda: NOW, clock=lambda: now[0])
    made.remember(BEFORE)
    made.remember(TOPICS)
    assert json.loads((tmp_path / NOTE).read_text()) == {"kind": TOPICS, "since": NOW}
    for at, calm, there in ((0, True, True), (CALM_S - 1, True, True), (CALM_S, False, True), (CALM_S + 1, True, True),
                            (2 * CALM_S, True, True), (2 * CALM_S + 1, True, False)):  # fmt: skip
        now[0] = at
        made.look(lambda calm=calm: calm)
        assert (tmp_path / NOTE).exists() == there, at


def test_a_note_that_cannot_be_written_ends_no_start(data):
    (data / "run").write_text("no folder")
    flip(data / "checkpoints/a/chk-9/_metadata", 11)
    assert begin(data).checkpoint == data / "checkpoints/a/chk-8"


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "正由主题（最近 30 天）重新计算"), ("en", "works everything out anew from the topics")]
)
def test_it_is_said_once_when_it_comes_and_once_when_it_goes_and_stands_on_the_card_meanwhile(
    tmp_path, lang, words, monkeypatch
):
    monkeypatch.setenv("AIRSHED_LANG", lang)
    data, said = DataDirectory(tmp_path).create(), []
    told = TroubleTold(data, _Idle(), lambda key, **values: said.append((key, values)), room=lambda _: 1e6)
    assert data.set_back == data.root / NOTE
    SetBack(data.root).remember(TOPICS)
    for _ in range(3):
        (found,) = told.look()
    (line,) = said_of({"troubles": [found.as_plain()]}, lang)
    assert words in line and "airshed restore" in line
    data.set_back.unlink()
    assert told.look() == told.look() == []
    assert [key for key, _ in said] == ["trouble", "engine_caught_up"] and words in said[0][1]["words"]


class _Idle:
    seats = ()

    def missing(self) -> dict:
        return {}
