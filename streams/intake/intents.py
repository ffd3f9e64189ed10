"""What is to be appended to several topics, written down before the first append, so that a killed writer leaves no half of it.

An intent is a file in the folder `retractions` beside the topics. It is carried out step by step, each of which does nothing the
second time, and removed at the end. Whoever starts after a kill finishes what lies there (finish): it was decided, and the books
would not balance with the half of it.
"""

from __future__ import annotations

import fcntl
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from standards.errors import AirshedError
from standards.whole_files import sync_folder, write_whole
from streams.intake.releases import JOURNAL, Releases
from streams.wire import messages
from streams.wire.topics import open_topic

FOLDER = "retractions"
"""Beside the topics."""
_LOCK, _HALF = ".lock", ".half"


class IntentError(AirshedError, ValueError):
    """What was written down to be done cannot be read; the message names the file and what to do."""


@dataclass(frozen=True, slots=True)
class Intent:
    """Lines to append by the name of their topic, all under one key, and files that may come again.

    files: (digest, source) of each. released_at [epoch s]: the last release among the lines, after which they come again.
    """

    key: str
    lines: dict[str, list[str]]
    files: list[tuple[str, str]]
    released_at: float


def carry_out(topics: Path, intent: Intent) -> None:
    """Write an intent down, do all of it, and remove it."""
    folder = topics.parent / FOLDER
    with resting(topics):
        path = folder / f"{intent.key}.json"
        body = _sealed(json.dumps(asdict(intent), ensure_ascii=False)).encode()
        write_whole(path, body, synced=True, draft=f"{_HALF}-{intent.key}")
        sync_folder(folder)
        _do(topics, intent, path)


def finish(topics: Path) -> int:
    """Do what killed writers left to do in the topics; give how many intents that were.

    Errors: IntentError where one is damaged. One that was not written to its end is forgotten: nothing of it was done.
    """
    folder = topics.parent / FOLDER
    if not folder.is_dir():
        return 0
    with resting(topics):
        for half in folder.glob(f"{_HALF}-*"):
            half.unlink(missing_ok=True)
        found = pending(topics)
        for path in found:
            _do(topics, read(path), path)
    return len(found)


def pending(topics: Path) -> list[Path]:
    """Give the files of what was written down and is not done yet."""
    return sorted((topics.parent / FOLDER).glob("*.json"))


@contextmanager
def resting(topics: Path) -> Iterator[None]:
    """Hold up whoever would carry something out: who copies the topics has all of an intent in them, or the intent."""
    folder = topics.parent / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / _LOCK, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _do(topics: Path, intent: Intent, path: Path) -> None:
    for name, lines in intent.lines.items():
        open_topic(topics / name).append(lines, key=intent.key)
    journal = Releases(topics / messages.INTAKE_TOPIC / JOURNAL)
    for digest, source in intent.files:
        for name in (source, f"{source}-simulated"):
            journal.retract(digest, name, intent.released_at)
    path.unlink()
    sync_folder(path.parent)


def read(path: Path) -> Intent:
    """Read an intent; raise IntentError where it is damaged, OSError where it cannot be read. Those of before had no checksum."""
    try:
        body, _, mark = path.read_text(encoding="utf-8").partition("\n")
        if mark and _sealed(body) != f"{body}\n{mark}":
            raise ValueError("its checksum does not bear it out")
        told = json.loads(body)
        return Intent(
            told["key"], told["lines"], [(digest, source) for digest, source in told["files"]], told["released_at"]
        )
    except (ValueError, KeyError, TypeError) as error:
        raise IntentError(
            f"the retraction in {path} is damaged and was done in part at most: move the file away and retract again"
        ) from error


def _sealed(body: str) -> str:
    return f"{body}\n{zlib.crc32(body.encode()):08x}\n"
