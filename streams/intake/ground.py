"""What lies below a watched folder, into which anybody may put anything: only regular files and folders below it count.

A link counts where it leads to such a file or folder, and not out of the ground. Pipes, sockets and devices are told by what the
folder says of them, and never opened.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from streams.sources.files import Identity, only

FILE, FOLDER = "file", "folder"
PIPE, SOCKET, DEVICE = "pipe", "socket", "device"
NOWHERE, OUTSIDE = "link to nothing", "link out"
DEEPEST = 64
"""Folders in one another that are looked into."""
WHY_NOT = {
    PIPE: "it is a pipe, and no file", SOCKET: "it is a socket, and no file", DEVICE: "it is a device, and no file",
    NOWHERE: "it is a link that leads to nothing", OUTSIDE: "the link leads out of the folder; put the file itself here",
}  # fmt: skip
"""Why what lies there is neither read nor looked into."""
TOO_DEEP = f"the folder lies more than {DEEPEST} folders deep"
_KINDS = (
    (stat.S_ISREG, FILE),
    (stat.S_ISDIR, FOLDER),
    (stat.S_ISFIFO, PIPE),
    (stat.S_ISSOCK, SOCKET),
    (stat.S_ISLNK, NOWHERE),
)
_FOLDER_ONLY = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Ground:
    """The folders (or single files) that are watched or read, whatever links lead to them themselves."""

    def __init__(self, roots: Sequence[str | Path]) -> None:
        self._roots = [os.fspath(root) for root in roots]

    def real_roots(self) -> tuple[str, ...]:
        """Give where they lie in truth, which may change with the links that lead to them."""
        return tuple(os.path.realpath(root) for root in self._roots)

    def kind_of(self, entry: os.DirEntry[str]) -> str:
        """Tell what an entry of a folder is: FILE or FOLDER, or one of WHY_NOT."""
        try:  # suppress() would take half the time of listing a large folder
            if entry.is_file(follow_symlinks=False):
                return FILE
            if entry.is_dir(follow_symlinks=False):
                return FOLDER
            if entry.is_symlink():
                return self._kind_of_link(entry.path)
            return _kind_of(entry.stat(follow_symlinks=False).st_mode)
        except OSError:
            return NOWHERE

    def _kind_of_link(self, path: str) -> str:
        real = os.path.realpath(path)
        if not below(real, self.real_roots()):
            return OUTSIDE
        try:
            return _kind_of(os.lstat(real).st_mode)
        except OSError:
            return NOWHERE


def below(path: str, roots: Sequence[str]) -> bool:
    """Tell whether a real path is one of the roots or lies below one."""
    return any(path == root or path.startswith(root.rstrip("/") + "/") for root in roots)


def kind_at(path: str | Path) -> str:
    """Tell what lies at a path that a person has named, whatever links lead there."""
    try:
        return _kind_of(os.stat(path).st_mode)
    except OSError:
        return NOWHERE


@contextlib.contextmanager
def held(files: Sequence[Path], roots: Sequence[str], *, beside: Sequence[Path] = ()) -> Iterator[None]:
    """Hold some files while they are read, and let no others be read under their names.

    Each is opened folder by folder from its root without following a link, so that nobody can lead the way out of the ground
    between a look and the reading. roots: real paths. beside: files that may be read with them, where there are such. Errors:
    OSError where one is not below the roots, or is not a regular file.
    """
    with contextlib.ExitStack() as opened:
        found = {_identity(os.path.realpath(file), roots, opened) for file in files}
        for file in beside:
            with contextlib.suppress(OSError):
                found.add(_identity(os.path.realpath(file), roots, opened))
        opened.enter_context(only(found))
        yield
        for file in files:
            _require_same(file, found)


def _identity(real: str, roots: Sequence[str], opened: contextlib.ExitStack) -> Identity:
    root = next((root for root in roots if below(real, (root,))), None)
    if root is None:
        raise OSError(WHY_NOT[OUTSIDE])
    *folders, name = os.path.relpath(real, os.path.dirname(root)).split(os.sep)
    at = _held(os.open(os.path.dirname(root), _FOLDER_ONLY & ~os.O_NOFOLLOW), opened)
    for folder in folders:
        at = _held(os.open(folder, _FOLDER_ONLY, dir_fd=at), opened)
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    state = os.fstat(_held(os.open(name, flags, dir_fd=at), opened))
    if not stat.S_ISREG(state.st_mode):
        raise OSError(f"it has become something else than a file: {_kind_of(state.st_mode)}")
    return state.st_dev, state.st_ino


def _require_same(file: Path, found: set[Identity]) -> None:
    # A library that opens files by their names goes by no door of ours.
    state = os.stat(file)
    if (state.st_dev, state.st_ino) not in found:
        raise OSError("another file has taken its place while it was read")


def _held(handle: int, opened: contextlib.ExitStack) -> int:
    opened.callback(os.close, handle)
    return handle


def _kind_of(mode: int) -> str:
    return next((kind for is_kind, kind in _KINDS if is_kind(mode)), DEVICE)
