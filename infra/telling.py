"""How a command speaks while it works: steps with their seconds, what it meets in passing, what the platform lacks."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from infra.messages import language, say
from standards import logged
from standards.passwords import masked
from standards.shown import harmless

if TYPE_CHECKING:
    from infra.troubles import Trouble


def teller() -> Callable[..., None]:
    """Give what says a message with the seconds since now."""
    begun = time.monotonic()

    def tell(key: str, **values: object) -> None:
        # Who looks may have gone, and a log on a full disk takes no line: neither ends the platform.
        with contextlib.suppress(OSError):
            print(f"[{time.monotonic() - begun:6.1f} s] {masked(say(key, **values))}", flush=True)

    return tell


def tell_troubles(about: dict | None, noted: Iterable[Trouble] = ()) -> bool:
    """Say what the running platform has to do without, and what to do; tell whether there is anything.

    noted: damage that is told also where no platform runs.
    """
    from infra.troubles import said_of

    found = {"troubles": [each.as_plain() for each in noted]}
    lines = dict.fromkeys([*said_of(about, language()), *said_of(found, language())])
    for line in lines:
        print(harmless(line))
    return bool(lines)


def warn_in_words(lang: str) -> None:
    """Let what a command meets in passing be said on the error output in a language, and not as a raw line of a log."""

    def phrase(lang: str, told: str) -> str:
        from streams.store.reasons import told_in  # with it come the libraries of databases

        return told_in(lang, told)

    logged.warn({"AIRSHED_LANG": lang}, sys.stderr, phrase)
