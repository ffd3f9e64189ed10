"""Where compiled kernels are kept: a folder that can be written, is this user's alone, and belongs to one state of their source.

Numba looks at the file of a function alone, so a kernel whose callee in another file has changed would be taken from an old
cache. The folder is therefore named by a digest of all their files and of the versions that compile them. A file that does not
bear the digest with which it was written is damaged, and is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numba
from numba import njit
from numba.core import config
from numba.core.caching import IndexDataCacheFile

SEAL = ".sha256"


def cache_folder(name: str) -> Path | None:
    """Give a folder of kept things by its name, made where it is missing; None where none can be had that is this user's alone.

    AIRSHED_CACHE is the one place if it is told; else the user's cache (XDG_CACHE_HOME, ~/.cache) comes first, then the folder of
    temporary files.
    """
    if told := os.environ.get("AIRSHED_CACHE"):
        return _own(Path(told), name)
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    places = (Path(home) / "airshed", Path(tempfile.gettempdir()) / f"airshed-{os.getuid()}")
    return next((found for place in places if (found := _own(place, name))), None)


def kernel_folder(sources: Sequence[Path]) -> Path | None:
    """Give the folder of the kernels that some files hold; None where they cannot be kept."""
    mark = hashlib.sha256(f"{numba.__version__} {sys.version}".encode())
    for path in sources:
        mark.update(path.read_bytes())
    return cache_folder(f"kernels/{mark.hexdigest()[:16]}")


def compiler(sources: Sequence[Path], **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Give what compiles a kernel at its first call, without the interpreter's lock, and keeps it where kernels are kept.

    sources: all files that a kernel and its callees stand in. options: as numba.njit.
    """
    folder = kernel_folder(sources)

    def compiled(function: Callable[..., Any]) -> Any:
        if folder is None:
            return njit(nogil=True, **options)(function)
        before = config.CACHE_DIR
        config.CACHE_DIR = str(folder)
        try:
            kernel = njit(nogil=True, cache=True, **options)(function)
        finally:
            config.CACHE_DIR = before
        held = kernel._cache._cache_file
        kernel._cache._cache_file = _Sealed(held._cache_path, held._index_name.removesuffix(".nbi"), held._source_stamp)
        return kernel

    return compiled


def is_cold(sources: Sequence[Path]) -> bool:
    """Tell whether the kernels of some files are still to be compiled here."""
    folder = kernel_folder(sources)
    return folder is None or not any(folder.glob("**/*.nbc"))


class _Sealed(IndexDataCacheFile):
    """Numba's files of one kernel, each with the digest of its content beside it."""

    def _load_index(self) -> dict[Any, str]:
        return super()._load_index() if _whole(self._index_path) else {}

    def _load_data(self, name: str) -> Any:
        if not _whole(self._data_path(name)):
            raise FileNotFoundError(name)  # how numba is told to compile anew
        return super()._load_data(name)

    @contextlib.contextmanager
    def _open_for_write(self, filepath: str) -> Iterator[Any]:
        with super()._open_for_write(filepath) as file:
            yield file
        digest = hashlib.sha256(Path(filepath).read_bytes()).hexdigest()
        with super()._open_for_write(filepath + SEAL) as file:
            file.write(digest.encode())


def _whole(path: str) -> bool:
    try:
        return Path(path + SEAL).read_bytes() == hashlib.sha256(Path(path).read_bytes()).hexdigest().encode()
    except OSError:
        return False


def _own(base: Path, name: str) -> Path | None:
    """Give a folder below base that is this user's and that nobody else may write: what lies in it will be run."""
    folder = base / name
    try:
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
        below = [base, *(base.joinpath(*Path(name).parts[: n + 1]) for n in range(len(Path(name).parts)))]
        for each in below:
            each.mkdir(mode=0o700, exist_ok=True)
            held = each.stat()
            if held.st_uid != os.getuid() or held.st_mode & 0o022:
                return None
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None
