"""Work one request out: take it, tell its progress, hear whether it is to end, and keep the result or the reason."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import socket
import threading
import time
from collections.abc import Callable

import sqlalchemy as sa

from research.bench.kinds import MODULES, Cancelled, period_asked, working
from standards.errors import AirshedError
from streams.registry import Registry
from streams.store import begin_write
from streams.store import bench_requests as requests
from streams.store.bench_requests import Request
from streams.store.bench_results import Kept, found_again, keep, prune

_LOG = logging.getLogger("airshed.bench")
BEAT_S = 1.0
"""How often progress is written and a cancel is looked for [s]."""
GRACE_S = 5.0
"""A computation that has not looked up for so long after a cancel is ended with its process [s]."""
FAULT = "a fault of the program"


def runner_of(pid: int | None = None) -> str:
    """Name a process on this machine, as requests name who has them."""
    return f"{socket.gethostname()}:{os.getpid() if pid is None else pid}"


def now_utc() -> dt.datetime:
    """Give the moment, naive UTC."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


class Told:
    """How far the work is, written by a thread of its own, at most every BEAT_S, so that a long kernel does not silence it.

    stuck: called once GRACE_S after a cancel that the work has not heard.
    """

    def __init__(
        self, engine: sa.Engine, request: Request, runner: str, stuck: Callable[[], None] | None = None
    ) -> None:
        self._engine, self._request, self._runner, self._stuck = engine, request, runner, stuck
        self._progress, self._step, self._over, self.cancelled = 0.0, "", threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Told:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def __call__(self, progress: float, step: str) -> None:
        """Note the progress; raise Cancelled where the work is to end."""
        self._progress, self._step = progress, step
        if self.cancelled.is_set():
            raise Cancelled

    def _beat(self) -> None:
        parent, since = os.getppid(), None
        while not self._over.wait(BEAT_S):
            if os.getppid() != parent and self._stuck:
                os._exit(1)  # who started it is gone; the request is found silent and queued once more
            with contextlib.suppress(sa.exc.SQLAlchemyError):  # a store that is busy or away is told at the next beat
                with begin_write(self._engine) as connection:
                    going = requests.tell(
                        connection, self._request.id, self._runner, now_utc(), progress=self._progress, step=self._step
                    )
                if not going:
                    self.cancelled.set()
            if self.cancelled.is_set():
                since = since or time.monotonic()
                if self._stuck and time.monotonic() - since > GRACE_S:
                    self._stuck()


def work_one(
    engine: sa.Engine, registry: Registry, *, id: str | None = None, hard: bool = False, runner: str | None = None
) -> Request | None:
    """Take a request (the one named, or who waits the longest), work it out, and give it as it then stands.

    None where there was none to take. hard: this process is ended where a cancel is not heard. Raises errors of the store.
    """
    runner = runner or runner_of()
    with begin_write(engine) as connection:
        request = requests.take(connection, runner, now_utc(), id=id)
    if request is None:
        return None
    _LOG.info("%s of %s is worked out (%s)", request.kind, request.station, request.id)

    def stuck() -> None:
        _end(engine, request, runner, requests.CANCELLED)
        os._exit(0)

    try:
        with Told(engine, request, runner, stuck if hard else None) as tell:
            found = answered(engine, registry, request, tell)
        _keep(engine, request, runner, found)
    except Cancelled:
        _end(engine, request, runner, requests.CANCELLED)
    except AirshedError as error:
        _LOG.warning("%s of %s failed: %s", request.kind, request.station, error)
        _end(engine, request, runner, requests.FAILED, str(error))
    except sa.exc.SQLAlchemyError:
        raise
    except Exception as error:
        _LOG.exception("%s of %s failed for a fault of the program", request.kind, request.station)
        _end(engine, request, runner, requests.FAILED, f"{FAULT}: {type(error).__name__}: {error}")
    with engine.connect() as connection:
        return requests.request_named(connection, request.id)


def answered(engine: sa.Engine, registry: Registry, request: Request, tell: Told) -> Kept | str:
    """Give the result of a request, or the digest of the same one that is kept already."""
    if request.kind not in MODULES:
        raise AirshedError(f"nothing works out {request.kind} here, expected one of {', '.join(MODULES)}")
    tell(0.0, "read")
    module, question = working(request.kind), request.question
    inputs = module.read(engine, registry, question)
    settings = {name: value for name, value in question.items() if name not in ("station", "first", "last")}
    first_hour, last_hour = period_asked(question)
    kept = Kept(
        kind=request.kind, station=request.station, first_hour=first_hour, last_hour=last_hour,
        question=question, inputs=inputs.digest, settings=settings,
        software=module.SOFTWARE, simulated=inputs.simulated,
    )  # fmt: skip
    with begin_write(engine) as connection:
        if found_again(connection, kept.digest, now_utc()):
            return kept.digest
    began = time.process_time()
    content = module.work(question, inputs.data, tell)
    values = {name: getattr(kept, name) for name in Kept.__slots__ if name not in ("content", "cpu_s")}
    return Kept(**values, content=content, cpu_s=time.process_time() - began)


def _keep(engine: sa.Engine, request: Request, runner: str, found: Kept | str) -> None:
    with begin_write(engine) as connection:
        digest = found if isinstance(found, str) else keep(connection, found, now_utc())
        requests.end(connection, request.id, runner, requests.DONE, now_utc(), result=digest)
        prune(connection)
        requests.forget(connection, now_utc())


def _end(engine: sa.Engine, request: Request, runner: str, state: str, reason: str | None = None) -> None:
    with begin_write(engine) as connection:
        requests.end(connection, request.id, runner, state, now_utc(), reason=reason)
