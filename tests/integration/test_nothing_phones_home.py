"""Nothing phones home: on a machine without a route everything works, and nobody so much as tries to leave it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra import ports
from streams.pipeline import secluded
from tests.integration.processes import ROOT

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or bool(secluded.refusal()), reason="needs a network of its own (Linux)"
)
WATCHED = Path(__file__).with_name("watched")
HERE = re.compile(r"127\.\d+\.\d+\.\d+|::1|localhost|0\.0\.0\.0|::|None|")
LOADED = re.compile(
    r"""(?:<(?:script|img|iframe|embed|source|link|object|video|audio|use)\b[^>]*?\b(?:src|href|data|srcset)=|url\(|@import )"""
    r"""\s*["']?((?:https?:)?//[^"'\s)>]+)"""
)
"""What a browser loads by itself; a link that a person may follow is none."""


def run(code: tuple[str, ...], folder: Path, **settings: str) -> tuple[subprocess.CompletedProcess, list[list[str]]]:
    """Run Python with every look-up and connection written down; give how it ended and what left this machine."""
    calls = folder / "calls"
    calls.touch()
    path = os.pathsep.join((str(WATCHED), str(ROOT)))
    # What settings of the workplace ask for is not the platform's doing.
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    environment = {**kept, "PYTHONPATH": path, "AIRSHED_TEST_CALLS": str(calls), "AIRSHED_BOOTSTRAP": "off", **settings}
    done = subprocess.run(
        (sys.executable, *code), cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    heard = [line.split("\t") for line in calls.read_text().splitlines()]
    return done, [each for each in heard if not HERE.fullmatch(each[2])]


PROBE = """
import json, os, socket, subprocess
from streams.pipeline import secluded
from tests.integration.alone import counted
secluded.enter()
before = counted(os.getpid())
for what in (lambda: socket.create_connection(("192.0.2.1", 80), 2), lambda: socket.getaddrinfo("airshed.invalid", 80),
             lambda: subprocess.run(["{sh}", "-c", "exec 3<>/dev/tcp/192.0.2.2/80"], stderr=-3)):
    try:
        what()
    except OSError:
        pass
print(json.dumps([before, counted(os.getpid())]))
"""


def test_whoever_tries_to_leave_is_seen(tmp_path) -> None:
    """The measure itself: Python's own attempts by name, another program's by the kernel's counter (192.0.2.0/24: RFC 5737)."""
    done, left = run(("-c", PROBE.replace("{sh}", "bash")), tmp_path)
    assert done.returncode == 0, done.stderr
    before, after = json.loads(done.stdout)
    assert after["IpOutNoRoutes"] - before["IpOutNoRoutes"] >= 2
    assert {each[2] for each in left} >= {"192.0.2.1", "airshed.invalid"}


@pytest.mark.flink
def test_the_platform_works_without_a_route_and_tries_none(tmp_path) -> None:
    (tmp_path / "data").mkdir()
    done, left = run(("-m", "tests.integration.alone", str(tmp_path / "data"), str(ports.next_free(18_450))), tmp_path)
    logs = {path.name: path.read_text(errors="replace") for path in (tmp_path / "data" / "logs").glob("*.log")}
    assert done.returncode == 0, (done.stderr[-3000:], (tmp_path / "up.log").read_text()[-2000:])
    said = json.loads(done.stdout)
    assert not left, left[:20]
    assert {each["name"] for each in said["after"].values()} >= {"java"}, "the engine ran"
    for each in (*said["after"].values(), said["here"]):
        assert not [n for n, count in each.items() if n != "name" and count > said["before"].get(n, 0)], each
    for path, page in said["pages"].items():
        assert len(page) > 500 and not LOADED.findall(page), (path, LOADED.findall(page)[:5])
    assert said["document"] > 50_000
    for name, text in logs.items():
        assert not re.search(r"UnknownHost|NoRouteToHost|Network is unreachable|Name or service", text), name
