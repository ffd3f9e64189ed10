"""What a platform costs that has nothing to do: `python -m tests.bench.bench_idle` prints JSON; --help names the options.

Starts `up` (without a sample, or with the demo), waits until it has become quiet, and then gives for each process the share
of ONE core that it took over so many seconds, what it gave the disk to write, and the memory it holds, shared pages counted once.

--days: the engine and the store alone, with so many days of hours of 50 stations in the state. With --hours single hours come
afterwards: how long each is on its way to the store, and what the engine gives the disk to write for it. With --sync how often
anything is forced to the disk (strace, which slows what it watches: only these counts are to be believed then).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from streams.registry import load
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.bench import bench_stream
from tests.integration.processes import ROOT, Platform

QUIET_PERCENT, QUIET_LOOK_S, LATEST_S = 40.0, 10.0, 900.0
"""Quiet is when less than so much of a core [%] was taken over so long [s]; waited for at most so long [s]."""
PORT = 8791
WORKER = "pyflink.fn_execution"
MB = 1e6
HEAP_MB, CHECKPOINT_MS = 768, 500
"""As `up` starts the engine."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", action="store_true", help="with the sample and the demo, between two of its hours")
    parser.add_argument("--days", type=int, default=0, help="the engine and the store with so many days of state")
    parser.add_argument("--hours", type=int, default=0, help="hours that come one by one afterwards")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--sync", action="store_true", help="count what these hours force to the disk")
    given = parser.parse_args()
    if given.days:
        found = with_state(given.days, given.seconds, given.hours, sync=given.sync)
    else:
        found = idle(given.seconds, given.hours, demo=given.demo, sync=given.sync)
    print(json.dumps(found, indent=2))


def idle(seconds: float, hours: int = 0, *, demo: bool, sync: bool = False) -> dict:
    """Start the platform, wait until it is quiet, and measure over so long [s], and then with each of so many hours."""
    with tempfile.TemporaryDirectory() as folder:
        sample = "--sample" if demo else "--no-sample"
        command = [sys.executable, "-m", "infra", "up", "--data", folder, "--port", str(PORT), sample, "--no-history"]
        environment = {**os.environ, "AIRSHED_BOOTSTRAP": "off", "PYTHONPATH": str(ROOT)}
        begun = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            first_aqi_s = _first_aqi_s(process, begun)
            _wait_until_quiet([process.pid], at_least_s=90.0 if demo else 30.0)
            quiet_s, load_before = time.monotonic() - begun, os.getloadavg()[0]
            rows = _watched([process.pid], seconds)
            held = _held(Path(folder) / "checkpoints")
            came = _hours_that_come(Platform(Path(folder)), 0, hours, [process.pid], sync=sync)
        finally:
            process.send_signal(2)
            process.communicate(timeout=30)
    return {
        "what": "up with the demo" if demo else "up --no-sample", "first_aqi_s": first_aqi_s,
        "load_before": round(load_before, 2), "quiet_after_s": round(quiet_s), **_sum(rows, seconds), **held, **came,
    }  # fmt: skip


def _first_aqi_s(process: subprocess.Popen, begun: float) -> float:
    """Give when the first AQI was stored [s]; what is said afterwards is read by nobody, and a pipe holds it."""
    for line in process.stdout:
        if "AQI" in line:
            return round(time.monotonic() - begun, 1)
    raise RuntimeError("the platform ended before it had stored an AQI")


def with_state(days: int, seconds: float, hours: int = 0, *, sync: bool = False) -> dict:
    """Start engine and store on so many days, measure at rest, and then with each of so many hours."""
    with tempfile.TemporaryDirectory() as folder:
        platform = Platform(Path(folder))
        made = _days(days)
        count = bench_stream.publish(platform.data, made)
        begun = time.monotonic()
        try:
            platform.start("pipeline", "--checkpoint-ms", str(CHECKPOINT_MS), "--heap-mb", str(HEAP_MB))
            platform.start("store")
            platform.wait_until_drained(count, LATEST_S)
            stored_s, load_before = time.monotonic() - begun, os.getloadavg()[0]
            pids = [each.pid for each in platform.running.values()]
            _wait_until_quiet(pids, at_least_s=5.0)
            rows = _watched(pids, seconds)
            held = _held(platform.data / "checkpoints")
            came = _hours_that_come(platform, days * 24, hours, pids, sync=sync)
        finally:
            platform.stop()
    return {
        "what": f"engine and store with {days} days", "load_before": round(load_before, 2),
        "stored_after_s": round(stored_s, 1), **_sum(rows, seconds), **held, **came,
    }  # fmt: skip


