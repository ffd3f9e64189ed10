"""Damage that was noted and is not mended: a garbled registry, a portal's key that was replaced, what `airshed check` found.

Each is a trouble of the platform's card while it runs; `airshed health` asks the same also where nothing runs.
"""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Collection, Mapping
from pathlib import Path

from infra.datadir import DataDirectory
from infra.own_registry import FILES, garbled_registry
from infra.troubles import FOUND, KEY, REGISTRY, Trouble
from standards.whole_files import write_whole

LARGEST_NOTE = 4096
KEY_TOLD_S = 86_400.0
"""So long [s] it is told that the portal's key was replaced."""


def noted(data: DataDirectory, now: float) -> list[Trouble]:
    """Give what was noted of a data directory and is not mended. now [epoch s]."""
    return [*filter(None, (_registry(data), _key(data, now))), *_found(data)]


def note_of(path: Path, kind: str) -> Trouble | None:
    """Read what a program has noted of a trouble (streams.store.absence, streams.pipeline.set_back); None where it says nothing."""
    said = _read(path)
    try:
        return Trouble(kind, str(said["kind"]), float(said["since"]))
    except (ValueError, TypeError, KeyError):
        return None


def note_check(
    data: DataDirectory, counts: Mapping[str, int], undone: Collection[str], *, store: str, deep: bool
) -> None:
    """Note what a check found damaged: how many faults by part; a part that was not looked at stays as it was.

    store: the part of which a deep check sees more: what one found stays until a deep one finds nothing. Nothing is noted where
    the folder cannot be written: the check itself has said it.
    """
    before, deeply = _parts(data), _read(data.check_found).get("deep") is True
    kept = {part: found for part, found in before.items() if part in undone or (part == store and deeply and not deep)}
    at = time.time()
    now = kept | {part: (count, before.get(part, (0, at))[1]) for part, count in counts.items() if count}
    said = {"parts": now, "deep": store in now and (deep or deeply)}
    try:
        if now and data.root.is_dir():
            data.run.mkdir(exist_ok=True)
            write_whole(data.check_found, json.dumps(said).encode("ascii"), synced=False)
        elif not now:
            data.check_found.unlink(missing_ok=True)
    except OSError:
        return


def _registry(data: DataDirectory) -> Trouble | None:
    folder = data.own_registry
    if folder is None:
        return None
    found = [path.stat() for name in FILES if (path := folder / name).exists()]
    stamp = tuple((each.st_ctime_ns, each.st_size) for each in found)
    garbled = _garbled(folder, stamp)
    since = max((each.st_ctime for each in found), default=0.0)
    return Trouble(REGISTRY, "garbled", since, (("error", garbled),)) if garbled else None


@functools.lru_cache(maxsize=1)
def _garbled(folder: Path, _stamp: tuple) -> str:
    """Read the files when they changed, and not at every look."""
    return garbled_registry(folder)


def _key(data: DataDirectory, now: float) -> Trouble | None:
    found = note_of(data.key_replaced, KEY)
    return found if found and abs(now - found.since) <= KEY_TOLD_S else None


def _found(data: DataDirectory) -> list[Trouble]:
    """Give a trouble for each part that a check found damaged, with the moment at which it was found so."""
    return [Trouble(FOUND, part, since, (("count", str(count)),)) for part, (count, since) in _parts(data).items()]


def _parts(data: DataDirectory) -> dict[str, tuple[int, float]]:
    """Read how many faults each part has, and since when [epoch s]; a note that was written with one moment for all counts too."""
    said = _read(data.check_found)
    parts = said.get("parts")
    found = {}
    for part, told in parts.items() if isinstance(parts, dict) else ():
        match told if isinstance(told, list) else [told, said.get("since")]:
            case [int(count), int() | float() as since] if count > 0:
                found[part] = count, float(since)
    return found


def _read(path: Path) -> dict:
    """Read a note; an empty one where there is none or it is garbled."""
    try:
        said = json.loads(path.read_bytes()[:LARGEST_NOTE])
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
