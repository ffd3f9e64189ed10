"""The platform on a machine without a route: `python -m tests.integration.alone FOLDER PORT`, started by a test, prints JSON.

This process leaves the machine's network for one that has loopback alone, and starts the platform in it with the sample and the
demo. What anybody tries to reach beyond the machine is counted by the kernel, be it Java or Python: OutNoRoutes counts connections
that found no route (net/ipv4/tcp_ipv4.c, udp.c), NoPorts questions to a name server on this machine, which nobody runs here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil

from streams.pipeline import secluded
from tests.integration.processes import ROOT

COUNTERS = {"snmp": {("Ip", "OutNoRoutes"), ("Udp", "NoPorts")}, "snmp6": {("", "Ip6OutNoRoutes"), ("", "Udp6NoPorts")}}
PAGES = ("/", "/wall", "/city/510100", "/analysis", "/stations", "/methods", "/data", "/office/login", "/en/")
WITHIN_S = 300.0


def main() -> int:
    """Run, look and tell."""
    data, port = Path(sys.argv[1]), int(sys.argv[2])
    secluded.enter()
    before = counted(os.getpid())
    command = (sys.executable, "-m", "infra", "up", "--sample", "--data", str(data), "--port", str(port))
    with (data.parent / "up.log").open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=out, stderr=out, env={**os.environ, "AIRSHED_HISTORY": "off"}
        )
    try:
        _until_stored(port)
        pages = {path: _page(port, path) for path in PAGES}
        document = _document()
        after = {str(p.pid): {"name": p.name(), **counted(p.pid)} for p in _tree(process.pid)}
    finally:
        process.terminate()
        process.wait(60)
    said = {"before": before, "after": after, "here": counted(os.getpid()), "pages": pages, "document": document}
    print(json.dumps(said))
    return 0


def counted(pid: int) -> dict[str, int]:
    """Give what a process's network has counted of attempts to leave it."""
    found: dict[str, int] = {}
    folder = Path(f"/proc/{pid}/net")
    lines = (folder / "snmp").read_text().splitlines()
    for names, values in zip(lines[::2], lines[1::2], strict=True):
        group = names.partition(":")[0]
        for name, value in zip(names.split()[1:], values.split()[1:], strict=True):
            if (group, name) in COUNTERS["snmp"]:
                found[group + name] = int(value)
    for line in (folder / "snmp6").read_text().splitlines() if (folder / "snmp6").exists() else ():
        name, value = line.split()
        if ("", name) in COUNTERS["snmp6"]:
            found[name] = int(value)
    return found


def _tree(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def _until_stored(port: int) -> None:
    """Wait until the portal has hours to show: then ingest, engine and store have done their work."""
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        try:
            if json.loads(_page(port, "/health"))["status"] == "ok":
                return
        except OSError:
            pass
        time.sleep(1)
    raise TimeoutError(f"no hour was shown within {WITHIN_S:.0f} s")


def _page(port: int, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            return answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.read().decode("utf-8", "replace")


def _document() -> int:
    """Set a document as PDF and as Word, with their fonts; give the bytes."""
    import dashboards.phase.told as told
    import dashboards.text as words
    from dashboards.documents import made
    from tests.dashboards.documents import example

    both = {**words.catalogue(), **example.entries()}
    words.catalogue = told.catalogue = lambda: both
    files = made.files(example.publication(), example.missing_content(), ["pdf", "docx"])
    return sum(map(len, files.values()))


if __name__ == "__main__":
    sys.exit(main())
