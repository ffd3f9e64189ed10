"""The command line: what a person reads, and the exit codes."""

from __future__ import annotations

import datetime as dt
import errno
import os
import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest
import sqlalchemy as sa

from infra import cli, health, ports, programs, tables, up
from infra import replay as replaying
from infra.commands import store as stores
from infra.commands.up import require_whole
from infra.datadir import DataDirectory, data_directory
from infra.errors import explain
from infra.messages import catalogue
from infra.own_registry import FILES
from infra.replay import StepFailed, folder_for, wait_until_stored
from infra.running import AlreadyRunning, announce, only_one, running
from infra.store_url import choose_store, split_password
from research.virtual_airshed.demo import Places, write_registry
from standards.passwords import masked
from streams.records import RecordError
from streams.registry import load
from streams.store import schema
from streams.store.connect import DEFAULT_STORE, open_store
from streams.store.lines import Count, summed
from streams.store.refusals import StoreDamaged
from streams.store.upserts import add_counts
from streams.wire.topics import DirectoryTopic

ROOT = Path(__file__).resolve().parents[2]
SECRET = "postgresql+psycopg://airshed:s3%3Acr%40t@db.example:5432/air"


@pytest.fixture
def home(tmp_path, monkeypatch) -> DataDirectory:
    monkeypatch.setenv("AIRSHED_HOME", str(tmp_path))
    for name in ("AIRSHED_STORE", "AIRSHED_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AIRSHED_LANG", "en")
    return DataDirectory(tmp_path).create()


def test_errors_of_the_store_are_told_in_the_language_asked_for(monkeypatch) -> None:
    from streams.store import StoreError, open_store

    with pytest.raises(StoreError) as raised:
        open_store("/nowhere/air.sqlite", create=False)
    monkeypatch.setenv("AIRSHED_LANG", "zh")
    assert (
        explain(raised.value)[0]
        == "错误：/nowhere/air.sqlite 处没有数据库，应为 由 airshed store upgrade 建立的 SQLite 文件"
    )
    monkeypatch.setenv("AIRSHED_LANG", "en")
    assert explain(raised.value)[0].startswith("error: there is no store at /nowhere/air.sqlite, expected")


def test_the_store_is_that_asked_for_or_of_the_environment_or_embedded(tmp_path):
    data = DataDirectory(tmp_path)
    assert choose_store(None, data, {}) == f"sqlite:///{tmp_path}/store.sqlite"
    assert choose_store(None, data, {"AIRSHED_STORE": "postgres://h/d"}) == "postgresql+psycopg://h/d"
    assert choose_store("postgresql://h/d", data, {"AIRSHED_STORE": "x"}) == "postgresql+psycopg://h/d"
    assert choose_store("/some/air.sqlite", data, {}) == "sqlite:////some/air.sqlite"


def test_the_embedded_store_lies_where_a_notebook_looks_for_it(monkeypatch):
    monkeypatch.delenv("AIRSHED_HOME", raising=False)
    monkeypatch.chdir(ROOT)
    assert data_directory().store_url == f"sqlite:///{ROOT / DEFAULT_STORE}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (SECRET, "postgresql+psycopg://airshed:***@db.example:5432/air"),
        ("cannot reach postgres://u:pw@h/d now", "cannot reach postgres://u:***@h/d now"),
        ("postgresql://h/d?user=u&password=pw&x=1", "postgresql://h/d?user=u&password=***&x=1"),
        ("sqlite:////a/b@c.db", "sqlite:////a/b@c.db"),
        ("postgresql://h:5432/d", "postgresql://h:5432/d"),
    ],
)
def test_passwords_are_hidden(text, shown):
    assert masked(text) == shown


def test_no_process_carries_a_password_among_its_arguments(tmp_path):
    data = DataDirectory(tmp_path)
    for program in (*programs.platform(data, SECRET, 8050, programs.Intake()), *programs.replaying(data, SECRET)):
        assert "s3" not in " ".join(program.command)
        assert "s3" not in repr(program)


