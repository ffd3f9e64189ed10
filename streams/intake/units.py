"""What a folder holds for the platform: files and inventories to read, folders to look into, and what is passed over, and why.

An inventory is `inventory.csv` with the parts that lie beside it (streams.sources.files), in whatever folder, also in a watched
one. It takes those files and no others: whatever else lies there is read as anywhere else. Nothing is passed over without a word.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from streams.intake.ground import DEEPEST, FILE, FOLDER, NOWHERE, TOO_DEEP, WHY_NOT, Ground, kind_at
from streams.sources.files import INVENTORY, META, PROFILE_KINDS, PROFILES

UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart")
"""How names end while a file is still being brought; it is read under the name that it gets in the end."""
COLUMN_MAP = "map.toml"
"""How the name of a column map ends (docs/layouts/map.md)."""
TAG_TABLE = "tags.toml"
"""How the name of a tag table ends (docs/layouts/tags.md)."""
NOT_DATA = (".md", ".toml", ".py", ".pyc", ".json", ".geojson")
"""Notes, settings and programs, which may lie beside data."""
EXPECTED = "a file of one of the layouts under a name of its own; see docs/layouts"
LOOP = "the link leads back to a folder that it lies in"
_PROFILE_FILES = tuple(f"{kind}.csv" for kind in PROFILE_KINDS)


@dataclass(frozen=True, slots=True)
class Aside:
    """A file or folder that is not read, and why. wrong: whether something is the matter with it."""

    path: str
    reason: str
    wrong: bool = False


@dataclass(slots=True)
class Contents:
    """What a folder holds: names to read (INVENTORY stands for the inventory as a whole), folders, and names with a reason."""

    to_read: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    aside: dict[str, str] = field(default_factory=dict)


def contents(folder: str, names: Iterable[tuple[str, str]], *, inventory_above: bool, deep: bool = False) -> Contents:
    """Sort what lies in a folder, given as names with what each is (streams.intake.ground), in the order of the names.

    inventory_above: whether an inventory lies in the folder above, so that profiles here belong to it. deep: whether no folder
    in this one is looked into any more.
    """
    found, listed = Contents(), sorted(names)
    profiles = os.path.basename(folder) == PROFILES
    parts = {(META, FILE)} if (INVENTORY, FILE) in listed else set()
    parts |= {(name, FILE) for name in _PROFILE_FILES} if profiles and inventory_above else set()
    for name, kind in listed:
        if (name, kind) in parts:
            continue
        if reason := _why_not(name, kind, profiles) or (TOO_DEEP if deep and kind == FOLDER else ""):
            found.aside[name] = reason
        else:
            (found.folders if kind == FOLDER else found.to_read).append(name)
    return found


def is_unfinished(name: str) -> bool:
    """Tell by its name whether a file may still be being brought: some programs write under a hidden name and rename."""
    return name.startswith(".") or name.lower().endswith(UNFINISHED)


def walk(path: str | Path) -> Iterator[Path | Aside]:
    """Give all that is to be read at a file or below a folder, and what is passed over; a folder is that of an inventory.

    A folder that cannot be listed is passed over, and hides nothing else.
    """
    path = Path(path)
    kind = kind_at(path)
    if kind == FOLDER:
        inventory_above = (path.parent / INVENTORY).is_file()
        yield from _walk(str(path), Ground([path]), inventory_above=inventory_above, above=())
    elif kind in WHY_NOT and (kind != NOWHERE or path.is_symlink()):
        yield Aside(str(path), WHY_NOT[kind], wrong=True)
    else:
        yield path.parent if path.name == INVENTORY else path


def units_below(path: str | Path) -> Iterator[Path]:
    """Give all that is to be read at a file or below a folder; a folder is that of an inventory."""
    return (each for each in walk(path) if isinstance(each, Path))


def _walk(folder: str, ground: Ground, *, inventory_above: bool, above: tuple[str, ...]) -> Iterator[Path | Aside]:
    here = os.path.realpath(folder)
    if here in above:
        yield Aside(folder, LOOP)
        return
    try:
        with os.scandir(folder) as entries:
            names = [(entry.name, ground.kind_of(entry)) for entry in entries]
        found = contents(folder, names, inventory_above=inventory_above, deep=len(above) >= DEEPEST)
    except OSError as error:
        yield Aside(folder, unlistable(error), wrong=True)
        return
    yield from (Aside(os.path.join(folder, name), reason) for name, reason in found.aside.items())
    yield from (Path(folder) if name == INVENTORY else Path(folder, name) for name in found.to_read)
    for name in found.folders:
        inner = os.path.join(folder, name)
        yield from _walk(inner, ground, inventory_above=INVENTORY in found.to_read, above=(*above, here))


def unlistable(error: OSError) -> str:
    """Say why a folder cannot be listed."""
    return f"the folder cannot be listed: {error.strerror or error}"


def unreadable(error: OSError) -> str:
    """Say why a file cannot be read."""
    return f"the file cannot be read: {error.strerror or error}"


def _why_not(name: str, kind: str, profiles: bool) -> str:
    """Give the reason why a file or folder is passed over, nothing where it is not."""
    if kind in WHY_NOT:
        return WHY_NOT[kind]
    if name.startswith(("_", ".")):
        return f"the name of the {kind} begins with {name[0]}"
    if kind == FOLDER:
        return ""
    if name == META or (profiles and name in _PROFILE_FILES):
        return f"a part of an inventory, and no {INVENTORY} lies with it; it is read when one does"
    if name.lower().endswith(COLUMN_MAP):
        return "a column map: it is read with the tables that lie beside it"
    if name.lower().endswith(TAG_TABLE):
        return "a tag table: it is read with the tag files that lie beside it"
    if is_unfinished(name):
        return "the file was not brought to its end under this name"
    return "notes, settings and programs are not read" if name.lower().endswith(NOT_DATA) else ""
