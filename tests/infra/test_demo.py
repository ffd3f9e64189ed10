"""The simulated demo that `up` starts where there are no data: when, with which processes, and what is said if it cannot."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from infra import cli, orphans, ports, programs, replay, up
from infra.children import Program
from infra.datadir import DataDirectory
from infra.demo_or_own import show_demo
from infra.messages import say_in
from infra.programs import Intake
from infra.running import running
from research.virtual_airshed import demo
from streams.intake import own
from streams.intake.publisher import Publisher
from streams.registry import load
from streams.store.connect import begin_write, open_store
from streams.store.feeders import admit
from streams.store.identity import identity_of
from streams.store.schema import topic_position

ROOT = Path(__file__).resolve().parents[2]
READERS = ("ingest", "pipeline", "attribution", "bench", "pages", "portal")
"""The processes that read a registry; the store and the demo itself do not."""
BROKEN = (sys.executable, "-c", "raise SystemExit('no room left for the basin')")


@pytest.fixture
def home(tmp_path, monkeypatch) -> DataDirectory:
    for name in ("AIRSHED_STORE", "AIRSHED_DEBUG", "PGPASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AIRSHED_HOME", str(tmp_path))
    monkeypatch.setenv("AIRSHED_LANG", "en")
    return DataDirectory(tmp_path).create()


@pytest.fixture
def asked(home, monkeypatch) -> list[Intake]:
    """Give what `up` was asked to read, each time that it was called instead of started."""
    seen = []
    monkeypatch.setattr(up, "up", lambda *_, intake, **__: seen.append(intake) or 0)
    return seen


def lay_down(data: DataDirectory, *names: str) -> None:
    """Make files below the data directory; a name that ends with / is an empty folder."""
    for name in names:
        path = data.root / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.touch()


def plan(data: DataDirectory, intake: Intake) -> dict[str, Program]:
    return {program.name: program for program in programs.platform(data, data.store_url, 8050, intake)}


def values(program: Program, flag: str) -> list[str]:
    """Give what follows a flag, each time that it stands in a command."""
    return [value for name, value in zip(program.command, program.command[1:], strict=False) if name == flag]


GOOD = "station,hour_end,pm25_ugm3\n1431A,2024-01-01T00:00Z,5\n"
READ = "topics/intake/1.segment"
SITUATIONS = [
    ((), []),
    (("inbox/sub/", "topics/intake/"), []),
    (("logs/portal.log", "run/lock", "checkpoints/1", "store.sqlite"), []),
    (("inbox/sub/mine.csv",), ["own_waits"]),  # nobody knows yet what it is
    ((READ, "inbox/mine.csv"), []),  # it was read, or will be: nothing of it was taken in
    ((READ, "simulated/outbox/a.csv", "inbox/mine.csv"), []),
    ((READ, "simulated/outbox/a.csv", "own-data"), ["own_data"]),
]


def shown(data: DataDirectory, *watch: Path) -> list[str]:
    """Give what is said where the demo is not shown; nothing where it is."""
    said: list[str] = []
    assert show_demo(data, None, watch, lambda key, **_: said.append(key)) is not bool(said)
    return said


@pytest.mark.parametrize(("names", "why_not"), SITUATIONS)
def test_the_demo_is_shown_until_data_of_ones_own_were_taken_in(home, names, why_not):
    lay_down(home, *names)
    assert shown(home) == why_not


def test_a_data_directory_that_is_not_there_shows_the_demo(tmp_path):
    assert shown(DataDirectory(tmp_path / "none")) == []


def read_in(data: DataDirectory, name: str, text: str, **how: bool) -> None:
    """Lay a file into the inbox and read it as the watcher does."""
    path = data.inbox / name
    path.write_text(text, encoding="utf-8")
    Publisher(data.topics, load(), all_stations=False, **how).publish(path)


REFUSED = ["station,hour_end,pm25_ugm3\n1431A,never,5\n", "what,ever\n1,2\n", "a word\n", ""]


@pytest.mark.parametrize("text", REFUSED)
def test_a_file_of_which_nothing_is_taken_in_does_not_end_the_demo(home, text):
    lay_down(home, "simulated/outbox/a.csv")
    read_in(home, "refused.csv", text)
    (home.inbox / "notes.docx").write_bytes(b"PK\x03\x04")
    assert shown(home) == [] and not (home.root / own.NOTE).exists()


def test_the_first_rows_of_ones_own_end_it_and_the_start_says_since_when(home, asked, capsys):
    lay_down(home, "simulated/outbox/a.csv")
    read_in(home, "mine.csv", GOOD)
    (home.root / own.NOTE).write_text("2026-11-30T16:05:00+00:00\n", encoding="ascii")
    cli.main(["up"])
    assert asked == [Intake()]
    assert "own data since 2026-12-01 00:05 (Beijing time)" in capsys.readouterr().out
    assert "--sample" in say_in("zh", "own_data", since="")


def test_neither_the_sample_nor_what_the_demo_lays_down_are_data_of_ones_own(home):
    publisher = Publisher(home.topics, load(), all_stations=False, simulated_below=[home.outbox])
    assert publisher.publish(own.SAMPLE).blocks
    home.outbox.mkdir(parents=True)
    (home.outbox / "a.csv").write_text(GOOD, encoding="utf-8")
    assert publisher.publish(home.outbox / "a.csv").blocks
    assert shown(home) == []


def test_a_directory_of_before_the_note_is_told_by_its_journals(home):
    Publisher(home.topics, load(), all_stations=False).publish(own.SAMPLE)
    read_in(home, "refused.csv", REFUSED[0])
    assert shown(home) == []
    read_in(home, "mine.csv", GOOD)
    (home.root / own.NOTE).unlink()
    assert shown(home) == ["own_data"] and (home.root / own.NOTE).exists()


def test_a_folder_that_is_watched_leaves_the_demo_away_and_says_so(home):
    assert shown(home, home.root) == ["own_folder"]


def test_up_starts_the_demo_together_with_the_sample_where_there_are_no_data(asked):
    assert cli.main(["up"]) == 0
    assert asked == [Intake(sample=True, demo=True)]


def test_up_leaves_both_away_where_there_are_data(home, asked):
    lay_down(home, own.NOTE)
    cli.main(["up"])
    assert asked == [Intake()]


def test_up_goes_on_with_the_demo_that_an_earlier_one_began(home, asked):
    lay_down(home, "topics/intake/1.segment", "simulated/registry/stations.csv")
    cli.main(["up"])
    assert asked == [Intake(sample=True, demo=True)]


@pytest.mark.parametrize("names", [(), ("inbox/mine.csv",), ("topics/intake/1.segment", "simulated/")])
def test_the_option_decides_whatever_the_data(home, asked, names):
    lay_down(home, *names)
    cli.main(["up", "--no-sample"])
    cli.main(["up", "--sample"])
    assert asked == [Intake(), Intake(sample=True, demo=True)]


def test_a_folder_to_watch_is_data_unless_the_demo_is_asked_for(home, asked):
    cli.main(["up", "--watch", str(home.root)])
    cli.main(["up", "--watch", str(home.root), "--sample"])
    assert asked == [Intake(watch=(home.root,)), Intake(watch=(home.root,), sample=True, demo=True)]


def test_data_of_a_command_end_the_demo_though_the_inbox_is_empty(home, asked):
    lay_down(home, "simulated/outbox/a.csv", "topics/intake/1.segment")
    mine = home.root / "mine.csv"
    mine.write_text(GOOD, encoding="utf-8")
    cli.main(["up"])
    assert cli.main(["ingest", str(mine)]) == 0
    cli.main(["up"])
    assert asked == [Intake(sample=True, demo=True), Intake()]


def test_every_command_that_reads_data_in_notes_that_they_are_ones_own(home):
    mine = home.root / "mine.csv"
    mine.write_text(GOOD, encoding="utf-8")
    replay.ingest(mine, home, all_stations=False, simulated=False, progress=lambda *_, **__: None)
    assert own.own_since(home.root) is not None


def test_the_simulation_is_an_eighth_process_and_only_with_the_demo(home):
    seven = ["ingest", "pipeline", "store", "attribution", "bench", "pages", "portal"]
    assert list(plan(home, Intake(sample=True))) == seven
    eight = plan(home, Intake(demo=True))
    assert list(eight) == [*seven, "simulation"]  # last: what reads it is there when it begins
    assert eight["simulation"].command == (sys.executable, "-m", programs.DEMO, "--data", str(home.root))


def test_the_eight_may_take_less_than_fifteen_seconds_to_stop(home):
    assert sum(program.stop_s + 0.7 for program in plan(home, Intake(demo=True)).values()) < 15


def test_the_simulation_knows_nothing_of_the_store(home):
    program = plan(home, Intake(demo=True))["simulation"]
    assert not program.secrets and "--store" not in program.command


def test_the_modules_of_the_demo_that_are_named_exist():
    for module in (programs.DEMO, programs.DEMO_REGISTRY):
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").is_file()


def test_the_registry_of_the_demo_reaches_the_processes_that_read_one(home):
    folder = [str(home.simulated / "registry")]
    for name, program in plan(home, Intake(demo=True)).items():
        assert values(program, "--registry") == (folder if name in READERS else []), name


def test_without_the_demo_its_registry_is_left_alone(home):
    lay_down(home, "simulated/registry/stations.csv")
    for program in plan(home, Intake(sample=True)).values():
        assert "--registry" not in program.command


def test_a_registry_of_ones_own_goes_before_that_of_the_demo(home):
    lay_down(home, "registry/stations.csv")
    for name, program in plan(home, Intake(demo=True)).items():
        assert values(program, "--registry") == ([str(home.registry)] if name in READERS else []), name


def test_the_folder_of_the_demo_is_handed_to_ingest_as_simulated(home):
    intake = Intake(watch=(home.root / "real",), simulated_watch=(home.root / "mine",), demo=True)
    found = plan(home, intake)
    assert values(found["ingest"], "--simulated-watch") == [str(home.root / "mine"), str(home.outbox)]
    assert values(found["ingest"], "--watch") == [str(home.root / "real")]
    assert not any(values(found[name], "--simulated-watch") for name in found if name != "ingest")
    assert "--simulated-watch" not in plan(home, replace(intake, demo=False, simulated_watch=()))["ingest"].command


def test_both_sides_mean_the_same_folders(home):
    places = demo.Places(home.root / demo.FOLDER)
    registry = values(plan(home, Intake(demo=True))["portal"], "--registry")
    assert (places.root, places.outbox, [str(places.registry)]) == (home.simulated, home.outbox, registry)
    assert places.outbox not in places.truth.parents


def test_preparing_lays_down_the_registry_that_the_processes_are_handed(home):
    said = []
    up.prepare_demo(home, lambda key, **values: said.append((key, values)))
    assert said == [("starting_demo", {"folder": home.simulated})]
    (folder,) = values(plan(home, Intake(demo=True))["ingest"], "--registry")
    stations = load(Path(folder)).stations
    assert {"1431A", "SIM-S01"} <= set(stations) and len(stations) > len(load().stations) + 100
    assert shown(home) == []


def test_preparing_fails_with_the_log_and_the_way_around(home, monkeypatch):
    monkeypatch.setattr(programs, "preparing_demo", lambda data: BROKEN)
    log = home.log_of("simulation")
    log.write_text("an earlier line\n", encoding="utf-8")
    with pytest.raises(up.NoDemo) as caught:
        up.prepare_demo(home, lambda *_, **__: None)
    lines = str(caught.value).splitlines()
    assert str(log) in lines[0] and "--no-sample" in lines[-1]
    assert lines[1:-1] == ["an earlier line", "no room left for the basin"]


@pytest.mark.parametrize(
    ("language", "first", "last"),
    [
        (
            "en",
            "error: the virtual airshed cannot be started, log {log}:",
            "--no-sample starts without it (what to do: docs/handbook.md#demo-not-started)",
        ),
        (
            "zh",
            "错误：虚拟大气流域无法启动，日志 {log}：",
            "可加 --no-sample 不启动它（怎么办：docs/handbook.md#demo-not-started）",
        ),
    ],
)
def test_up_that_cannot_prepare_the_demo_says_so_and_starts_nothing(home, monkeypatch, capsys, language, first, last):
    monkeypatch.setenv("AIRSHED_LANG", language)
    monkeypatch.setattr(programs, "preparing_demo", lambda data: BROKEN)
    monkeypatch.setattr(programs, "platform", lambda *_: pytest.fail("the processes were started"))
    assert cli.main(["up"]) == 1
    told = capsys.readouterr()
    lines = told.err.splitlines()
    assert lines == [first.format(log=home.log_of("simulation")), "no room left for the basin", last]
    assert str(home.simulated) in told.out  # where the simulated data would have gone
    assert running(home) is None and not Path(home.root / "store.sqlite").exists()


def test_up_prepares_the_demo_before_it_starts_and_only_where_it_is_wanted(home, monkeypatch):
    happened = []

    class Quiet:
        """Stands in for the supervisor."""

        def __init__(self, plan, *_, **__) -> None:
            happened.append([program.name for program in plan][7:])

        def run(self, tick) -> int:
            return 0

    monkeypatch.setattr(up, "Supervisor", Quiet)
    monkeypatch.setattr(up, "prepare_demo", lambda *_: happened.append("prepared"))
    monkeypatch.setattr(ports, "next_free", lambda port: port)
    monkeypatch.setattr(orphans, "sweep", lambda mark: 0)
    assert cli.main(["up"]) == 0
    assert cli.main(["up", "--no-sample"]) == 0
    assert happened == ["prepared", ["simulation"], []]


def test_the_demo_is_prepared_in_the_environment_of_the_processes(home, monkeypatch):
    monkeypatch.setenv("AIRSHED_STORE", "postgresql://u:s3cret@h/d")
    show = "import os; raise SystemExit(' '.join(f'{k}={v}' for k, v in os.environ.items()))"
    monkeypatch.setattr(programs, "preparing_demo", lambda data: (sys.executable, "-c", show))
    with pytest.raises(up.NoDemo) as caught:
        up.prepare_demo(home, lambda *_, **__: None)
    assert f"PYTHONPATH={ROOT}" in str(caught.value) and "s3cret" not in str(caught.value)


def strange_store(home: DataDirectory, *, damaged: bool) -> Path:
    """A store that may not be fed from here: another directory's, or one that is damaged."""
    path = home.root.with_name("elsewhere.sqlite")
    engine = open_store(path)
    admit(engine, identity_of(home.root.with_name("another")))
    with begin_write(engine) as connection:
        row = {"topic": "air", "segment": "1", "stored_at": dt.datetime(2026, 1, 1)}
        connection.execute(sa.insert(topic_position), [row])
    engine.dispose()
    if damaged:
        path.write_bytes(path.read_bytes()[:5000])
    return path


@pytest.mark.parametrize("damaged", [False, True])
def test_a_store_that_may_not_be_fed_is_refused_before_anything_is_laid_down(
    tmp_path, monkeypatch, capsys, damaged, home
):
    fresh = DataDirectory(tmp_path / "fresh")
    store = strange_store(fresh, damaged=damaged)
    monkeypatch.setattr(up, "prepare_demo", lambda *_: pytest.fail("the demo was prepared"))
    assert cli.main(["up", "--data", str(fresh.root), "--store", f"sqlite:///{store}"]) == 1
    said = capsys.readouterr().err
    assert ("damaged" in said or "cut short" in said) if damaged else "is fed by the data directory" in said
    assert not fresh.root.exists()