def test_only_the_processes_on_the_store_know_its_password(tmp_path):
    """The engine writes its whole environment into its log."""
    data = DataDirectory(tmp_path)
    plan = {p.name: p for p in programs.platform(data, SECRET, 8050, programs.Intake())}
    for name in ("store", "attribution", "pages", "portal"):
        shown = (
            "postgresql+psycopg://airshed@db.example:5432/air"  # what these say of their store has no password in it
        )
        assert plan[name].secrets == {"AIRSHED_STORE": shown, "PGPASSWORD": "s3:cr@t"}
    assert not plan["ingest"].secrets and not plan["pipeline"].secrets
    shared = programs.environment(data, {"AIRSHED_STORE": SECRET, "PGPASSWORD": "s3:cr@t", "TZ": "UTC"})
    assert "s3" not in repr(shared) and shared["TZ"] == "UTC"


def test_no_process_off_the_store_knows_any_password_of_the_environment(tmp_path, monkeypatch):
    given = {
        "AIRSHED_OFFICE": "postgresql://o:of/fice@h/d", "AIRSHED_PASSWORD": "my-own", "PGPASSWORD": "p",
        "OTHER_URL": "amqp://me:se/cr@et@h", "AIRSHED_LANG": "en",
    }  # fmt: skip
    data = DataDirectory(tmp_path)
    shared = programs.environment(data, given)
    assert set(given) & set(shared) == {"AIRSHED_LANG"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    plan = {p.name: p for p in programs.platform(data, "postgresql://h/d", 8050, programs.Intake())}
    for name in ("pages", "portal"):
        assert plan[name].secrets["AIRSHED_OFFICE"] == given["AIRSHED_OFFICE"]
        assert plan[name].secrets["PGPASSWORD"] == "p"
    assert not plan["pipeline"].secrets and not plan["ingest"].secrets


def test_the_processes_run_under_utf_8_and_take_no_module_from_the_folder_of_the_start(tmp_path):
    given = {
        "LC_ALL": "tr_TR",
        "LC_CTYPE": "C",
        "LANG": "C",
        "PYTHONIOENCODING": "ascii",
        "PYTHONUTF8": "0",
        "PYTHONSAFEPATH": "",
    }
    shared = programs.environment(DataDirectory(tmp_path / "成都 100%"), {**given, "PGPASSWORD": "p"})
    assert {name: shared.get(name) for name in (*given, "PGPASSWORD")} == {
        "LC_ALL": "C.UTF-8", "LC_CTYPE": None, "LANG": "C.UTF-8", "PYTHONIOENCODING": None, "PYTHONUTF8": "1",
        "PYTHONSAFEPATH": "1", "PGPASSWORD": None,
    }  # fmt: skip
    assert shared["AIRSHED_HOME"] == str(tmp_path / "成都 100%")


def test_a_password_is_split_off_wherever_it_stands():
    assert split_password("postgresql+psycopg://u:a%40b@h:1/d?x=1") == ("postgresql+psycopg://u@h:1/d?x=1", "a@b")
    assert split_password("postgresql+psycopg://h/d?user=u&password=p") == ("postgresql+psycopg://h/d?user=u", "p")
    assert split_password("sqlite:////a.db") == ("sqlite:////a.db", None)


def test_the_processes_may_take_less_than_fifteen_seconds_to_stop(tmp_path):
    plan = programs.platform(DataDirectory(tmp_path), "sqlite:///x", 8050, programs.Intake())
    assert [p.name for p in plan] == ["ingest", "pipeline", "store", "attribution", "bench", "pages", "portal"]
    assert sum(p.stop_s + 0.7 for p in plan) < 15


def test_what_to_read_reaches_the_process_that_reads(tmp_path):
    intake = programs.Intake(watch=(tmp_path,), sample=True, all_stations=True)
    command = programs.platform(DataDirectory(tmp_path), "sqlite:///x", 8050, intake)[0].command
    assert command[-4:] == ("--watch", str(tmp_path), "--sample", "--all-stations")
    made_up = programs.Intake(watch=(tmp_path,), simulated_watch=(tmp_path / "a", tmp_path / "b"))
    command = programs.platform(DataDirectory(tmp_path), "sqlite:///x", 8050, made_up)[0].command
    folders = ("--simulated-watch", str(tmp_path / "a"), "--simulated-watch", str(tmp_path / "b"))
    assert command[-6:] == ("--watch", str(tmp_path), *folders)


def test_the_sample_is_read_only_where_there_is_nothing_else(home, monkeypatch):
    seen = []
    monkeypatch.setattr(up, "up", lambda *_, intake, **__: seen.append(intake.sample) or 0)
    cli.main(["up"])
    cli.main(["up", "--no-sample"])
    cli.main(["up", "--watch", str(home.root)])
    (home.inbox / "mine.csv").touch()
    cli.main(["up"])
    cli.main(["up", "--sample"])
    assert seen == [True, False, False, False, True]


def test_path_says_which_store_is_meant_without_its_password(home, monkeypatch, capsys):
    monkeypatch.setenv("AIRSHED_STORE", SECRET)
    assert cli.main(["store", "path"]) == 0
    assert capsys.readouterr().out.strip() == masked(SECRET)


def test_status_and_stop_without_a_platform(home, capsys):
    assert cli.main(["status"]) == 1
    assert "not running" in capsys.readouterr().err
    assert cli.main(["stop"]) == 0


def test_a_second_start_is_told_of_the_first(home, capsys):
    with only_one(home):
        announce(home, {"pid": 4711, "address": "http://127.0.0.1:8050/", "since": "now", "store": "s"})
        assert cli.main(["up"]) == 1
        assert "4711" in capsys.readouterr().err
        assert cli.main(["status"]) == 0
        assert "http://127.0.0.1:8050/" in capsys.readouterr().out
        with pytest.raises(AlreadyRunning), only_one(home):
            pass
    assert running(home) is None


def test_reading_goes_on_behind_a_file_that_cannot_be_used_and_names_it(home, tmp_path, capsys):
    kilograms, hours = tmp_path / "kg.csv", tmp_path / "hours.csv"
    kilograms.write_text("city,sector,species,year,emission_t\n510100,power,so2,2023,50000000\n")
    hours.write_text("station,hour_end,pm25_ugm3\n1431A,2024-01-01T00:00Z,5\n")
    assert cli.main(["ingest", str(kilograms), str(hours)]) == 0
    told = capsys.readouterr().out
    words = re.sub(r"[│\s]+", " ", told)
    assert "line 2, column emission_t: more than any sector of a city emits: a unit is mistaken" in words
    lines = {
        line.split("│")[1].strip(): line.replace(" ", "").split("│")[2:-2] for line in told.splitlines() if "│" in line
    }
    assert lines["hours.csv"] == ["station-csv", "1", "…", "…", "…", "0", "0"]
    assert lines["all 2 files"][1:3] == ["2", "…"] and "not assessed yet" in told


def test_a_read_of_which_not_one_row_is_accepted_ends_with_1(home, tmp_path, capsys):
    (bad := tmp_path / "bad[red].csv").write_text("station,hour_end,pm25_ugm3\n1431A,yesterday,5\n")
    assert cli.main(["ingest", str(bad)]) == 1
    told = capsys.readouterr()
    assert "not one row was accepted" in told.err and "bad[red].csv" in told.out and "not a time" in told.out
    (good := tmp_path / "good.csv").write_text("station,hour_end,pm25_ugm3\n1431A,2024-01-01T00:00Z,5\n")
    assert cli.main(["ingest", str(bad), str(good)]) == 0
    capsys.readouterr()
    assert cli.main(["ingest", str(good)]) == 0, "it was read before"
    assert "not read again, since they have not changed: 1" in capsys.readouterr().out


def test_an_empty_store_is_said_to_be_empty(home, capsys):
    assert cli.main(["store", "upgrade"]) == 0
    assert cli.main(["health"]) == 1
    assert "no data" in capsys.readouterr().out


def test_health_tells_of_rejects_also_in_a_store_without_data(home, capsys):
    engine = open_store(home.store_url)
    said = {
        "file": "bad.csv\x1b[31m[red]",
        "position": "line 2",
        "reason": "not a time",
        "value": "yesterday",
        "expected": "an hour",
    }
    with engine.begin() as connection:
        connection.execute(_row(schema.rejected, source="station-csv", **said))
        add_counts(connection, summed([Count("station-csv", dt.datetime(1970, 1, 1), {"rows_in": 1, "rejected": 1})]))
    assert cli.main(["health"]) == 1
    out = capsys.readouterr().out
    assert (
        "station-csv" in out and r"bad.csv\x1b[31m[red], line 2: not a time (value yesterday, expected an hour)" in out
    )
    assert "refused, for the reasons above" in out and "\x1b" not in out


def test_without_a_terminal_the_progress_is_told_in_lines(capsys, monkeypatch):
    monkeypatch.setenv("AIRSHED_LANG", "en")
    monkeypatch.setattr(tables, "SAID_EVERY_S", 0)
    with tables.bar("reading [x]") as advance:
        advance(1, 4, "a.csv")
    said = capsys.readouterr().err
    assert said.startswith("reading [x]: 1 of 4, ") and "a second, about" in said


def test_a_store_that_is_not_there_is_one_clear_line(home, capsys):
    assert cli.main(["health"]) == 1
    err = capsys.readouterr().err
    assert "there is no store" in err and "Traceback" not in err


def test_health_tells_age_and_open_books(home, capsys):
    engine = open_store(home.store_url)
    hour = dt.datetime(2023, 1, 20, 5)
    with engine.begin() as connection:
        connection.execute(_row(schema.air_city_hour, city="510100", hour_end=hour, aqi=80))
        row = {"rows_in": 10, "accepted": 6, "duplicate": 1, "late": 1, "rejected": 1}
        add_counts(connection, summed([Count("cnemc", hour, row)]))
    assert cli.main(["health"]) == 1
    out = capsys.readouterr().out
    assert "2023-01-20T05:00Z" in out and "cnemc: 10 rows in, but only 9" in out
    with engine.begin() as connection:
        add_counts(connection, summed([Count("cnemc", hour, {"late": 1})]))
    assert cli.main(["health"]) == 0
    assert health.has_aqi(engine)


def test_health_says_that_the_newest_hour_lies_after_the_clock(home, capsys):
    hour = dt.datetime.now(dt.UTC).replace(tzinfo=None, minute=0, second=0, microsecond=0) + dt.timedelta(days=400)
    with open_store(home.store_url).begin() as connection:
        connection.execute(_row(schema.air_city_hour, city="510100", hour_end=hour, aqi=80))
    assert cli.main(["health"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"lies (9599|9600) h after this machine's clock", out) and "check the clock" in out


def _row(table: sa.Table, **values: object) -> sa.Insert:
    """Fill what a row must have beside the given values."""
    needed = {c.name: c.type.python_type() for c in table.columns if not c.nullable and c.name not in values and c.name}
    return table.insert().values(**needed, **values)


def test_dump_writes_csv_and_names_the_tables(home, capsys):
    cli.main(["store", "upgrade"])
    capsys.readouterr()
    assert cli.main(["store", "dump", "source_hour"]) == 0
    assert capsys.readouterr().out.startswith("source,hour_end,rows_in")
    assert cli.main(["store", "dump", "nothing"]) == 1
    assert "air_city_hour" in capsys.readouterr().err


def test_the_joined_hours_can_be_dumped_though_they_are_a_view(home, capsys):
    cli.main(["store", "upgrade"])
    capsys.readouterr()
    assert cli.main(["store", "dump", "air_joined_hour"]) == 0
    assert capsys.readouterr().out.startswith("city,hour_end,run,run_init")


def test_history_names_the_very_files_of_a_row_and_of_what_it_replaced(home, capsys):
    engine = open_store(home.store_url)
    hour = dt.datetime(2023, 1, 20, 4)
    key = {"station": "1431A", "hour_end": hour, "source": "cnemc", "status": "provisional"}
    with engine.begin() as connection:
        first = {"pm25_ugm3": 940.0, "version": 1, "file_digest": "0a" * 7 + "0", "line": 7, "received_at": hour}
        connection.execute(_row(schema.air_station_hour, **key, **first))
        again = {"pm25_ugm3": 42.0, "version": 2, "file_digest": "0b" * 7 + "0", "line": 8}
        connection.execute(schema.air_station_hour.update().values(**again))
        for digest, name in (("0a" * 32, "first.csv"), ("0b" * 32, "corrected.csv"), ("0c" * 32, "other.csv")):
            file = {"digest": digest, "file": name, "source": "cnemc", "received_at": hour}
            connection.execute(_row(schema.source_file, **file, first_hour=hour, last_hour=hour))
    assert cli.main(["store", "history", "air_station_hour", "1431A", "2023-01-20T04:00Z"]) == 0
    told = capsys.readouterr()
    head, old, present = (line.split(",") for line in told.out.splitlines())
    at = {name: head.index(name) for name in ("pm25_ugm3", "file_digest", "line")}
    assert [old[i] for i in at.values()] == ["940.0", "0a" * 7 + "0", "7"]
    assert [present[i] for i in at.values()] == ["42.0", "0b" * 7 + "0", "8"]
    assert "first.csv" in told.err and "corrected.csv" in told.err and "other.csv" not in told.err


def test_history_writes_the_versions_of_a_row_and_names_its_files(home, capsys):
    engine = open_store(home.store_url)
    hour, day = dt.datetime(2023, 1, 20, 4), dt.timedelta(days=1)
    key = {"station": "1431A", "hour_end": hour, "source": "cnemc", "status": "provisional"}
    with engine.begin() as connection:
        connection.execute(_row(schema.air_station_hour, **key, pm25_ugm3=160.0, version=1))
        changed = {"pm25_ugm3": 88.0, "revision": 1, "status": "reviewed", "version": 2}
        connection.execute(schema.air_station_hour.update().values(**changed))
        file = {"digest": "8442" * 16, "file": "a.csv", "source": "cnemc", "received_at": hour}
        connection.execute(_row(schema.source_file, **file, first_hour=hour - day, last_hour=hour))
    assert cli.main(["store", "history", "air_station_hour", "1431A", "2023-01-20T12:00+08:00"]) == 0
    told = capsys.readouterr()
    head, old, present = (line.split(",") for line in told.out.splitlines())
    at = {name: head.index(name) for name in ("pm25_ugm3", "status", "superseded_at")}
    assert (old[at["pm25_ugm3"]], old[at["status"]]) == ("160.0", "provisional") and old[at["superseded_at"]]
    assert (present[at["pm25_ugm3"]], present[at["status"]]) == ("88.0", "reviewed") and not present[
        at["superseded_at"]
    ]
    assert "a.csv" in told.err and "8442" * 16 in told.err
    for arguments, message, code in (
        (["air_station_hour", "1432A", "2023-01-20T04:00Z"], "holds no row of 1432A", 1),
        (["rejected", "1431A", "2023-01-20T04:00Z"], "there is no table rejected", 1),
        (["air_station_hour", "1431A", "noon"], "noon", 2),
    ):
        assert cli.main(["store", "history", *arguments]) == code
        assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "expected"),
    [
        (RecordError("o3 is -1"), 1, "error: o3 is -1"),
        (PermissionError(13, "Permission denied", "/x"), 1, "/x may not be accessed. Check its owner"),
        (sa.exc.OperationalError("q", {}, Exception(f"no route to {SECRET}")), 1, "airshed:***@"),
        (StepFailed("the pipeline failed"), 1, "the pipeline failed"),
        (ZeroDivisionError("division by zero"), 70, "ZeroDivisionError"),
        (ModuleNotFoundError("No module named 'x'", name="x"), 1, "x"),
    ],
)
def test_errors_are_explained_without_a_traceback(home, error, code, expected):
    message, found = explain(error)
    assert found == code and expected in message and "Traceback" not in message and "s3" not in message


