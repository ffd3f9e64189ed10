"""The models on the command line: what a person reads, and that nothing there goes around the gates."""

from __future__ import annotations

import re
import string

import pytest
from click import unstyle
from typer.main import get_command

from infra import cli, programs, up
from infra.datadir import DataDirectory
from ml.registry.announcing import FOLDER, TOPICS, open_registry
from ml.registry.words import catalogue
from streams.store.connect import open_store
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.ml.registry.made import NAME, artefact, card, trained


@pytest.fixture
def home(tmp_path, monkeypatch) -> DataDirectory:
    for name in ("AIRSHED_STORE", "AIRSHED_DEBUG", "AIRSHED_SCORERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AIRSHED_HOME", str(tmp_path))
    monkeypatch.setenv("AIRSHED_LANG", "en")
    monkeypatch.setenv("COLUMNS", "200")
    return DataDirectory(tmp_path).create()


def said(capsys, *arguments: str, code: int = 0) -> str:
    assert cli.main(["models", *arguments]) == code
    found = capsys.readouterr()
    return unstyle(found.out + found.err)


def notices(home: DataDirectory) -> list[tuple[str, bool]]:
    topic = open_topic(home.topics / messages.SCORER_TOPIC)
    found = [messages.scorer_from(line) for segment in topic.segments() for line in topic.read(segment)]
    return [(each.version, bool(each.digest)) for each in found]


def test_a_person_takes_a_model_from_its_list_to_service_and_back(home, capsys) -> None:
    assert "there is no model in" in said(capsys, "list")
    held = open_registry(home.root)
    trained(held, "1", error=6.0)
    trained(held, "2", error=4.0, weight=2.0)
    assert "evaluated" in said(capsys, "list")
    assert f"{NAME} 1 is approved and serves from now on" in said(capsys, "approve", NAME, "1", "--by", "赵主任")
    assert "it was not compared with 1, which serves" in said(capsys, "approve", NAME, "2", "--by", "赵主任", code=1)
    assert "smaller error" in said(capsys, "compare", NAME, "2", "1", "--by", "李工")
    said(capsys, "approve", NAME, "2", "--by", "赵主任")
    assert f"{NAME} is rolled back: 1 serves now" in said(capsys, "rollback", NAME, "--by", "赵主任", "--why", "drift")
    assert f"{NAME} 1 is refused" in said(capsys, "refuse", NAME, "1", "--by", "赵主任", "--why", "wrong units")
    assert notices(home) == [("1", True), ("2", True), ("1", True), ("1", False)]
    told = said(capsys, "history", NAME)
    for text in ("rolled back 1", "compared 1", "赵主任", "wrong units", "served"):
        assert text in told
    said(capsys, "approve", NAME, "2", "--by", "赵主任", "--why", "the other was the wrong one")
    assert "is retired" in said(capsys, "retire", NAME, "--by", "赵主任", "--why", "over")


def test_a_model_that_fails_a_gate_is_refused_approval_with_the_reasons_in_ones_language(
    home, capsys, monkeypatch
) -> None:
    trained(open_registry(home.root), "1", error=15.0)
    told = said(capsys, "approve", NAME, "1", "--by", "赵主任", "--why", "urgent", code=1)
    assert f"{NAME} 1 cannot be approved" in told and "the mean absolute error of pm25_ugm3" in told
    monkeypatch.setenv("AIRSHED_LANG", "zh")
    told = said(capsys, "approve", NAME, "1", "--by", "赵主任", code=1)
    assert "不能批准" in told and "“优于基准”未通过：pm25_ugm3 的平均绝对误差" in told
    assert notices(home) == []


def test_approving_on_the_command_line_has_no_option_around_the_gates(home, capsys) -> None:
    command = get_command(cli.app).commands["models"].commands["approve"]
    assert {parameter.name for parameter in command.params} == {"name", "version", "by", "why", "data"}
    trained(open_registry(home.root), "1", gates=())
    assert cli.main(["models", "approve", NAME, "1", "--by", "赵主任", "--force"]) == 2
    assert cli.main(["models", "approve", NAME, "1"]) == 2, "somebody has to be named"
    assert "missing: --by" in capsys.readouterr().err


