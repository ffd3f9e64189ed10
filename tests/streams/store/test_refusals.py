"""Whatever a store is that cannot be used, every door says so in words, with what to do; nothing in it is changed."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import os
import pwd
import re
import sqlite3
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from dashboards.context import Context
from dashboards.office.errors import OfficeError
from dashboards.office.records import open_office
from infra import cli
from streams.registry import load
from streams.store import StoreError, open_dataset, open_store
from streams.store.connect import StoreDamaged, begin_write
from streams.store.lines import Count, summed
from streams.store.materialiser import Materialiser
from streams.store.reasons import told_in
from streams.store.schema import air_city_day, metadata
from streams.store.upserts import add_counts
from streams.wire.topics import DirectoryTopic

ROOT = Path(__file__).resolve().parents[3]
MEND = r"stop the platform, then restore a backup \(airshed restore\) or make the store anew \(airshed rebuild\)"


def text(path: Path) -> None:
    path.write_text("station,hour,pm25\n" * 500)


def zipped(path: Path) -> None:
    path.write_bytes(gzip.compress(path.read_bytes()))


def zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def halved(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def last_page_gone(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 4096)


def only_a_header(path: Path) -> None:
    os.truncate(path, 100)


def some_bytes(path: Path) -> None:
    os.truncate(path, 40)


def page_of_the_schema(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:4096] = os.urandom(3996)
    path.write_bytes(content)


def all_other_pages(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)


def run(path: Path, *statements: str) -> None:
    """Change a database as somebody's own program does, and leave all of it in one file."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in (*statements, "PRAGMA wal_checkpoint(TRUNCATE)"):
            connection.execute(statement).fetchall()


def tables_dropped(path: Path) -> None:
    run(path, "DROP TABLE air_city_day", "DROP TABLE source_hour")


def somebody_elses(path: Path) -> None:
    path.unlink()
    run(path, "CREATE TABLE contacts (name TEXT)", "INSERT INTO contacts VALUES ('Li')")


def of_a_newer_release(path: Path) -> None:
    run(path, "UPDATE alembic_version SET version_num = '0999'")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGE: dict[Callable[[Path], None], str] = {
    text: rf"is no SQLite database: {MEND}",
    zipped: rf"is no SQLite database: {MEND}",
    zeros: rf"is no SQLite database: {MEND}",
    halved: rf"is cut short, \d+ of \d+ bytes are there: {MEND}",
    last_page_gone: rf"is cut short, \d+ of \d+ bytes are there: {MEND}",
    only_a_header: rf"is cut short, 100 of \d+ bytes are there: {MEND}",
    some_bytes: rf"is cut short, 40 of 100 bytes are there: {MEND}",
    page_of_the_schema: rf"is damaged \(.+\): {MEND}",
    all_other_pages: rf"is damaged \(.+\): {MEND}",
    tables_dropped: rf"lacks 2 tables \(air_city_day, source_hour\): {MEND}",
    somebody_elses: "is of another program, it holds table contacts: name another one, nothing in it was changed",
    of_a_newer_release: "version 0999, which this program does not know, .*go on with the newer release",
    a_folder: "is a folder: name a file, or move the folder away",
}


@pytest.fixture
def path(tmp_path) -> Path:
    """A store with some rows, in a folder whose name holds a blank and Chinese."""
    path = tmp_path / "空气 data" / "store.sqlite"
    engine = open_store(path)
    counts = [Count("cnemc", dt.datetime(2023, 1, 20, hour), {"rows_in": 1}, None) for hour in range(24)]
    with begin_write(engine) as connection:
        add_counts(connection, summed(counts))
    engine.dispose()
    run(path)
    return path


def content(path: Path) -> bytes:
    return b"" if path.is_dir() else path.read_bytes()


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda each: each.__name__)
def test_a_damaged_or_foreign_store_is_said_in_words_at_every_door_and_stays_as_it_is(
    damage, path, capsys, monkeypatch
):
    damage(path)
    before, said = content(path), DAMAGE[damage]
    for create in (True, False):
        with pytest.raises(StoreError, match=said):
            open_store(path, create=create)
    with pytest.raises(StoreError, match=said):
        open_dataset(path, "air_city_hour")
    assert Context(lambda: open_store(path, create=False), load()).engine() is None, "pages wait and say so"
    monkeypatch.setenv("AIRSHED_LANG", "en")
    for command in (["health"], ["store", "upgrade"], ["attribute"], ["store", "dump", "air_city_day"]):
        assert cli.main([*command, "--store", str(path), "--data", str(path.parent)]) == 1
        err = capsys.readouterr().err
        assert "Traceback" not in err and err.count("\n") == 1, "one line"
        assert str(path) in err or "0999" in err
    assert content(path) == before


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda each: each.__name__)
def test_what_is_said_of_a_store_is_said_in_chinese_too(damage, path):
    damage(path)
    with pytest.raises(StoreError) as raised:
        open_store(path)
    told = told_in("zh", str(raised.value))
    assert "the database" not in told and "airshed" not in told.replace("airshed restore", "").replace(
        "airshed rebuild", ""
    )
    assert "请" in told


@pytest.mark.parametrize(
    "damage", [text, halved, page_of_the_schema, somebody_elses, a_folder], ids=lambda each: each.__name__
)
def test_an_office_that_is_damaged_or_foreign_is_said_in_words(damage, tmp_path):
    path = tmp_path / "office.db"
    open_office(str(path)).dispose()
    run(path)
    damage(path)
    before = content(path)
    with pytest.raises(OfficeError) as raised:
        open_office(str(path))
    assert str(path) in str(raised.value) and "rebuild" not in str(raised.value)
    assert "请" in told_in("zh", str(raised.value))
    assert content(path) == before


