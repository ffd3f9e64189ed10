"""Which data directory this is: a random name made once, and the turns in which it fed a store.

    DATA/identity/identity.toml   the name, with what it means written beside it
    DATA/identity/turns           one line for each time that a process of this directory began to feed a store

The name goes with the directory wherever it is moved, and a copy of the directory has it too. The turns tell a copy from the
directory that went on: a store remembers the last turn in which it was fed, and who does not know that turn has missed what came
with it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path

from standards.errors import AirshedError
from streams.wire.stamps import next_stamp

FOLDER, NAME, TURNS = "identity", "identity.toml", "turns"
DIGITS = 32
_MEANING = """\
# 这个文件说明本数据目录是哪一个。数据库记住由哪个数据目录供数，别的目录不能覆盖它。
# 请勿改动或删除；移动或备份数据目录时，本文件随之一起。两台机器不可同时使用同一目录的两份拷贝。
# This file says which data directory this is. A store remembers which one feeds it, and takes nothing from another one.
# Leave it as it is. It goes along when the directory is moved or backed up. Two copies of one directory must not run at once.
# docs/stores.md

"""


class IdentityError(AirshedError, ValueError):
    """The file that says which data directory this is cannot be understood; the message names it and the remedy."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A data directory by its name; root: where it lies now."""

    name: str
    root: Path

    def knows(self, turn: str) -> bool:
        """Tell whether a turn was taken by this directory, and not by a copy of it that went on elsewhere."""
        return turn in {line.split()[0] for line in self._turns() if line.strip()}

    def note(self, turn: str) -> None:
        """Write a turn down, forced to disk: the directory knows it before any store does."""
        path = self.root / FOLDER / TURNS
        now = f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
        with path.open("a", encoding="ascii") as file:
            file.write(f"{turn} {now} pid {os.getpid()}\n")
            file.flush()
            os.fsync(file.fileno())

    def _turns(self) -> list[str]:
        try:
            return (self.root / FOLDER / TURNS).read_text(encoding="ascii", errors="replace").splitlines()
        except FileNotFoundError:
            return []


def identity_of(root: Path) -> Identity:
    """Give the identity of a data directory, made now where it has none; two processes that make it at once agree.

    Raises IdentityError where the file is there and holds no name, OSError where it can be neither read nor made.
    """
    path = root / FOLDER / NAME
    if not path.exists():
        _make(path)
    return identity_as_found(root)


def identity_as_found(root: Path) -> Identity:
    """Give the identity of a data directory and make nothing: one that has none has the name "", which no store knows.

    Raises IdentityError where the file is there and holds no name, OSError where it cannot be read.
    """
    path = root / FOLDER / NAME
    if not path.exists():
        return Identity("", root.absolute())
    try:
        name = tomllib.loads(path.read_text(encoding="utf-8")).get("id")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _not_understood(path) from error
    if not (isinstance(name, str) and len(name) == DIGITS and all(sign in "0123456789abcdef" for sign in name)):
        raise _not_understood(path)
    return Identity(name, root.absolute())


def version_after(last: int, root: Path) -> int:
    """Give a version of rows [ms] above the last, and above all that this data directory gave: what was last may be forgotten."""
    return max(last + 1, next_stamp(root, step_ms=1))


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{NAME}.{os.getpid()}.{secrets.token_hex(4)}")
    made = f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.write(f'{_MEANING}id = "{secrets.token_hex(DIGITS // 2)}"\nmade_at = "{made}"\n')
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process made it at the same moment, and whole
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _not_understood(path: Path) -> IdentityError:
    return IdentityError(
        f"{path} does not hold the name of its data directory, where a line id with {DIGITS} hexadecimal digits is wanted: "
        f"bring the file back from a backup, or remove it and run airshed store adopt"
    )
