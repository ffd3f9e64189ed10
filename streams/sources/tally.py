"""Keep account of one file: rows that came in, what of them was rejected, and the blocks in which the others are passed on.

There is one account for all feeds, so that nothing is dropped silently in any of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from standards.errors import AirshedError
from standards.shown import harmless
from streams.records import Block, Intake, RecordError, Rejected, iso_hour
from streams.sources.horizon import horizon_of
from streams.spans import fields_of, told_by

REPORTS_PER_REASON = 200
"""From here on, rejections of one reason are counted together by hour: a file wrong throughout fills no store."""
MOST_ROWS = 2_000_000
"""Rows that one file may bring, which take half a gigabyte: a year of two hundred stations, a month of all the country's."""
UNKNOWN_HOUR = -1
_LONGEST = 200
"""Characters that the store keeps of what was found."""


class Unusable(AirshedError, ValueError):
    """A file, or a part of it, cannot be used: where, why, what was found and what was expected."""

    def __init__(self, position: str, reason: str, value: object, expected: str) -> None:
        super().__init__(f"{position}: {reason} (found {value}), expected {expected}")
        parts = (position, reason, str(value), expected)
        self.position, self.reason, self.value, self.expected = (shortened(part) for part in parts)


def shortened(text: str) -> str:
    """Give what of a text is kept and shown: its first signs, those that do not print written out."""
    return harmless(text[:_LONGEST])[:_LONGEST]


class LedgerError(AirshedError, RuntimeError):
    """A feed has lost count of the rows of a file: a fault of the feed, not of the file."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one file brought: blocks for the engine, rejected rows and cells, and the count of rows by hour."""

    blocks: list[Block]
    rejected: list[Rejected]
    intake: Intake


@dataclass(frozen=True, slots=True)
class Origin:
    """Where records come from: source, file name, SHA-256 of what the file holds, when received [epoch s], simulated or not.

    released_at [epoch s]: when the source published or sent the file, None where that is not known better than by the receipt.
    """

    source: str
    file: str
    digest: str
    received_at: float
    simulated: bool = False
    released_at: float | None = None

    @property
    def provenance(self) -> str:
        """Text that identifies the bytes, such as "cnemc-wide china_sites_20230120.csv sha256:0123456789ab"."""
        return f"{self.source} {self.file} sha256:{self.digest[:12]}"


