"""With everything in the inbox that was ever thought up to stop a reader, the good file that comes after is published soon."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from streams.sources.files import printable
from tests.streams.intake import zoo
from tests.streams.intake.test_publisher import told
from tests.streams.intake.watching import hours
from tests.streams.real_data import REPOSITORY

SOON_S = 10.0
WATCHER_MB = 400
"""What the process that watches may take, whatever lies there [MB]: it holds no more than lines."""
READERS_MB = 2_600


def test_the_good_file_is_published_within_ten_seconds_whatever_lies_beside_it(tmp_path) -> None:
    inbox = tmp_path / "inbox"
    zoo.lay_down(inbox)
    command = [sys.executable, "-m", "streams.ingest", "--data", str(tmp_path)]
    environment = {**os.environ, "AIRSHED_READ_SECONDS": "20", "AIRSHED_READ_MEMORY_MB": "2000"}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=log, stderr=log)
    peaks = {process.pid: 0.0}
    try:
        _wait_for(lambda: (tmp_path / "topics" / "intake").is_dir(), 30, process, peaks)
        hours(inbox / "zzz_good.csv", code="1432A", hour=7)
        begun = time.monotonic()
        _wait_for(lambda: "zzz_good.csv" in _read(tmp_path), SOON_S, process, peaks)
        taken = time.monotonic() - begun
        _wait_for(lambda: not _unnamed(tmp_path, inbox), 90, process, peaks)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert taken < SOON_S
    assert peaks.pop(process.pid) < WATCHER_MB and max(peaks.values()) < READERS_MB
    _all_is_said_harmlessly(tmp_path, inbox)


def _all_is_said_harmlessly(data: Path, inbox: Path) -> None:
    rejects = told(data / "topics")[1]
    assert {"self", "back", "d", "profiles"} <= _named(data)
    for each in rejects:
        told_of_it = f"{each.file} {each.position} {each.reason} {each.value} {each.expected}"
        assert "root:" not in told_of_it and " b'" not in told_of_it and told_of_it.isprintable()
    assert all(each.reason and each.expected for each in rejects)
    log = (data / "log").read_bytes()
    assert b"\x1b" not in log and "\u202e".encode() not in log and b"broken off" not in log
    assert str(inbox) not in " ".join(each.reason for each in rejects)


def _read(data: Path) -> set[str]:
    return {each.file for each in told(data / "topics")[0]}


def _named(data: Path) -> set[str]:
    return {each.file for each in told(data / "topics")[1]}


def _unnamed(data: Path, inbox: Path) -> set[str]:
    """Give what lies in the inbox and is neither read nor named."""
    names = {each.partition("/")[0] for each in _read(data) | _named(data)}
    folders = ("names", "folders", "deep", "nested")
    of_names = {printable(os.fsdecode(name)) for name in zoo.NAMES}
    return ({each.name for each in inbox.iterdir()} - {*folders} | of_names) - names


def _wait_for(holds, within_s: float, process: subprocess.Popen, peaks: dict[int, float]) -> None:
    until = time.monotonic() + within_s
    while not holds():
        assert process.poll() is None and time.monotonic() < until
        for number in [process.pid, *_children(process.pid)]:
            peaks[number] = max(peaks.get(number, 0.0), _peak_mb(number))
        time.sleep(0.1)


def _children(number: int) -> list[int]:
    return [int(n) for each in Path(f"/proc/{number}/task").glob("*/children") for n in each.read_text().split()]


def _peak_mb(number: int) -> float:
    try:
        lines = Path(f"/proc/{number}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)
