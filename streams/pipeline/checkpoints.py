"""Folders of checkpoints as Flink lays them out: what of them stays, where they may have moved, and of which kind they are.

`<job>/chk-N/_metadata` names all files of a checkpoint: those beside it by their names, those in `<job>/shared` by their whole
addresses. Both stand in it as Java writes a text, so they are found without reading the rest. What is small stands in it as
a whole, under the address of a file that was never made.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from standards.whole_files import write_whole

METADATA = "_metadata"
CARRIED = "carried-over"
"""In the place of a job: what was made of a checkpoint of the kind before, which either kind can go on from."""
SET_ASIDE = "damaged-"
"""Before the name of a checkpoint that no start is to find."""
_NUMBER = re.compile(rf"(?:{SET_ASIDE})?chk-(\d+)(?:-\d+)?")
_OWN = re.compile(rb"/([0-9a-f]{32}/(?:shared|taskowned|chk-\d+)/[\w-]+)$")
"""The end of the address of a file of a checkpoint: job, folder, name."""
_PLACE = re.compile(rb"/[^/]+/(?:shared|taskowned|chk-\d+)/[\w-]+$")
_IN_A_FILE, _SIZE = 2, 8
"""Before an address whose file is there: this byte, and the file's size in so many. What stands in the list itself has a 1.

Source: Flink 2, org.apache.flink.runtime.checkpoint.metadata.MetadataV2V3SerializerBase, serializeStreamStateHandle."""
_LARGEST = 1 << 40
"""No file of a checkpoint is so large [B]; eight other bytes hardly ever make less."""
_OF_THE_DISK = b"MANIFEST-"
"""A checkpoint of RocksDB names the files of a database, of which this is one."""


def complete(folder: Path) -> list[Path]:
    """Give the complete checkpoints under a folder of jobs, the newest first.

    They are numbered on from job to job, so the number tells, and the clock only between equal ones: it may have been set back.
    """
    found = []
    for path in folder.glob(f"*/chk-*/{METADATA}"):
        try:
            found.append(((number_of(path.parent.name), path.stat().st_mtime_ns), path.parent))
        except OSError:
            continue  # it went while we looked
    return [path for _, path in sorted(found, reverse=True)]


def number_of(name: str) -> int:
    """Give the number in the name of a checkpoint's folder, also where it was set aside; -1 where there is none."""
    found = _NUMBER.fullmatch(name)
    return int(found[1]) if found else -1


def sweep(folder: Path, retained: int) -> None:
    """Remove all that the newest checkpoints, so many, do not name; while no job runs.

    A job removes what it has made or taken over itself, and not what a job that was killed has left: the checkpoints before the
    last one, and files of one that was not completed.
    """
    kept = complete(folder)[:retained]
    named = b"\0".join(_listed(path) for path in kept)
    for job in (path for path in folder.iterdir() if path.is_dir()):
        for made in job.glob("chk-*"):
            if made not in kept:
                shutil.rmtree(made, ignore_errors=True)
        for file in (*job.glob("shared/*"), *job.glob("taskowned/*")):
            if file.name.encode() not in named:
                file.unlink(missing_ok=True)
        if not any(path.is_file() for path in job.rglob("*")):
            shutil.rmtree(job, ignore_errors=True)


def _listed(checkpoint: Path) -> bytes:
    try:
        return (checkpoint / METADATA).read_bytes()
    except OSError:
        return b""  # what it names nobody can use


def is_of_memory(checkpoint: Path) -> bool:
    """Tell whether it was made by the kind that keeps all state in memory, which RocksDB cannot go on from."""
    return checkpoint.parent.name != CARRIED and _OF_THE_DISK not in (checkpoint / METADATA).read_bytes()


def number_in(checkpoint: Path) -> int:
    """Give the number by which the job knows it, wherever it lies: the third word of Flink's file, after a sign and a version."""
    return int.from_bytes((checkpoint / METADATA).read_bytes()[8:16], "big")


def files_elsewhere(checkpoint: Path) -> dict[str, int]:
    """Give the files outside its own folder that it consists of, by their whole addresses, with their sizes [B].

    Errors: OSError where its list cannot be read.
    """
    content, found = (checkpoint / METADATA).read_bytes(), {}
    for start, end in _addresses(content):
        kind_at = start - 2 - _SIZE - 1
        size = int.from_bytes(content[kind_at + 1 : start - 2], "big") if kind_at >= 0 else _LARGEST
        if size < _LARGEST and content[kind_at] == _IN_A_FILE and _PLACE.search(content[start:end]):
            found[os.fsdecode(content[start + len(b"file:") : end])] = size
    return found


def readdress(checkpoint: Path, folder: Path) -> bool:
    """Let it name the files that lie under this folder of jobs, which may have moved since; tell whether anything had to change."""
    content, parts, at = (checkpoint / METADATA).read_bytes(), [], 0
    for start, end in _addresses(content):
        own = _OWN.search(content[start:end])
        if own and (here := _java_text(f"file:{folder}/{own[1].decode()}")) != content[start - 2 : end]:
            parts += [content[at : start - 2], here]
            at = end
    if not parts:
        return False
    write_whole(checkpoint / METADATA, b"".join((*parts, content[at:])), synced=False)
    return True


def _addresses(content: bytes) -> Iterator[tuple[int, int]]:
    """Give where the texts that begin with file: begin and end; two bytes before each say its length."""
    for found in re.finditer(rb"file:", content):
        start = found.start()
        end = start + int.from_bytes(content[start - 2 : start], "big")
        if end <= len(content):
            yield start, end


def _java_text(text: str) -> bytes:
    """Write a text as java.io.DataOutput.writeUTF does: its length, and signs beyond U+FFFF as two of three bytes each."""
    units = text.encode("utf-16-be")
    signs = (chr(int.from_bytes(units[i : i + 2], "big")) for i in range(0, len(units), 2))
    coded = "".join(signs).encode("utf-8", "surrogatepass")
    return len(coded).to_bytes(2, "big") + coded
