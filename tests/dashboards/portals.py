"""A portal as a process, on the filled store, as it runs under `up`."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.dashboards import stores
from tests.dashboards.echoing import free_port

ROOT = Path(__file__).parents[2]


@contextmanager
def portal(folder: Path) -> Iterator[tuple[int, subprocess.Popen, Path]]:
    """Run a portal with a store in a folder; give its port, its process and the folder, in which its log lies."""
    engine = stores.empty_store(folder)
    stores.fill(engine)
    port = free_port()
    own = ["--store", str(engine.url), "--port", str(port), "--folder", str(folder / "portal")]
    with (folder / "log").open("w") as log:
        command = [sys.executable, "-m", "dashboards", *own]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=log)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and not answers(port):
            time.sleep(0.2)
        yield port, process, folder
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def answers(port: int) -> bool:
    """Tell whether the portal answers."""
    try:
        return get(port, "/now")[0] == 200
    except OSError:
        return False


def get(port: int, path: str, *, wait: float = 20) -> tuple[int, dict[str, str], bytes]:
    """Ask for an address; give (status, headers, body)."""
    return ask(port, "GET", path, wait=wait)


def ask(
    port: int, verb: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None, wait: float = 20
) -> tuple[int, dict[str, str], bytes]:
    """Ask in any way; give (status, headers, body)."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=wait)
    try:
        link.request(verb, path, body, headers or {})
        answer = link.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        link.close()


def tree_of(pid: int) -> list[psutil.Process]:
    """Give a process with all that it has started."""
    whole = psutil.Process(pid)
    return [whole, *whole.children(recursive=True)]