class Tally:
    """The account of one file: a feed tells it of every row that comes in, and passes the row on or rejects it.

    now: the moment [s since 1970] beyond which nothing has happened yet (streams.sources.horizon); None: nobody asks.
    """

    def __init__(self, origin: Origin, *, now: float | None = None) -> None:
        self.origin, self._now = origin, now
        self._blocks: list[Block] = []
        self._rejected: list[Rejected] = []
        self._total = 0
        self._rows_in: Counter[int] = Counter()
        self._rows_rejected: Counter[int] = Counter()
        self._reports: Counter[str] = Counter()
        self._collected: dict[tuple[str, int | None], Rejected] = {}
        self._collected_reports: Counter[tuple[str, int | None]] = Counter()

    def came_in(self, hour: int, rows: int = 1) -> None:
        """Count rows of an hour (UNKNOWN_HOUR where it cannot be read), whatever becomes of them; errors as require_room."""
        self.require_room(self._total + rows)
        self._rows_in[hour] += rows
        self._total += rows

    def require_room(self, rows: int) -> None:
        """Raise Unusable where a file is about to bring more rows than MOST_ROWS."""
        if rows > MOST_ROWS:
            expected = f"up to {MOST_ROWS} rows; cut the file into parts, for instance by month"
            raise Unusable("file", "more rows than one file may bring", f"{rows} rows or more", expected)

    def reject(
        self,
        position: str,
        reason: str,
        value: str,
        expected: str,
        *,
        hour: int | None = None,
        rows: int = 1,
        set_aside: bool = False,
        file: str | None = None,
    ) -> None:
        """Report what cannot be used; rows is how many of the rows that came in are lost with it (0: only a cell).

        file: the name of another file that belongs to this one, such as a profile, where it is that which is wrong.
        """
        rejected = Rejected(
            source=self.origin.source, file=file or self.origin.file, position=shortened(position),
            reason=shortened(reason), value=shortened(value), expected=shortened(expected), hour_end=hour, rows=rows,
            set_aside=set_aside,
        )  # fmt: skip
        self._rows_rejected[UNKNOWN_HOUR if hour is None else hour] += rows
        self._reports[reason] += 1
        if set_aside or self._reports[reason] <= REPORTS_PER_REASON:
            self._rejected.append(rejected)
            return
        first = self._collected.setdefault((reason, hour), rejected)
        if first is not rejected:
            self._collected[reason, hour] = replace(first, rows=first.rows + rows)
        self._collected_reports[reason, hour] += 1

    def refuse(self, problem: Unusable) -> None:
        """Reject what has no rows of its own, a file or a run: it counts as one row of an unknown hour."""
        self.came_in(UNKNOWN_HOUR)
        self.reject(problem.position, problem.reason, problem.value, problem.expected)

    def pass_on(
        self, kind: type[Block], *, simulated: bool = False, released_at: float | None = None, **fields: Any
    ) -> None:
        """Pass rows that came in on as a block; where a record refuses it, its rows are rejected with what the record says.

        What the block says of its origin is filled in here; provenance may be given where a feed can say more, and released_at
        [epoch s] where it is told of the rows. Rows of hours that lie in the future are rejected.
        """
        fields = self._until_now(kind, fields)
        if fields is None:
            return
        origin = self.origin
        given = {"provenance": origin.provenance} | fields
        try:
            self._blocks.append(
                kind(
                    **given,
                    source=origin.source,
                    simulated=simulated or origin.simulated,
                    received_at=origin.received_at,
                    released_at=origin.released_at if released_at is None else released_at,
                    file=origin.file,
                    digest=origin.digest,
                )
            )
        except RecordError as error:
            reason, _, expected = str(error).partition(", expected ")
            for hour, rows in rows_by_hour(**fields):
                self.reject(f"city {fields['city']}", reason, "", expected or "a possible block", hour=hour, rows=rows)

    def _until_now(self, kind: type[Block], fields: dict[str, Any]) -> dict[str, Any] | None:
        """Reject the rows of a block that lie beyond its horizon; give the fields of the others, None where none are left."""
        horizon = None if self._now is None else horizon_of(kind, fields, self._now)
        if horizon is None:
            return fields
        first = fields["first_hour"]
        ahead = max(horizon.end, first)
        end = first + fields["values"].shape[-1]
        for hour, rows in rows_by_hour(**fields_of(fields, ahead, end)):
            if rows:
                value = horizon.value or iso_hour(hour)
                self.reject(_whose(fields, hour), horizon.reason, value, horizon.expected, hour=hour, rows=rows)
        return fields_of(fields, first, ahead) if ahead > first else None

    def parsed(self) -> Parsed:
        """Close the account. Errors: LedgerError where rows passed on and rejected are not the rows that came in."""
        if not self._total and not self._rejected:
            self.reject("file", "the file has a header but no hours", "", "lines of values", rows=0)
        rows_in, lost = +self._rows_in, +self._rows_rejected
        self._require_balance(rows_in, lost)
        intake = Intake(
            self.origin.source, self.origin.file, self.origin.received_at, dict(sorted(rows_in.items())),
            dict(sorted(lost.items())), digest=self.origin.digest,
            simulated=self.origin.simulated or any(block.simulated for block in self._blocks),
            released_at=self.origin.released_at,
        )  # fmt: skip
        return Parsed(self._blocks, [*self._rejected, *self._together()], intake)

    def _together(self) -> Iterator[Rejected]:
        for key, first in self._collected.items():
            more = self._collected_reports[key] - 1
            yield replace(first, position=f"{first.position} and {more} more of this reason and hour")

    def _require_balance(self, rows_in: Counter[int], lost: Counter[int]) -> None:
        accounted = Counter(lost)
        for block in self._blocks:
            for hour, rows in rows_by_hour(**told_by(block)):
                accounted[hour] += rows
        if +accounted != rows_in:
            raise LedgerError(f"{rows_in.total()} rows came in, {(+accounted).total()} were passed on or rejected")


def _whose(fields: dict[str, Any], hour: int) -> str:
    """Say whose rows of an hour they are: the city, and up to three of its stations."""
    stations, present = fields.get("stations", ()), fields.get("present")
    if present is not None:
        at = hour - fields["first_hour"]
        stations = [station for station, here in zip(stations, present[:, at].tolist(), strict=True) if here]
    named = ", ".join(stations[:3]) + (f" and {len(stations) - 3} more" if len(stations) > 3 else "")
    return f"city {fields['city']}" + (f", station {named}" if named else "")


def rows_by_hour(
    *,
    first_hour: int,
    values: np.ndarray,
    present: np.ndarray | None = None,
    places: Sequence[str] = ("",),
    **_: object,
) -> Iterator[tuple[int, int]]:
    """Give each hour of a block's fields with its rows: station-hours, place-hours of a forecast, one of emissions."""
    counts = np.full(values.shape[-1], len(places)) if present is None else present.sum(axis=0)
    yield from enumerate(counts.tolist(), start=first_hour)
