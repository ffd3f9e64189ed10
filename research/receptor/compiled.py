"""Where compiled kernels are kept: a folder that can be written, of its own for each state of the kernels' source.

Numba looks at the file of a function alone, so a kernel whose callee in another file has changed would be taken from an old
cache. The folder is therefore named by a digest of all kernels and of the versions that compile them.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba import njit
from numba.core import config

_HERE = Path(__file__).parent
KERNELS = ("compiled.py", "lanes.py", "rows.py", "kernels.py")
"""The files whose content a compiled kernel depends on."""
_LOOSE = {"contract", "reassoc", "nsz"}
"""Sums may be taken in another order, which makes them vectors; what is not finite is not assumed away."""


@cache
def kernel_folder() -> Path | None:
    """Give the folder of the compiled kernels, made where it is missing; None where none can be had that is this user's alone.

    The user's cache (XDG_CACHE_HOME, ~/.cache) comes first, then the folder of temporary files.
    """
    mark = hashlib.sha256(f"{numba.__version__} {sys.version}".encode())
    for name in KERNELS:
        mark.update((_HERE / name).read_bytes())
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    places = (Path(home) / "airshed", Path(tempfile.gettempdir()) / f"airshed-{os.getuid()}")
    return next((found for place in places if (found := _own(place / "kernels" / mark.hexdigest()[:16]))), None)


def _own(folder: Path) -> Path | None:
    """Give a folder that is this user's and that nobody else may write: what lies in it will be run."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for each in (folder, folder.parent, folder.parent.parent):
            held = each.stat()
            if held.st_uid != os.getuid() or held.st_mode & 0o022:
                return None
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a kernel at its first call, without the interpreter's lock, and keep it where kernels are kept."""
    folder = kernel_folder()
    if folder is None:
        return njit(nogil=True, fastmath=_LOOSE)(function)
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        return njit(nogil=True, fastmath=_LOOSE, cache=True)(function)
    finally:
        config.CACHE_DIR = before
