"""Damaged files of every feed, for as long as one likes: does any make its feed raise, lose count, hang or fill the memory? JSON.

Run: python -m tests.bench.bench_mutate [--minutes 120] [--seed 0] [--feed NAME]

Files are read in a second process, which is started again where a library takes it down: `deaths` are what the platform's own
readers are there for, `failures` are faults of a feed. What was read then is kept in the folder that is printed first. Exit
code 1 where there are failures.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import logging
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.properties.mutations import mutated
from tests.properties.test_feed_damage import FEEDS, assert_answered, examples, read

MEMORY_MB, HANG_S = 3_000, 45
"""What the process that reads may take in all [MB], and after how long a file makes it end with a traceback [s]."""
SLOWEST = 5
ROOT = Path(__file__).parents[2]


def tried(name: str, seed: int, folder: Path) -> dict[str, Any]:
    """Read a damaged file of a feed, which lies below a folder meanwhile; give what came of it."""
    chance = random.Random(f"{name} {seed}")
    files = mutated(chance.choice(examples(name)), chance, any_bytes=True)
    shutil.rmtree(folder / "now", ignore_errors=True)
    for place, content in files.items():
        path = folder / "now" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    begun, found = time.perf_counter(), {"feed": name, "seed": seed}
    faulthandler.dump_traceback_later(HANG_S, exit=True)
    try:
        parsed = read(name, files, all_stations=chance.random() < 0.5)
        assert_answered(parsed)
        found |= {"rows": parsed.intake.rows, "rejects": len(parsed.rejected), "blocks": len(parsed.blocks)}
    except Exception as error:
        found["error"] = f"{type(error).__name__}: {error}"[:300]
    faulthandler.cancel_dump_traceback_later()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {**found, "s": round(time.perf_counter() - begun, 3), "peak_mb": peak_mb}


def work(names: list[str], seed: int, first: int, folder: Path) -> None:
    """Read one file after another, from the first on, and print what came of each."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MB * 1_000_000, resource.RLIM_INFINITY))
    faulthandler.enable()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    n = first
    while True:
        print(json.dumps(tried(names[n % len(names)], seed + n // len(names), folder)), flush=True)
        n += 1


def worked(names: list[str], seed: int, folder: Path, until: float) -> Iterator[dict[str, Any]]:
    """Give what came of one file after another until a moment; a process that dies over one is started again behind it."""
    done, died_at = 0, -1
    while time.monotonic() < until:
        command = [
            sys.executable,
            "-m",
            __spec__.name,
            "--work",
            str(done),
            "--seed",
            str(seed),
            "--feed",
            ",".join(names),
        ]
        with (
            (folder / "errors").open("ab") as errors,
            subprocess.Popen(
                [*command, "--folder", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
            ) as process,
        ):
            for line in process.stdout:
                done += 1
                yield json.loads(line)
                if time.monotonic() > until:
                    process.kill()
                    return
        if done == died_at:  # a second time, and in a process of its own: not for what another file has left in memory
            yield {"feed": names[done % len(names)], "seed": seed + done // len(names), "died": process.wait()}
            done += 1
        else:
            died_at = done
            yield {"feed": names[done % len(names)], "seed": seed + done // len(names), "innocent": process.wait()}


def figures(minutes: float, seed: int, names: list[str], folder: Path) -> dict[str, Any]:
    """Read damaged files of the feeds in turn for some minutes, and give the figures."""
    count: Counter[str] = Counter()
    peak_mb, slowest, lost = 0, [], {"failures": [], "deaths": []}
    begun = time.monotonic()
    for found in worked(names, seed, folder, begun + minutes * 60):
        if "innocent" in found:
            count["deaths for another file"] += 1
            continue
        count["files"] += 1
        kind = "deaths" if "died" in found else "failures" if "error" in found else ""
        if kind:
            lost[kind].append(found)
            if (folder / "now").is_dir():
                shutil.copytree(folder / "now", folder / f"{found['feed']}-{found['seed']}", dirs_exist_ok=True)
        else:
            count.update({name: found[name] for name in ("rows", "rejects", "blocks")})
            count["refused whole"] += not found["blocks"]
            slowest = sorted([*slowest, (found["s"], found["feed"], found["seed"])], reverse=True)[:SLOWEST]
        peak_mb = max(peak_mb, found.get("peak_mb", 0))
    minutes = round((time.monotonic() - begun) / 60, 2)
    return {"minutes": minutes, **count, "layouts": len(names), "peak_mb": peak_mb, "slowest": slowest, **lost}


def main() -> int:
    """Run as a program."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_mutate", description=__doc__)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--feed", default=",".join(FEEDS))
    parser.add_argument("--work", type=int, default=None, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, default=None, help=argparse.SUPPRESS)
    given = parser.parse_args()
    names = given.feed.split(",")
    if given.work is not None:
        work(names, given.seed, given.work, given.folder)
    folder = Path(tempfile.mkdtemp(prefix="mutated-"))
    print(folder, file=sys.stderr)
    found = figures(given.minutes, given.seed, names, folder)
    print(json.dumps(found, indent=1))
    return int(bool(found["failures"]))


if __name__ == "__main__":
    raise SystemExit(main())
