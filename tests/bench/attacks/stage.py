"""A platform that is attacked: `airshed up` in a data directory of its own, fed, watched, compared and swept."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import sqlalchemy as sa

from infra import ports
from infra.orphans import MARK
from standards.addresses import sqlite_url
from streams.store import open_store
from streams.store.drained import progress
from streams.store.schema import metadata, views
from tests.bench.attacks import frozen
from tests.bench.attacks.verdicts import Attack
from tests.integration.processes import ROOT

FIRST_PORT = 21_050
READY_S, DRAINED_S, SETTLED_S, STOP_S = 180.0, 240.0, 90.0, 40.0
"""At most so long [s] until the pages are ready, all rows are stored, what follows from them is, it has stopped."""
OWN_TO_A_RUN = {"version", "released_at", "received_at", "first_received_at", "last_received_at", "line", "file", "id"}
NOT_COMPARED = {"topic_position", "row_history", "source_file", "feeder", "feeding"}
"""Which segments were read, who feeds the store, and when rows changed on the way, is this run's own."""
READY = "the pages are ready"


class Stage:
    """A data directory, its processes, and a folder for temporary files that nobody else uses."""

    def __init__(self, data: Path, *, environment: dict[str, str] | None = None, place: Path | None = None) -> None:
        self.data, self.place = data, place or data
        self.port = ports.next_free(FIRST_PORT + os.getpid() % 900 * 10)  # two suites take no port from one another
        self.temporary = Path(tempfile.mkdtemp(prefix="att", dir="/tmp"))
        self.environment = {
            **os.environ, "AIRSHED_BOOTSTRAP": "off", "AIRSHED_LANG": "en", "AIRSHED_STORE": "", "AIRSHED_HISTORY": "off",
            "TMPDIR": str(self.temporary), "PYTHONPATH": str(ROOT), **(environment or {}),
        }  # fmt: skip
        self.process: subprocess.Popen | None = None
        self.out = self.temporary.with_suffix(".out")
        self.java: set[int] = set()

    # -- starting and stopping -------------------------------------------------------------------------------------
    def start(self, *, ready: bool = True) -> None:
        """Run `airshed up`; wait until the pages are ready."""
        since = len(self.said())
        command = (
            sys.executable,
            "-m",
            "infra",
            "up",
            "--no-sample",
            "--data",
            str(self.place),
            "--port",
            str(self.port),
        )
        with self.out.open("ab") as out:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=out, stderr=out)
        if ready:
            self.wait(lambda: READY in self.said()[since:], READY_S, "the pages are not ready")

    def command(self, *words: str, within_s: float = 120) -> subprocess.CompletedProcess:
        """Run a command of the platform on the data directory."""
        command = (sys.executable, "-m", "infra", *words, "--data", str(self.place))
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, timeout=within_s, check=False,
            text=True, errors="replace",
        )  # fmt: skip

    def stop(self) -> None:
        """Stop as Ctrl-C does; kill where that takes too long, which is an AssertionError."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"did not stop within {STOP_S:.0f} s") from None

    def close(self, attack: Attack) -> None:
        """Stop, and hold what has to hold at the end: no process, nothing in the folder for temporary files or of Java in /tmp."""
        try:
            self.stop()
        except AssertionError as late:
            attack.must(False, str(late))
        self._nobody_is_left(attack)
        left = [str(path.relative_to(self.temporary)) for path in self.temporary.rglob("*")]
        attack.must(not left, f"left in the folder for temporary files: {left[:5]}")
        noted = [pid for pid in self.java for path in Path("/tmp").glob(f"hsperfdata_*/{pid}")]
        attack.must(not noted, f"left in /tmp by Java: {noted}")
        self.tidy()

    def tidy(self) -> None:
        """Remove what this suite made outside the data directory."""
        for path in sorted(self.temporary.rglob("*"), reverse=True):
            with contextlib.suppress(OSError):
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        for step in (self.temporary.rmdir, self.out.unlink):
            with contextlib.suppress(OSError):
                step()

    def _nobody_is_left(self, attack: Attack) -> None:
        end = time.monotonic() + 10
        while (left := self.marked()) and time.monotonic() < end:
            time.sleep(0.3)
        attack.must(not left, f"processes are left: {[(each.pid, name_of(each)) for each in left]}")
        for each in left:
            with contextlib.suppress(psutil.Error):
                each.kill()

    # -- looking ---------------------------------------------------------------------------------------------------
    def marked(self) -> list[psutil.Process]:
        """Give all processes that carry the mark of this data directory, zombies left out."""
        mark, found = f"{self.place}#", []
        for each in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                own = each.environ().get(MARK, "")
                if own.startswith((mark, f"{self.data}#")) and each.status() != psutil.STATUS_ZOMBIE:
                    found.append(each)
        return found

    def family(self) -> dict[str, list[psutil.Process]]:
        """Give the living processes by what they are: ingest, pipeline, java, worker, ..., and the supervisor."""
        assert self.process is not None
        found: dict[str, list[psutil.Process]] = {}
        with contextlib.suppress(psutil.Error):
            top = psutil.Process(self.process.pid)
            found["supervisor"] = [top]
            for each in top.children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if each.status() != psutil.STATUS_ZOMBIE:
                        found.setdefault(name_of(each), []).append(each)
        self.java |= {each.pid for each in found.get("java", ())}
        return found

    def said(self) -> str:
        """Give what the terminal has seen."""
        return self.out.read_text(errors="replace") if self.out.exists() else ""

    def logs(self) -> str:
        """Give the logs of all programs."""
        paths = sorted(self.data.glob("logs/*.log"))
        return "\n".join(path.read_text(errors="replace") for path in paths if path.is_file())

    def wait(self, done, within_s: float, complaint: str) -> None:
        """Wait until something is so; AssertionError where it is not in time or the platform has ended."""
        end = time.monotonic() + within_s
        while not done():
            ended = self.process is not None and self.process.poll() is not None
            assert not ended, f"{complaint}: up ended with {self.process.returncode}: {self.said()[-300:]}"
            assert time.monotonic() < end, f"{complaint} after {within_s:.0f} s: {self.said()[-200:]}"
            time.sleep(0.4)

    def feed(self, given: dict[str, bytes]) -> None:
        """Lay files into the inbox."""
        for name, content in given.items():
            frozen.drop(self.data / "inbox", name, content)

    def wait_until_drained(self, rows: int, within_s: float = DRAINED_S) -> None:
        """Wait until so many rows have come in and all are stored."""
        seen: list[object] = [None, 0]

        def drained() -> bool:
            try:
                engine = open_store(sqlite_url(self.data / "store.sqlite"), create=False)
                try:
                    seen[0] = progress(engine, self.data / "topics")
                finally:
                    engine.dispose()
            except Exception as error:  # not there yet, or damaged: asked again until the time is up
                seen[0], seen[1] = repr(error)[:200], 0
                return False
            seen[1] = seen[1] + 1 if seen[0].drained and seen[0].rows_in >= rows else 0
            return seen[1] >= 3

        try:
            self.wait(drained, within_s, "not all is stored")
        except AssertionError as late:
            raise AssertionError(f"{seen[0]}: {late}") from None

    def differs(
        self, expected: dict, within_s: float = SETTLED_S, as_counted: Callable[[dict], dict | None] = lambda row: row
    ) -> list[str]:  # fmt: skip
        """Compare until nothing differs, for what follows from the rows is computed behind them; name what still does.

        as_counted: gives a row as it is compared, None for one that is not.
        """
        end, wanted = time.monotonic() + within_s, _each(expected, as_counted)
        while (wrong := differences(_each(self.rows(), as_counted), wanted)) and time.monotonic() < end:
            time.sleep(2)
        return wrong

    def rows(self) -> dict[str, dict[tuple, dict]]:
        """Give every table's rows by their natural keys, without what is a run's own."""
        engine, held = open_store(sqlite_url(self.data / "store.sqlite"), create=False), {}
        try:
            with engine.connect() as connection:
                for name, table in {**metadata.tables, **views.tables}.items():
                    if name not in NOT_COMPARED:
                        found = connection.execute(sa.text(f'SELECT * FROM "{name}"')).mappings()
                        keys = [column.name for column in table.primary_key if column.name not in OWN_TO_A_RUN]
                        held[name] = {natural(row, keys): without_own(row) for row in found if lasting(row)}
        finally:
            engine.dispose()
        return held


def natural(row, keys: list[str]) -> tuple:
    """Give the key of a row; for one whose key is a run's own, all that it says."""
    return tuple(row[key] for key in keys) if keys else tuple(str(value) for value in without_own(row).values())


