"""Which means make the environment on this machine: decisions only, from facts that `infra.bootstrap` gathers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

OLDEST_PIP_FOR_OTHERS = (22, 3)
"""`pip --python ENV` installs into another environment from this version on."""
OPTIONS_WITH_VALUE = ("--lang",)
"""The options before the command that are followed by a value; what follows any other is the command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What this machine offers. uv and apt_get: paths or None; system_pip: its version, () where there is none."""

    uv: str | None = None
    ensurepip: bool = True
    system_pip: tuple[int, ...] = ()
    apt_get: str | None = None
    may_be_root: bool = False
    own_index: bool = False
    """The user has set up an index for pip, which uv would not know of."""


@dataclass(frozen=True, slots=True)
class Means:
    """How to make the environment: a name out of "uv", "venv", "system-pip", "apt", "none"."""

    name: str
    fast: bool = False
    """Fetch uv with pip first and install with it: several times faster than pip."""


def choose(facts: Facts) -> Means:
    """Choose the first of the means that this machine has; "none" where a person has to install something."""
    if facts.uv and not facts.own_index:
        return Means("uv", fast=True)
    if facts.ensurepip:
        return Means("venv", fast=not facts.own_index)
    if facts.system_pip >= OLDEST_PIP_FOR_OTHERS:
        return Means("system-pip", fast=not facts.own_index)
    if facts.apt_get and facts.may_be_root:
        return Means("apt")
    return Means("none")


def fingerprint(files: tuple[Path, ...], root: Path) -> str:
    """Give a hash of the files that decide what is installed, and of the project's place: it is linked, not copied."""
    digest = hashlib.sha256(str(root).encode())
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def command_of(arguments: Iterable[str]) -> str | None:
    """Give the command among arguments that may begin with options and their values; None where there is none."""
    left = iter(arguments)
    for argument in left:
        if argument in OPTIONS_WITH_VALUE:
            next(left, None)
        elif not argument.startswith("-"):
            return argument
    return None


def extras_wanted(command: str | None) -> tuple[str, ...]:
    """Give the optional dependencies that a command needs."""
    return (command,) if command in ("test", "notebooks") else ()


def is_current(stamp: dict, print_: str, extras: tuple[str, ...]) -> bool:
    """Tell whether an environment's stamp says that it holds what is wanted."""
    return stamp.get("fingerprint") == print_ and set(extras) <= set(stamp.get("extras", ()))


def requirement(extras: tuple[str, ...]) -> str:
    """Write the project itself, linked into the environment, as pip and uv take it."""
    return f".[{','.join(extras)}]" if extras else "."
