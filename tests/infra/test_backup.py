"""A backup is whole or none, is verified before anything is placed, and brings back every row; no secret is in it."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
import json
import shutil
import sqlite3
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from dashboards.office import audit
from dashboards.office.office_tables import session, user
from dashboards.office.records import office_url, open_office, transaction
from infra import backed_up as manifests
from infra import backup as backing
from infra import cli
from infra.datadir import DataDirectory
from standards.addresses import sqlite_url
from streams.intake import intents
from streams.store import open_store
from streams.store.materialiser import Materialiser
from streams.store.verifying import Verifying, last_round
from streams.wire.topics import DirectoryTopic
from tests.small_disk import small_disk
from tests.streams.pipeline.test_checkpoint_damage import MAGIC, in_a_file, in_the_list
from tests.streams.store.test_materialiser import added, station_hours
from tests.streams.store.test_remaking import differing, fill, rows, topics_of

NOW = dt.datetime(2026, 11, 30, 13, 30)


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("AIRSHED_LANG", "en")
    for name in ("AIRSHED_STORE", "AIRSHED_OFFICE", "AIRSHED_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def data(tmp_path) -> DataDirectory:
    """A data directory with something of each kind, in a folder whose name holds a blank and Chinese."""
    data = DataDirectory(tmp_path / "成都 data").create()
    (data.topics / "air" / "2026-11-30").mkdir(parents=True)
    feed = DirectoryTopic(data.topics / "obs.station_hour")
    feed.append(["510100\t{}"], key="file-1")
    for place, content in {
        "checkpoints/job1/chk-7/_metadata": "state", "checkpoints/job1/chk-6/_metadata": "older", "archive/layout-1/a": "piece",
        "registry/cities.csv": "code\n", "models/objects/ab/abcd": "model", "portal/targets.toml": "[a]\n",
        "portal/secret": "do not tell", "portal/shelf/page.html": "made again", "logs/store.log": "a line",
    }.items():  # fmt: skip
        (data.root / place).parent.mkdir(parents=True, exist_ok=True)
        (data.root / place).write_text(content)
    return data


def office_filled(url: str) -> None:
    engine = open_office(url)
    now = dt.datetime(2026, 11, 1)
    with transaction(engine) as connection:
        connection.execute(sa.insert(user).values(
            name="li", display="李", role="duty_officer", city=None, hash="argon2", active=True, created=now, changed=now,
            must_change=False, removed=None,
        ))  # fmt: skip
        connection.execute(sa.insert(session).values(
            token="whoever-holds-this-is-in", label="l", name="li", begun=now, seen=now, place="",
        ))  # fmt: skip
        audit.append(connection, now, "li", "", "account.created", "li")
    engine.dispose()


@pytest.fixture
def url(data, store_url) -> str:
    return sqlite_url(data.root / "store.sqlite") if store_url.startswith("sqlite") else store_url


@pytest.fixture
def filled(data, url) -> dict[str, list]:
    engine = open_store(url)
    fill(engine, data)
    office_filled(office_url(data.portal, url))
    found = rows(engine)
    engine.dispose()
    return found


def said(capsys, *command: str, code: int = 0) -> str:
    assert cli.main(list(command)) == code, capsys.readouterr()
    found = capsys.readouterr()
    assert "Traceback" not in found.err
    return found.out if code == 0 else found.err


def backed_up(capsys, data, url, target) -> Path:
    said(capsys, "backup", str(target), "--data", str(data.root), "--store", url)
    return sorted(path for path in target.iterdir())[-1]


def restore_to(capsys, made, data, url, store_url) -> str:
    """Restore into a place of another name; give the store's address there."""
    place = sqlite_url(data.root / "store.sqlite")
    if url != store_url:
        said(capsys, "restore", str(made), "--data", str(data.root))
        return place
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        home = connection.scalar(sa.text("select current_schema()"))
        connection.exec_driver_sql(f"DROP SCHEMA {home} CASCADE")
        connection.exec_driver_sql(f"CREATE SCHEMA {home}")
    engine.dispose()
    said(capsys, "restore", str(made), "--data", str(data.root), "--store", url)
    return url


