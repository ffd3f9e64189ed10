"""A handful of the attacks of tests/bench/attacks on one running platform, and the laws of that suite itself.

Whole: python -m tests.bench.attacks --json
"""

from __future__ import annotations

import random
import socket
from collections import Counter
from pathlib import Path

import pytest

from streams import sources
from streams.ingest import units_below
from streams.registry import load
from streams.registry.roster import roster_of
from tests.bench.attacks import damage, frozen, kills, requests, surroundings
from tests.bench.attacks.stage import Stage, differences
from tests.bench.attacks.verdicts import (
    ERROR,
    FAILED,
    HELD,
    SKIPPED,
    Attack,
    NotPlayed,
    Skipped,
    exit_code,
    played,
    summary,
)
from tests.streams.replaying import Desks

TABLES = ("air_station_hour", "air_city_hour", "air_station_day", "air_city_day", "air_joined_hour")
OF_THE_RUN = {"file_digest", "released_at", "received_at", "line", "version"}


def by_desks(folder: Path) -> dict[str, dict]:
    """Give the rows of the frozen input as the desks alone make them."""
    registry = load()
    desks = Desks(roster_of(registry))
    for unit in units_below(folder):
        for block in sources.parse_file(unit, registry, received_at=0.0).blocks:
            desks.take(block)
    return desks.rows()


@pytest.mark.flink
def test_a_platform_under_attack_gives_the_rows_of_the_desks_and_leaves_nothing(tmp_path):
    """Kills, pauses and malformed requests while the input comes; afterwards no process and no file of its own is left."""
    given, attack, chance = frozen.files(), Attack("short", "a handful of each"), random.Random(15)
    assert frozen.digest(given).startswith(frozen.DIGEST)
    for name, content in given.items():
        frozen.drop(tmp_path / "in", name, content)
    expected = by_desks(tmp_path / "in")
    stage = Stage(tmp_path / "数据 % #")
    try:
        stage.start()
        kills.attacked_while_fed(attack, stage, given, chance, 7)
        requests.play(attack, stage, count=35, seed=15)
        stage.wait_until_drained(frozen.rows(given))
        stored = stage.rows()
    finally:
        stage.close(attack)
    assert attack.complaints == []
    assert sum(count for event, count in attack.events.items() if event.startswith(("kill", "pause"))) == 6
    assert sum(attack.events[kind] for kind in requests.KINDS) == 35
    for table in TABLES:
        assert stored[table].keys() == expected[table].keys(), table
        for key, row in expected[table].items():
            told = {name: value for name, value in row.items() if name not in OF_THE_RUN}
            assert {name: stored[table][key][name] for name in told} == told, (table, key)


@pytest.mark.parametrize("place", [p for p in surroundings.PLACES if not p.usable], ids=lambda place: place.name)
def test_a_path_that_cannot_be_used_is_refused_in_words_and_nothing_is_made(tmp_path, place):
    attack = Attack("paths", place.name)
    surroundings.play_path(attack, tmp_path / "d", {}, place)
    assert attack.verdict == HELD, attack.complaints


def test_an_attack_that_did_not_happen_is_an_error_and_no_pass():
    found: list[Attack] = []
    with played(found, "kills", "nobody there"):
        raise NotPlayed("no such process")
    with played(found, "kills", "nothing done"):
        pass
    with played(found, "kills", "done") as attack:
        attack.happened("kill store")
    assert [each.verdict for each in found] == [ERROR, ERROR, HELD]
    assert exit_code(found) == 2 and exit_code(found[2:]) == 0
    assert summary(found)["verdicts"] == {ERROR: 2, HELD: 1}


def test_what_does_not_hold_fails_and_what_cannot_be_played_says_why():
    found: list[Attack] = []
    with played(found, "disk", "full") as attack:
        attack.happened("full")
        raise AssertionError("rows are missing")
    with played(found, "disk", "no root"):
        raise Skipped("only root mounts a file system")
    assert [each.verdict for each in found] == [FAILED, SKIPPED] and exit_code(found) == 1
    assert [row["why"] for row in summary(found)["attacks"]] == [
        ["rows are missing"], ["skipped: only root mounts a file system"],
    ]  # fmt: skip
    assert exit_code(found[1:]) == 2, "a suite that skips all proves nothing"


def test_a_flip_that_is_not_written_is_no_damage(tmp_path):
    (tmp_path / "a").write_bytes(b"same")
    with pytest.raises(NotPlayed, match="as it was"):
        damage.written(tmp_path / "a", b"same")
    with pytest.raises(NotPlayed, match="nothing is named"):
        damage.newest(tmp_path, "topics/*.jsonl")


def test_there_are_enough_attacks_of_each_kind():
    assert len(damage.KINDS) >= 30 and len({kind.name for kind in damage.KINDS}) == len(damage.KINDS)
    assert len(surroundings.LOCALES) >= 10 and len(surroundings.PLACES) >= 15
    drawn = requests.drawn(200, 15)
    assert drawn == requests.drawn(200, 15) and drawn != requests.drawn(200, 16)
    assert min(Counter(each.kind for each in drawn).values()) >= 28 and len({each.sent for each in drawn}) > 120


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (b"HTTP/1.1 500 X\r\n\r\nsorry", "status 500"),
        (b"HTTP/1.1 200 OK\r\nServer: Werkzeug/3.1\r\n\r\nx", "the banner names a version"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", "an empty page"), (b"hello", "not an answer of HTTP: b'hello'"),
        (b"HTTP/1.1 400 X\r\n\r\nTraceback (most recent call last)", "a trace in the answer"),
    ],
)  # fmt: skip
def test_an_answer_that_must_not_be_is_found(answer, complaint):
    assert requests.wrong_with(answer) == [complaint]
    assert requests.wrong_with(b"HTTP/1.1 404 X\r\n\r\nno such page") == [] == requests.wrong_with(b"")


def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(requests, "PATIENCE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(TimeoutError):
        requests.ask(server.getsockname()[1], requests.Request("plain", b"GET / HTTP/1.1\r\n\r\n"))


def test_rows_that_differ_or_are_missing_are_named():
    wanted = {"air_city_day": {("a", 1): {"aqi": 50}, ("b", 1): {"aqi": 60}}}
    assert differences(wanted, wanted) == []
    assert differences({"air_city_day": {("a", 1): {"aqi": 51}}}, wanted) == [
        "air_city_day: 2 of 2 rows differ, first ('a', 1): {'aqi': (51, 50)}"
    ]
