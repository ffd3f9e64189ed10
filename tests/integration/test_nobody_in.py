"""A running platform: every socket that any of its processes listens on, and every known way in, tried."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from infra import ports
from streams.pipeline import doors, secluded
from tests.integration import ways_in
from tests.integration.processes import ROOT

pytestmark = [pytest.mark.flink, pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")]
SERVICES = 12
"""Beam serves each of two workers by six services."""


@dataclass(frozen=True)
class Socket:
    """A socket that listens: who holds it, in which network, at which address (in the kernel's order of bytes) and port."""

    process: str
    network: str
    address: str
    port: int

    @property
    def on_loopback(self) -> bool:
        return self.address.endswith("0100007F")


def listening(leader: int) -> list[Socket]:
    """Give the TCP sockets of a process and of all that descend from it that listen (state 0A in proc_pid_net(5))."""
    parent = psutil.Process(leader)
    return [each for process in (parent, *parent.children(recursive=True)) for each in sockets_of(process)]


def sockets_of(process: psutil.Process) -> Iterator[Socket]:
    folder = Path(f"/proc/{process.pid}")
    held = {os.readlink(link) for link in (folder / "fd").iterdir() if link.is_symlink()}
    for table in ("tcp", "tcp6"):
        for line in (folder / "net" / table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in held:
                address, _, port = fields[1].partition(":")
                yield Socket(process.name(), os.readlink(folder / "ns" / "net"), address, int(port, 16))


class Running:
    """`airshed up` in a data directory, asked for no demo."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data, self.port = data, ports.next_free(18_050)
        environment = {**os.environ, "AIRSHED_BOOTSTRAP": "off", "AIRSHED_LANG": "en", **settings}
        command = (sys.executable, "-m", "infra", "up", "--no-sample", "--data", str(data), "--port", str(self.port))
        with (data / "up.log").open("wb") as out:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)

    def wait_for(self, text: str, log: str, within_s: float = 180) -> None:
        end = time.monotonic() + within_s
        while text not in self.read(log):
            assert self.process.poll() is None, self.read("up.log")
            assert time.monotonic() < end, f"{text!r} not in {log}: {self.read(log)[-2000:]}"
            time.sleep(0.5)

    def wait_until_open(self) -> list[Socket]:
        """Wait until the portal answers and the workers run, and give what listens."""
        self.wait_for("engine ready", "logs/pipeline.log")
        self.wait_for("the pages are ready", "up.log")
        end = time.monotonic() + 120
        while "semi_persistent_directory: " not in self.engine_log():
            assert time.monotonic() < end, "no worker has started"
            time.sleep(0.5)
        return listening(self.process.pid)

    def engine_log(self) -> str:
        return "".join(path.read_text(errors="replace") for path in self.data.glob("logs/engine/*.log"))

    def engine_pid(self) -> int:
        return json.loads((self.data / "run" / "up.json").read_text())["processes"]["pipeline"]

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def read(self, log: str) -> str:
        file = self.data / log
        return file.read_text(errors="replace") if file.exists() else ""


@pytest.fixture(scope="module", params=["own", doors.MACHINE])
def up(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Give a running platform whose engine has a network of its own, and one whose engine has not."""
    if request.param == "own" and (why := secluded.refusal()):
        pytest.skip(why)
    running = Running(tmp_path_factory.mktemp(request.param), **{doors.NETWORK: request.param})
    running.secluded = request.param == "own"
    yield running
    running.stop()


@pytest.fixture(scope="module")
def sockets(up: Running) -> list[Socket]:
    return up.wait_until_open()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text("for nobody else")
    return file


def test_nothing_but_the_portal_listens_where_others_are(up: Running, sockets: list[Socket]) -> None:
    here = os.readlink("/proc/self/ns/net")
    near = [each for each in sockets if each.network == here]
    assert up.port in {each.port for each in near}
    assert all(each.on_loopback for each in near)
    if up.secluded:
        assert {each.port for each in near} == {up.port}
        assert len([each for each in sockets if each.process == "java"]) >= SERVICES
    else:
        assert len([each for each in sockets if each.process == "java"]) == 3  # gateway, REST server, file server


def test_no_known_way_leads_in(up: Running, sockets: list[Socket], secret: Path) -> None:
    engine = [each.port for each in sockets if each.port != up.port]
    assert len(engine) >= 6
    found = ways_in.tried(engine, secret)
    found.pop("topics", None)  # who tries is the platform's user, who may hear them
    assert found == {}


def test_the_ways_that_are_tried_lead_in_where_nothing_keeps_them_out(
    up: Running, sockets: list[Socket], secret: Path
) -> None:
    """Tried from within the engine's own network, where its services are as Beam and Flink made them."""
    if not up.secluded or os.geteuid():
        pytest.skip("only root enters the network of another process")
    engine = [str(each.port) for each in sockets if each.port != up.port]
    enter = ("nsenter", f"--net=/proc/{up.engine_pid()}/ns/net", sys.executable, "-m", "tests.integration.ways_in")
    said = subprocess.run((*enter, str(secret), *engine), cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = json.loads(said)
    assert found["file"] == "for nobody else"
    assert found["command"].split(".")[0].isdigit()
    assert found["flink"] == "GET /jobs: 200"
    assert found["blob"]


def test_sockets_of_beam_lie_where_nobody_else_may_enter(up: Running, sockets: list[Socket]) -> None:
    folder = Path((up.data / "run" / "doors").read_text())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert folder.stat().st_uid == os.geteuid()
    served = [path for path in folder.iterdir() if stat.S_ISSOCK(path.stat().st_mode)]
    assert len(served) >= (0 if up.secluded else SERVICES)
    if up.secluded:
        return
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(str(served[0]))


def test_the_workers_look_for_nothing_in_tmp(up: Running, sockets: list[Socket]) -> None:
    assert "semi_persistent_directory: /" not in up.engine_log()
    for process in psutil.Process(up.process.pid).children(recursive=True):
        assert "staged" not in " ".join(process.cmdline()), process


def test_keys_are_in_no_log(up: Running, sockets: list[Socket]) -> None:
    if up.secluded:
        pytest.skip("it has no keys")
    token = Path((up.data / "run" / "doors").read_text(), "token").read_text()
    assert len(token) >= 43
    for log in up.data.rglob("*.log"):
        assert token not in log.read_text(errors="replace"), log
    for process in psutil.Process(up.process.pid).children(recursive=True):
        assert token not in " ".join(process.cmdline())
        assert token not in repr(process.environ())
