"""Kills and pauses of every process and of the supervisor, at random moments, while files come in."""

from __future__ import annotations

import contextlib
import random
import re
import signal
import time
from collections import Counter
from pathlib import Path

import psutil

from tests.bench.attacks import frozen
from tests.bench.attacks.stage import Stage
from tests.bench.attacks.verdicts import Attack, NotPlayed

MOST_EXITS = 4
"""One fewer than a program may end in ten minutes before the supervisor gives it up (infra/restarts.py)."""
ENDS = re.compile(r"(?m)(\w+) (?:ended unexpectedly|keeps ending)")
"""What the supervisor says of an end: of the first in a row, and of the second, after which a program counts as missing."""
BACK_S = 150.0
"""A program that counted as missing is back when it has run for a minute (infra/restarts.py)."""
PROGRAMS = ("ingest", "pipeline", "store", "attribution", "pages", "portal", "bench")
SHORTEST_S, LONGEST_S = 0.2, 2.5
"""Between two attacks, and for a pause [s]."""
STOPPED_WITHIN_S = 3.0
"""A busy machine takes a moment until all threads of a process stand still [s]."""
A_ROUND = 20
"""So many attacks with one start of the platform."""
SPARED = ("guard", "supervisor")
"""Paused in a round; the supervisor is killed at its end, and the guard's death is told by nobody."""


def play(attack: Attack, folder: Path, expected: dict, *, events: int, seed: int) -> None:
    """Feed the frozen input in pieces over as many rounds as it takes; each round ends with a kill of the supervisor."""
    chance, given = random.Random(seed), frozen.files()
    stage, waiting = Stage(folder), sorted(given)
    rounds = max(1, round(events / A_ROUND))
    try:
        for number in range(rounds):
            stage.start()
            share = waiting[: -(-len(waiting) // (rounds - number))]
            waiting = waiting[len(share) :]
            attacked_while_fed(attack, stage, {name: given[name] for name in share}, chance, events // rounds)
            if number < rounds - 1:
                _kill_supervisor(attack, stage)
        stage.wait_until_drained(frozen.rows(given))
        attack.told["differences"] = wrong = stage.differs(expected)
        attack.must(not wrong, "; ".join(wrong))
        end = time.monotonic() + BACK_S
        while (health := stage.command("health")).returncode and time.monotonic() < end:
            time.sleep(5)
        attack.must(
            "books" in health.stdout and health.returncode == 0, f"health: {health.stdout}{health.stderr[-200:]}"
        )
    finally:
        stage.close(attack)


def attacked_while_fed(
    attack: Attack, stage: Stage, files: dict[str, bytes], chance: random.Random, events: int
) -> None:  # fmt: skip
    """Kill and pause one fewer than so many at random while files come in; each program that ended is told once."""
    exits, before, names = Counter(), stage.said(), sorted(files)
    for _ in range(events - 1):
        if names and chance.random() < 0.5:
            stage.feed({(name := names.pop(0)): files[name]})
        role, process = _victim(stage, chance)
        if chance.random() < 0.5 and exits["pipeline" if role == "java" else role] < MOST_EXITS and role not in SPARED:
            ended = "pipeline" if role == "java" else role
            exits[ended] += _kill(attack, role, process) and ended in PROGRAMS
        else:
            _pause(attack, role, process, chance.uniform(SHORTEST_S, LONGEST_S))
        time.sleep(chance.uniform(SHORTEST_S, LONGEST_S))
    stage.feed({name: files[name] for name in names})
    _each_told(attack, stage, exits, before)


def _victim(stage: Stage, chance: random.Random) -> tuple[str, psutil.Process]:
    family = stage.family()
    if "supervisor" not in family:
        raise NotPlayed(f"the supervisor is gone: {stage.said()[-300:]}")
    role = chance.choice(sorted(family))
    return role, chance.choice(family[role])


def _kill(attack: Attack, role: str, process: psutil.Process) -> bool:
    """Kill a process; tell whether it was there to be killed."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGKILL)
        psutil.wait_procs([process], timeout=5)
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            raise NotPlayed(f"{role} lives on after a kill")
        attack.happened(f"kill {role}")
        return True
    return False


def _pause(attack: Attack, role: str, process: psutil.Process, seconds: float) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.suspend()
        end = time.monotonic() + STOPPED_WITHIN_S
        while process.status() != psutil.STATUS_STOPPED and time.monotonic() < end:
            time.sleep(0.05)
        if process.status() != psutil.STATUS_STOPPED:
            process.resume()
            raise NotPlayed(f"{role} runs on although it was stopped")
        time.sleep(seconds)
        process.resume()
        attack.happened(f"pause {role}")


def _kill_supervisor(attack: Attack, stage: Stage) -> None:
    assert stage.process is not None
    stage.process.kill()
    stage.process.wait()
    attack.happened("kill supervisor")
    end = time.monotonic() + 30
    while left := stage.marked():
        if time.monotonic() > end:
            attack.must(False, f"lives on after the supervisor: {[p.pid for p in left]}")
            return
        time.sleep(0.3)


def _each_told(attack: Attack, stage: Stage, exits: Counter, before: str) -> None:
    """Of a program that was killed at least one end is told, and never more than there were."""

    def told() -> Counter:
        return Counter(ENDS.findall(stage.said()[len(before) :]))

    killed, end = Counter({name: count for name, count in exits.items() if count}), time.monotonic() + 30
    while killed.keys() - told().keys() and time.monotonic() < end:
        time.sleep(0.3)
    said = told()
    attack.must(said.keys() == killed.keys() and said <= killed, f"ends: {dict(killed)}, told: {dict(said)}")
