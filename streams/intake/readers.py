"""Who reads files: this process itself, or two others that can be lost without harm.

A file is read within limits of memory and time. A process that dies over a file, or does not come to its end with it, costs that
file alone. What takes long lets others pass: while one process is busy with a large or slow file the other one reads the quick
ones, and of two that are busy so, the one that began later gives its file back. Of the quick ones that wait every fourth that is
read is the one that changed last, so that an hour of today is not read behind the history of years; the others in their order.
"""

from __future__ import annotations

import heapq
import json
import logging
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from standards.errors import AirshedError
from standards.shown import harmless
from standards.temporary import own_folder
from streams import sources
from streams.intake.child import LENGTH, frame, packed_registry
from streams.intake.reading import Asked, Begun, Brought, read, refusal
from streams.registry import Registry
from streams.sources.files import printable, shown
from streams.sources.tally import Unusable

LOG = logging.getLogger("airshed.ingest")
READ_SECONDS, READ_MEMORY = "AIRSHED_READ_SECONDS", "AIRSHED_READ_MEMORY_MB"
"""Settings: how long one file may take [s], and how much memory [MB]."""
PATIENCE_S = 3.0
"""After how long a file counts as one that takes long [s]."""
LARGE_MB = 16
"""From which size on it does so from the beginning [MB]."""
NEWEST_EVERY = 4
IDLE_S = 30.0
"""After how long without work a process that reads ends [s]: at rest there is none."""
START_S = 60.0
RETIRED_MB = 400
"""A process that took so much memory for a file is not kept [MB]."""
MOST_DEATHS = 20
"""Of the processes that read an archive, before what is left of it is given up."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""Libraries set memory aside for each core of the machine, which is not the file's."""
MOST_EVENTS = 20
"""What is told at a time: each takes some milliseconds to publish."""
_TICK_S = 0.1
_HELD_MB = 64
"""What may have been read and not yet been published [MB]."""
_LONGEST_FRAME = 2_000_000_000
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take: time [s], and memory beyond what the process has anyway [MB]."""

    seconds: float = 120.0
    memory_mb: int = 2048

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Limits:
        """Take them from the settings; what is no number > 0 there is as if it were not set."""
        found = {"seconds": environment.get(READ_SECONDS, ""), "memory_mb": environment.get(READ_MEMORY, "")}
        usable = {
            name: int(text) for name, text in found.items() if text.isascii() and text.isdigit() and int(text) > 0
        }
        return cls(**usable)


@dataclass(frozen=True, slots=True)
class Ended:
    """A file was read to its end; error: why it was not, where it has to be tried again."""

    error: Exception | None = None


Event = Brought | Ended


class Reader(Protocol):
    """Whoever reads files for a publisher."""

    limits: Limits

    def submit(self, asked: Asked, *, size: int = 0, changed_at: float = 0.0) -> int:
        """Ask for a file to be read, and give a number by which its events are known."""

    def events(self, wait_s: float = 0.0) -> list[tuple[int, Event]]:
        """Give what has come of the files asked for, waiting up to wait_s [s] where there is nothing."""

    def close(self) -> None:
        """Let go of what is being read."""


class Here:
    """Reads in this process, at once: for a person's own program, and for tests."""

    def __init__(self, registry: Registry) -> None:
        self.limits = Limits(memory_mb=0)
        self._registry, self._number = registry, 0
        self._found: list[tuple[int, Event]] = []

    def submit(self, asked: Asked, *, size: int = 0, changed_at: float = 0.0) -> int:
        """Read a file; see Reader."""
        self._number += 1
        try:
            self._found += [(self._number, each) for each in read(asked, self._registry) if isinstance(each, Brought)]
            self._found.append((self._number, Ended()))
        except OSError as error:
            self._found.append((self._number, Ended(error)))
        return self._number

    def events(self, wait_s: float = 0.0) -> list[tuple[int, Event]]:
        """Give all that was read; see Reader."""
        found, self._found = self._found, []
        return found

    def close(self) -> None:
        """Let go of nothing."""


