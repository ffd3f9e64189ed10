"""What a platform costs that has nothing to do: `python -m tests.bench.bench_idle [--demo] [--seconds N]` prints JSON.

Starts `up` (without a sample, or with the demo), waits until it has become quiet, and then gives for each process the share
of ONE core that it took over so many seconds and the memory it holds, shared pages counted once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import psutil

from tests.integration.processes import ROOT

QUIET_PERCENT, QUIET_LOOK_S, LATEST_S = 40.0, 10.0, 900.0
"""Quiet is when less than so much of a core [%] was taken over so long [s]; waited for at most so long [s]."""
PORT = 8791
WORKER = "pyflink.fn_execution"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", action="store_true", help="with the sample and the demo, between two of its hours")
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    print(json.dumps(idle(demo=given.demo, seconds=given.seconds), indent=2))


def idle(*, demo: bool, seconds: float) -> dict:
    """Start the platform, wait until it is quiet, and measure over so long [s]."""
    with tempfile.TemporaryDirectory() as folder:
        sample = "--sample" if demo else "--no-sample"
        command = [sys.executable, "-m", "infra", "up", "--data", folder, "--port", str(PORT), sample]
        environment = {**os.environ, "AIRSHED_BOOTSTRAP": "off", "PYTHONPATH": str(ROOT)}
        begun = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            _wait_until_quiet(process.pid, at_least_s=90.0 if demo else 30.0)
            quiet_s = time.monotonic() - begun
            before, load = _cpu(process.pid), os.getloadavg()[0]
            time.sleep(seconds)
            after = _cpu(process.pid)
            rows = _rows(before, after, seconds)
        finally:
            process.send_signal(2)
            process.wait(30)
    return {
        "what": "up with the demo" if demo else "up --no-sample", "load_before": round(load, 2),
        "quiet_after_s": round(quiet_s), "seconds": seconds,
        "percent_of_a_core": round(sum(row["percent_of_a_core"] for row in rows), 2),
        "pss_mib": round(sum(row["pss_mib"] for row in rows)), "processes": rows,
    }  # fmt: skip


def _wait_until_quiet(pid: int, at_least_s: float) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < LATEST_S:
        before = sum(_cpu(pid).values())
        time.sleep(QUIET_LOOK_S)
        share = 100 * (sum(_cpu(pid).values()) - before) / QUIET_LOOK_S
        if share < QUIET_PERCENT and time.monotonic() - begun > at_least_s:
            return
    raise TimeoutError(f"the platform was not quiet within {LATEST_S:.0f} s")


def _family(pid: int) -> list[psutil.Process]:
    top = psutil.Process(pid)
    return [top, *top.children(recursive=True)]


def _cpu(pid: int) -> dict[psutil.Process, float]:
    seconds = {}
    for each in _family(pid):
        times = each.cpu_times()
        seconds[each] = times.user + times.system
    return seconds


def _rows(before: dict[psutil.Process, float], after: dict[psutil.Process, float], seconds: float) -> list[dict]:
    rows = [
        {
            "name": _name(each), "percent_of_a_core": round(100 * (after[each] - before[each]) / seconds, 2),
            "pss_mib": round(each.memory_full_info().pss / 2**20), "threads": each.num_threads(),
        }
        for each in after
        if each in before
    ]  # fmt: skip
    return sorted(rows, key=lambda row: -row["percent_of_a_core"])


def _name(process: psutil.Process) -> str:
    words = process.cmdline()
    if words and words[0].endswith("java"):
        return "java"
    module = words[words.index("-m") + 1] if "-m" in words else " ".join(words)[-60:]
    return "python worker" if module.startswith(WORKER) else module


if __name__ == "__main__":
    main()