def names_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_what_is_restored_has_every_row_file_and_entry_of_the_log_and_no_session(
    filled, data, url, store_url, tmp_path, capsys
):
    made = backed_up(capsys, data, url, tmp_path / "备份 of it")
    new = DataDirectory(tmp_path / "新 place")
    there = restore_to(capsys, made.parent, new, url, store_url)
    engine = open_store(there, create=False)
    assert differing(filled, rows(engine)) == {}
    assert Materialiser(engine, topics_of(new)).step() == 0, "each segment is in the store already"
    topics_of(new)[0].append([station_hours(hours=2, version=9)], key="later")
    assert Materialiser(engine, topics_of(new)).step() == 1
    assert len({row.id for row in rows(engine)["row_history"]}) == len(rows(engine)["row_history"])
    engine.dispose()
    office = open_office(office_url(new.portal, there))
    with office.connect() as connection:
        assert audit.verify(connection).entries == 1 and audit.verify(connection).broken is None
        assert connection.scalar(sa.select(sa.func.count()).select_from(user)) == 1
        assert connection.scalar(sa.select(sa.func.count()).select_from(session)) == 0
    office.dispose()
    assert {"registry/cities.csv", "models/objects/ab/abcd", "portal/targets.toml", "archive/layout-1/a",
            "checkpoints/job1/chk-7/_metadata"} <= names_in(new.root)  # fmt: skip
    assert DirectoryTopic(new.topics / "obs.station_hour").holds("file-1")


def test_no_secret_is_in_a_backup_and_each_file_bears_its_digest(filled, data, url, tmp_path, capsys):
    made = backed_up(capsys, data, url, tmp_path / "backups")
    told = json.loads((made / "manifest.json").read_text())
    there = {path.relative_to(made).as_posix(): path for path in made.rglob("*") if path.is_file()}
    assert set(told["files"]) == there.keys() - {"manifest.json", "manifest.json.sha256"}
    for name, each in told["files"].items():
        assert hashlib.sha256(there[name].read_bytes()).hexdigest() == each["sha256"], name
    everything = b"".join(path.read_bytes() for path in there.values())
    assert b"whoever-holds-this-is-in" not in everything and b"do not tell" not in everything
    assert not any("shelf" in name or "logs" in name for name in there)
    assert told["checkpoint"] == "job1/chk-7" and "data/checkpoints/job1/chk-6/_metadata" not in there
    assert made.stat().st_mode & 0o077 == 0, "for its owner alone"


def test_a_second_backup_copies_only_what_changed(filled, data, url, tmp_path, capsys, monkeypatch):
    first = backed_up(capsys, data, url, tmp_path / "backups")
    topics_of(data)[1].append(["y\tmore"], key="z")
    made = backing.backup(data, url, tmp_path / "backups", now=NOW + dt.timedelta(days=3650))
    assert made.linked >= 6
    segment = next((first / "data/topics/obs.station_hour").glob("*.jsonl")).relative_to(first)
    assert (first / segment).samefile(made.folder / segment)
    shutil.rmtree(first)
    said(capsys, "restore", str(made.folder), "--verify-only")


def test_a_backup_that_was_broken_off_is_not_taken_for_whole(filled, data, url, tmp_path, capsys, monkeypatch):
    target = tmp_path / "backups"
    with monkeypatch.context() as patched:
        patched.setattr(
            backing, "_take_rest", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device", "x"))
        )
        with pytest.raises(OSError, match="No space left"):
            backing.backup(data, url, target, now=NOW)
    assert not target.exists()
    (target / ".making-1").mkdir(parents=True)  # of one that was killed
    (target / "20261130T133000Z").mkdir()  # copied elsewhere half way: without its manifest
    assert "there is no whole backup at" in said(capsys, "restore", str(target), "--data", str(tmp_path / "n"), code=1)
    made = backing.backup(data, url, target, now=NOW)
    assert made.folder.name == "20261130T133000Z-2" and not (target / ".making-1").exists()


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("what", ["flipped", "missing", "added", "manifest"])
def test_a_damaged_backup_is_named_and_nothing_is_placed(what, data, tmp_path, capsys):
    url = sqlite_url(data.root / "store.sqlite")
    open_store(url).dispose()
    made = backed_up(capsys, data, url, tmp_path / "backups")
    cities, more = made / "data/registry/cities.csv", made / "data/registry/stations.csv"
    {
        "flipped": lambda: flip(made / "store/store.sqlite"),
        "missing": cities.unlink,
        "added": lambda: more.write_text("x"),
        "manifest": lambda: flip(made / "manifest.json"),
    }[what]()
    named = {
        "flipped": "store/store.sqlite",
        "missing": "cities.csv",
        "added": "stations.csv",
        "manifest": "manifest.json",
    }
    new = tmp_path / "new"
    err = said(capsys, "restore", str(made), "--data", str(new), code=1)
    assert named[what] in err and "Nothing was placed" in err and not new.exists()
    assert named[what] in said(capsys, "restore", str(made), "--verify-only", code=1)


