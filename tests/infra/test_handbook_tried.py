"""Faults are made for real; what is then said leads to the entry of the handbook that tells of it, in both languages."""

from __future__ import annotations

import errno
import os
import socket
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra import cli, closing, doctor, ports, up
from infra.clock_told import ClockTold
from infra.datadir import DataDirectory
from infra.errors import explain
from infra.handbook.entries import entries, find
from infra.messages import say
from infra.restarts import RestartPolicy
from infra.running import only_one
from infra.store_url import split_password
from infra.supervisor import Supervisor
from infra.trouble_told import TroubleTold
from infra.troubles import Trouble
from standards.errors import AirshedError
from streams import sources
from streams.intake import publisher
from streams.pipeline import doors, in_hand
from streams.pipeline.set_back import SetBack
from streams.registry import load
from streams.store import absence, materialiser
from streams.store.reasons import reason_in
from streams.wire.topics import open_topic

HEADER = "station,hour_end,so2_ugm3,no2_ugm3,co_mgm3,o3_ugm3,pm10_ugm3,pm25_ugm3\n"
GOOD = "1431A,2023-01-20T08:00:00+08:00,5,30,0.6,60,80,50\n"
NOW = 1_900_000_000.0
"""In 2030: after this release."""


@pytest.fixture(params=["zh", "en"])
def lang(request, monkeypatch) -> str:
    monkeypatch.setenv("AIRSHED_LANG", request.param)
    for name in ("AIRSHED_STORE", "AIRSHED_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return request.param


def refused(what: Callable[[], object]) -> str:
    """Give what a person reads of what something raises."""
    with pytest.raises((AirshedError, OSError, ModuleNotFoundError)) as raised:
        what()
    return explain(raised.value)[0]


def command(capsys, *words: object) -> str:
    """Give what a command that fails says."""
    code = cli.main([str(word) for word in words])
    assert code or words[0] == "stop", "to stop what does not run is no failure, all else is"
    held = capsys.readouterr()
    return held.out + held.err


def leads_to(said: str, key: str) -> None:
    found = find(said)
    assert found is not None and found.key == key, (said, found and found.key)


# -- what commands say -------------------------------------------------------------------------------------------------
def other_store(tmp: Path) -> Path:
    made = tmp / "store.sqlite"
    with sqlite3.connect(made) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('z999')")
    return made


COMMANDS = [
    ("already-running", lambda tmp: ("stop", "--data", tmp)),
    ("already-running", lambda tmp: ("status", "--data", tmp)),
    ("command-refused", lambda tmp: ("store", "dump", "no_such_table", "--data", tmp)),
    ("command-refused", lambda tmp: ("store", "history", "no_such_table", "510100", "2023-01-20T08:00", "--data", tmp)),
    ("command-refused", lambda tmp: ("publications", "verify", "--data", tmp)),
    ("store-not-usable", lambda tmp: ("health", "--data", tmp)),
    ("store-not-usable", lambda tmp: ("health", "--store", "oracle://nowhere/x", "--data", tmp)),
    ("store-not-usable", lambda tmp: ("health", "--store", other_store(tmp), "--data", tmp)),
    ("models-not-served", lambda tmp: ("models", "serve", "nobody", "1", "--by", "me", "--data", tmp)),
    ("place-refused", lambda tmp: ("up", "--data", tmp / "a\nb")),
    ("place-refused", lambda tmp: ("up", "--no-sample", "--data", tmp / ("x" * 300))),
    ("place-refused", lambda tmp: ("up", "--data", Path("/tmp", *["y" * 80] * 6))),
    ("place-refused", lambda tmp: ("up", "--data", linked_nowhere(tmp))),
    ("place-refused", lambda tmp: ("up", "--data", a_file(tmp))),
    ("place-refused", lambda tmp: ("up", "--data", "/proc/1/nothing")),
]  # fmt: skip


def linked_nowhere(tmp: Path) -> Path:
    (tmp / "link").symlink_to(tmp / "gone")
    return tmp / "link"


def a_file(tmp: Path) -> Path:
    (tmp / "file").write_text("x")
    return tmp / "file"


@pytest.mark.parametrize(("key", "words"), COMMANDS, ids=[f"{i} {k}" for i, (k, _) in enumerate(COMMANDS)])
def test_a_command_that_is_refused_leads_to_its_entry(lang, tmp_path, capsys, key, words):
    leads_to(command(capsys, *words(tmp_path)), key)


def test_a_refused_command_names_the_entry(lang, tmp_path, capsys):
    said = command(capsys, "health", "--data", tmp_path)
    assert "docs/handbook.md#store-not-usable" in said.splitlines()[-1]


# -- what the system refuses -------------------------------------------------------------------------------------------
def folder_in_itself(tmp: Path) -> None:
    (tmp / "loop").symlink_to(tmp / "loop")
    (tmp / "loop").read_text()


SYSTEM = {
    "gone": ("path-refused", lambda tmp: (tmp / "gone").read_text()),
    "a folder": ("path-refused", lambda tmp: tmp.write_text("x")),
    "not a folder": ("path-refused", lambda tmp: (a_file(tmp) / "below").read_text()),
    "name too long": ("path-refused", lambda tmp: (tmp / ("n" * 300)).read_text()),
    "links without end": ("path-refused", folder_in_itself),
    "read-only": ("path-refused", lambda tmp: os.mkdir("/sys/kernel/airshed")),
}


@pytest.mark.parametrize("name", SYSTEM)
def test_what_the_system_refuses_leads_to_its_entry(lang, tmp_path, name):
    key, fault = SYSTEM[name]
    leads_to(refused(lambda: fault(tmp_path)), key)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_leads_to_its_entry(lang):
    with pytest.raises(OSError) as raised, open("/dev/full", "wb", buffering=0) as file:
        file.write(b"x")
    assert raised.value.errno == errno.ENOSPC
    leads_to(explain(OSError(raised.value.errno, raised.value.strerror, "/dev/full"))[0], "disk-full")


def test_a_password_that_would_be_seen_leads_to_its_entry(lang):
    leads_to(refused(lambda: split_password("postgresql://u@h/d?sslpassword=x")), "password-shown")


def test_a_missing_part_and_an_error_of_ours_lead_to_their_entries(lang):
    leads_to(refused(lambda: __import__("no_such_part_of_airshed")), "install-failed")
    leads_to(explain(ValueError("x"))[0], "internal-error")


# -- what `up` and its supervisor say ------------------------------------------------------------------------------------
def test_a_second_platform_is_told_where_the_first_one_is(lang, tmp_path):
    data = DataDirectory(tmp_path).create()
    with only_one(data):
        leads_to(refused(lambda: only_one(data).__enter__()), "already-running")


def test_a_taken_port_and_none_that_is_free_lead_to_their_entry(lang, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port, said = server.getsockname()[1], []
        up.free_port(port, lambda key, **values: said.append(say(key, **values)))
        leads_to(said[0], "port-taken")
        monkeypatch.setattr(ports, "is_free", lambda port: False)
        leads_to(refused(lambda: up.free_port(port, lambda *a, **k: None)), "port-taken")
    monkeypatch.setattr(ports, "is_forbidden", lambda port: True)
    leads_to(refused(lambda: up.free_port(80, lambda *a, **k: None)), "port-taken")


CLOCKS = {"early": (None, 0.0), "back": (NOW + 90_000, NOW), "ahead": (NOW - 400 * 86_400, NOW)}


@pytest.mark.parametrize("name", CLOCKS)
def test_a_clock_that_is_wrong_at_the_start_leads_to_its_entry(lang, tmp_path, name):
    (last, now), said = CLOCKS[name], []
    if last:
        (tmp_path / "note").write_text(f"{last:.0f}")
    ClockTold(tmp_path / "note", lambda key, **v: said.append(say(key, **v)), wall=lambda: now, even=lambda: 0.0)
    leads_to(said[0], "clock-wrong")


@pytest.mark.parametrize("by", [7_200.0, -7_200.0])
def test_a_clock_that_jumps_leads_to_its_entry(lang, tmp_path, by):
    moved, said = [0.0], []
    told = ClockTold(
        tmp_path / "note", lambda key, **v: said.append(say(key, **v)), wall=lambda: NOW + moved[0], even=lambda: 0.0
    )
    moved[0] = by
    told.look()
    leads_to(said[0], "clock-wrong")


def test_a_program_that_ends_and_one_that_keeps_ending_lead_to_their_entry(lang, tmp_path):
    from infra.children import Program

    said: list[str] = []
    program = Program("restless", (sys.executable, "-c", "raise SystemExit(3)"), 0.1)
    policy = RestartPolicy(first_wait_s=0.05, longest_wait_s=0.1)
    made = Supervisor(
        [program], tmp_path, mark=str(tmp_path), tell=lambda key, **v: said.append(say(key, **v)), policy=policy
    )
    made.run(tick=lambda: setattr(made, "signals", int(bool(made.missing()))))
    told = [line for line in said if find(line) is not None]
    assert len(told) == 2, "an end is told, and that it keeps ending"
    for line in told:
        leads_to(line, "program-ended")


def test_a_program_that_cannot_start_leads_to_its_entry(lang, tmp_path):
    from infra.children import Program

    said: list[str] = []
    program = Program("nobody", (str(tmp_path / "no-such-program"),), 0.1)
    made = Supervisor([program], tmp_path, mark=str(tmp_path), tell=lambda key, **v: said.append(say(key, **v)))
    made.run(tick=lambda: setattr(made, "signals", 1))
    leads_to(said[0], "program-ended")


@pytest.mark.parametrize("left", [True, False])
def test_an_engine_that_cannot_be_closed_leads_to_its_entry(lang, monkeypatch, left):
    ways = (doors.BEAM,) if left else ()
    monkeypatch.setattr(doors, "foreseen", lambda environment: doors.Doors(why="no namespaces", left=ways))
    said: list[str] = []
    tell = lambda key, **v: said.append(say(key, **v))  # noqa: E731
    if left:
        leads_to(refused(lambda: closing.see_to_it(tell, {})), "open-to-others")
    closing.see_to_it(tell, {doors.OPEN: doors.ALLOWED})
    leads_to(said[0], "open-to-others")


def test_a_check_that_finds_something_leads_to_its_entry(lang, tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as server:
        cli.main(["doctor", "--data", str(tmp_path), "--port", str(server.getsockname()[1])])
    assert doctor is not None
    said = capsys.readouterr().out.replace("\n", " ")
    assert say("doctor_port") in said
    leads_to(say("mend_port"), "machine-checked")


# -- what the platform has to do without -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "program", ["ingest", "pipeline", "store", "attribution", "portal", "simulation", "history", "x"]
)
def test_a_program_that_is_missing_leads_to_its_entry(lang, program):
    trouble = Trouble("missing", program, NOW, (("log", "/logs/x.log"),))
    leads_to(say("trouble", words=trouble.words(lang), remedy=trouble.remedy(lang)), "program-ended")


ABSENCES = dict.fromkeys(
    ("unreachable", "refused", "restarting", "crowded", "memory", "locked", "readonly", "io"), "store-away"
) | {"full": "disk-full", "damaged": "store-damaged"}


def test_every_kind_of_absence_is_tried():
    assert set(ABSENCES) == set(absence.SQLITE_KINDS.values()) | {kind for _, kind in absence.POSTGRES_KINDS}


@pytest.mark.parametrize("kind", ABSENCES)
def test_a_store_that_is_away_leads_to_the_entry_of_its_kind(lang, kind):
    trouble = Trouble("store", kind, NOW)
    leads_to(say("trouble", words=trouble.words(lang), remedy=trouble.remedy(lang)), ABSENCES[kind])


@pytest.mark.parametrize("kind", ["before", "topics"])
def test_an_engine_that_had_to_go_back_and_has_caught_up_leads_to_its_entry(lang, kind, tmp_path):
    said: list[str] = []
    data = DataDirectory(tmp_path).create()
    made = Supervisor([], tmp_path, mark=str(tmp_path), tell=lambda key, **v: None)
    told = TroubleTold(data, made, lambda key, **v: said.append(say(key, **v)), room=lambda folder: 1e6)
    SetBack(tmp_path).remember(kind)
    told.look()
    data.set_back.unlink()
    told.look()
    assert len(said) == 2
    for line in said:
        leads_to(line, "checkpoint-damaged")


def test_a_disk_that_is_full_and_has_room_again_leads_to_its_entry(lang, tmp_path):
    said: list[str] = []
    data, free = DataDirectory(tmp_path).create(), [1.0]
    made = Supervisor([], tmp_path, mark=str(tmp_path), tell=lambda key, **v: said.append(say(key, **v)))
    told = TroubleTold(data, made, lambda key, **v: said.append(say(key, **v)), room=lambda folder: free[0])
    told.look()
    free[0] = 10_000.0
    told.look()
    assert len(said) == 2
    for line in said:
        leads_to(line, "disk-full")


def test_a_store_that_another_program_holds_is_logged_and_leads_to_its_entry(tmp_path, caplog):
    path = tmp_path / "store.sqlite"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError) as raised:
        sqlite3.connect(path, timeout=0).execute("CREATE TABLE t (x)")
    holder.close()
    assert absence.Absence(tmp_path / "run" / "store.away").away(raised.value)
    leads_to(caplog.records[0].getMessage(), "store-away")


def test_what_ends_a_program_twice_leads_to_its_entry(lang):
    for reason in (materialiser.ENDED_TWICE, publisher.ENDED_TWICE):
        leads_to(reason_in(lang, reason), "ended-twice")
    list(
        in_hand.taken(
            Poisoned(),
            "line",
            lambda: iter(()),
            lambda error: leads_to(reason_in(lang, str(error)), "ended-twice") or iter(()),
        )
    )


class Poisoned:
    """A note that knows every line as one that ended its worker twice."""

    def poison(self, name: str) -> bool:
        return True


# -- what is damaged, copied and taken out again -----------------------------------------------------------------------------
def test_a_damaged_segment_is_found_and_leads_to_its_entry(lang, tmp_path, capsys):
    data = DataDirectory(tmp_path / "data").create()
    topic = open_topic(data.topics / "obs.station_hour")
    topic.append(["a line", "another"], key="k")
    file = topic.folder / topic.segments()[0]
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"another", b"onather"))
    said = command(capsys, "check", "--data", data.root)
    assert file.name in " ".join(said.split())
    leads_to(said, "check-found")
    file.write_bytes(whole)  # the remedy of the entry: the file as a backup has it
    assert file.name not in "".join((cli.main(["check", "--data", str(data.root)]) and "") or capsys.readouterr().out)


