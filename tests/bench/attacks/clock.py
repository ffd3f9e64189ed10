"""The clock is wrong by 400 days, at the start or while the platform runs, for each of its processes that asks the C library.

A small library made by the machine's compiler is loaded before all others and shifts the clock of the day. What it cannot
reach: the times that the file system notes, and who asks the kernel past the C library; so the engine's log is read for
whether Java, too, was taken in, and the JSON says so. A kernel timer set to a moment of the day would wait for the true one.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
from pathlib import Path

from tests.bench.attacks import frozen
from tests.bench.attacks.stage import Stage
from tests.bench.attacks.verdicts import Attack, NotPlayed, Skipped

DAY_S = 86_400
PLACES = 32
SOURCE = Path(__file__).with_name("clock_shim.c")
SAID = {"ahead": "the last run was at", "back": "before the last run|before this release", "moved ahead": "the clock went ahead by",
        "moved back": "the clock was set back by"}  # fmt: skip


def shim(folder: Path) -> Path:
    """Make the library; Skipped where there is no compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise Skipped("no C compiler to make the shifted clock with")
    made = folder / "clock_shim.so"
    subprocess.run((compiler, "-shared", "-fPIC", "-O1", "-o", made, SOURCE, "-ldl"), check=True, capture_output=True)
    return made


def play(attack: Attack, folder: Path, expected: dict, *, days: int, while_running: bool) -> None:
    """Feed half with the clock as it is, shift it with the platform stopped or running, feed the rest, compare."""
    folder.mkdir()
    shifted = folder / "shift"
    _set(shifted, 0)
    stage = Stage(folder / "data", environment={"LD_PRELOAD": str(shim(folder)), "ATTACK_CLOCK": str(shifted)})
    given = frozen.files()
    names = sorted(given)
    first = {name: given[name] for name in names[:4]}
    try:
        stage.start()
        stage.feed(first)
        stage.wait_until_drained(frozen.rows(first))
        before = len(stage.said())
        if not while_running:
            stage.stop()
        _set(shifted, days)
        _has_shifted(stage, days)
        attack.happened(f"clock {days:+d} days")
        if not while_running:
            stage.start()
        words = SAID[("moved " if while_running else "") + ("ahead" if days > 0 else "back")]
        stage.wait(lambda: re.search(words, stage.said()[before:]), 30, "the clock's jump is not told")
        stage.feed({name: given[name] for name in names[4:]})
        stage.wait_until_drained(frozen.rows(given))
        wrong = stage.differs(expected)
        attack.must(not wrong, "; ".join(wrong))
        count = len(re.findall(words, stage.said()[before:]))
        attack.must(count == 1, f"the clock's jump is told {count} times")
        attack.told["Java was reached"] = _java_reached(stage, days)
    finally:
        stage.close(attack)
        shutil.rmtree(folder, ignore_errors=True)


def _set(file: Path, days: int) -> None:
    """Write the shift [days] in place, for the file is mapped."""
    text = str(days * DAY_S).encode().ljust(PLACES, b"\0")
    if not file.exists():
        file.write_bytes(text)
    with file.open("r+b") as held:
        held.write(text)


def _has_shifted(stage: Stage, days: int) -> None:
    """Ask a Python started as the platform's are what day it is; NotPlayed where it is the true one."""
    import sys

    asked = (sys.executable, "-c", "import time; print(time.time())")
    said = float(subprocess.run(asked, env=stage.environment, check=True, capture_output=True, text=True).stdout)
    off = (said - dt.datetime.now().timestamp()) / DAY_S
    if abs(off - days) > 0.1:
        raise NotPlayed(f"the clock is off by {off:.1f} days, not by {days}")


def _java_reached(stage: Stage, days: int) -> bool | None:
    """Tell whether the engine's own log has a line of the shifted day; None where it says nothing."""
    text = "".join(path.read_text(errors="replace") for path in stage.data.glob("logs/engine/*.log"))
    found = {dt.date.fromisoformat(day) for day in re.findall(r"(?m)^(\d{4}-\d\d-\d\d) ", text)}
    day = dt.date.today() + dt.timedelta(days=days)
    return any(abs((each - day).days) <= 1 for each in found) if found else None
