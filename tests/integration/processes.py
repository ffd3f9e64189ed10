"""The platform's processes as a test starts, kills and restarts them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import sqlalchemy as sa

from standards.addresses import sqlite_url
from streams.store import open_store
from streams.store.drained import progress
from streams.store.schema import metadata, views

ROOT = Path(__file__).resolve().parents[2]


class Platform:
    """Ingest, pipeline and materialiser over one data directory."""

    def __init__(self, data: Path, store: str | None = None) -> None:
        self.data = data
        self.store = store or sqlite_url(data / "store.sqlite")
        self.engine = open_store(self.store)
        self.running: dict[str, subprocess.Popen] = {}
        self.modules = {"ingest": "streams.ingest", "pipeline": "streams.pipeline", "store": "streams.store"}

    def start(self, name: str, *arguments: str) -> None:
        command = [sys.executable, "-m", self.modules[name], "--data", str(self.data), *arguments]
        if name == "store":
            command += ["--store", self.store]
        with open(self.data / f"{name}.log", "a") as log:
            self.running[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": str(ROOT), "AIRSHED_LANG": "zh"},
            )

    def kill(self, name: str) -> None:
        """Kill the process and all its children at once, as a power cut would."""
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for name in list(self.running):
            self.kill(name)
        self.engine.dispose()

    def wait_until_drained(self, rows: int, timeout_s: float) -> None:
        """Wait until rows have come in and all of them are stored; fail with the logs' ends."""
        end, quiet = time.monotonic() + timeout_s, 0
        while quiet < 3:
            seen = progress(self.engine, self.data / "topics")
            quiet = quiet + 1 if seen.drained and seen.rows_in >= rows else 0
            for name, process in self.running.items():
                assert process.poll() is None, f"{name} ended with {process.returncode}: {self.tail(name)}"
            assert time.monotonic() < end, f"not drained: {seen}; " + "; ".join(
                self.tail(name) for name in self.running
            )
            time.sleep(0.3)

    def tail(self, name: str) -> str:
        return f"{name}: …{(self.data / f'{name}.log').read_text()[-1500:]}"

    def rows(self) -> dict[str, dict[tuple, dict]]:
        """Give the store's rows as tests.streams.replaying.stored gives those of lines."""
        held: dict[str, dict[tuple, dict]] = {}
        for name, table in {**metadata.tables, **views.tables}.items():
            keys = [c.name for c in table.primary_key]
            with self.engine.connect() as connection:
                for row in connection.execute(sa.text(f'SELECT * FROM "{name}"')).mappings():
                    held.setdefault(name, {})[tuple(row[k] for k in keys)] = {
                        k: v for k, v in row.items() if k != "version"
                    }
        held["episode_event"] = {k: r for k, r in held.get("episode_event", {}).items() if r["phase"] != "withdrawn"}
        return held
