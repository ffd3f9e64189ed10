"""What became of a file that a command brought into the store by itself: its rows, and why some were refused."""

from __future__ import annotations

import sys
from collections.abc import Sequence
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
            print(_reject(each), file=sys.stderr)
    return not kept.rejected or bool(kept.accepted or kept.duplicate)


def _reasons(kept: Kept) -> str:
    from streams.store.reasons import reason_in

    return say("list_comma").join(f"{reason_in(language(), reason)} ({count})" for reason, count in kept.reasons)


def _reject(each: Rejected) -> str:
    """Say where a row that was refused stands, why, what was found and what was expected."""
    from streams.store.reasons import expected_in, position_in, reason_in

    where = say("list_comma").join((each.file, position_in(language(), each.position)))
    words = {"where": where, "reason": reason_in(language(), each.reason)}
    key = "health_reject" if each.value else "health_reject_of_nothing"
    return harmless(say(key, **words, value=each.value, expected=expected_in(language(), each.expected)))
