"""Keep account of one file: rows that came in, and what of them was rejected, so that nothing is dropped silently."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from streams.records import Block, Intake, Rejected
from streams.sources import Parsed

REPORTS_PER_REASON = 200
"""From here on, rejections of one reason are counted together by hour: a file wrong throughout fills no store."""
UNKNOWN_HOUR = -1


@dataclass(frozen=True, slots=True)
class Origin:
    """Where records come from: source and file name, digest of its bytes, when received [epoch s], simulated or not."""

    source: str
    file: str
    digest: str
    received_at: float
    simulated: bool = False

    @property
    def provenance(self) -> str:
        """Text that identifies the bytes, such as "cnemc-wide china_sites_20230120.csv sha256:0123456789ab"."""
        return f"{self.source} {self.file} sha256:{self.digest}"


def open_text(path: Path, source: str, *, received_at: float, simulated: bool) -> tuple[Origin, str | None]:
    """Read a file as UTF-8 (with or without a mark) or else GB 18030; the text is None where it is neither."""
    raw = path.read_bytes()
    origin = Origin(source, path.name, hashlib.sha256(raw).hexdigest()[:12], received_at, simulated)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return origin, raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return origin, None


def unquoted(text: str) -> str:
    """Take off quotation marks, where no cell holds a comma: one left open cannot swallow the lines after it."""
    return text.replace('"', "")


class Tally:
    """The account of one file."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.rejected: list[Rejected] = []
        self._rows_in: Counter[int] = Counter()
        self._rows_rejected: Counter[int] = Counter()
        self._reports: Counter[str] = Counter()
        self._collected: dict[tuple[str, int | None], Rejected] = {}
        self._collected_reports: Counter[tuple[str, int | None]] = Counter()

    def came_in(self, hour: int, rows: int = 1) -> None:
        """Count rows of an hour (UNKNOWN_HOUR where it cannot be read), whatever becomes of them."""
        self._rows_in[hour] += rows

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
    ) -> None:
        """Report what cannot be used; rows is how many of the rows that came in are lost with it (0: only a cell)."""
        rejected = Rejected(
            source=self.origin.source, file=self.origin.file, position=position, reason=reason, value=value[:200],
            expected=expected, hour_end=hour, rows=rows, set_aside=set_aside,
        )  # fmt: skip
        self._rows_rejected[UNKNOWN_HOUR if hour is None else hour] += rows
        self._reports[reason] += 1
        if set_aside or self._reports[reason] <= REPORTS_PER_REASON:
            self.rejected.append(rejected)
            return
        first = self._collected.setdefault((reason, hour), rejected)
        if first is not rejected:
            self._collected[reason, hour] = replace(first, rows=first.rows + rows)
        self._collected_reports[reason, hour] += 1

    def parsed(self, blocks: list[Block]) -> Parsed:
        """Close the account."""
        collected = [
            replace(
                first, position=f"{first.position} and {self._collected_reports[key] - 1} more of this reason and hour"
            )
            for key, first in self._collected.items()
        ]
        lost = {hour: rows for hour, rows in sorted(self._rows_rejected.items()) if rows}
        rows_in = {hour: rows for hour, rows in sorted(self._rows_in.items()) if rows}
        intake = Intake(self.origin.source, self.origin.file, self.origin.received_at, rows_in, lost)
        return Parsed(blocks, self.rejected + collected, intake)


def undecodable(origin: Origin) -> Parsed:
    """Give the answer to a file that is no text; it counts as one row of an unknown hour."""
    tally = Tally(origin)
    tally.came_in(UNKNOWN_HOUR)
    tally.reject("line 1", "the file is no text", "bytes of no known encoding", "UTF-8 or GB 18030")
    return tally.parsed([])