def test_a_used_place_is_never_written_over(filled, data, url, store_url, tmp_path, capsys):
    made = backed_up(capsys, data, url, tmp_path / "backups")
    before = {path: path.read_bytes() for path in data.root.rglob("*") if path.is_file()}
    assert "is in use" in said(capsys, "restore", str(made), "--data", str(data.root), "--store", url, code=1)
    if url == store_url:
        assert "is in use" in said(capsys, "restore", str(made), "--data", str(tmp_path / "n"), "--store", url, code=1)
    else:
        new = str(tmp_path / "n")
        assert "is in use" in said(capsys, "restore", str(made), "--data", new, "--store", url, code=1)
    assert before == {path: path.read_bytes() for path in data.root.rglob("*") if path.is_file()}


def test_a_backup_of_the_other_kind_of_store_is_refused(data, tmp_path, capsys):
    url = sqlite_url(data.root / "store.sqlite")
    open_store(url).dispose()
    made = backed_up(capsys, data, url, tmp_path / "backups")
    secret = "postgresql://air:p%2Fs%40s@127.0.0.1:1/air"
    err = said(capsys, "restore", str(made), "--data", str(tmp_path / "n"), "--store", secret, code=1)
    assert "is of a store in sqlite" in err and "p%2Fs" not in err and "p/s@s" not in err


def test_a_damaged_store_is_not_backed_up_as_if_it_were_whole(data, tmp_path, capsys):
    from tests.streams.store.test_refusals import damage_pages

    path = data.root / "store.sqlite"
    engine = open_store(path)
    fill(engine, data)
    engine.dispose()
    damage_pages(path, "air_station_hour")
    err = said(capsys, "backup", str(tmp_path / "b"), "--data", str(data.root), code=1)
    assert "is damaged" in err and "would be no backup" in err and not (tmp_path / "b").exists()


@pytest.mark.parametrize("megabytes", [0.02, 0.2, 1])
def test_a_target_that_is_full_is_named_and_the_store_is_not_called_damaged(
    filled, data, url, tmp_path, capsys, megabytes
):
    (data.root / "models" / "large").write_bytes(b"x" * 2_000_000)
    with small_disk(tmp_path / "disk", megabytes) as disk:
        target = disk / "new" / "b"
        err = said(capsys, "backup", str(target), "--data", str(data.root), "--store", url, code=1)
        assert f"the disk is full, {target} cannot be written" in err and "damaged" not in err and ".making" not in err
        assert not list(disk.iterdir()), "nothing is kept, and no empty folder"


def test_a_restore_onto_a_full_disk_names_the_place_and_leaves_nothing(data, tmp_path, capsys):
    (data.root / "models" / "large").write_bytes(b"x" * 2_000_000)
    url = sqlite_url(data.root / "store.sqlite")
    open_store(url).dispose()
    made = backing.backup(data, url, tmp_path / "b", now=NOW)
    with small_disk(tmp_path / "disk", 1) as disk:
        err = said(capsys, "restore", str(made.folder), "--data", str(disk / "n"), code=1)
        assert f"the disk is full, {disk / 'n'} cannot be written" in err and not list(disk.iterdir())


