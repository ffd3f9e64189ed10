"""A full disk does not end what watches over the others: it is said, and goes on by itself when there is room.

/dev/full stands for the disk: whoever writes to it is told that no space is left (full(4)).
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra import children, orphans, ports, telling, up
from infra.children import LARGEST_LOG, Child, Program, trim
from infra.datadir import DataDirectory
from infra.running import announce, lock_holder, only_one, running
from infra.supervisor import Supervisor
from tests.infra.test_up import HOST, IDLE, PAGES, ROOT, STORE, read_until

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")


@pytest.fixture
def platform(tmp_path):
    """Give what starts `up` with stand-ins, its output going to a place."""
    environment = {**os.environ, "AIRSHED_HOME": str(tmp_path), "AIRSHED_LANG": "en", "AIRSHED_STORE": ""}
    started = []

    def start_up(port: int, output) -> subprocess.Popen:
        command = [sys.executable, "-c", HOST, IDLE, PAGES, STORE, "up", "--port", str(port)]
        started.append(subprocess.Popen(command, env=environment, cwd=ROOT, stdout=output, text=True))
        return started[-1]

    yield start_up
    for process in started:
        process.kill()
        process.communicate()
    orphans.sweep(f"{tmp_path}#", grace_s=0.2)


def test_the_supervisor_goes_on_without_its_note_and_writes_it_when_there_is_room(platform, tmp_path):
    data = DataDirectory(tmp_path)
    data.run.mkdir()
    (data.run / "up.new").symlink_to("/dev/full")
    running_up = platform(ports.next_free(18_500), subprocess.PIPE)
    said = read_until(running_up, "the pages are ready")
    assert said.count("what runs could not be written down: ") == 1 and "up.new" not in os.listdir(data.logs)
    assert running(data) == {"pid": running_up.pid}, "the lock tells who runs where the note cannot"
    (data.run / "up.new").unlink()
    read_until(running_up, "what runs is written down again")
    assert running(data)["processes"]
    running_up.send_signal(signal.SIGINT)
    running_up.communicate(timeout=20)
    assert running_up.returncode == 0


def test_an_output_on_a_full_disk_ends_nothing(platform, tmp_path):
    port = ports.next_free(18_550)
    with open("/dev/full", "w") as full:
        running_up = platform(port, full)
    deadline = time.monotonic() + 60
    while ports.is_free(port):
        assert running_up.poll() is None and time.monotonic() < deadline
        time.sleep(0.2)
    time.sleep(1)
    assert running_up.poll() is None and running(DataDirectory(tmp_path))["pid"] == running_up.pid


def test_a_note_that_fails_is_told_once(tmp_path, monkeypatch):
    said, full = [], [True]

    def announced(data, about) -> None:
        if full[0]:
            raise OSError(errno.ENOSPC, "No space left on device", str(data.run / "up.new"))

    monkeypatch.setattr(up, "announce", announced)
    monkeypatch.setattr(up.health, "engine_for", lambda store: None)
    monkeypatch.setattr(up.health, "has_aqi", lambda engine: True)
    supervisor = Supervisor([], tmp_path, mark="m", tell=lambda *_, **__: None)
    milestones = up.Milestones("sqlite:///x", 1, DataDirectory(tmp_path), supervisor, lambda key, **v: said.append(key))
    for _ in range(3):
        milestones._announce()
    full[0] = False
    for _ in range(3):
        milestones._announce()
    assert said == ["note_not_written", "note_written_again"]


def test_a_log_that_cannot_be_opened_costs_the_log_alone(tmp_path):
    (tmp_path / "logs").write_text("a file in the place of the folder", encoding="utf-8")
    child = Child(Program("p", (sys.executable, "-c", "print('up')")), tmp_path / "logs" / "p.log", dict(os.environ))
    assert child.process.wait(30) == 0


def test_a_log_that_cannot_be_put_aside_stays_and_leaves_no_half_of_it(tmp_path, monkeypatch):
    log = tmp_path / "x.log"
    with log.open("wb") as file:
        file.truncate(LARGEST_LOG + 1)

    def no_room(source, target) -> None:
        Path(target).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    monkeypatch.setattr(children.shutil, "copyfile", no_room)
    trim(log)
    assert log.stat().st_size == LARGEST_LOG + 1 and [each.name for each in tmp_path.iterdir()] == ["x.log"]


def test_a_program_that_the_system_does_not_start_is_tried_again(tmp_path, monkeypatch):
    said = []
    supervisor = Supervisor(
        [Program("p", ("true",))], tmp_path, mark="m", tell=lambda key, **values: said.append((key, values))
    )

    def refused(*_, **__) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(children.subprocess, "Popen", refused)
    (seat,) = supervisor.seats
    assert supervisor._look_after(seat) is None and seat.child is None
    assert [key for key, _ in said] == ["not_started"] and seat.start_at > time.monotonic() + 20


def test_the_note_of_a_killed_run_is_withdrawn_before_its_pid_is_anothers(tmp_path):
    data = DataDirectory(tmp_path).create()
    announce(data, {"pid": 1, "address": "of before"})
    with only_one(data):
        assert running(data) == {"pid": os.getpid()}
    assert running(data) is None


def test_who_holds_a_lock_is_told_by_the_system_or_not_at_all(tmp_path):
    lock = tmp_path / "lock"
    lock.touch()
    assert lock_holder(lock) is None and lock_holder(tmp_path / "gone") is None
    found = lock.stat()
    place = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    listed = tmp_path / "locks"
    listed.write_text(f"1: POSIX ADVISORY WRITE 9 {place} 0 EOF\n2: FLOCK ADVISORY WRITE 4711 {place} 0 EOF\n", "ascii")
    assert lock_holder(lock, listed) == 4711
    listed.write_text("odd\n1: FLOCK\n2: FLOCK ADVISORY WRITE -1 0:0:1 0 EOF\n", "ascii")
    assert lock_holder(lock, listed) is None


def test_a_teller_whose_reader_has_gone_goes_on(monkeypatch):
    class Gone:
        def write(self, text: str) -> int:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

        def flush(self) -> None:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(sys, "stdout", Gone())
    telling.teller()("stopping")