@dataclass(slots=True)
class _Job:
    """A file that is to be read. long: whether it takes long; told: files of it that were answered for; deaths: over it."""

    number: int
    asked: Asked
    changed_at: float
    long: bool
    told: int = 0
    deaths: int = 0
    begun_at: float = 0.0


class Lanes:
    """The files that wait, and which is next; knows nothing of processes."""

    def __init__(self) -> None:
        self._quick: OrderedDict[int, _Job] = OrderedDict()
        self._by_change: list[tuple[float, int]] = []
        self._long: deque[_Job] = deque()
        self._turn = 0

    @property
    def quick(self) -> int:
        """How many quick ones wait."""
        return len(self._quick)

    def put(self, job: _Job) -> None:
        """Let a file wait."""
        if job.long:
            self._long.append(job)
            return
        self._quick[job.number] = job
        heapq.heappush(self._by_change, (-job.changed_at, job.number))

    def hurry(self) -> None:
        """Let the next be the one that changed last: something has just been waited for in vain."""
        self._turn = NEWEST_EVERY - 1

    def take(self) -> _Job | None:
        """Give the next: a quick one where there is one, every fourth time the one that changed last; None where none waits."""
        if not self._quick:
            self._by_change.clear()
            return self._long.popleft() if self._long else None
        self._turn += 1
        if self._turn % NEWEST_EVERY:
            return self._quick.popitem(last=False)[1]
        while (number := heapq.heappop(self._by_change)[1]) not in self._quick:
            pass
        return self._quick.pop(number)


