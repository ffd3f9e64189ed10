"""A password that was given on the command line: out of the list of processes, which is open to everyone on the machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from standards.passwords import masked

STORE, OPTION = "AIRSHED_STORE", "--store"


def without_password(arguments: Sequence[str]) -> tuple[list[str], str | None]:
    """Give arguments without a store whose address has a password, and that address; None where there is none."""
    left, found, at = [], None, 0
    while at < len(arguments):
        name, has_value, value = arguments[at].partition("=")
        width = 1
        if name == OPTION and not has_value and at + 1 < len(arguments):
            value, width = arguments[at + 1], 2
        if name == OPTION and masked(value) != value:
            found = value
        else:
            left += arguments[at : at + width]
        at += width
    return left, found


def start_unlisted() -> None:
    """Start this program anew with such an address in its environment; return where there is none."""
    left, store = without_password(sys.orig_argv[1:])
    if store is not None:
        os.execve(sys.executable, [sys.executable, *left], {**os.environ, STORE: store})