def without_own(row) -> dict:
    """Give a row without what another run has otherwise."""
    return {name: value for name, value in row.items() if name not in OWN_TO_A_RUN}


def lasting(row) -> bool:
    """Tell whether a row counts: an episode that was taken back is a matter of the order in which files came."""
    return row.get("phase") != "withdrawn"


def _each(held: dict, as_counted: Callable[[dict], dict | None]) -> dict:
    counted = {name: ((key, as_counted(row)) for key, row in rows.items()) for name, rows in held.items()}
    return {name: {key: row for key, row in rows if row is not None} for name, rows in counted.items()}


def differences(found: dict, expected: dict) -> list[str]:
    """Name the tables whose rows differ, with how many and the first."""
    told = []
    for name, rows in expected.items():
        own = found.get(name, {})
        wrong = [key for key in rows.keys() | own.keys() if rows.get(key) != own.get(key)]
        if wrong:
            first = min(wrong, key=str)
            told.append(
                f"{name}: {len(wrong)} of {len(rows)} rows differ, first {first}: {_apart(own.get(first), rows.get(first))}"
            )
    return told


def _apart(found: dict | None, wanted: dict | None) -> str:
    if found is None or wanted is None:
        return "missing" if found is None else "not expected"
    return str({name: (found[name], value) for name, value in wanted.items() if found[name] != value})[:150]


def name_of(process: psutil.Process) -> str:
    """Give what a process is."""
    words = process.cmdline()
    if words and words[0].endswith("java"):
        return "java"
    module = words[words.index("-m") + 1] if "-m" in words and words.index("-m") + 1 < len(words) else ""
    known = {
        "streams.ingest": "ingest", "streams.pipeline": "pipeline", "streams.store": "store", "ml.attributing": "attribution",
        "dashboards.snapshots": "pages", "dashboards": "portal", "research.bench": "bench", "infra.orphans": "guard",
    }  # fmt: skip
    if module.startswith("pyflink") or "pyflink" in " ".join(words):
        return "worker"
    if not words:
        return "nameless"
    if module in known and _is_program(process):
        return known[module]
    return f"child of {known.get(module) or known_parent(process, known)}"


def _is_program(process: psutil.Process) -> bool:
    """Tell a program from what it forks, which has its command line: a program was started by the supervisor."""
    parent = process.parent()
    return parent is not None and "infra" in parent.cmdline()


def known_parent(process: psutil.Process, known: dict[str, str]) -> str:
    """Give the program that a process without a module of its own belongs to."""
    with contextlib.suppress(psutil.Error):
        for parent in process.parents():
            words = parent.cmdline()
            if "-m" in words and (name := known.get(words[words.index("-m") + 1])):
                return name
    return "up"
