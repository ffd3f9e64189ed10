"""Whether a data directory has taken in data of its user's own: rows of a file that is neither the shipped sample nor the demo's.

Whoever publishes the first such rows notes the moment beside the topics. What was refused, and what is of another kind, are no
data, wherever they lie. A directory of before there was the note is told by its journal of deliveries.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from functools import cache
from pathlib import Path

from standards.whole_files import sha256_of
from streams.intake.releases import DIGITS, JOURNAL, real_deliveries
from streams.wire import messages
from streams.wire.topics import keys_in

NOTE = "own-data"
"""In the data directory: the moment at which the first rows of the user's own were taken in."""
SIMULATED = "simulated"
"""In the data directory: what the demo lays down."""
SIMULATED_KEY = "-simulated"
"""Stands in the keys of deliveries that are simulated."""
SAMPLE = Path(__file__).parents[1] / "sample" / "stations.csv"
"""The shipped sample."""


def own_since(data: Path) -> dt.datetime | None:
    """Give the moment (UTC) at which a data directory took in the first rows of its user's own; None where it never did."""
    noted = data / NOTE
    with contextlib.suppress(OSError, ValueError):
        return dt.datetime.fromisoformat(noted.read_text(encoding="ascii").strip())
    with contextlib.suppress(OSError):  # a note without a moment, as earlier versions left it
        return _utc(noted.stat().st_mtime)
    since = _first_delivery(data / "topics")
    if since is not None:
        note(data, since)
    return since


def is_noted(data: Path) -> bool:
    """Tell whether it is noted that there are data of the user's own; costs one look at the disk."""
    return (data / NOTE).exists()


def note(data: Path, at: float | dt.datetime) -> bool:
    """Note that rows of the user's own were taken in at a moment [epoch s]; what is noted stays. False where that failed."""
    moment = at if isinstance(at, dt.datetime) else _utc(at)
    try:
        with open(data / NOTE, "x", encoding="ascii") as file:
            file.write(f"{moment:%Y-%m-%dT%H:%M:%S+00:00}\n")
    except FileExistsError:
        return True
    except OSError:
        return False
    return True


def is_own(data: Path, place: str, digest: str) -> bool:
    """Tell whether a file at a real path, with the SHA-256 of what it holds, is the user's own."""
    simulated = f"{os.path.realpath(data)}/{SIMULATED}/"
    return digest != digest_of_sample() and not place.startswith(simulated)


@cache
def digest_of_sample() -> str:
    """Give the SHA-256 of the shipped sample."""
    return sha256_of(SAMPLE)


def _first_delivery(topics: Path) -> dt.datetime | None:
    """Give when the first file came that is neither simulated nor the sample, None where of none rows were taken in.

    The journal of releases knows files that were refused as a whole, too; those of the feeds know only of what rows were taken in.
    """
    if not os.path.isdir(topics):  # also of a place that cannot be: whoever lays it down says why
        return None
    came = real_deliveries(topics / messages.INTAKE_TOPIC / JOURNAL)
    sample = came.pop(digest_of_sample()[:DIGITS], None)
    taken = {key for name in messages.TOPICS.values() for key in keys_in(topics / name) if _is_real(key)}
    return _utc(min(came.values())) if came and len(taken) > (sample is not None) else None


def _is_real(key: str) -> bool:
    return not key.startswith("retraction-") and not key.endswith(SIMULATED_KEY) and f"{SIMULATED_KEY}-" not in key


def _utc(at: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(int(at), dt.UTC)
