"""Lay files down: whole, and once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from standards.errors import AirshedError
from standards.whole_files import write_whole


class OutboxError(AirshedError, RuntimeError):
    """A file is there already and says something else; the message names it."""


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table as CSV with a first line of names."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def lay_down(path: Path, text: str) -> Path:
    """Write a file so that it appears whole, and never a second time; give it. Errors: OutboxError where other content is there."""
    if path.exists():
        if path.read_text(encoding="utf-8") != text:
            raise OutboxError(
                f"{path} is there with other content, expected what this run makes: take another folder or the same seed"
            )
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode(), synced=True, draft=f".{path.name}.part")
    return path
