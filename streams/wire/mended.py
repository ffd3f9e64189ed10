"""Segments of a topic that were damaged and are whole again: noted beside them, so that who reads the topic reads them once more.

The note `.mended` holds a JSON object: by segment the moment [ms since 1970] at which it was found whole again. It goes with the
topic into a backup. Who has read a segment under one moment, or before there was any, has not read it under a later one.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path

NOTE = ".mended"


def mended_in(folder: Path) -> dict[str, int]:
    """Give by segment of a topic's folder the moment [ms since 1970] since which it is whole again; empty where none is noted.

    A note that is cut or is none says nothing: what was mended by then is mended again by whoever finds it.
    """
    try:
        told = json.loads((folder / NOTE).read_bytes())
    except (OSError, ValueError):
        return {}
    moments = told.items() if isinstance(told, dict) else ()
    return {name: moment for name, moment in moments if type(moment) is int and moment > 0}


def note_mended(folder: Path, segment: str, *, clock: Callable[[], float] = time.time) -> None:
    """Note that a segment is whole again, and forget those that are not there any more. Errors: OSError."""
    known = {name: moment for name, moment in mended_in(folder).items() if (folder / name).exists()}
    moment = max(int(clock() * 1000), known.get(segment, 0) + 1)  # also where the clock was set back
    draft = folder / f".tmp-{uuid.uuid4().hex}"
    try:
        with open(draft, "wb") as file:
            file.write(json.dumps(known | {segment: moment}, sort_keys=True).encode())
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, folder / NOTE)
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
