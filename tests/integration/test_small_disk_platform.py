"""The whole platform on a small disk that fills: nobody ends for good, the pages say so, and all is stored when there is room."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request

import pytest
import sqlalchemy as sa

from infra import orphans, ports
from infra.datadir import DataDirectory
from infra.running import running
from standards.addresses import sqlite_url
from streams.store import schema
from streams.store.drained import progress
from tests.integration.processes import ROOT
from tests.small_disk import Ballast, small_disk

pytestmark = pytest.mark.flink
SAMPLE = ROOT / "streams" / "sample" / "stations.csv"


def test_the_whole_platform_loses_nothing_over_a_full_disk_and_goes_on_by_itself(tmp_path) -> None:
    with small_disk(tmp_path / "disk", 300) as disk:
        port, ballast, data = ports.next_free(18_700), Ballast(disk), DataDirectory(disk)
        environment = {
            **os.environ, "AIRSHED_HOME": str(disk), "AIRSHED_LANG": "en", "AIRSHED_STORE": "", "AIRSHED_HISTORY": "off",
            "AIRSHED_BOOTSTRAP": "off", "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        said = tmp_path / "said"
        data.create()
        shutil.copy(SAMPLE, data.inbox / "first.csv")
        with said.open("w") as output:
            command = [sys.executable, "-m", "infra", "up", "--no-sample", "--port", str(port), "--allow-open-ports"]
            up = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            _wait(lambda: "first AQI stored" in said.read_text(), 150, said)
            engine = sa.create_engine(sqlite_url(disk / "store.sqlite"))
            _wait(lambda: progress(engine, data.topics).drained, 60, said)
            rows = _rows(engine)
            (disk / "second.csv").write_bytes(SAMPLE.read_bytes() + b"\n")
            ballast.fill()
            (disk / "second.csv").rename(data.inbox / "second.csv")
            _wait(lambda: "the disk is full since" in said.read_text(), 30, said)
            _wait(lambda: "without" in _now(port), 30, said)
            assert "磁盘已满" in _now(port)["without"]["zh"]
            time.sleep(30)
            assert up.poll() is None and _now(port)["without"], "the pages go on and say so"
            ballast.clear()
            _wait(lambda: _counts(engine)[0] == 2 * rows[0], 150, said)
            _wait(lambda: progress(engine, data.topics).drained, 90, said)
            assert _rows(engine)[1:] == rows[1:], "the same hours once more change nothing"
            rows_in, accepted, duplicate, late, rejected = _counts(engine)
            assert rows_in == accepted + duplicate + late + rejected and duplicate == rows_in // 2
            _wait(lambda: "without" not in _now(port), 90, said)
            assert set(running(data)["processes"]) >= {"ingest", "pipeline", "store", "portal", "pages"}
        finally:
            up.terminate()
            up.wait(30)
            orphans.sweep(f"{disk}#", grace_s=0.2)


def _rows(engine: sa.Engine) -> list[int]:
    tables = (schema.air_station_hour, schema.air_city_hour, schema.air_city_day)
    with engine.connect() as connection:
        held = [connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in tables]
    return [_counts(engine)[0], *held]


def _counts(engine: sa.Engine) -> list[int]:
    names = ("rows_in", "accepted", "duplicate", "late", "rejected")
    with engine.connect() as connection:
        sums = [sa.func.coalesce(sa.func.sum(schema.source_total.c[name]), 0) for name in names]
        return [int(each) for each in connection.execute(sa.select(*sums)).one()]


def _now(port: int) -> dict:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/now", timeout=10) as answer:
        return json.load(answer)


def _wait(condition, seconds: float, said) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain; it said: {said.read_text()[-3000:]}"
        time.sleep(0.5)
