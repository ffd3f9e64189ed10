"""How many viewers the portal holds through a change of the data, on a store of five years. Prints JSON.

Run: python -m tests.bench.bench_viewers [viewers] [seconds]

The portal and its press run as they do under `up`. Each viewer keeps one connection, asks /now every 3.5 s as live.js does, and
after a change takes the fragments of its city's page within a second. In the middle of the time a row changes. change_s is from
the commit to the last viewer that has the new parts. The peer in the same run is the page that Dash draws: viewers who ask its
heartbeat every 2 s and all sections after a change. cpu_ms is what the server's processes burnt for a request.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import psutil
import sqlalchemy as sa

from streams import registry
from streams.store.schema import source_total
from tests.dashboards import stores, years

VIEWERS, SECONDS, PEERS = 2000, 60, 60
CITIES = tuple(registry.load().cities)
SECTIONS = ("region", "cities", "curves", "sectors", "episodes", "stations", "data-health", "hour-bar", "notices")


@dataclass
class Heard:
    """What the viewers of one kind saw: latencies by kind of question [ms], lost connections, when each had the new data."""

    ms: dict[str, list[float]] = field(default_factory=lambda: {"news": [], "parts": []})
    lost: int = 0
    refused: int = 0
    arrived: list[float] = field(default_factory=list)
    bytes: int = 0


class Viewer:
    """A keep-alive connection that speaks HTTP/1.1."""

    def __init__(self, port: int, heard: Heard) -> None:
        self.port, self.heard = port, heard

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)

    async def ask(self, kind: str, path: str, body: bytes | None = None) -> bytes:
        verb = "GET" if body is None else "POST"
        head = f"{verb} {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: br\r\n"
        head += "" if body is None else f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        began = time.perf_counter()
        self.writer.write(f"{head}\r\n".encode() + (body or b""))
        status = await self.reader.readuntil(b"\r\n\r\n")
        length = int(next(x for x in status.lower().split(b"\r\n") if x.startswith(b"content-length")).split(b":")[1])
        content = await self.reader.readexactly(length)
        self.heard.ms[kind].append((time.perf_counter() - began) * 1000)
        self.heard.bytes += len(content)
        self.heard.refused += not status.startswith(b"HTTP/1.1 200")
        return content


async def watch_text(port: int, heard: Heard, until: float) -> None:
    """Be a reader of a page as text."""
    viewer, city, version = Viewer(port, heard), random.choice(CITIES), ""
    try:
        await asyncio.sleep(random.random() * 5)
        await viewer.open()
        while time.time() < until:
            now = json.loads(await viewer.ask("news", "/now"))
            if version and now["version"] != version:
                await asyncio.sleep(random.random())
                await viewer.ask("parts", f"/fragments/{now['version']}/city/{city}")
                heard.arrived.append(time.time())
            version = now["version"]
            await asyncio.sleep(3 + random.random())
    except (OSError, asyncio.IncompleteReadError):
        heard.lost += 1


async def watch_dash(port: int, heard: Heard, until: float) -> None:
    """Be a reader of the page of analysis."""
    viewer, pulse, city = Viewer(port, heard), "", random.choice(CITIES)
    try:
        await asyncio.sleep(random.random() * 2)
        await viewer.open()
        while time.time() < until:
            answer = json.loads(_plain(await viewer.ask("news", f"/beat?{urlencode({'known': pulse})}")))
            new = answer.get("pulse", pulse)
            if pulse and new != pulse:
                for section in SECTIONS:
                    await viewer.ask(
                        "parts", "/_dash-update-component", json.dumps(_section(section, new, city)).encode()
                    )
                heard.arrived.append(time.time())
            pulse = new
            await asyncio.sleep(2)
    except (OSError, asyncio.IncompleteReadError):
        heard.lost += 1


def _section(section: str, pulse: str, city: str) -> dict:
    inputs = [{"id": "pulse", "property": "data", "value": pulse}]
    inputs += [{"id": "view", "property": "data", "value": {"city": city}}]
    output = {"id": section, "property": "children"}
    return {"output": f"{section}.children", "outputs": output, "inputs": inputs, "changedPropIds": ["pulse.data"]}


def _plain(content: bytes) -> bytes:
    if content[:1] == b"{":
        return content
    import brotli

    return brotli.decompress(content)


def main() -> None:
    """Measure and print."""
    viewers, seconds = (int(sys.argv[i]) if len(sys.argv) > i else d for i, d in ((1, VIEWERS), (2, SECONDS)))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder:
        engine = stores.empty_store(Path(folder))
        years.fill(engine, years.HOURS_OF_YEARS)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        own = ["--store", str(engine.url), "--folder", f"{folder}/portal"]
        commands = {"press": ["dashboards.snapshots", *own], "server": ["dashboards", *own, "--port", str(port)]}
        running = {
            name: subprocess.Popen([sys.executable, "-m", *each], stderr=subprocess.DEVNULL)
            for name, each in commands.items()
        }
        try:
            _wait_for(port, Path(folder) / "portal")
            found = {
                f"text, {viewers} viewers": _measure(watch_text, viewers, seconds, port, engine, running),
                f"Dash, {PEERS} viewers": _measure(watch_dash, PEERS, seconds, port, engine, running),
            }
        finally:
            for process in running.values():
                process.terminate()
                process.wait(10)
    print(json.dumps(found, indent=2))


def _wait_for(port: int, folder: Path) -> None:
    until = time.time() + 60
    while time.time() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0 and (folder / "shelf" / "current").exists():
                return
        time.sleep(0.2)
    raise TimeoutError("the portal did not start within 60 s")


def _measure(watch, count: int, seconds: int, port: int, engine: sa.Engine, running: dict) -> dict:
    heard, burnt = Heard(), {name: _cpu(process.pid) for name, process in running.items()}
    began = time.time()
    changed: list[float] = []

    async def everybody() -> None:
        readers = [watch(port, heard, began + seconds) for _ in range(count)]
        await asyncio.gather(*readers, _change(engine, began + seconds / 2, changed))

    asyncio.run(everybody())
    burnt = {name: _cpu(process.pid) - burnt[name] for name, process in running.items()}
    asked = sum(map(len, heard.ms.values()))
    return {
        "requests": asked, "lost_connections": heard.lost, "not_200": heard.refused, "megabytes": round(heard.bytes / 1e6, 1),
        "ms": {kind: _percentiles(values) for kind, values in heard.ms.items()}, "viewers_with_new_data": len(heard.arrived),
        "change_s": round(max(heard.arrived, default=float("nan")) - changed[0], 1),
        "cpu_s": {name: round(each, 2) for name, each in burnt.items()},
        "cpu_ms_a_request": round(burnt["server"] / max(asked, 1) * 1000, 3),
    }  # fmt: skip


async def _change(engine: sa.Engine, at: float, changed: list[float]) -> None:
    await asyncio.sleep(at - time.time())
    with engine.begin() as connection:
        some = connection.execute(sa.select(source_total.c.source).limit(1)).scalar_one()
        where = source_total.c.source == some
        connection.execute(sa.update(source_total).where(where).values(accepted=source_total.c.accepted + 1))
    changed.append(time.time())


def _cpu(pid: int) -> float:
    whole = psutil.Process(pid)
    return sum(sum(each.cpu_times()[:2]) for each in (whole, *whole.children(recursive=True)))


def _percentiles(values: list[float]) -> dict[str, float]:
    if not values:
        return {}
    return {f"p{q}": round(float(np.percentile(values, q)), 1) for q in (50, 95, 99)} | {"most": round(max(values), 1)}


if __name__ == "__main__":
    main()
