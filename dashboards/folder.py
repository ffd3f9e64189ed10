"""The portal's own folder in the data directory: its secret, the pages made ahead, the files of open data, large answers."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

SECRET, SHELF, FILES, SPOOL = "secret", "shelf", "files", "spool"


def secret_in(folder: Path | None) -> str:
    """Give the key that signs what browsers hold, the same after every start; without a folder one for this process alone.

    The file is made with the rights of its owner alone (0600), whole or not at all, also when two processes start at once.
    """
    if folder is None:
        return secrets.token_hex()
    folder.mkdir(parents=True, exist_ok=True)
    path, own = folder / SECRET, folder / f".{SECRET}-{os.getpid()}"
    if not path.exists():
        own.touch(mode=0o600)
        own.write_text(secrets.token_hex(), encoding="ascii")
        try:
            os.link(own, path)  # fails where another process was first: its key holds
        except FileExistsError:
            pass
        finally:
            own.unlink()
    return path.read_text(encoding="ascii").strip()
