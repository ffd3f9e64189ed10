"""Start the platform's processes, watch them, start again what ends, and stop everything in the reverse order.

The supervisor knows nothing of what the processes do. Nothing outlives it: not after Ctrl-C, not after kill -9.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from infra import orphans
from infra.children import Child, Program, tail, trim
from infra.errors import in_words
from infra.messages import language
from infra.restarts import Record, RestartPolicy
from infra.troubles import meaning, moment

POLL_S = 0.2
TRIM_EVERY_S = 60.0
NOT_STARTED_WAIT_S = 30.0
"""The least pause after the system has let a program not begin [s]: it lacks processes or memory, for a while."""
ROOT = Path(__file__).resolve().parent.parent

Tell = Callable[..., None]
"""Says a message of the catalogue to the person: tell(key, **values)."""


@dataclass(slots=True)
class Seat:
    """A program's place: its present child and when that began, or the moment of the next start, and how often it ended before.

    over: it came to an end of its own. Moments are of the even clock [s].
    """

    program: Program
    child: Child | None = None
    start_at: float = 0.0
    begun_at: float = 0.0
    record: Record = field(default_factory=Record)
    over: bool = False


class Supervisor:
    """Runs programs until it is asked to stop. One that ends is started again after a pause, the others go on meanwhile."""

    def __init__(
        self, programs: Sequence[Program], logs: Path, *, mark: str, tell: Tell,
        policy: RestartPolicy | None = None, environment: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.seats = [Seat(program) for program in programs]
        self.logs, self.tell, self.policy = logs, tell, policy or RestartPolicy()
        self.mark = f"{mark}#{uuid.uuid4().hex}"
        self.environment = {**(os.environ if environment is None else environment), orphans.MARK: self.mark}
        self.signals = 0
        self.told_faults: set[str] = set()

    def run(self, tick: Callable[[], None] = lambda: None) -> int:
        """Start all and watch until a signal, then stop all and give 0; tick is called at every look."""
        with _signals(self._on_signal), guarded(self.mark):
            try:
                trimmed = time.monotonic()
                while not self.signals:
                    for seat in self.seats:
                        self._guarded(lambda seat=seat: self._look_after(seat))
                    self._guarded(tick)
                    if time.monotonic() - trimmed > TRIM_EVERY_S:
                        self._guarded(self._trim_logs)
                        trimmed = time.monotonic()
                    time.sleep(POLL_S)
                return 0
            finally:
                self.stop()

    def stop(self) -> None:
        """Stop all in the reverse order; at a second signal without waiting for anyone."""
        self.tell("stopping")
        for seat in reversed(self.seats):
            if seat.child:
                seat.child.stop(grace_s=0.2 if self.signals > 1 else None)
        orphans.sweep(self.mark)
        self.tell("stopped")

    def pids(self) -> dict[str, int]:
        """Give the process id of each running program."""
        return {seat.program.name: seat.child.process.pid for seat in self.seats if seat.child}

    def missing(self) -> dict[str, Record]:
        """Give the programs that keep ending or cannot be started, with what is known of their ends."""
        return {seat.program.name: seat.record for seat in self.seats if seat.record.missing}

    def hurry(self) -> None:
        """Start at once what waits for its next start: what kept it from running may have passed."""
        for seat in self.seats:
            seat.start_at, seat.record.in_a_row = 0.0, min(seat.record.in_a_row, 1)

    def _look_after(self, seat: Seat) -> None:
        now = time.monotonic()
        if seat.child is None:
            if now >= seat.start_at and not self.signals and not seat.over:
                self._start(seat, now)
            return
        code = seat.child.exit_code()
        if code is not None:
            self._after_exit(seat, seat.child, code, now)
        elif seat.record.runs(self.policy, now - seat.begun_at):
            self.tell("back", name=seat.program.name, since=moment(seat.record.since))

    def _start(self, seat: Seat, now: float) -> None:
        """Start a program; where the system lets no more of them begin, say so and try again later."""
        try:
            seat.child = Child(seat.program, self._log(seat), self.environment)
        except OSError as error:
            told = seat.record.in_a_row
            wait = max(seat.record.ended(self.policy, 0.0, time.time(), None), NOT_STARTED_WAIT_S)
            seat.start_at = now + wait
            if not told:
                name, said = seat.program.name, in_words(error) or str(error)
                self.tell("not_started", name=name, error=said, wait=f"{wait:.0f}")
            return
        seat.begun_at = now
        if not seat.record.missing:  # of one that is tried again and again, its return is told
            self.tell("started", name=seat.program.name, pid=seat.child.process.pid)

    def _after_exit(self, seat: Seat, child: Child, code: int, now: float) -> None:
        child.end_session()
        seat.child = None
        if seat.program.ends and not code:
            seat.over, seat.record = True, Record()
            return
        known = seat.record.missing
        wait = seat.record.ended(self.policy, now - seat.begun_at, time.time(), code)
        seat.start_at = now + wait
        if known:
            return
        told = {"name": seat.program.name, "code": code, "wait": f"{wait:.1f}", "log": child.log}
        if not seat.record.missing:
            self.tell("ended", **told)
            return
        self.tell(
            "missing", name=told["name"], code=code, since=moment(seat.record.since), means=meaning(language(), told["name"]),
            most=f"{self.policy.longest_wait_s:.0f}", log=child.log, tail=tail(child.log),
        )  # fmt: skip

    def _guarded(self, step: Callable[[], object]) -> None:
        """Let nothing that goes wrong in watching end what is watched; say it once."""
        try:
            step()
        except Exception as error:
            text = in_words(error) or f"{type(error).__name__}: {error}"
            if text not in self.told_faults:
                self.told_faults.add(text)
                self.tell("watching_failed", error=text)

    def _log(self, seat: Seat) -> Path:
        return self.logs / f"{seat.program.name}.log"

    def _trim_logs(self) -> None:
        for seat in self.seats:
            trim(self._log(seat))

    def _on_signal(self, number: int, frame: object) -> None:
        self.signals += 1


@contextmanager
def _signals(handler: Callable[[int, object], None]) -> Iterator[None]:
    kinds = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {kind: signal.signal(kind, handler) for kind in kinds}
    try:
        yield
    finally:
        for kind, old in before.items():
            signal.signal(kind, old)


@contextmanager
def guarded(mark: str) -> Iterator[None]:
    """Keep a process that ends everything marked so when this one is gone without having said "done"."""
    environment = {k: v for k, v in os.environ.items() if k != orphans.MARK}
    path = os.pathsep.join(filter(None, (str(ROOT), environment.get("PYTHONPATH"))))
    guard = subprocess.Popen(
        (sys.executable, "-m", "infra.orphans", mark), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env={**environment, "PYTHONPATH": path}, start_new_session=True,
    )  # fmt: skip
    try:
        yield
    finally:
        try:
            guard.communicate(b"done", timeout=5)
        except subprocess.TimeoutExpired:
            guard.kill()