def test_debug_shows_the_traceback(home, monkeypatch, capsys):
    monkeypatch.setattr(stores, "choose_store", lambda *_: 1 / 0)
    assert cli.main(["store", "path"]) == 70
    assert "Traceback" not in capsys.readouterr().err
    monkeypatch.setenv("AIRSHED_DEBUG", "")  # so that what --debug sets does not outlive this test
    assert cli.main(["--debug", "store", "path"]) == 70
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--lang", "fr", "status"], ["up", "--port", "0"], ["ingest", "/no/such"], ["x"]]
)
def test_wrong_usage_exits_with_two(home, arguments):
    assert cli.main(arguments) == 2


def test_a_taken_port_is_named_and_the_next_one_used(monkeypatch):
    said = []
    monkeypatch.setattr(ports, "is_free", lambda port: port != 8050)
    monkeypatch.setattr(ports, "holder", lambda port: "nginx (pid 7)")
    assert up.free_port(8050, lambda key, **values: said.append((key, values))) == 8051
    assert said == [("port_taken", {"port": 8050, "holder": "nginx (pid 7)", "other": 8051})]
    monkeypatch.setattr(ports, "is_free", lambda port: False)
    with pytest.raises(up.NoPort):
        up.free_port(65_535, lambda *_, **__: None)


