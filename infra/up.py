"""`airshed up`: the whole platform on this machine, watched, with a line for each thing a person wants to know."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace

import sqlalchemy as sa

from infra import closing, health, orphans, ports, programs
from infra.children import tail
from infra.clock_told import ClockTold
from infra.datadir import DataDirectory
from infra.errors import in_words
from infra.feeding import let_in, open_own, require_office_place, require_welcome
from infra.messages import language, say
from infra.retract import finish_begun
from infra.running import announce, only_one
from infra.supervisor import Supervisor, Tell
from infra.trouble_told import TroubleTold
from infra.troubles import STORE, Trouble
from standards.errors import AirshedError
from standards.passwords import masked
from streams.intake.own import own_since
from streams.store.absence import kind_of
from streams.store.connect import StoreError

LOOK_EVERY_S = 1.0
START_WAIT_S = 5.0
"""How long a start waits for another program's lock on the store [s] before it goes on without it."""
PAST_EVERY_S = 30.0
"""How often the terminal is told how far the history is."""


class NoPort(AirshedError, RuntimeError):
    """No port is free for the pages."""


def up(data: DataDirectory, store: str, *, port: int, intake: programs.Intake, tell: Tell) -> int:
    """Run the platform until a signal, then give 0; raise AlreadyRunning where one runs, and what makes the start impossible.

    A store that is away is waited for: everything starts, and what needs it says so until it is there.
    """
    closing.see_to_it(tell)
    require_welcome(data, store, wait_s=START_WAIT_S)  # before anything is laid down
    require_office_place(data, store)
    data.create()
    with only_one(data):
        tell("data_directory", folder=data.root, store=masked(store))
        if count := orphans.sweep(f"{data.root}#"):
            tell("swept", count=count)
        if intake.sample:
            tell("reading_sample")
        if intake.demo:
            prepare_demo(data, tell)
        if finish_begun(data):
            tell("retract_finished")
        intake = with_history(data, intake, tell)
        port = free_port(port, tell)
        tell("upgrading_store")
        open_for(data, store, tell)
        announce_models(data, tell)
        supervisor = Supervisor(
            programs.platform(data, store, port, intake), data.logs,
            mark=str(data.root), tell=tell, environment=programs.environment(data),
        )  # fmt: skip
        clock = ClockTold(data.run / "clock", tell)
        clock.write()
        troubles = TroubleTold(data, supervisor, tell)
        with contextlib.closing(
            Milestones(store, port, data, supervisor, tell, history=intake.history, troubles=troubles.look)
        ) as milestones:
            return supervisor.run(lambda: (milestones.look(), clock.look()))


def open_for(data: DataDirectory, store: str, tell: Tell) -> None:
    """Let this directory feed the store, at the newest schema; raise, in words and before anything is changed, where it may not.

    One that is away is told, and left to the program that stores, which waits for it and asks the same.
    """
    try:
        engine = open_own(data, store, wait_s=START_WAIT_S)
        try:
            let_in(data, engine, tell)
        finally:
            engine.dispose()
    except Exception as error:
        kind = kind_of(error)
        if kind is None or kind == "damaged":
            raise
        absent = Trouble(STORE, kind, time.time())
        tell("trouble", words=absent.words(language()), remedy=absent.remedy(language()))


def with_history(data: DataDirectory, intake: programs.Intake, tell: Tell) -> programs.Intake:
    """Say whether the demo's past is brought, and give the intake without it where there are data of the user's own."""
    if not (intake.history and intake.demo):
        return replace(intake, history=False)
    if own_since(data.root) is not None:
        tell("no_history")
        return replace(intake, history=False)
    tell("bringing_history")
    return intake


def announce_models(data: DataDirectory, tell: Tell) -> None:
    """Tell the job of the models that serve: its state may be new, or a notice may have been cut off.

    A registry that cannot be read costs the models alone, and is told.
    """
    from ml.registry.announcing import announce_all
    from ml.registry.errors import RegistryError

    if programs.scorers() != programs.REGISTRY_OF_MODELS:
        return
    try:
        names = announce_all(data.models, data.topics)
    except RegistryError as error:
        tell("models_damaged", error=error)
        return
    if names:
        tell("models_serve", names=", ".join(names))


def prepare_demo(data: DataDirectory, tell: Tell) -> None:
    """Lay down what the processes need of the demo at their start; raise NoDemo where that fails."""
    tell("starting_demo", folder=data.simulated)
    log = data.log_of("simulation")
    with log.open("ab") as output:
        done = subprocess.run(
            programs.preparing_demo(data), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env=programs.environment(data), check=False,
        )  # fmt: skip
    if done.returncode:
        raise NoDemo(say("no_demo", log=log, tail=tail(log)))


