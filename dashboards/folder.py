"""The portal's own folder in the data directory: its secret, the pages made ahead, the files of open data, large answers."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import secrets
import time
from pathlib import Path

from standards.whole_files import write_whole

_LOG = logging.getLogger("airshed.portal")
SECRET, SHELF, FILES, SPOOL = "secret", "shelf", "files", "spool"
REPLACED = Path("run") / "portal.key-replaced"
"""Below the data directory: since when the key is another one, for it was damaged."""


def secret_in(folder: Path | None) -> str:
    """Give the key that signs what browsers hold, the same after every start; without a folder one for this process alone.

    The file is made with the rights of its owner alone (0600), whole or not at all, also when two processes start at once.
    One that holds no key of ours, for it was damaged, is replaced: who is signed in then signs in again.
    """
    if folder is None:
        return secrets.token_hex()
    folder.mkdir(parents=True, exist_ok=True)
    path, own = folder / SECRET, folder / f".{SECRET}-{os.getpid()}"
    if path.exists() and not _held(path):
        _LOG.warning("the portal's key %s is damaged and is made anew, who is signed in signs in again", path)
        path.unlink()
        _note_replaced(folder)
    if not path.exists():
        own.touch(mode=0o600)
        own.write_text(secrets.token_hex(), encoding="ascii")
        try:
            os.link(own, path)  # fails where another process was first: its key holds
        except FileExistsError:
            pass
        finally:
            own.unlink()
    return _held(path)


def _note_replaced(folder: Path) -> None:
    """Leave a note for whoever tells of it, where a platform runs in the data directory."""
    note = folder.parent / REPLACED
    with contextlib.suppress(OSError):
        if note.parent.is_dir():
            write_whole(note, json.dumps({"kind": "replaced", "since": time.time()}).encode("ascii"), synced=False)


def _held(path: Path) -> str:
    """Give the key that a file holds, "" where it is none."""
    text = path.read_text(encoding="ascii", errors="replace").strip()
    return text if re.fullmatch(r"[0-9a-f]{64}", text) else ""
