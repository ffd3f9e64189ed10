"""What became of a file that a command brought into the store by itself: its rows, and why some were refused."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Protocol

from infra.messages import language, say
from standards.shown import harmless
from streams.records import Rejected


class Kept(Protocol):
    """What became of the rows of a file. reasons: why rows were refused, each with its count; first: the first of the rejects."""

    file: str
    rows: int
    accepted: int
    duplicate: int
    rejected: int
    reasons: tuple[tuple[str, int], ...]
    first: Sequence[Rejected]


def tell_kept(kept: Kept) -> bool:
    """Say how many rows were taken, and to the standard error why others were refused; give whether anything of it was of use."""
    counts = {name: getattr(kept, name) for name in ("file", "rows", "accepted", "duplicate", "rejected")}
    print(say("published_days", **counts))
    if kept.rejected:
        print(say("laboratory_refused", file=kept.file, reasons=_reasons(kept)), file=sys.stderr)
        for each in kept.first:
            print(reject_said([each.file], each.position, each.reason, each.value, each.expected), file=sys.stderr)
    return not kept.rejected or bool(kept.accepted or kept.duplicate)


def _reasons(kept: Kept) -> str:
    from streams.store.reasons import reason_in

    return say("list_comma").join(f"{reason_in(language(), reason)} ({count})" for reason, count in kept.reasons)


def reject_said(place: Iterable[str], position: str, reason: str, value: str, expected: str) -> str:
    """Say where a row that was refused stands (place: its file and what names it, "" for nothing), why, and what was expected."""
    from streams.store.reasons import expected_in, position_in, reason_in

    where = say("list_comma").join(part for part in (*place, position_in(language(), position)) if part)
    words = {"where": where, "reason": reason_in(language(), reason)}
    key = "health_reject" if value else "health_reject_of_nothing"
    return harmless(say(key, **words, value=value, expected=expected_in(language(), expected)))