def free_port(port: int, tell: Tell) -> int:
    """Give the port asked for, or the next free one and say who holds it; raise NoPort where none is near or allowed."""
    if ports.is_forbidden(port):
        raise NoPort(say("low_port", port=port, least=ports.PRIVILEGED))
    found = ports.next_free(port)
    if found is None:
        raise NoPort(say("no_port", port=port))
    if found != port:
        tell("port_taken", port=port, holder=ports.holder(port), other=found)
    return found


class NoDemo(AirshedError, RuntimeError):
    """The virtual airshed cannot be prepared."""


class Milestones:
    """Says once each that the pages answer and that the first AQI is stored; keeps the platform's card up to date.

    history: whether to say how far the demo's past is.
    """

    def __init__(
        self, store: str, port: int, data: DataDirectory, supervisor: Supervisor, tell: Tell, *,
        history: bool = False, troubles: Callable[[], list[Trouble]] = list,
    ) -> None:  # fmt: skip
        self.store, self.port, self.data, self.supervisor, self.tell = store, port, data, supervisor, tell
        self.begun, self.next_look = time.monotonic(), 0.0
        self.since = dt.datetime.now().astimezone().isoformat(timespec="seconds")
        self.engine: sa.Engine | None = None
        self.troubles = troubles
        self.announced: dict[str, object] = {}
        self.note_failed = False
        self.told_at, self.told_past = 0.0, None
        self.waiting: list[Callable[[], bool]] = [self._pages]
        if history:
            self.waiting.append(self._history)
        if not self._has_aqi():
            self.waiting.append(self._first_aqi)

    def look(self) -> None:
        """Look once a second at what has not happened yet."""
        if time.monotonic() < self.next_look:
            return
        self.next_look = time.monotonic() + LOOK_EVERY_S
        self._announce()
        self.waiting = [seen for seen in self.waiting if not seen()]

    def close(self) -> None:
        """Let go of the store."""
        if self.engine is not None:
            self.engine.dispose()

    def _store(self) -> sa.Engine:
        """Open the store when it is asked for first; raises while it is away."""
        if self.engine is None:
            self.engine = health.engine_for(self.store)
        return self.engine

    def _has_aqi(self) -> bool:
        with contextlib.suppress(sa.exc.SQLAlchemyError, StoreError):  # a busy or restarting database: look again
            return health.has_aqi(self._store())
        return False

    def _pages(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex((ports.LOOPBACK, self.port)):
                return False
        self.tell("portal_ready", port=self.port)
        if self._first_aqi in self.waiting:
            self.tell("waiting_for_data", inbox=self.data.inbox)
        return True

    def _first_aqi(self) -> bool:
        if self._has_aqi():
            self.tell("first_aqi", seconds=f"{time.monotonic() - self.begun:.1f}")
            return True
        return False

    def _history(self) -> bool:
        """Tell of the past at most every PAST_EVERY_S, and when all that was measured, and all, is in; then no more."""
        with contextlib.suppress(sa.exc.SQLAlchemyError, StoreError):
            past = health.read_past(self._store())
            if past is None or not (past.observed or past.ended):
                return False
            words = health.past_words(past)
            turn = past.of_forecasts and self.told_past is not None and not self.told_past.of_forecasts
            if words and (turn or past.next is None or time.monotonic() - self.told_at >= PAST_EVERY_S):
                self.told_at, self.told_past = time.monotonic(), past
                self.tell(words[0], **words[1])
            return past.next is None
        return False

    def _announce(self) -> None:
        about = {
            "pid": os.getpid(), "address": address(self.port), "since": self.since, "store": masked(self.store),
            "processes": self.supervisor.pids(), "troubles": [each.as_plain() for each in self.troubles()],
        }  # fmt: skip
        if about == self.announced:
            return
        try:
            announce(self.data, about)
        except (
            OSError
        ) as error:  # a full disk must not end what watches over the others: it is tried again at the next look
            if not self.note_failed:
                self.tell("note_not_written", error=in_words(error) or str(error))
            self.note_failed = True
            return
        if self.note_failed:
            self.tell("note_written_again")
        self.announced, self.note_failed = about, False


def address(port: int) -> str:
    """Write the address of the pages."""
    return f"http://{ports.LOOPBACK}:{port}/"
