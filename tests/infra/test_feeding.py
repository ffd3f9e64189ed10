"""On the command line: a store in use is not overwritten from another data directory, and wrong input is taken out again."""

from __future__ import annotations

import contextlib
import dataclasses
import sqlite3

import pytest
import sqlalchemy as sa
from alembic import command

from infra.cli import main
from streams.history.runner import History
from streams.history.store_sink import StoreSink
from streams.store import open_store
from streams.store.connect import _config, begin_write
from streams.store.lease import Process
from streams.store.materialiser import Materialiser
from streams.store.schema import air_city_hour, air_station_hour, feeding, source_file
from streams.store.views import drop_views
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.streams.test_releases import HOUR, ROSTER


def file_of(hours: int, pm25: int) -> str:
    """A national file of the first hours of a day at three stations; PM2.5 goes up and down about a value, as no dead one does."""
    others = {"SO2": 15, "NO2": 30, "CO": 0.5, "O3": 80, "PM10": pm25 + 20, "PM2.5": pm25}
    rows = (
        f"20240511,{hour},{item}," + ",".join(f"{value * (1 + (hour * 7 + place) % 5 / 50):.1f}" for place in range(3))
        for hour in range(hours)
        for item, value in others.items()
    )
    return "date,hour,type,1431A,1432A,1433A\n" + "\n".join(rows) + "\n"


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("AIRSHED_LANG", "en")
    monkeypatch.delenv("AIRSHED_STORE", raising=False)


def folder_with(path, text: str):
    path.mkdir()
    (path / "china_sites_20240511.csv").write_text(text, encoding="utf-8")
    return path


def mean_of(store) -> float | None:
    engine = open_store(store)
    query = sa.select(sa.func.avg(air_city_hour.c.pm25_ugm3)).where(air_city_hour.c.city == "510100")
    with engine.connect() as connection:
        found = connection.scalar(query)
    engine.dispose()
    return found


def assessed(data, store) -> None:
    """Take what is in the topics of a data directory to a store, as a replay does."""
    engine = open_store(store)
    History(data / "topics", data / "history", ROSTER, StoreSink(engine), workers=0).run()
    intake = Materialiser(engine, [open_topic(data / "topics" / messages.INTAKE_TOPIC)])
    while intake.step():
        pass
    engine.dispose()


def test_a_replay_from_another_data_directory_is_refused_and_changes_nothing(tmp_path, capsys):
    rich, poor = (
        folder_with(tmp_path / name, file_of(*what)) for name, what in (("rich", (24, 184)), ("poor", (22, 40)))
    )
    one, two = (tmp_path / "replays" / name for name in ("one", "two"))
    store = tmp_path / "air.sqlite"
    assert main(["replay", str(rich), "--data", str(one), "--store", str(store)]) == 0
    mean = mean_of(store)
    assert 184.0 < mean < 200.0
    capsys.readouterr()
    assert main(["replay", str(poor), "--data", str(two), "--store", str(store)]) == 1
    said = capsys.readouterr().err
    assert f"is fed by the data directory {one}" in said and "airshed store adopt" in said
    assert mean_of(store) == mean
    # By order it is another matter, and the first directory is refused from then on.
    assert main(["store", "adopt", "--why", "moved", "--data", str(two), "--store", str(store)]) == 0
    assert main(["store", "feeders", "--store", str(store)]) == 0
    told = capsys.readouterr().out
    assert str(one) in told and f"fed by {two}" in told
    assert main(["replay", str(rich), "--data", str(one), "--store", str(store)]) == 1


