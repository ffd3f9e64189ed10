"""The frozen input: the shipped sample cut into files of a few hours, and the rows that it gives when nobody disturbs."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from pathlib import Path

from streams.sample import __file__ as sample

HOURS_A_FILE = 6
DIGEST = "18c2804e"
"""First signs of the SHA-256 of the files: other input would give other rows."""


def files() -> dict[str, bytes]:
    """Give the files by their names; the same on every day and every machine."""
    text = Path(sample).with_name("stations.csv").read_text(encoding="utf-8")
    header, *lines = text.splitlines()
    hours: dict[str, list[str]] = {}
    for line in lines:
        hours.setdefault(next(csv.reader(io.StringIO(line)))[1], []).append(line)
    names, made = sorted(hours), {}
    for first in range(0, len(names), HOURS_A_FILE):
        held = [line for name in names[first : first + HOURS_A_FILE] for line in hours[name]]
        made[f"stations_{first:02d}.csv"] = "\n".join([header, *held, ""]).encode()
    return made


def rows(given: dict[str, bytes]) -> int:
    """Give how many rows files hold."""
    return sum(content.count(b"\n") - 1 for content in given.values())


def digest(given: dict[str, bytes]) -> str:
    """Give the SHA-256 of all files in their order."""
    return hashlib.sha256(b"".join(given[name] for name in sorted(given))).hexdigest()


def drop(inbox: Path, name: str, content: bytes) -> None:
    """Lay a file into an inbox at once, as whoever delivers files should."""
    inbox.mkdir(parents=True, exist_ok=True)
    hidden = inbox / f".{name}.part"
    hidden.write_bytes(content)
    os.replace(hidden, inbox / name)