def test_a_replay_into_another_store_has_a_directory_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("AIRSHED_STORE", "")
    default = DataDirectory(tmp_path)
    assert folder_for(default.store_url, default, None) == default
    one, other = (folder_for(f"sqlite:////x/{n}.db", default, None) for n in "ab")
    assert one.root != other.root and one == folder_for("sqlite:////x/a.db", default, None)
    assert folder_for("sqlite:////x/a.db", default, tmp_path) == default
    monkeypatch.chdir(tmp_path)
    here = folder_for("sqlite:///a.db", default, None)
    assert here == folder_for(f"sqlite:///{tmp_path}/a.db", default, None)
    assert folder_for(f"sqlite:///{default.store_url.removeprefix(f'sqlite:///{tmp_path}/')}", default, None) == default
    (tmp_path / "link").symlink_to(tmp_path)
    assert folder_for(f"sqlite:///{tmp_path}/link/store.sqlite", default, None) == default
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert folder_for("sqlite:///a.db", default, None) != here
    monkeypatch.setenv("AIRSHED_STORE", "sqlite:////x/a.db")
    assert folder_for("sqlite:////x/a.db", default, None) == default


def test_a_failed_step_of_a_replay_shows_its_log(tmp_path):
    program = programs.Program("pipeline", (sys.executable, "-c", "raise SystemExit('no memory')"))
    child = programs_child(program, tmp_path)
    child.process.wait()
    data = DataDirectory(tmp_path).create()
    engine = open_store(data.store_url)
    with pytest.raises(StepFailed, match="no memory"):
        wait_until_stored(engine, data, [child])
    engine.dispose()