def test_the_card_is_read_in_ones_language(home, capsys, monkeypatch) -> None:
    trained(open_registry(home.root), "1")
    page = said(capsys, "show", NAME, "1")
    assert page.startswith(f"# linear correction of PM2.5 ({NAME} 1)\n") and "## not to be used for\n" in page
    monkeypatch.setenv("AIRSHED_LANG", "zh")
    page = said(capsys, "show", NAME, "1")
    assert page.startswith("# 细颗粒物线性订正") and "## 不得用于" in page


def test_an_unknown_model_and_a_damaged_registry_are_one_clear_line(home, capsys) -> None:
    assert "there is no model x 1: none was trained yet" in said(capsys, "show", "x", "1", code=1)
    trained(open_registry(home.root), "1")
    (home.models / "journal" / "00000001.json").write_text("{")
    assert "the journal of models" in said(capsys, "list", code=1)


def test_a_card_that_is_damaged_takes_no_other_model_from_the_list(home, capsys) -> None:
    held = open_registry(home.root)
    trained(held, "1")
    trained(held, "2")
    digest = held.standings().of(NAME, "1").card
    (held.root / "objects" / digest[:2] / digest).write_bytes(b"")
    told = said(capsys, "list")
    assert "linear correction of PM2.5" in told and "changed on" in told
    assert "has changed on disk" in said(capsys, "show", NAME, "1", code=1)


@pytest.mark.parametrize(
    ("given", "words"),
    [(("--by", " "), "nobody trains"), (("--by", "王工", "--version", "a b"), "expected at most 40 letters"),
     (("--by", "王工", "--version", "7"), "7 is there of forecast-510100")],
)  # fmt: skip
def test_what_no_card_can_say_is_refused_before_anything_is_learned(home, capsys, monkeypatch, given, words) -> None:
    monkeypatch.setattr("infra.training.candidate", lambda *_, **__: pytest.fail("it was learned"))
    open_store(home.store_url).dispose()
    open_registry(home.root).train(card("7", name="forecast-510100"), artefact())
    assert words in " ".join(said(capsys, "train", "510100", *given, code=2).replace("│", " ").split())


def test_the_history_of_a_model_that_there_is_not_is_refused(home, capsys) -> None:
    trained(open_registry(home.root), "1")
    assert f"there is no model pm25, expected one of: {NAME}" in said(capsys, "history", "pm25", code=1)


def test_what_stands_in_a_card_is_no_markup_and_no_control_code(home, capsys) -> None:
    held = open_registry(home.root)
    trained(held, "1")
    held.refuse(NAME, "1", by="[red]x[/]\x1b[2J", why="a\nb")
    told = said(capsys, "history", NAME)
    assert "[red]x[/]" in told and "\x1b" not in told


def test_a_start_announces_what_serves_and_survives_a_registry_that_cannot_be_read(home, monkeypatch) -> None:
    held, told = open_registry(home.root), []

    def tell(key: str, **values: object) -> None:
        told.append((key, values))

    up.announce_models(home, tell)
    assert told == []
    trained(held, "1")
    held.approve(NAME, "1", by="赵主任")
    up.announce_models(home, tell)
    assert told == [("models_serve", {"names": NAME})] and notices(home) == [("1", True)] * 2
    monkeypatch.setenv("AIRSHED_SCORERS", "some.where:else")
    up.announce_models(home, tell)
    assert len(notices(home)) == 2, "another loader has its own announcements"
    monkeypatch.delenv("AIRSHED_SCORERS")
    (home.models / "journal" / "00000001.json").write_text("{")
    up.announce_models(home, tell)
    assert told[-1][0] == "models_damaged"


def test_the_platform_loads_models_from_its_registry_unless_another_loader_is_named(home) -> None:
    assert programs.scorers({}) == "ml.registry.serving:load"
    assert programs.scorers({"AIRSHED_SCORERS": "a.b:c"}) == "a.b:c"
    started = {
        program.name: program.command for program in programs.platform(home, "sqlite://", 8050, programs.Intake())
    }
    at = started["pipeline"].index("--scorers")
    assert started["pipeline"][at + 1] == "ml.registry.serving:load"
    assert str(home.models) in started["portal"]


def test_every_word_of_the_registry_has_both_languages() -> None:
    for key, texts in catalogue().items():
        assert set(texts) == {"zh", "en"} and all(texts.values()), key
        assert re.search("[一-鿿；]", texts["zh"]), key
        blanks = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts.values()]
        assert blanks[0] == blanks[1], key


def test_the_data_directory_and_the_registry_mean_the_same_folders(home) -> None:
    assert (home.root / FOLDER, home.root / TOPICS) == (home.models, home.topics)
