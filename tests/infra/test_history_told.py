"""The demo's history as `up` and `health` treat it: where it is wanted, as what it runs, what the terminal is told."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from infra import cli, health, programs, up
from infra.datadir import DataDirectory
from infra.messages import say
from infra.programs import Intake
from streams.intake import own
from streams.store import open_store
from streams.store.connect import begin_write
from streams.store.past import FORECAST, OBSERVED, PLANNED, Past, note

SPANS = ("2026-02-01/2026-02-15", "2026-01-01/2026-02-01", "2025-12-01/2026-01-01")
NOON = dt.datetime(2026, 2, 22, 12, 0)


@pytest.fixture
def home(tmp_path, monkeypatch) -> DataDirectory:
    for name in ("AIRSHED_STORE", "PGPASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AIRSHED_HOME", str(tmp_path))
    monkeypatch.setenv("AIRSHED_LANG", "en")
    return DataDirectory(tmp_path).create()


def asked_for(monkeypatch, *arguments: str) -> Intake:
    seen = []
    monkeypatch.setattr(up, "up", lambda *_, intake, **__: seen.append(intake) or 0)
    assert cli.main(["up", *arguments]) == 0
    return seen[0]


@pytest.mark.parametrize(
    ("environment", "arguments", "wanted"),
    [("", (), True), ("", ("--no-history",), False), ("off", (), False), ("off", ("--history",), True)],
)
def test_the_option_decides_and_else_the_environment_and_else_it_is_wanted(
    home, monkeypatch, environment, arguments, wanted
):
    monkeypatch.setenv("AIRSHED_HISTORY", environment)
    assert asked_for(monkeypatch, *arguments).history is wanted


def told(data: DataDirectory, intake: Intake) -> tuple[list[str], bool]:
    said: list[str] = []
    found = up.with_history(data, intake, lambda key, **_: said.append(key))
    return said, found.history


def test_where_there_are_data_of_ones_own_it_is_left_away_in_words(home):
    own.note(home.root, NOON.timestamp())
    assert told(home, Intake(history=True)) == ([], False)  # that the demo is off was said
    assert told(home, Intake(demo=True, sample=True, history=True)) == (["no_history"], False)


def test_where_there_are_none_it_is_told_and_where_it_is_not_wanted_nothing_is(home):
    assert told(home, Intake(demo=True, sample=True, history=True)) == (["bringing_history"], True)
    assert told(home, Intake(demo=True, sample=True)) == ([], False)


def test_it_is_a_ninth_process_that_ends_and_only_with_the_demo(home):
    names = {flags: [p.name for p in programs.platform(home, home.store_url, 8050, Intake(demo=flags[0], history=flags[1]))]
             for flags in ((True, True), (True, False), (False, True))}  # fmt: skip
    assert names[True, True] == [*names[True, False], "history"]
    assert "history" not in names[False, True]
    for program in programs.platform(home, home.store_url, 8050, Intake(demo=True, history=True)):
        assert program.ends is (program.name == "history")


def past(observed: int, forecast: int, ended: str | None = None) -> Past:
    moments = tuple(NOON + dt.timedelta(seconds=90 * n) for n in range(3))
    return Past(
        SPANS, frozenset(SPANS[:observed]), frozenset(SPANS[:forecast]), moments[:observed], moments[:forecast], ended
    )


@pytest.mark.parametrize(
    ("found", "zh", "en"),
    [
        (past(1, 0), "历史：2026-01，共 3 个月，已完成 1 个月", "history: 2026-01, 1 of 3 months are in"),
        (
            past(2, 0), "历史：2025-12，共 3 个月，已完成 2 个月，约剩 2 分钟",
            "history: 2025-12, 2 of 3 months are in, about 2 min left",
        ),
        (
            past(3, 1), "历史：监测数据 3 个月已全部入库；预报 2026-01，已完成 1 个月",
            "history: what was measured in 3 months is in; forecasts of 2026-01, 1 months are in",
        ),
        (past(3, 3), "历史：3 个月的监测与预报已全部入库", "history: what was measured and forecast in 3 months is in"),
        (
            past(2, 0, "own-data"), "历史：已有您自己的数据，到此为止（共 3 个月，已完成 2 个月）",
            "history: ended, for there are data of your own (2 of 3 months are in)",
        ),
    ],
)  # fmt: skip
def test_how_far_it_is_is_told_in_both_languages(monkeypatch, found, zh, en):
    key, values = health.past_words(found)
    for language, words in (("zh", zh), ("en", en)):
        monkeypatch.setenv("AIRSHED_LANG", language)
        assert say(key, **values) == words


def test_the_terminal_is_told_now_and_then_at_the_turn_to_forecasts_and_at_the_end(home, monkeypatch):
    store, said, now = open_store(home.store_url), [], [1000.0]
    monkeypatch.setattr(up.time, "monotonic", lambda: now[0])
    shown = up.Milestones(
        home.store_url,
        1,
        home,
        SimpleNamespace(pids=dict),
        lambda key, **values: said.append((key, values["total"])),
        history=True,
    )

    def noted(topic: str, count: int) -> None:
        with begin_write(store) as connection:
            note(connection, topic, SPANS[:count])
        now[0] += 2.0
        shown.look()

    shown.look()
    noted(PLANNED, 3)
    assert not said
    noted(OBSERVED, 1)
    noted(OBSERVED, 2)  # so soon after the first that it is not told
    noted(OBSERVED, 3)
    noted(FORECAST, 1)
    noted(FORECAST, 3)
    noted(FORECAST, 3)
    assert [key for key, _ in said] == ["history_months_begun", "history_forecasts_begun", "history_done"]
    shown.close()


def test_the_process_understands_its_command_and_ends_well_where_there_are_data_of_ones_own(home, monkeypatch):
    from research.virtual_airshed.past import __main__ as process

    monkeypatch.setattr(process.os, "nice", lambda _: None)  # for good, and it is the tests' own process
    monkeypatch.setattr(process.signal, "signal", lambda *_: None)

    own.note(home.root, NOON.timestamp())
    (program,) = (p for p in programs.platform(home, home.store_url, 8050, Intake(demo=True, history=True)) if p.ends)
    at = program.command.index("-m")
    assert program.command[at + 1] == process.__spec__.name.removesuffix(".__main__")
    assert process.main([*program.command[at + 2 :]]) == 0
    assert health.read_past(health.engine_for(home.store_url)).ended == "own-data"
