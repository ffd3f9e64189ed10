"""The program that stores, with a server of its own that is away at its start, restarts, and is there again."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from streams.store import schema
from streams.wire import messages
from streams.wire.topics import DirectoryTopic
from tests import postgres
from tests.streams.store.test_materialiser import station_hours

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """A PostgreSQL that a test starts and stops; its data stay."""

    def __init__(self) -> None:
        self.binaries = postgres._binaries()
        user = postgres._other_user() if os.geteuid() == 0 else None
        self.folder = Path(postgres.tempfile.mkdtemp(prefix="airshed-postgres-"))
        if user:
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.run = postgres._runner(user, self.folder)
        self.run(
            [
                self.binaries / "initdb",
                "-D",
                self.folder / "data",
                "-U",
                "airshed",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
            ]
        )
        self.port = postgres._free_port()
        self.url = f"postgresql+psycopg://airshed:secret@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        settings = f"-p {self.port} -h 127.0.0.1 -k {self.folder} -c fsync=off"
        control = [self.binaries / "pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log"]
        self.run([*control, "-o", settings, "start"])

    def stop(self) -> None:
        self.run([self.binaries / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop"])


@pytest.fixture
def server():
    try:
        made = Server()
    except postgres.NoPostgres as error:
        pytest.skip(str(error))
    yield made
    with_server = (made.folder / "data" / "postmaster.pid").exists()
    if with_server:
        made.stop()
    postgres.shutil.rmtree(made.folder, ignore_errors=True)


def test_a_server_away_at_the_start_and_stopped_later_is_waited_for_and_all_is_stored(server, tmp_path):
    topic, note = DirectoryTopic(tmp_path / "topics" / messages.RESULT_TOPIC), tmp_path / "run" / "store.away"
    topic.append([station_hours(1, 2)], key="one")
    log = tmp_path / "store.log"
    with log.open("ab") as output:
        command = [sys.executable, "-m", "streams.store", "--data", str(tmp_path), "--store", server.url]
        storing = subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=output, env={**os.environ, "AIRSHED_LANG": "en"}
        )
    try:
        _wait(note.exists)
        assert json.loads(note.read_text())["kind"] == "unreachable"
        server.start()
        engine = sa.create_engine(server.url)
        _wait(lambda: _hours(engine) == 2)
        assert not note.exists()
        server.stop()
        topic.append([station_hours(1, 3, first=470_000)], key="two")
        _wait(note.exists)
        server.start()
        _wait(lambda: _hours(engine) == 5)
        _wait(lambda: not note.exists())
        engine.dispose()
        assert storing.poll() is None, "it went on by itself"
        said = log.read_text()
        assert said.count("can be used again") == 2 and "secret" not in said
    finally:
        storing.kill()
        storing.wait()


def _hours(engine: sa.Engine) -> int:
    try:
        with engine.connect() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(schema.air_station_hour))
    except sa.exc.SQLAlchemyError:
        return -1


def _wait(condition, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.2)


def test_a_port_of_another_program_is_no_server(tmp_path):
    from streams.store import open_store
    from streams.store.absence import kind_of

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql://someone:secret@127.0.0.1:{taken.getsockname()[1]}/air"
        with pytest.raises(Exception) as raised:
            open_store(url, wait_s=1.0)
    assert kind_of(raised.value) == "unreachable"