def test_a_replay_in_which_nothing_moves_says_so(tmp_path, monkeypatch):
    data = DataDirectory(tmp_path).create()
    engine = open_store(data.store_url)
    wait_until_stored(engine, data, ())
    DirectoryTopic(data.topics / "intake").append(["station-csv\t{}"], key="open")
    monkeypatch.setattr(replaying, "STALLED_S", 0.2)
    with pytest.raises(replaying.Stalled, match=r"rows|行"):
        wait_until_stored(engine, data, ())
    engine.dispose()


def programs_child(program, folder):
    from infra.children import Child

    return Child(program, folder / "x.log", os.environ)


def test_every_message_is_in_both_languages_with_the_same_values():
    for key, texts in catalogue().items():
        assert set(texts) == {"zh", "en"}, key
        names = [set(re.findall(r"{(\w+)}", texts[language])) for language in ("zh", "en")]
        assert names[0] == names[1], key


def test_every_message_that_is_said_exists():
    said = set()
    for path in (ROOT / "infra").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        said |= set(re.findall(r"(?:say|tell|attempt|must)\(\s*\"(\w+)\"", source))
    assert said and said <= set(catalogue())


def test_the_installed_command_is_the_one_of_this_module():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"]["airshed"] == "infra.cli:entry" and callable(cli.entry)