def test_a_store_of_a_newer_schema_is_refused_in_the_words_of_every_other_command(filled, data, url, tmp_path, capsys):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    elsewhere = said(capsys, "store", "upgrade", "--data", str(data.root), "--store", url, code=1)
    err = said(capsys, "backup", str(tmp_path / "b"), "--data", str(data.root), "--store", url, code=1)
    assert "9999" in err and err == elsewhere and not (tmp_path / "b").exists()


def test_nothing_is_verified_after_a_restore_until_it_was_read_there(filled, data, url, store_url, tmp_path, capsys):
    engine = open_store(url)
    steps = iter(float(n) for n in range(100_000))
    Verifying(engine, data.topics, lambda topic: (), rate=1e9, even=lambda: next(steps)).step()
    with engine.connect() as connection:
        assert last_round(connection) is not None
    engine.dispose()
    made, new = backed_up(capsys, data, url, tmp_path / "backups"), DataDirectory(tmp_path / "new")
    engine = open_store(restore_to(capsys, made, new, url, store_url))
    with engine.connect() as connection:
        assert last_round(connection) is None
    engine.dispose()
    assert said(capsys, "restore", str(made), "--verify-only"), "the backup is as it was made"


def test_an_office_in_a_server_of_its_own_is_said_to_be_left_out(data, tmp_path, capsys, monkeypatch):
    open_store(data.root / "store.sqlite").dispose()
    monkeypatch.setenv("AIRSHED_OFFICE", "postgresql://air:s%40crt@db.example/office")
    out = said(capsys, "backup", str(tmp_path / "b"), "--data", str(data.root))
    assert "the office is at postgresql://air:***@db.example/office and not in this backup" in out
    assert b"s%40crt" not in next((tmp_path / "b").glob("*/manifest.json")).read_bytes()


def test_a_backup_within_the_data_is_refused(data, capsys):
    err = said(capsys, "backup", str(data.root / "backups"), "--data", str(data.root), code=1)
    assert "within the data directory" in err


def test_the_engines_state_is_left_out_elsewhere_only_where_results_of_it_are_not_visible_yet(data, tmp_path, capsys):
    url = sqlite_url(data.root / "store.sqlite")
    open_store(url).dispose()
    (data.checkpoints / "job1/chk-7/bucket").write_text(f"file:{data.root.resolve()}/topics/air/2026-11-30")
    calm = backed_up(capsys, data, url, tmp_path / "calm")
    assert "was left out" not in said(capsys, "restore", str(calm), "--data", str(tmp_path / "there"))
    assert (tmp_path / "there/checkpoints/job1/chk-7/bucket").is_file()
    (data.topics / "air/2026-11-30/.part-1-0.inprogress.7").write_text("a result")
    made = backed_up(capsys, data, url, tmp_path / "backups")
    out = said(capsys, "restore", str(made), "--data", str(tmp_path / "elsewhere"))
    assert "was left out" in out and not list((tmp_path / "elsewhere/checkpoints").glob("*/*"))
    data.root.rename(tmp_path / "gone")
    assert "was left out" not in said(capsys, "restore", str(made), "--data", str(data.root))
    assert (data.checkpoints / "job1/chk-7/bucket").is_file()


def test_a_backup_of_a_newer_schema_is_not_restored_and_says_so_in_the_words_of_every_other_command(
    filled, data, url, tmp_path, capsys
):
    made = backed_up(capsys, data, url, tmp_path / "backups")
    manifest = manifests.read(made)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(manifests, "read", lambda folder: dataclasses.replace(manifest, schema="9999"))
        err = said(capsys, "restore", str(made), "--data", str(tmp_path / "n"), "--store", url, code=1)
    assert "version 9999, which this program does not know" in err and not (tmp_path / "n").exists()


def test_a_look_at_a_restored_store_leaves_its_journal_as_it_was(tmp_path):
    path = tmp_path / "store.sqlite"
    open_store(path).dispose()
    with contextlib.closing(sqlite3.connect(path)) as plain:
        plain.execute("PRAGMA journal_mode=DELETE").fetchall()
    engine = open_store(path, create=False)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
    engine.dispose()
    engine = open_store(path)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()


