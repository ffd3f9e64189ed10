"""What the bench found out: results kept with the digest of what they rest on, found again by it, and bounded in number and size.

The digest is of kind, question, inputs, settings and software, so that the same question on the same rows is answered once. Numbers
that are missing are null. Nothing here knows what a result means (research.bench does).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from standards.errors import AirshedError
from streams.store.schema import bench_result

LARGEST_BYTES = 4 * 2**20
"""A result is at most so large as it is stored; one that is larger holds hours that belong into a file."""
KEPT, KEPT_BYTES = 2_000, 256 * 2**20
"""So many results stay, and so many bytes of them: those go first that nobody has asked for the longest."""
_UNPACKED_BYTES = 64 * 2**20
_HEAD = [c for c in bench_result.c if c is not bench_result.c.result]


class BenchError(AirshedError):
    """What was asked of the bench, or what it wants to keep, is not such that it can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A result with all that it rests on.

    first_hour, last_hour: hour ends of the period, naive UTC. question, settings: plain values of JSON. inputs: SHA-256 of the
    rows that were read. software: method and version. content: the answer, None where only the head was asked for; cpu_s [s].
    """

    kind: str
    station: str
    first_hour: dt.datetime
    last_hour: dt.datetime
    question: Mapping[str, Any]
    inputs: str
    settings: Mapping[str, Any]
    software: str
    edition: str = ""
    simulated: bool = False
    cpu_s: float = 0.0
    content: Mapping[str, Any] | None = field(default=None, repr=False)
    made_at: dt.datetime | None = None
    size: int = 0

    @property
    def digest(self) -> str:
        """SHA-256 by which it is kept: of the question and all that decides the answer."""
        return digest_of(self.kind, self.question, self.inputs, self.settings, self.software)


def canonical(value: Any) -> str:
    """Write plain values as JSON in one way: sorted keys, no blanks, missing and infinite numbers as null."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest_of(kind: str, question: Mapping[str, Any], inputs: str, settings: Mapping[str, Any], software: str) -> str:
    """Give the SHA-256 of what decides an answer."""
    return hashlib.sha256(canonical([kind, question, inputs, settings, software]).encode()).hexdigest()


def keep(connection: sa.Connection, found: Kept, now: dt.datetime) -> str:
    """Store a result, in place of the same one where it is there; give its digest.

    Raises BenchError for one that has no content or is larger than LARGEST_BYTES.
    """
    if found.content is None:
        raise BenchError(f"a result of {found.kind} has no content, expected what was found out")
    packed = zlib.compress(canonical(found.content).encode(), 6)
    if len(packed) > LARGEST_BYTES:
        raise BenchError(
            f"a result of {found.kind} has {len(packed)} bytes, expected at most {LARGEST_BYTES}: ask for a shorter period"
        )
    row = {
        "digest": found.digest, "kind": found.kind, "station": found.station, "first_hour": found.first_hour,
        "last_hour": found.last_hour, "question": canonical(found.question), "inputs": found.inputs,
        "settings": canonical(found.settings), "software": found.software, "edition": found.edition,
        "simulated": found.simulated, "made_at": now, "cpu_s": round(found.cpu_s, 3), "size": len(packed), "result": packed,
        "used_at": now,
    }  # fmt: skip
    connection.execute(sa.delete(bench_result).where(bench_result.c.digest == row["digest"]))
    connection.execute(sa.insert(bench_result).values(row))
    return row["digest"]


def found_again(connection: sa.Connection, digest: str, now: dt.datetime) -> bool:
    """Tell whether there is a result of this digest, and note that it was asked for."""
    touched = sa.update(bench_result).where(bench_result.c.digest == digest).values(used_at=now)
    return connection.execute(touched, execution_options={"preserve_rowcount": True}).rowcount > 0


def result_named(connection: sa.Connection, digest: str) -> Kept | None:
    """Give a result with its content, None where there is none (any more). Raises BenchError for one that is damaged."""
    row = connection.execute(sa.select(bench_result).where(bench_result.c.digest == digest)).mappings().first()
    return None if row is None else _kept(row, _unpacked(row["digest"], row["result"]))


def heads_of(
    connection: sa.Connection, station: str, kind: str, *, most: int = 20, made_before: dt.datetime | None = None,
    last_hour: dt.datetime | None = None,
) -> list[tuple[str, Kept]]:  # fmt: skip
    """Give (digest, result without its content) of a station and kind, the newest first.

    made_before, last_hour: only those made before it, and of hours up to it (both naive UTC), where these are given.
    """
    c = bench_result.c
    query = sa.select(*_HEAD).where(c.station == station, c.kind == kind).order_by(c.made_at.desc(), c.digest)
    if made_before is not None:
        query = query.where(c.made_at < made_before)
    if last_hour is not None:
        query = query.where(c.last_hour <= last_hour)
    return [(row["digest"], _kept(row, None)) for row in connection.execute(query.limit(most)).mappings()]


def newest_heads(connection: sa.Connection, *, most: int = 20) -> list[tuple[str, Kept]]:
    """Give (digest, result without its content) of all stations and kinds, those asked for last first."""
    query = sa.select(*_HEAD).order_by(bench_result.c.used_at.desc()).limit(most)
    return [(row["digest"], _kept(row, None)) for row in connection.execute(query).mappings()]


def prune(connection: sa.Connection, *, kept: int = KEPT, kept_bytes: int = KEPT_BYTES) -> int:
    """Remove the results that nobody has asked for the longest, beyond so many and so many bytes; give how many went."""
    c, total, gone = bench_result.c, 0, []
    for at, (digest, size) in enumerate(connection.execute(sa.select(c.digest, c.size).order_by(c.used_at.desc()))):
        total += size
        if at >= kept or total > kept_bytes:
            gone.append(digest)
    for start in range(0, len(gone), 500):
        connection.execute(sa.delete(bench_result).where(c.digest.in_(gone[start : start + 500])))
    return len(gone)


def _kept(row: Mapping[str, Any], content: Mapping[str, Any] | None) -> Kept:
    names = (
        "kind",
        "station",
        "first_hour",
        "last_hour",
        "inputs",
        "software",
        "edition",
        "simulated",
        "cpu_s",
        "made_at",
        "size",
    )
    read = {name: json.loads(row[name]) for name in ("question", "settings")}
    return Kept(**{name: row[name] for name in names}, **read, content=content)


def _unpacked(digest: str, packed: bytes) -> Mapping[str, Any]:
    try:
        unpack = zlib.decompressobj()
        text = unpack.decompress(packed, _UNPACKED_BYTES)
        return json.loads(text)
    except (zlib.error, ValueError) as error:
        raise BenchError(f"the result {digest[:12]} cannot be read: {error}: ask for it again") from error


def _plain(value: Any) -> Any:
    """Give a value without arrays, NaN and infinity: what JSON in one way of writing can hold."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return value