def test_a_copied_registry_knows_the_stations_of_the_demo_that_runs(home, capsys):
    write_registry(Places(home.simulated))
    in_use = load(home.known_registry).stations
    assert any(station.kind == "micro" for station in in_use.values())
    assert cli.main(["registry", "init"]) == 0
    assert load(home.own_registry).stations == in_use


def test_a_registry_is_copied_whole_or_not_at_all(home, monkeypatch, capsys):
    copy = shutil.copyfile

    def full(source, target) -> None:
        copy(source, target)
        if Path(source).name == FILES[-1]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(source), None, str(target))

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", full)
        assert cli.main(["registry", "init"]) == 1
    assert str(home.registry / FILES[-1]) in (err := capsys.readouterr().err) and ".tmp-" not in err
    assert home.own_registry is None, "the one of before is gone on with"
    home.registry.mkdir()
    (home.registry / "cities.csv").touch()  # of a program that was killed while it wrote
    assert cli.main(["registry", "init"]) == 1
    assert "cities.csv" in capsys.readouterr().err
    (home.registry / "cities.csv").unlink()
    assert cli.main(["registry", "init"]) == 0
    assert cli.main(["registry", "init"]) == 0
    assert f"these files were there, are sound and were left as they are: {', '.join(FILES)}" in capsys.readouterr().out


