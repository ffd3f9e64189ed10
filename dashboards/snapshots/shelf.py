"""Where pages that were made ahead lie: a folder for each data version, renamed into place, and the name of the present one."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from standards.whole_files import write_whole

STATE = "current"
KEPT = 3
"""Versions that stay: a slow viewer still asks for what was new when it heard of it."""
ENDINGS = {"br": ".br", "gzip": ".gz", "": ""}
MAKING = ".making-"
ABANDONED_S = 600.0
"""A folder that is being made is not of a press at work after so long."""
SAME_S = 0.25
"""The state is not read more often than this."""


def coding_of(accepted: str) -> str:
    """Give the smallest coding that a browser accepts ("gzip, br;q=0": gzip), "" for none (RFC 9110, 12.5.3)."""
    weights = dict(iter(parse_accept_header(accepted.lower(), Accept)))
    return next((each for each in ("br", "gzip") if weights.get(each, weights.get("*", 0)) > 0), "")


@dataclass(frozen=True)
class Body:
    """What is sent: raw bytes and the same compressed, by content coding."""

    raw: bytes
    br: bytes
    gzip: bytes

    def best(self, accepted: str) -> tuple[bytes, str]:
        """Give the smallest form that a browser accepts ("gzip, br"), and its coding ("" for none)."""
        coding = coding_of(accepted)
        return getattr(self, coding or "raw"), coding

    @property
    def tag(self) -> str:
        """Give a digest of the content."""
        return hashlib.sha256(self.raw).hexdigest()[:16]


def body_of(text: str, quality: int) -> Body:
    """Compress a text. quality: of brotli, 5 for what is asked for now, 10 for what many will read."""
    raw = text.encode()
    return Body(raw, brotli.compress(raw, quality=quality), gzip.compress(raw, 6, mtime=0))


@dataclass(frozen=True)
class State:
    """What the press said last: the present version, what keeps the store from being read, when it looked [s since 1970]."""

    version: str
    trouble: str
    looked_at: float
    release: str


class Shelf:
    """The folder, for the one process that makes pages and for those that serve them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._state: State | None = None
        self._read_at = -1e9

    def put(self, version: str, bodies: Mapping[str, Body]) -> None:
        """Lay down a version whole; names are addresses, which become digests, so no address can lead out of the folder.

        Several may lay down the same version at once: what they make is the same, and the last one stays. Raises OSError
        where there is no room; nothing half made stays behind then.
        """
        place = self.folder / version
        self.folder.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=MAKING, dir=self.folder))
        try:
            for name, body in bodies.items():
                for coding, ending in ENDINGS.items():
                    (making / (_file(name) + ending)).write_bytes(getattr(body, coding or "raw"))
            making.chmod(0o755)
            _exchange(making, place)
        finally:
            shutil.rmtree(making, ignore_errors=True)

    def say(self, state: State) -> None:
        """Tell which version is the present one; older ones leave beyond KEPT, and what a killed press left half made."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / STATE, json.dumps(state.__dict__).encode("ascii"), synced=False)
        folders = sorted(((_made_at(p), p) for p in self.folder.iterdir() if p.is_dir()), reverse=True)
        versions = [p for _, p in folders if not p.name.startswith(".") and p.name != state.version]
        left = [p for at, p in folders if p.name.startswith(".") and abs(time.time() - at) > ABANDONED_S]
        for path in [*versions[KEPT - 1 :], *left]:
            shutil.rmtree(path, ignore_errors=True)

    def has(self, version: str) -> bool:
        """Tell whether a version lies there."""
        return (self.folder / version).is_dir()

    def state(self) -> State | None:
        """Give what the press said last, None where it never spoke."""
        if time.monotonic() - self._read_at > SAME_S:
            try:
                self._state = _state_of(json.loads((self.folder / STATE).read_text(encoding="ascii")))
            except (OSError, ValueError, TypeError):
                self._state = None
            self._read_at = time.monotonic()
        return self._state

    def get(self, version: str, name: str) -> Body | None:
        """Give what was made for an address in a version, None where nothing was or the version has left."""
        if not version.isalnum():
            return None
        base = self.folder / version / _file(name)
        try:
            return Body(base.read_bytes(), *(base.with_suffix(end).read_bytes() for end in (".br", ".gz")))
        except OSError:
            return None


def _state_of(said: dict[str, Any]) -> State:
    """Read what a press said; TypeError where it is of another form (an older release, a damaged disk)."""
    state = State(**said)
    texts = (state.version, state.trouble, state.release)
    if not all(isinstance(text, str) for text in texts) or not isinstance(state.looked_at, int | float):
        raise TypeError("the state of the press is of another form")
    return state


def _exchange(making: Path, place: Path) -> None:
    for _ in range(3):  # another press may lay down the same version between the two steps
        shutil.rmtree(place, ignore_errors=True)
        try:
            making.rename(place)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        else:
            return


def _made_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # another press took it away
        return 0.0


def _file(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]
