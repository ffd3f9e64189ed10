"""The states that a history goes on from, as files with their digests beside them: a state that is damaged is not gone on from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from standards.whole_files import write_whole
from streams.wire.seals import FLIPPED, Damage, digest_of, other_digest, unreadable

DIGESTS = ".digests"
"""By the name of a state its digest; where there is none, the states are of the time before there were any."""


def write_states(folder: Path, states: dict[str, bytes]) -> None:
    """Write states and their digests into a folder, and nothing else."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, state in states.items():
        write(folder / name, state)
    write(folder / DIGESTS, json.dumps({name: digest_of(state) for name, state in states.items()}).encode())


def read_states(folder: Path) -> tuple[dict[str, bytes], list[Damage]]:
    """Give the states of a folder by name, none of them where any is damaged, and what is damaged."""
    damage = list(verified(folder))
    if damage or not folder.is_dir():
        return {}, damage
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != DIGESTS}, []


def verified(folder: Path) -> Iterator[Damage]:
    """Name what is damaged in a folder of states; nothing where there is no folder."""
    path = folder / DIGESTS
    try:
        digests = json.loads(path.read_bytes())
    except FileNotFoundError:
        return
    except (OSError, ValueError):
        yield Damage(str(path), 0, 0, FLIPPED, "it cannot be read as the digests of states")
        return
    for name, digest in digests.items():
        try:
            if digest_of((folder / name).read_bytes()) != digest:
                yield other_digest(str(folder / name), (folder / name).stat().st_size)
        except OSError as error:
            yield unreadable(str(folder / name), error)


def write(path: Path, content: bytes) -> None:
    """Write a file as a whole, forced to the disk."""
    write_whole(path, content, synced=True)