def test_a_registry_of_ones_own_is_copied_extended_and_used(home, tmp_path, capsys):
    assert cli.main(["registry", "init"]) == 0
    assert home.own_registry == home.registry
    added = tmp_path / "more.csv"
    added.write_text("code,name_zh,kind,lon,lat,city\n9901A,新站,micro,104.07,30.66,510100\n", encoding="utf-8")
    assert cli.main(["registry", "import", str(added)]) == 0
    assert cli.main(["registry", "check"]) == 1  # 2529A is published 0.9 km outside its city
    assert "2529A" in capsys.readouterr().out
    assert "9901A" in load(home.own_registry).stations and "1431A" in load(home.own_registry).stations
    for program in (
        *programs.platform(home, home.store_url, 8050, programs.Intake()),
        *programs.replaying(home, home.store_url),
    ):
        assert ("--registry" in program.command) == (program.name != "store")
    added.write_text("code,name_zh,kind,lon,lat,city\n9902A,新站,micro,104.07,30.66,999999\n", encoding="utf-8")
    assert cli.main(["registry", "import", str(added)]) == 1
    assert "999999" in capsys.readouterr().err


def test_status_is_not_silent_over_a_damaged_store(tmp_path):
    path = tmp_path / "store.sqlite"
    open_store(path).dispose()
    require_whole(f"sqlite:///{path}")
    require_whole(f"sqlite:///{tmp_path / 'none'}")
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\x5a" * (path.stat().st_size - 4096))
    with pytest.raises(StoreDamaged, match=r"store\.sqlite"):
        require_whole(f"sqlite:///{path}")
