"""The terminal as it is found: names of files are UTF-8, what cannot be shown is written as \\u...., and Chinese gives way.

Standard library alone: it runs before the environment is made.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence

LANG = "AIRSHED_LANG"
SIGN = "中"
WITHOUT_CHINESE = ("linux",)
"""Kinds of terminals [TERM] whose font has no Chinese: the console of Linux itself."""
ERRORS = "backslashreplace"
"""No line ends a command because of a sign: it is written by its number, which tells more than a question mark."""


def prepare() -> None:
    """Go on under UTF-8 names of files, let no sign end the output, and choose English where Chinese cannot be shown."""
    if again := restart(sys.getfilesystemencoding(), sys.stdout.encoding, sys.orig_argv, os.environ):
        command, environment = again
        os.execve(sys.executable, command, environment)
    for stream in (sys.stdout, sys.stderr):
        soften(stream)
    if not os.environ.get(LANG) and not shows_chinese(sys.stdout, os.environ):
        os.environ[LANG] = "en"


def to_the_end(run: Callable[[], int]) -> int:
    """Run a command and give its exit code; where who reads its output has gone (`| head`), it ends without a word, code 1.

    What is still to be written is written here, for at the end of the program nobody could say so any more.
    """
    try:
        code = run()
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes once more: let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def restart(
    names: str, shown: str, command: Sequence[str], environment: Mapping[str, str]
) -> tuple[list[str], dict[str, str]] | None:
    """Give how to start this command again so that names of files are UTF-8; None where they are, or where that was tried.

    names, shown: encodings of names of files and of the output. The output keeps its own.
    """
    if names.lower().replace("-", "") == "utf8" or environment.get("PYTHONUTF8") == "1":
        return None
    said = environment.get("PYTHONIOENCODING") or shown
    return [sys.executable, *command[1:]], {**environment, "PYTHONUTF8": "1", "PYTHONIOENCODING": said}


def soften(stream: object) -> None:
    """Let a stream of text write what its encoding lacks by number."""
    if isinstance(stream, io.TextIOWrapper):
        with contextlib.suppress(ValueError):  # closed
            stream.reconfigure(errors=ERRORS)


def shows_chinese(stream: object, environment: Mapping[str, str]) -> bool:
    """Tell whether Chinese can be written to a stream, and seen where a person looks at it."""
    try:
        SIGN.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    isatty = getattr(stream, "isatty", lambda: False)
    return not (isatty() and environment.get("TERM") in WITHOUT_CHINESE)