BACKUPS = [
    ("backup-refused", lambda tmp: ("backup", tmp / "target", "--data", tmp / "nothing")),
    ("backup-refused", lambda tmp: ("backup", DataDirectory(tmp).create().root / "inside", "--data", tmp)),
    ("backup-refused", lambda tmp: ("restore", tmp, "--data", tmp / "new")),
    ("input-taken-out", lambda tmp: ("retract", "x.csv", "--by", "me", "--why", "-", "--data", DataDirectory(tmp).create().root)),
]  # fmt: skip


@pytest.mark.parametrize(("key", "words"), BACKUPS, ids=[f"{i} {k}" for i, (k, _) in enumerate(BACKUPS)])
def test_a_backup_or_a_retraction_that_is_refused_leads_to_its_entry(lang, tmp_path, capsys, key, words):
    leads_to(command(capsys, *words(tmp_path)), key)


# -- what is wrong with files ------------------------------------------------------------------------------------------
FILES = {
    "an infinite number": (HEADER + GOOD.replace("50\n", "inf\n"), "unit-or-value"),
    "a word for a number": (HEADER + GOOD.replace("50\n", "many\n"), "unit-or-value"),
    "a negative number": (HEADER + GOOD.replace("50\n", "-5\n"), "unit-or-value"),
    "a number beyond what can be": (HEADER + GOOD.replace(",50\n", ",99999999\n"), "unit-or-value"),
    "a line that is cut": (HEADER + "1432A,2023\n", "unit-or-value"),
    "no offset": (HEADER + GOOD.replace("+08:00", ""), "time-unknown"),
    "not on the hour": (HEADER + GOOD.replace("08:00:00+", "08:20:00+"), "time-unknown"),
    "no time": (HEADER + GOOD.replace("2023-01-20", "gestern"), "time-unknown"),
    "the year 1900": (HEADER + GOOD.replace("2023", "1900"), "time-unknown"),
    "the future": (HEADER + GOOD.replace("2023", "2099"), "time-unknown"),
    "a station that nobody knows": (HEADER + GOOD.replace("1431A", "9999Z"), "place-unknown"),
    "no code of a station": (HEADER + GOOD.replace("1431A", "not a code!"), "place-unknown"),
    "an empty file": ("", "file-still-changing"),
    "a header alone": (HEADER, "file-still-changing"),
    "another layout": ("a;b;c\n1;2;3\n", "layout-unknown"),
    "a column twice": (HEADER.replace("so2_ugm3", "pm25_ugm3") + GOOD, "layout-unknown"),
    "a column that nobody knows": (HEADER.replace("so2_ugm3", "so2_furlongs") + GOOD, "layout-unknown"),
    "no column of stations": (HEADER.replace("station,", "") + GOOD, "layout-unknown"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("spoken", ["zh", "en"])
def test_the_reason_for_a_refusal_leads_to_its_entry(tmp_path, name, spoken):
    content, key = FILES[name]
    (tmp_path / "x.csv").write_text(content, encoding="utf-8")
    rejected = sources.parse_file(tmp_path / "x.csv", load(), received_at=1.0, now=NOW).rejected
    assert rejected
    leads_to(reason_in(spoken, rejected[0].reason), key)


def test_a_file_that_is_mended_as_the_entry_says_is_taken(tmp_path):
    """The remedy of `time-unknown`, `unit-or-value` and `place-unknown`: the mended file, put in again."""
    (tmp_path / "x.csv").write_text(HEADER + GOOD, encoding="utf-8")
    parsed = sources.parse_file(tmp_path / "x.csv", load(), received_at=1.0, now=NOW)
    assert parsed.rejected == () or list(parsed.rejected) == []
    assert parsed.blocks


def test_a_file_without_one_row_leads_to_its_entry(lang, tmp_path, capsys):
    (tmp_path / "x.csv").write_text("a;b;c\n1;2;3\n", encoding="utf-8")
    cli.main(["ingest", str(tmp_path / "x.csv"), "--data", str(tmp_path / "data")])
    said = capsys.readouterr()
    assert say("accounts_nothing") in said.out + said.err
    leads_to(say("accounts_nothing"), "nothing-accepted")


def test_at_least_forty_messages_are_tried():
    kinds = len(COMMANDS) + len(SYSTEM) + 1 + 2 + 1 + 3 + len(CLOCKS) + 2 + 3 + 3 + 1 + len(FILES) + 1
    assert kinds >= 40
    assert {key for _, key in FILES.values()} | {key for key, _ in COMMANDS} <= {entry.key for entry in entries()}
