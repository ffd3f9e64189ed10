"""The whole of `airshed up`, with stand-ins for what its four processes do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra import orphans, ports

ROOT = Path(__file__).resolve().parents[2]
IDLE = "import time; time.sleep(300)"
PAGES = """
import http.server, sys
http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[-1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
STORE = """
import datetime as dt, os, time
from streams.store import schema
from streams.store.connect import open_store
time.sleep(1)
row = dict(city="510100", hour_end=dt.datetime(2023, 1, 20, 5), aqi=80, edition="e", status="reviewed", revision=0)
with open_store(os.environ["AIRSHED_STORE"]).begin() as connection:
    connection.execute(schema.air_city_hour.insert().values(simulated=True, version=1, **row))
time.sleep(300)
"""
HOST = """
import sys
import infra.programs as programs
from infra.children import Program
from infra.cli import main
idle, pages, store = sys.argv[1:4]
def stand_ins(data, url, port, intake):
    codes = dict(ingest=idle, pipeline=idle, store=store, portal=pages)
    secrets = dict(AIRSHED_STORE=url)
    return tuple(Program(name, (sys.executable, "-c", code, str(port)), 1.0, secrets) for name, code in codes.items())
programs.platform = stand_ins
sys.exit(main(sys.argv[4:]))
"""


@pytest.fixture
def start(tmp_path):
    """Give what starts `up` with stand-ins in a data directory of its own."""
    environment = {**os.environ, "AIRSHED_HOME": str(tmp_path), "AIRSHED_LANG": "en", "AIRSHED_STORE": ""}
    started = []

    def start_up(*arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-c", HOST, IDLE, PAGES, STORE, *arguments]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, env=environment, cwd=ROOT, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield start_up
    for process in started:
        process.kill()
        process.communicate()
    orphans.sweep(f"{tmp_path}#", grace_s=0.2)


def read_until(process: subprocess.Popen, *texts: str) -> str:
    """Read lines until each of the texts has been seen."""
    seen = ""
    while not all(text in seen for text in texts):
        line = process.stdout.readline()
        assert line, seen
        seen += line
    return seen


def test_up_shows_the_pages_and_the_first_aqi_and_stops_clean(start, tmp_path):
    port = ports.next_free(18_300)
    first = start("up", "--port", str(port))
    read_until(first, f"http://127.0.0.1:{port}/", "first AQI stored after")
    second = start("up", "--port", str(port))
    assert f"pid {first.pid}" in second.communicate(timeout=30)[1] and second.returncode == 1
    begun = time.monotonic()
    first.send_signal(signal.SIGINT)
    rest = first.communicate(timeout=20)[0]
    assert first.returncode == 0 and time.monotonic() - begun < 15
    assert "no process is left" in rest
    assert ports.is_free(port) and orphans.marked(f"{tmp_path}#") == []


def test_the_next_up_ends_what_a_killed_one_left_and_takes_its_place(start, tmp_path):
    port = ports.next_free(18_350)
    first = start("up", "--port", str(port))
    read_until(first, "started portal")
    first.kill()
    first.wait(5)
    second = start("up", "--port", str(port))
    read_until(second, "the pages are ready")
    marks = {p.environ()[orphans.MARK] for p in orphans.marked(f"{tmp_path}#")}
    assert len(marks) == 1


def test_status_and_stop_from_another_shell(start, tmp_path):
    port = ports.next_free(18_400)
    running = start("up", "--port", str(port))
    read_until(running, "the pages are ready")
    told = start("status").communicate(timeout=30)[0]
    assert f"http://127.0.0.1:{port}/" in told and "portal: pid" in told
    stopped = start("stop")
    assert stopped.wait(30) == 0 and running.wait(5) == 0
    assert start("status").wait(30) == 1