class Readers:
    """Reads in two processes that are started when there is something to read, and end when there is nothing for a while.

    Not started by fork: what this process holds is none of their business. Threads wait for them; all methods are for the one
    thread that publishes.
    """

    def __init__(
        self, registry: Registry, limits: Limits | None = None, *, count: int = 2, module: str = "streams.intake.child"
    ) -> None:
        self.limits, self._module = limits or Limits(), module
        self._registry = packed_registry(registry)
        self._scratch = own_folder("reading")
        self._changed = threading.Condition()
        self._lanes, self._busy = Lanes(), {}
        self._found: deque[tuple[int, Event]] = deque()
        self._held = self._number = 0
        self._closing = False
        self._processes = [_Process(self._module, self._registry, self._scratch / str(n)) for n in range(count)]
        self._threads = [
            threading.Thread(target=self._work, args=each, daemon=True) for each in enumerate(self._processes)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, asked: Asked, *, size: int = 0, changed_at: float = 0.0) -> int:
        """Let a file wait for being read; see Reader. size [bytes], changed_at [epoch s]: what decides which is next."""
        with self._changed:
            self._number += 1
            asked = replace(asked, memory_mb=self.limits.memory_mb, alarm_s=int(self.limits.seconds + START_S))
            self._lanes.put(_Job(self._number, asked, changed_at, long=size > LARGE_MB * 1_000_000))
            self._changed.notify_all()
            return self._number

    def events(self, wait_s: float = 0.0) -> list[tuple[int, Event]]:
        """Give what has come since, in the order in which it came; see Reader."""
        with self._changed:
            if not self._found and wait_s:
                self._changed.wait_for(lambda: bool(self._found), wait_s)
            found = [self._found.popleft() for _ in range(min(len(self._found), MOST_EVENTS))]
            if found:
                self._held -= sum(event.size for _, event in found if isinstance(event, Brought))
                self._changed.notify_all()
            return found

    def close(self) -> None:
        """End the processes, whatever they are reading."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for process in self._processes:
            process.kill()
        for thread in self._threads:
            thread.join(START_S)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _work(self, n: int, process: _Process) -> None:
        try:
            while (job := self._next(n, process)) is not None:
                try:
                    self._read(n, job, process)
                except Exception as error:
                    if not self._closing:
                        LOG.exception("%s could not be given to a process to be read", printable(job.asked.unit))
                    process.end()
                    self._tell(job, Ended(error))
                finally:
                    with self._changed:
                        self._busy.pop(n, None)
        finally:
            process.end()

    def _next(self, n: int, process: _Process) -> _Job | None:
        """Wait for a file to read; None when this is closed. A process that has nothing to do for a while ends."""
        idle_at = time.monotonic() + IDLE_S
        with self._changed:
            while not self._closing:
                if (job := self._lanes.take()) is not None:
                    job.begun_at = time.monotonic()
                    self._busy[n] = job
                    return job
                left_s = idle_at - time.monotonic()
                if left_s <= 0:
                    process.end()
                self._changed.wait(left_s if left_s > 0 else None)
        return None

    def _read(self, n: int, job: _Job, process: _Process) -> None:
        """Let a process read a file, and tell what comes; a file that it gives back or dies over waits again, or is refused."""
        process.ask(replace(job.asked, skip=job.told, scratch=str(process.scratch)))
        at, since = Begun(shown(Path(job.asked.unit)), sources.UNKNOWN), time.monotonic()
        while True:
            try:
                message = process.answer(_TICK_S)
            except _DiedError as death:
                self._bury(job, at, death, process)
                return
            if message is None:
                if self._stands_back(n, job):
                    process.end()
                    self._again(job)
                    self._lanes.hurry()
                    return
                if time.monotonic() - since > self.limits.seconds:
                    process.end()
                    self._refuse(job, at, f"reading it took longer than {self.limits.seconds:.0f} s")
                    return
                continue
            kind = message.pop("kind")
            if kind == "begun":
                at, since = Begun(**message), time.monotonic()
            elif kind == "brought":
                self._tell(job, Brought.from_plain(message))
                since = time.monotonic()
            elif kind != "log":
                self._end(job, at, kind, message, process)
                return

    def _end(self, job: _Job, at: Begun, kind: str, message: dict[str, Any], process: _Process) -> None:
        if message["peak_mb"] > RETIRED_MB:
            process.end()
        if kind == "memory":
            self._refuse(job, at, f"reading it needed more than {self.limits.memory_mb} MB of memory")
        elif kind == "failed":
            self._tell(job, Ended(OSError(message["number"], message["text"])))
        elif kind == "fault":
            self._refuse(job, at, f"reading it failed: {message['text']}")
        else:
            self._tell(job, Ended())

    def _bury(self, job: _Job, at: Begun, death: _DiedError, process: _Process) -> None:
        # Killed from outside, or for what an earlier file has left in its memory: a new process will show.
        innocent = process.served > 1 or (death.number == signal.SIGKILL and not job.deaths)
        process.end()
        if self._closing:
            return
        job.deaths += 1
        if death.words:
            LOG.error("%s: %s; its last words: %s", at.file, death, death.words)
        else:
            LOG.error("%s: %s", at.file, death)
        if innocent and job.deaths < MOST_DEATHS:
            self._again(job)
        else:
            self._refuse(job, at, str(death))

    def _refuse(self, job: _Job, at: Begun, reason: str) -> None:
        """Answer for a file that cannot be read, and go on with the archive in which it lies."""
        expected = f"a file that is read within {self.limits.seconds:.0f} s and {self.limits.memory_mb} MB of memory"
        self._tell(job, refusal(job.asked, at, Unusable("file", reason, "", f"{expected}; cut it into parts")))
        if at.file == shown(Path(job.asked.unit)) or job.deaths >= MOST_DEATHS:
            self._tell(job, Ended())
        else:
            self._again(job)

    def _again(self, job: _Job) -> None:
        with self._changed:
            job.long = True
            if not self._closing:
                self._lanes.put(job)
                self._changed.notify_all()

    def _stands_back(self, n: int, job: _Job) -> bool:
        """Tell whether a file is to be given back: quick ones wait, all processes are busy with long ones, it began last."""
        with self._changed:
            if self._closing:
                return True
            now = time.monotonic()
            for each in self._busy.values():
                each.long = each.long or now - each.begun_at > PATIENCE_S
            every = len(self._busy) == len(self._threads) and all(each.long for each in self._busy.values())
            last = max(self._busy, key=lambda m: self._busy[m].begun_at) == n
            return bool(self._lanes.quick) and every and last

    def _tell(self, job: _Job, event: Event) -> None:
        with self._changed:
            if isinstance(event, Brought):
                job.told += 1
                self._held += event.size
                self._changed.wait_for(lambda: self._closing or self._held <= _HELD_MB * 1_000_000 or not self._found)
            self._found.append((job.number, event))
            self._changed.notify_all()


class _DiedError(AirshedError, RuntimeError):
    """A process that reads is gone; number: the signal that ended it, 0 where none did."""

    def __init__(self, code: int, words: str) -> None:
        self.number, self.words = max(-code, 0), words
        how = f"signal {self.number}" if self.number else f"code {code}"
        super().__init__(f"the process that read it died ({how})")


class _Process:
    """A process that reads, started when it is asked for something; served: how many files it was asked for."""

    def __init__(self, module: str, registry: bytes, scratch: Path) -> None:
        self.scratch = scratch
        self._module, self._registry = module, registry
        self.served = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._words: Any = None
        self._begun = bytearray()

    def ask(self, asked: Asked) -> None:
        """Ask for a file. Errors: OSError where no process can be started."""
        for _ in range(2):
            if self._process is None:
                self._start()
            try:
                self._send(json.dumps(asdict(asked)).encode())
                self.served += 1
                return
            except BrokenPipeError:
                self.end()
        raise OSError("the process that reads does not stay")

    def answer(self, wait_s: float) -> dict[str, Any] | None:
        """Give the next answer, None where none has come within wait_s [s]. What is logged there is logged here."""
        message = self._frame(wait_s)
        if message and message["kind"] == "log":
            logging.getLogger(str(message["name"])).log(int(message["level"]), "%s", _lines(str(message["text"])))
        return message

    def kill(self) -> None:
        """Let the process end at once; whoever waits for it is told."""
        if (process := self._process) is not None:
            process.kill()

    def end(self) -> None:
        """End the process at once, and clear what it has unpacked."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, self._words):
                stream.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _start(self) -> None:
        self.scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.served = 0
        self._words, self._begun = tempfile.TemporaryFile(), bytearray()  # noqa: SIM115 - closed by end
        self._process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-m", self._module], cwd=_ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self._words, bufsize=0,
            env={**ONE_THREAD, **os.environ, "TMPDIR": str(self.scratch)},
        )  # fmt: skip
        self._send(self._registry)
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            if (message := self._frame(_TICK_S)) is not None and message["kind"] == "ready":
                return
        self.end()
        raise OSError("the process that reads does not start")

    def _send(self, content: bytes) -> None:
        left = memoryview(frame(content))
        while left:
            left = left[self._process.stdin.write(left) :]

    def _frame(self, wait_s: float) -> dict[str, Any] | None:
        while (size := self._size()) is None or len(self._begun) < LENGTH.size + size:
            if not select.select([self._process.stdout], [], [], wait_s)[0]:
                return None
            chunk = os.read(self._process.stdout.fileno(), 1 << 20)
            if not chunk:
                raise _DiedError(self._process.wait(), self._last_words())
            self._begun += chunk
        content = bytes(self._begun[LENGTH.size : LENGTH.size + size])
        del self._begun[: LENGTH.size + size]
        message = json.loads(content)
        return message if isinstance(message, dict) else None

    def _size(self) -> int | None:
        if len(self._begun) < LENGTH.size:
            return None
        (size,) = LENGTH.unpack_from(self._begun)
        if size > _LONGEST_FRAME:
            self._process.kill()
            raise _DiedError(self._process.wait(), "it answered without end")
        return size

    def _last_words(self) -> str:
        size = self._words.seek(0, os.SEEK_END)
        self._words.seek(max(size - 2000, 0))
        return harmless(self._words.read().decode("utf-8", "replace"))


def _lines(text: str) -> str:
    """Give a text for the log: as many lines as it has, and in them no sign that does not print."""
    return "\n".join(harmless(line) for line in text.split("\n"))
