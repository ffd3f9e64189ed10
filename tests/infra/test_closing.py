"""An engine that others on the machine could reach: refused in words, in both languages, unless a person allows it."""

from __future__ import annotations

import pytest

from infra import cli, closing
from streams.pipeline import doors

WHY = "darwin has no network namespaces"


@pytest.fixture
def told():
    """Give what was told, and what tells it."""
    said = []
    return said, lambda key, **values: said.append((key, values))


def foreseen(monkeypatch: pytest.MonkeyPatch, *left: str, why: str = WHY) -> None:
    monkeypatch.setattr(doors, "foreseen", lambda environment: doors.Doors(why=why, left=left))


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ("Apache Beam", "主题数据的通知", "--allow-open-ports", "darwin 没有网络命名空间")),
        ("en", ("Apache Beam", "announcements of topics", WHY)),
    ],
)
def test_what_would_stay_open_is_refused_and_named(monkeypatch, told, lang, words) -> None:
    monkeypatch.setenv("AIRSHED_LANG", lang)
    foreseen(monkeypatch, doors.BEAM, doors.TOPICS)
    with pytest.raises(closing.OpenToOthers) as refused:
        closing.see_to_it(told[1], {})
    assert all(word in str(refused.value) for word in (*words, "AIRSHED_OPEN_PORTS=allow"))
    assert not told[0]


def test_what_was_allowed_is_said(monkeypatch, told) -> None:
    monkeypatch.setenv("AIRSHED_LANG", "en")
    foreseen(monkeypatch, doors.TOPICS)
    environment = {}
    closing.allow(environment)
    closing.see_to_it(told[1], environment)
    assert told[0] == [("ways_left_open", {"why": WHY, "ways": "the announcements of topics"})]


def test_where_each_way_is_closed_by_itself_that_is_said_and_where_none_is_open_nothing(monkeypatch, told) -> None:
    monkeypatch.setenv("AIRSHED_LANG", "en")
    foreseen(monkeypatch)
    closing.see_to_it(told[1], {})
    assert told[0] == [("closed_one_by_one", {"why": WHY})]
    foreseen(monkeypatch, why="")
    closing.see_to_it(told[1], {})
    assert len(told[0]) == 1


def test_every_way_that_can_stay_open_has_its_words() -> None:
    ways = {way for system in ("darwin", "linux") for way in doors.left_open(system, "riscv64")}
    assert ways == set(closing.WORDS)


def test_up_is_refused_before_it_writes_anything(monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setenv("AIRSHED_LANG", "en")
    monkeypatch.delenv("AIRSHED_OPEN_PORTS", raising=False)
    foreseen(monkeypatch, doors.BEAM)
    folder = tmp_path / "data"
    assert cli.main(["up", "--no-sample", "--data", str(folder)]) == 1
    assert "--allow-open-ports" in capsys.readouterr().err
    assert not (folder / "topics").exists()