def _days(days: int) -> list:
    """Give the blocks of the speed's bench, cut at so many days."""
    end = bench_stream.FIRST + days * 24
    blocks = bench_stream.blocks(-(-days // 365))
    return [_cut(block, end) for block in blocks if block.first_hour < end]


def _cut(block, end: int):
    kept = slice(0, end - block.first_hour)
    fields = {name: getattr(block, name) for name in ("source", "city", "stations", "first_hour")}
    return type(block)(**fields, values=block.values[..., kept], present=block.present[..., kept])


def _hours_that_come(platform: Platform, first: int, count: int, pids: list[int], *, sync: bool) -> dict:
    """Publish single hours of one city and wait for each in the store."""
    if not count:
        return {}
    stations = tuple(sorted(s.code for s in load().stations.values() if s.city == "510100"))
    topic = open_topic(platform.data / "topics" / messages.TOPICS[messages.OBSERVATION])
    before, taken, waits = bench_stream.stored_hours(platform), _spent(pids), []
    with _syncs(pids) if sync else contextlib.nullcontext({}) as syncs:
        for i in range(count):
            waits.append(bench_stream.one_hour(platform, topic, stations, first + i, more_than=before + i))
    after = _spent(pids)
    engine = [after[each].less(taken[each]).written for each in after if each in taken and _name(each) == "java"]
    waits.sort()
    return {
        "hours": count, "p50_s": round(statistics.median(waits), 3), "p99_s": round(waits[int(0.99 * count)], 3),
        "engine_mb_written_an_hour": round(sum(engine) / MB / count, 2), "syncs": syncs,
    }  # fmt: skip


@contextlib.contextmanager
def _syncs(pids: list[int]) -> Iterator[dict[str, int]]:
    """Count what the processes force to the disk meanwhile."""
    counts: dict[str, int] = {}
    with tempfile.NamedTemporaryFile("r") as said:
        family = [f"-p{each.pid}" for pid in pids for each in _family(pid)]
        watching = [shutil.which("strace"), "-f", "-c", "-e", "trace=fsync,fdatasync,sync_file_range", "-o", said.name]
        process = subprocess.Popen([*watching, *family], stderr=subprocess.DEVNULL)
        time.sleep(1.0)
        yield counts
        process.send_signal(2)
        process.wait(30)
        for line in said:
            if found := re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s.*?(\w*sync\w*)$", line):
                counts[found[2]] = int(found[1])


def _wait_until_quiet(pids: list[int], at_least_s: float) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < LATEST_S:
        before = _spent(pids)
        time.sleep(QUIET_LOOK_S)
        after = _spent(pids)
        used = sum(after[each].less(before[each]).cpu_s for each in after if each in before)
        if 100 * used / QUIET_LOOK_S < QUIET_PERCENT and time.monotonic() - begun > at_least_s:
            return
    raise TimeoutError(f"the platform was not quiet within {LATEST_S:.0f} s")


def _family(pid: int) -> list[psutil.Process]:
    top = psutil.Process(pid)
    return [top, *top.children(recursive=True)]


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process has taken: CPU [s], and bytes given to the disk to write."""

    cpu_s: float
    written: int

    def less(self, before: Spent) -> Spent:
        """Give what was taken since."""
        return Spent(self.cpu_s - before.cpu_s, self.written - before.written)


def _spent(pids: list[int]) -> dict[psutil.Process, Spent]:
    taken = {}
    for each in (each for pid in pids for each in _family(pid)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            taken[each] = Spent(times.user + times.system, each.io_counters().write_bytes)
    return taken


def _watched(pids: list[int], seconds: float) -> list[dict]:
    before = _spent(pids)
    time.sleep(seconds)
    after = _spent(pids)
    rows = []
    for each in (each for each in after if each in before):
        taken = after[each].less(before[each])
        rows.append(
            {
                "name": _name(each), "percent_of_a_core": round(100 * taken.cpu_s / seconds, 2),
                "written_mb_s": round(taken.written / MB / seconds, 4),
                "pss_mib": round(each.memory_full_info().pss / 2**20), "threads": each.num_threads(),
            }
        )  # fmt: skip
    return sorted(rows, key=lambda row: -row["percent_of_a_core"])


def _sum(rows: list[dict], seconds: float) -> dict:
    return {
        "seconds": seconds, "percent_of_a_core": round(sum(row["percent_of_a_core"] for row in rows), 2),
        "written_mb_s": round(sum(row["written_mb_s"] for row in rows), 3),
        "pss_mib": round(sum(row["pss_mib"] for row in rows)), "processes": rows,
    }  # fmt: skip


def _held(checkpoints: Path) -> dict:
    """Give how much the checkpoints take on the disk, and how many were made."""
    files = [path for path in checkpoints.rglob("*") if path.is_file()]
    made = max((int(path.name[4:]) for path in checkpoints.glob("*/chk-*")), default=0)
    return {"checkpoints_mb": round(sum(path.stat().st_size for path in files) / MB, 1), "made": made}


def _name(process: psutil.Process) -> str:
    words = process.cmdline()
    if words and words[0].endswith("java"):
        return "java"
    module = words[words.index("-m") + 1] if "-m" in words else " ".join(words)[-60:]
    return "python worker" if module.startswith(WORKER) else module


if __name__ == "__main__":
    main()