def test_a_file_is_taken_out_by_name_after_a_dry_run(tmp_path, capsys):
    data, store = tmp_path / "data", tmp_path / "data" / "store.sqlite"
    assert main(["ingest", str(folder_with(tmp_path / "in", file_of(24, 700))), "--data", str(data)]) == 0
    assessed(data, store)
    told = ["retract", "china_sites_20240511.csv", "--by", "wang", "--why", "wrong units", "--data", str(data)]
    capsys.readouterr()
    assert main([*told, "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "72 rows of 1 file would be taken out" in said and "Nothing was changed" in said
    assessed(data, store)
    assert mean_of(store) > 700.0
    assert main(told) == 0
    assert "are taken out" in capsys.readouterr().out
    assessed(data, store)
    engine = open_store(store)
    with engine.connect() as connection:
        left = connection.scalar(sa.select(sa.func.count(air_station_hour.c.pm25_ugm3)))
        files = set(connection.scalars(sa.select(source_file.c.file)))
    engine.dispose()
    assert left == 0 and mean_of(store) is None
    assert "retraction of china_sites_20240511.csv, by wang: wrong units" in files
    capsys.readouterr()
    assert main(["store", "history", "air_station_hour", "1431A", f"{HOUR:%Y-%m-%dT%H:%MZ}", "--data", str(data)]) == 0
    shown = capsys.readouterr()
    assert ",7" in shown.out and "wrong units" in shown.err
    assert main(told) == 1 and "nothing is taken out" in capsys.readouterr().err


@pytest.mark.parametrize("hours", ["yesterday", "2024-05-11T02:30Z", "2024-05-11T05:00Z/2024-05-11T02:00Z"])
def test_hours_that_are_none_are_said(tmp_path, capsys, hours):
    told = ["retract", "--hours", hours, "--by", "wang", "--why", "x", "--data", str(tmp_path)]
    assert main(told) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("command", [("rebuild",), ("rebuild", "--accept-loss"), ("backup", "BACKUPS"), ("normalise",)])
def test_a_command_leaves_the_store_of_another_directory_as_it_is_and_lays_nothing_down(tmp_path, capsys, command):
    store = tmp_path / "store.sqlite"
    folder = folder_with(tmp_path / "in", file_of(3, 40))
    assert main(["replay", str(folder), "--data", str(tmp_path / "one"), "--store", str(store)]) == 0
    if command[0] == "backup":  # of what is not there nothing is backed up, whoever's the store is
        (tmp_path / "other" / "topics").mkdir(parents=True)
    before, mean = sorted(tmp_path.iterdir()), mean_of(store)
    capsys.readouterr()
    words = [str(tmp_path / "backups") if word == "BACKUPS" else word for word in command]
    assert main([*words, "--data", str(tmp_path / "other"), "--store", str(store)]) == 1
    assert "store-fed-elsewhere" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before and mean_of(store) == mean


def an_older_store(path, *, held: bool, way: str) -> None:
    """A store of the first schema that knew who feeds it, by this very process or by nobody; way: how the file is written."""
    engine, config = open_store(path), _config()
    holder = {"turn": "ab" * 16, "held": held, **dataclasses.asdict(Process.own())}
    with begin_write(engine) as connection:
        connection.execute(sa.update(feeding).values(holder))
        config.attributes["connection"] = connection
        drop_views(connection)
        command.downgrade(config, "0010")
    engine.dispose()
    with contextlib.closing(sqlite3.connect(path)) as plain:
        plain.execute(f"PRAGMA journal_mode={way}").fetchall()


def an_adopting_that_is_refused_while_fed(data) -> str:
    return "is being fed by process"


def an_adopting_by_a_directory_without_a_name(data) -> str:
    (data / "identity").mkdir(parents=True)
    (data / "identity" / "identity.toml").write_text("id = 1", encoding="utf-8")
    return "does not hold the name of its data directory"


def an_adopting_by_what_is_no_directory(data) -> str:
    data.write_text("", encoding="utf-8")
    return "data"


@pytest.mark.parametrize("way", ["WAL", "DELETE"])
@pytest.mark.parametrize(
    "spoilt",
    [
        an_adopting_that_is_refused_while_fed,
        an_adopting_by_a_directory_without_a_name,
        an_adopting_by_what_is_no_directory,
    ],
)
def test_a_refused_adopt_leaves_the_bytes_of_an_older_store_as_they_were(tmp_path, capsys, spoilt, way):
    store, data = tmp_path / "store.sqlite", tmp_path / "data"
    an_older_store(store, held=spoilt is an_adopting_that_is_refused_while_fed, way=way)
    before, there = store.read_bytes(), sorted(tmp_path.rglob("*"))
    said = spoilt(data)
    made = sorted(data.rglob("*"))
    assert main(["store", "adopt", "--why", "moved", "--data", str(data), "--store", str(store)]) == 1
    assert said in capsys.readouterr().err
    assert store.read_bytes() == before and sorted(data.rglob("*")) == made
    assert [path for path in sorted(tmp_path.rglob("*")) if not path.is_relative_to(data)] == there


def test_a_store_of_before_processes_were_known_is_adopted(tmp_path, capsys):
    store = tmp_path / "store.sqlite"
    an_older_store(store, held=False, way="WAL")
    engine, config = sa.create_engine(f"sqlite:///{store}"), _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0009")
    engine.dispose()
    assert main(["store", "adopt", "--why", "moved", "--data", str(tmp_path / "data"), "--store", str(store)]) == 0
    assert "data" in capsys.readouterr().out
