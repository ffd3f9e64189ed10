"""Make a small data folder as today's platform writes it: `python -m tests.streams.formats.make NUMBER`, once for each format.

The first day of the shipped sample goes through ingest, engine and store, which are then killed, as a power cut would. What lies
in the data folder is packed into tests/streams/formats/NUMBER/data.tar.xz, and is never made again: whoever changes how anything is
kept makes the next number, and what was kept before is still opened (test_formats.py).
"""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.processes import ROOT, Platform

HERE = Path(__file__).parent
PLACE = Path("/tmp/airshed-format")
"""Where it is made and unpacked again: a checkpoint names its files by their whole path."""
KEPT = ("topics", "checkpoints", "archive", "store.sqlite")
FIRST_HOURS = 24


def main() -> None:
    """Make, pack and tell the size."""
    target = HERE / sys.argv[1]
    target.mkdir(exist_ok=True)
    with only_here() as data:
        (data / "inbox").mkdir(parents=True)
        (data / "inbox" / "stations.csv").write_text("".join(half(first=True)), encoding="utf-8")
        platform = Platform(data)
        try:
            for name in ("pipeline", "store", "ingest"):
                platform.start(name)
            platform.wait_until_drained(41 * FIRST_HOURS, 180)
        finally:
            platform.stop()
        _tidy(data / "store.sqlite")
        with tarfile.open(target / "data.tar.xz", "w:xz") as packed:
            for name in filter(lambda each: (data / each).exists(), KEPT):
                packed.add(data / name, name, filter=_plain)
    print(sum(path.stat().st_size for path in target.iterdir()), "bytes in", target)


@contextmanager
def only_here() -> Iterator[Path]:
    """Give an empty folder at PLACE that nobody else has meanwhile."""
    with PLACE.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(PLACE, ignore_errors=True)
        PLACE.mkdir()
        try:
            yield PLACE
        finally:
            shutil.rmtree(PLACE, ignore_errors=True)


def half(*, first: bool) -> Iterator[str]:
    """Give the lines of the first day of the sample, or of the second, each with the header."""
    day = "2023-01-20T" if first else "2023-01-21T"
    header, *lines = (
        (ROOT / "streams" / "sample" / "stations.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    )
    yield header
    yield from (line for line in lines if line.split(",")[1].startswith(day))


def _tidy(store: Path) -> None:
    with sqlite3.connect(store) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Keep names, contents and times alone: neither who made it nor what a killed engine left half written."""
    if Path(entry.name).name.startswith((".part-", ".tmp-")):
        return None
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


if __name__ == "__main__":
    main()
