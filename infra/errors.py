"""From an exception to what a person reads and the exit code that a script sees."""

from __future__ import annotations

import errno
import os

import typer

from infra import usage
from infra.messages import language, say
from standards.errors import AirshedError
from standards.passwords import masked
from standards.whole_files import FULL
from streams.sources.files import printable

FAILED, USAGE, INTERNAL = 1, 2, 70
AGAIN = {"damaged": "remedy_store_damaged"}
"""The remedy of a store by its kind where it is no other for a command, which has ended, than for a platform, which goes on."""
LONGEST_SHOWN = 160
"""So much of a path is shown."""
SYSTEM = {
    errno.EACCES: "system_may_not", errno.EPERM: "system_may_not", errno.EROFS: "system_read_only",
    errno.ENOSPC: "system_full", errno.EDQUOT: "system_full", errno.ENOTDIR: "system_not_a_folder",
    errno.EEXIST: "system_not_a_folder", errno.EISDIR: "system_a_folder", errno.ENAMETOOLONG: "system_name_long",
    errno.ELOOP: "system_loop", errno.ENOENT: "system_gone",
}  # fmt: skip
"""What the system says of a path, and the message that says it with a remedy."""


def explain(error: BaseException) -> tuple[str, int]:
    """Give a message without a traceback, and the exit code: 1 for what a person can mend, 2 for wrong use, 70 for our own fault.

    The message is "" where all has been said.
    """
    from infra.running import AlreadyRunning

    if isinstance(error, AlreadyRunning):
        about = error.about
        told = {key: about.get(key, say("unknown")) for key in ("pid", "address")}
        return say("already_running", **told), FAILED
    if isinstance(error, typer.TyperException):
        words = masked(usage.in_words(error))
        return words and say("error", error=words), USAGE
    if isinstance(error, ModuleNotFoundError):
        return say("error", error=say("part_missing", name=error.name)), FAILED
    if words := store_in_words(error):
        return say("error", error=words), FAILED
    text = masked(in_words(error) or str(error)).strip() or type(error).__name__
    if _is_known(error):
        return say("error", error=_in_words(error, text)), FAILED
    return say("internal_error", error=f"{type(error).__name__}: {text}"), INTERNAL


def in_words(error: BaseException) -> str | None:
    """Say an error of the system with its path and what to do; None for any other, and for what has no words of ours."""
    if not isinstance(error, OSError):
        return None
    if error.errno == errno.ENOENT and error.filename is None:
        return say("system_no_folder")
    key = SYSTEM.get(error.errno or 0)
    # Of two paths the second is written: a copy, a link or a new name fails for want of room where it goes.
    path = error.filename2 if error.errno in FULL and error.filename2 is not None else error.filename
    if path is None and error.errno in FULL:
        return say("system_full_somewhere")
    where = "" if path is None else printable(os.fsdecode(path))
    return say(key, path=_short(where)) if key and where else None


def store_in_words(error: BaseException) -> str | None:
    """Say that the store cannot be used just now, and what to do before the command is given again; None for any other error.

    Never a password.
    """
    if type(error).__module__.partition(".")[0] not in ("sqlalchemy", "sqlite3"):
        return None
    from streams.store.absence import kind_of

    kind = kind_of(error)
    if kind is None:
        return None
    first = masked(str(getattr(error, "orig", error))).strip().partition("\n")[0]
    return say("store_not_usable", first=printable(first), remedy=say(AGAIN.get(kind, f"again_store_{kind}")))


def _short(path: str) -> str:
    return path if len(path) <= LONGEST_SHOWN else f"{path[:LONGEST_SHOWN]}…"


def _in_words(error: BaseException, text: str) -> str:
    """Give an error of ours in the language asked for; what the catalogue of reasons lacks stays in English."""
    if language() != "zh" or not isinstance(error, AirshedError):
        return text
    from streams.store.reasons import told_in

    return told_in("zh", text)


def _is_known(error: BaseException) -> bool:
    """Tell whether an exception was raised to be read by a person: our own, the system's and the database's."""
    # The database's are told by their module: not every command loads its library.
    return isinstance(error, AirshedError | OSError) or type(error).__module__.startswith("sqlalchemy.")
