"""One process feeds a store at a time: it holds the store's row `feeding`, and each of its transactions proves that it still does.

No clock is compared. On the machine of the holder its process tells whether it lives; from another one a newcomer watches for
longer than the holder needs for a beat. Whoever was paused and came back finds another turn in the row and writes nothing more.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from standards.errors import AirshedError
from streams.store.connect import begin_write
from streams.store.feeders import admit, require_known
from streams.store.identity import DIGITS, Identity
from streams.store.schema import feeding
from streams.wire.stamps import last_stamp

BEAT_S, WATCH_S = 5.0, 12.0
"""How often a holder shows that it lives, and how long a newcomer on another machine watches for it [s]."""
PROC = Path("/proc")


class FedElsewhere(AirshedError, RuntimeError):
    """Another process feeds the store now; the message says which and where."""


class LeaseLost(AirshedError, RuntimeError):
    """Another process has begun to feed the store since; nothing more may be written."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process that can be told from every other one: born is when it began, by its machine's own count."""

    host: str
    machine: str
    pid: int
    born: str

    @classmethod
    def own(cls) -> Process:
        """Give this process."""
        return cls(socket.gethostname()[:255], machine(), os.getpid(), born(os.getpid()) or "")

    def lives(self) -> bool | None:
        """Tell whether it lives; None where that cannot be seen from here."""
        if not self.machine or self.machine != machine():
            return None
        found = born(self.pid)
        return None if found == "" else found is not None and found == self.born


@dataclass(slots=True)
class Lease:
    """The right to write into a store, as long as its turn stands in the store. root: the data directory that feeds it."""

    engine: sa.Engine
    turn: str
    root: Path
    even: Callable[[], float] = time.monotonic
    beaten: float = field(default=0.0)

    def prove(self, connection: sa.Connection) -> None:
        """Show in a transaction that writes that this process feeds the store, a beat too; raise LeaseLost where it does not."""
        mine = (feeding.c.turn == self.turn) & feeding.c.held
        # Versions count up from stamps: who feeds the store next begins above them.
        seen = {"beats": feeding.c.beats + 1, "stamp": last_stamp(self.root)}
        done = connection.execute(sa.update(feeding).where(mine).values(seen))
        if not done.rowcount:
            raise LeaseLost(
                "another process has begun to feed the store: this one writes nothing more, and what it had not stored yet waits "
                "in its topics"
            )
        self.beaten = self.even()

    def beat(self) -> None:
        """Show that this process lives, at most every BEAT_S."""
        if self.even() - self.beaten >= BEAT_S:
            with begin_write(self.engine) as connection:
                self.prove(connection)

    def release(self) -> None:
        """Let go, so that the next one need not ask whether this process lives."""
        with begin_write(self.engine) as connection:
            connection.execute(sa.update(feeding).where(feeding.c.turn == self.turn).values(held=False))


def take(engine: sa.Engine, identity: Identity, *, sleep: Callable[[float], None] = time.sleep) -> Lease:
    """Begin to feed a store from a data directory.

    Raises StrangerError where the store is another directory's, FedElsewhere where another process that lives feeds it.
    """
    seen = require_free(engine, sleep=sleep)
    admit(engine, identity)
    turn, own = secrets.token_hex(DIGITS // 2), Process.own()
    identity.note(turn)
    with begin_write(engine) as connection:
        row = connection.execute(sa.select(feeding).with_for_update()).one()
        if row.held and row.beats != seen:  # another one was quicker
            raise _fed(row)
        require_known(connection, identity)
        values = {"host": own.host, "machine": own.machine, "pid": own.pid, "born": own.born}
        connection.execute(sa.update(feeding).values(turn=turn, held=True, beats=row.beats + 1, **values))
    return Lease(engine, turn, identity.root)


def require_free(engine: sa.Engine, *, sleep: Callable[[float], None] = time.sleep) -> int:
    """See that no process that lives feeds a store; give how often the last one had beaten.

    Waits WATCH_S where that one was on another machine and has not let go. Raises FedElsewhere where it lives. A store whose schema
    knows no processes is free.
    """
    row = _holder(engine)
    if row is None or not row.held:
        return 0 if row is None else row.beats
    alive = Process(row.host, row.machine, row.pid, row.born).lives()
    if alive is None:
        sleep(WATCH_S)
        after = _holder(engine)
        alive = after is not None and after.held and (after.turn, after.beats) != (row.turn, row.beats)
    if alive:
        raise _fed(row)
    return row.beats


def machine() -> str:
    """Give what two processes share where one sees the other by its pid, a start and a space of pids; "" where not told."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {os.readlink(PROC / 'self/ns/pid')}"[:100]
    except OSError:
        return ""


def born(pid: int) -> str | None:
    """Give when a process began, in ticks of its machine; None where it has ended, "" where not told.

    Source: proc_pid_stat(5), field 22.
    """
    if not (PROC / "self/stat").exists():
        return ""
    try:
        # The name in brackets may hold blanks and brackets: fields are counted behind the last one.
        state, *rest = (PROC / f"{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (OSError, ValueError):
        return None
    return None if state in ("Z", "X") else rest[18]


def _holder(engine: sa.Engine) -> sa.Row | None:
    with engine.connect() as connection:
        known = sa.inspect(connection).has_table(feeding.name)
        return connection.execute(sa.select(feeding)).first() if known else None


def _fed(row: sa.Row) -> FedElsewhere:
    return FedElsewhere(
        f"the store is being fed by process {row.pid} on {row.host} now: stop that one (airshed stop), or give this one a store of "
        f"its own (--store)"
    )