def test_what_a_checkpoint_shares_with_an_earlier_job_is_in_the_backup_and_what_it_does_not_name_is_not(
    data, tmp_path, capsys
):
    """A job that goes on from another one's checkpoint names its files where they are, in the folder of the other."""
    url = sqlite_url(data.root / "store.sqlite")
    open_store(url).dispose()
    earlier, own = (data.checkpoints / job / "shared" / name for job, name in (("job0", "a1"), ("job1", "b2")))
    for path in (earlier, own, own.with_name("of-nobody")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"state")
    listed = b"".join(in_a_file(path, 5) for path in (earlier, own)) + in_the_list(own, b"small")
    (data.checkpoints / "job1/chk-7/_metadata").write_bytes(MAGIC + bytes(12) + listed)
    made = backed_up(capsys, data, url, tmp_path / "backups")
    held = names_in(made / "data" / "checkpoints")
    assert held == {"job0/shared/a1", "job1/shared/b2", "job1/chk-7/_metadata"}


def test_what_is_copied_while_it_is_written_holds_together(data, tmp_path, capsys):
    """While results, feeds and the store grow: each segment that the store has is there, and each key of a journal is whole."""
    url, stop = sqlite_url(data.root / "store.sqlite"), threading.Event()
    engine = open_store(url)
    air = topics_of(data)[0]
    feed = DirectoryTopic(data.topics / "obs.station_hour")

    def write() -> None:
        materialiser, n = Materialiser(engine, topics_of(data)), 0
        while not stop.is_set():
            n += 1
            feed.append([f"510100\t{{}}{n}"], key=f"live-{n}")
            air.append([station_hours(hours=2, version=n), added()], key=f"air-{n}")
            materialiser.step()
            time.sleep(0.15)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        time.sleep(0.5)
        made = [backing.backup(data, url, tmp_path / "b", now=NOW + dt.timedelta(seconds=n)) for n in range(3)]
    finally:
        stop.set()
        writer.join()
        engine.dispose()
    for each in made:
        copy = open_store(each.folder / "store/store.sqlite", create=False)
        with copy.connect() as connection:
            stored = connection.execute(sa.text("select topic, segment from topic_position")).all()
            counted = connection.scalar(sa.text("select sum(accepted) from source_hour")) or 0
        copy.dispose()
        segments = [segment for topic, segment in stored if topic == "air"]
        assert segments and all((each.folder / "data/topics/air" / segment).is_file() for segment in segments)
        assert counted == 11 * len(segments), "rows and their counts are of one moment"
        copied = DirectoryTopic(each.folder / "data/topics/obs.station_hour")
        done = [
            line.split()[1] for line in (copied.folder / ".keys").read_text().splitlines() if "done" in line.split()
        ]
        there = {name.partition("-")[2].removesuffix(".jsonl") for name in copied.segments()}
        assert set(done) <= there


def test_a_retraction_that_is_not_done_yet_is_in_the_backup_and_is_finished_after_a_restore(
    filled, data, url, store_url, tmp_path, capsys, monkeypatch
):
    intent = intents.Intent("retraction-1", {"intake": ["a\t{}"], "obs.station_hour": ["b\t{}"]}, [], 1.0)
    with monkeypatch.context() as patched:
        patched.setattr(intents, "_do", lambda *_: None)  # as a program that was killed leaves it
        intents.carry_out(data.topics, intent)
    made = backed_up(capsys, data, url, tmp_path / "backups")
    restored = DataDirectory(tmp_path / "elsewhere")
    restore_to(capsys, made, restored, url, store_url)
    assert intents.finish(restored.topics) == 1
    told = DirectoryTopic(restored.topics / "obs.station_hour")
    assert [line for name in told.segments() for line in told.read(name)][-1] == "b\t{}"


def test_a_backup_waits_for_a_retraction_that_is_under_way(filled, data, url, tmp_path, capsys):
    done = threading.Event()

    def back_up() -> None:
        backing.backup(data, url, tmp_path / "backups", now=NOW)
        done.set()

    with intents.resting(data.topics):
        other = threading.Thread(target=back_up)
        other.start()
        assert not done.wait(1.0)
        DirectoryTopic(data.topics / "obs.station_hour").append(["b\t{}"], key="retraction-1")
    other.join(60)
    assert done.is_set() and [*(tmp_path / "backups").rglob("*retraction-1*")]
