"""What a worker of the engine has in hand: a line that ends it twice, or does not come to an end, is refused by name.

The engine replaces a worker that died and gives it the same line again; without this it would do so until the job is given up.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pyflink.datastream.functions import RuntimeContext

from standards.errors import AirshedError
from streams.in_hand import ENGINE_RUN, HANDS, InHand

MOST_CPU_S = 180.0
"""How much of a processor one line may take [s]; a pause of the process, or waiting for the engine, is not counted."""
NAMED = 40
"""So much of a line stands in its name, before the digest of all of it."""


class EndedTwice(AirshedError, RuntimeError):
    """A line has ended the process that takes it twice."""


def hand_of(context: RuntimeContext, operator: str, archive: Path | None) -> InHand | None:
    """Give the note of one worker of an operator, below the data directory in which its archive lies; None without one."""
    if archive is None:
        return None
    name = f"{operator}-{context.get_index_of_this_subtask()}"
    return InHand(archive.parent / HANDS / name, os.environ.get(ENGINE_RUN, ""), turns=archive.parent / HANDS / "turns")


def named(line: str) -> str:
    """Name a line: its beginning, and a digest."""
    return f"{line[:NAMED]}~{hashlib.blake2b(line.encode('utf-8', 'surrogatepass'), digest_size=12).hexdigest()}"


def taken(
    hand: InHand | None, name: str, work: Callable[[], Iterator[Any]], refused: Callable[[Exception], Iterator[Any]]
) -> Iterator[Any]:
    """Do the work while its name is noted; give what refused gives where the name has ended this worker twice."""
    if hand is None:
        yield from work()
    elif hand.poison(name):
        yield from refused(EndedTwice("it ended the worker that takes it twice"))
    else:
        with hand.hold(name), processor_limit(MOST_CPU_S):
            yield from work()


@contextlib.contextmanager
def processor_limit(seconds: float) -> Iterator[None]:
    """End this process by SIGPROF where the block takes more of a processor [s]: an endless loop in a library hears nothing."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