def test_an_office_that_lacks_a_table_names_it(tmp_path):
    open_office(str(tmp_path / "office.db")).dispose()
    run(tmp_path / "office.db", "DROP TABLE office_session")
    with pytest.raises(OfficeError, match="lacks table office_session: stop the platform, then restore a backup"):
        open_office(str(tmp_path / "office.db"))


def test_an_empty_file_and_an_older_schema_are_no_damage(path, tmp_path):
    (tmp_path / "new.sqlite").touch()
    open_store(tmp_path / "new.sqlite").dispose()
    later = ("bench_result", "bench_request", "laboratory_sample", "feeding", "feeder", "normalised_month")
    run(path, *(f"DROP TABLE {name}" for name in later), "UPDATE alembic_version SET version_num = '0008'")
    with pytest.raises(StoreError, match=r"version 0008, expected \d{4}"):
        open_store(path, create=False)
    engine = open_store(path)
    assert sa.inspect(engine).has_table("normalised_month")
    engine.dispose()


def damage_pages(path: Path, table: str) -> None:
    """Overwrite the pages of a table's rows under an open store, as a disk may."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    with open(path, "r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(os.urandom(4096))


@pytest.mark.parametrize("module", ["streams.store", "ml.attributing.worker", "ml.attributing.learning"])
def test_a_process_ends_with_one_line_in_words(module, path):
    text(path)
    more = ["--edge", "0"] if module.endswith("learning") else []
    command = [sys.executable, "-m", module, "--data", str(path.parent), "--store", str(path), *more]
    environment = {**os.environ, "AIRSHED_LANG": "en"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == 1 and "Traceback" not in done.stderr + done.stdout
    assert "the process ends: the database" in done.stderr + done.stdout


def test_up_says_it_and_starts_nothing(path):
    halved(path)
    before = content(path)
    command = [sys.executable, "-m", "infra", "up", "--no-sample", "--data", str(path.parent)]
    environment = {**os.environ, "AIRSHED_LANG": "en", "AIRSHED_BOOTSTRAP": "off", "AIRSHED_STORE": ""}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == 1 and "is cut short" in done.stderr and "Traceback" not in done.stderr
    assert content(path) == before and not (path.parent / "logs").exists(), (
        "nothing was laid down, no process was started"
    )


def test_damage_that_is_met_while_running_is_said_in_words_and_ends_nothing_that_waits_for_a_store(
    path, tmp_path, caplog
):
    engine = open_store(path)
    topic = DirectoryTopic(tmp_path / "intake")
    materialiser, stop = Materialiser(engine, [topic]), threading.Event()
    engine.dispose()
    damage_pages(path, "topic_position")
    with pytest.raises(StoreDamaged, match=f"is damaged .*{MEND}") as raised, engine.connect() as connection:
        connection.execute(sa.text("select * from topic_position")).all()
    assert isinstance(raised.value, sa.exc.SQLAlchemyError), "whoever waits for a store goes on waiting"
    topic.append(["key\t{}"], key="one")
    waiting = threading.Thread(target=materialiser.run, args=(stop,))
    waiting.start()
    try:
        while "the store cannot be used (damaged)" not in caplog.text:
            assert waiting.is_alive()
            stop.wait(0.02)
    finally:
        stop.set()
        waiting.join()
    assert caplog.text.count("the store cannot be used (damaged)") == 1 and re.search(MEND, caplog.text)
    engine.dispose()


def test_a_locked_store_is_said_in_words(path):
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("PRAGMA journal_mode=DELETE")
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="is locked by another program: close what has it open"):
        open_store(path, create=False, wait_s=0.1)
    holder.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_a_store_that_may_only_be_read_is_said_in_words(path):
    for folder in path.parents:
        if folder.is_relative_to("/tmp") and folder != Path("/tmp"):
            folder.chmod(0o755)
    path.chmod(0o644)
    run(
        path,
        "DROP TABLE normalised_month",
        "UPDATE alembic_version SET version_num = '0008'",
        "PRAGMA journal_mode=DELETE",
    )
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        with pytest.raises(StoreError) as raised:
            open_store(path)
    finally:
        os.seteuid(0)
    assert "may only be read: give the user of the platform the right to write" in str(raised.value)


def test_a_database_of_postgresql_that_holds_tables_of_our_names_is_not_touched(store_url):
    if store_url.startswith("sqlite"):
        pytest.skip("a file is of one program")
    engine = sa.create_engine(store_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE rejected (who text)")
        connection.exec_driver_sql("CREATE TABLE spatial_ref_sys (srid int)")
    with pytest.raises(StoreError, match="is of another program, it holds table rejected"):
        open_store(store_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE rejected")
    open_store(store_url).dispose()
    assert sa.inspect(engine).has_table("spatial_ref_sys"), "a database may hold tables of others"
    engine.dispose()


def test_what_a_server_says_of_damaged_files_is_told_as_damage():
    from psycopg import errors

    from streams.store.refusals import damage as damage_of

    found = damage_of(errors.DataCorrupted("invalid page in block 3 of relation base/5/16384"), "")
    assert "PostgreSQL finds its files damaged (invalid page in block 3" in str(found)


def test_the_words_hold_for_a_header_that_does_not_say_its_length(path):
    # A writer before SQLite 3.7.0 leaves the change counter apart from the version: then the size in the header says nothing.
    with open(path, "r+b") as file:
        file.seek(28)
        file.write(struct.pack(">I", 999_999))
        file.seek(92)
        file.write(struct.pack(">I", 7_777_777))
    engine = open_store(path)
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(air_city_day)) == 0
    assert metadata.tables
    engine.dispose()
