"""The registry of a running platform: the user's files, or where they are garbled the last good copy of them, or the shipped ones.

People edit these files while the platform runs, and a process that is started again reads what stands there at that moment. So each
good reading is kept beside the files, outlines included, and is gone on with until a mistake is mended.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from pathlib import Path

from standards.whole_files import write_whole
from streams.registry import FILES, Registry, RegistryError, load
from streams.registry.outlines import read_outlines

LOG = logging.getLogger("airshed.registry")
KEPT = ".last-good"
"""The folder of the copy, inside the registry's own."""


def load_or_kept(folder: str | Path | None, *, speaks: bool = False) -> Registry:
    """Read a registry; where its files are garbled, read the copy of them that was good last, or the shipped registry.

    speaks: say so as an error; of the processes that read the same files one does, so that a mistake is told once.
    """
    if folder is None or not Path(folder).is_dir():
        return load(folder)
    folder = Path(folder)
    try:
        found = load(folder)
        if not _as_kept(folder):
            read_outlines(found.outlines_path)
            _keep(folder)
    except RegistryError as error:
        kept = (folder / KEPT).is_dir()
        if speaks and kept:
            LOG.error("the registry is garbled, going on with the last good copy of it: %s", error)
        elif speaks:
            LOG.error("the registry is garbled and was never good, going on with the shipped one: %s", error)
        return load(folder / KEPT if kept else None)
    # Outlines are read when they are first asked for: by then the user's file may be under work again.
    outlines = folder / KEPT / found.outlines_path.name
    return dataclasses.replace(found, outlines_path=outlines) if outlines.exists() else found


def registry_in_use(folder: str | Path | None) -> Registry:
    """Read, for a command, the registry that the platform goes on with; a garbled one is said and does not end the command."""
    return load_or_kept(folder, speaks=True)


def _as_kept(folder: Path) -> bool:
    return (folder / KEPT).is_dir() and all(_content(folder / n) == _content(folder / KEPT / n) for n in FILES)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _keep(folder: Path) -> None:
    # A folder that cannot be written keeps no copy; several processes that start at once write the same.
    with contextlib.suppress(OSError):
        (folder / KEPT).mkdir(exist_ok=True)
        for name in FILES:
            content = _content(folder / name)
            if content is None:
                (folder / KEPT / name).unlink(missing_ok=True)
                continue
            write_whole(folder / KEPT / name, content, synced=False)
