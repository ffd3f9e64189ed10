"""The disk fills up under a running platform and has room again: a small file system in memory, mounted by root."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import time
from pathlib import Path

from tests.bench.attacks import frozen
from tests.bench.attacks.stage import Stage
from tests.bench.attacks.verdicts import Attack, NotPlayed, Skipped

SIZE_MB, FULL_S = 160, 25.0
SAID = ("No space left", "no room", "disk is full", "磁盘已满")


def play(attack: Attack, folder: Path, expected: dict, *, full_s: float = FULL_S) -> None:
    """Feed half, fill the disk, feed the rest, wait, make room; nothing is lost and nobody has ended."""
    if os.geteuid():
        raise Skipped("only root mounts a file system")
    folder.mkdir()
    mounted = subprocess.run(
        ("mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "airshed-attack", folder), capture_output=True, check=False
    )
    if mounted.returncode:
        raise Skipped(f"no file system in memory: {mounted.stderr.decode(errors='replace').strip()}")
    stage = Stage(folder / "data")
    try:
        _fill_and_empty(attack, stage, folder, expected, full_s)
    finally:
        try:
            stage.close(attack)
        finally:
            subprocess.run(("umount", "-l", folder), check=True)


def _fill_and_empty(attack: Attack, stage: Stage, folder: Path, expected: dict, full_s: float) -> None:
    given = frozen.files()
    names = sorted(given)
    first = {name: given[name] for name in names[:4]}
    stage.start()
    stage.feed(first)
    stage.wait_until_drained(frozen.rows(first))
    before = _programs(stage)
    laid = names[4:]
    for name in laid:  # whoever delivers has written them before the disk was full, under a name that is not read
        (folder / name).write_bytes(given[name])
    _fill(folder / "filler")
    attack.happened("full")
    for name in laid:
        os.rename(folder / name, stage.data / "inbox" / name)
    time.sleep(full_s)
    told = [line for line in (stage.said() + stage.logs()).splitlines() if any(words in line for words in SAID)]
    attack.must(bool(told), "nothing says that the disk is full")
    attack.told["said"] = len(told)
    attack.must(_programs(stage) == before, f"programs were ended: {before} {_programs(stage)}: {stage.said()[-300:]}")
    (folder / "filler").unlink()
    attack.happened("room")
    stage.wait_until_drained(frozen.rows(given))
    wrong = stage.differs(expected)
    attack.must(not wrong, "; ".join(wrong))


def _programs(stage: Stage) -> dict[str, int]:
    found = stage.family()
    return {
        role: found[role][0].pid
        for role in ("supervisor", "ingest", "pipeline", "store", "attribution", "portal")
        if role in found
    }


def _fill(path: Path) -> None:
    """Write until the system says that there is no room; NotPlayed where it never does."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        for _ in range(4 * SIZE_MB):
            file.write(bytes(1 << 20))
    try:
        with path.open("ab", buffering=0) as file:
            for _ in range(1 << 20):
                file.write(bytes(512))
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return
        raise
    raise NotPlayed("the disk has room left")
