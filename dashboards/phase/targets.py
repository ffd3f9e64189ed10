"""Targets of a year: what cities and the region are to reach, from the file targets.toml in the portal's folder; and the path."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from dashboards.phase.dated_files import Fields, FileRefused, Held, held, read_entries

FILE = "targets.toml"
EXAMPLE = Path(__file__).with_name(FILE)
"""Comes with the portal: empty, with the form in comments."""
GOOD_DAYS, PM25_MEAN, HEAVY_DAYS = "good_day_ratio_pct", "pm25_mean_ugm3", "heavy_days"
KINDS = (GOOD_DAYS, PM25_MEAN, HEAVY_DAYS)
FIELDS = ("place", "year", "kind", "value", "source")


@dataclass(frozen=True, slots=True)
class Target:
    """What a place is to reach in a year: at least so many good days [%], at most so much PM2.5 [ug/m3] or heavy days [d].

    place: division code or "region". source: number and date of the document that sets it.
    """

    place: str
    year: int
    kind: str
    value: float
    source: str

    @property
    def row(self) -> tuple[str, int, str, float, str]:
        """Give it as a plain row."""
        return self.place, self.year, self.kind, self.value, self.source


def targets_at(folder: Path | None) -> Held[Target]:
    """Give the targets of the portal's folder, with what is wrong with the file; without a folder there are none."""
    return Held() if folder is None else held(folder / FILE, read_targets)


def read_targets(path: Path) -> tuple[Target, ...]:
    """Read a file of targets; raise FileRefused by file and line for an entry that is none, or that comes twice."""
    found: dict[tuple[str, int, str], Target] = {}

    def read(fields: Fields) -> Target:
        target = read_target(fields)
        key = target.place, target.year, target.kind
        if key in found:
            raise FileRefused(
                f"{fields.where}: {target.kind} of {target.place} in {target.year} comes twice, expected it once"
            )
        found[key] = target
        return target

    return read_entries(path, "target", read, FIELDS)


def read_target(fields: Fields) -> Target:
    """Read one entry; raise FileRefused naming the field."""
    kind, value = fields.text("kind", f"one of {', '.join(KINDS)}"), fields.number("value")
    if kind not in KINDS:
        raise fields.refused("kind", f"one of {', '.join(KINDS)}")
    if kind == GOOD_DAYS and value > 100:
        raise fields.refused("value", "a share up to 100 %")
    if kind == PM25_MEAN and value == 0:
        raise fields.refused("value", "more than 0 ug/m3")
    place = fields.text("place", 'a division code, or "region"')
    return Target(place, fields.year("year"), kind, value, fields.text("source"))


def by_place(targets: tuple[Target, ...]) -> dict[tuple[str, int, str], Target]:
    """Give targets by place, year and kind."""
    return {(each.place, each.year, each.kind): each for each in targets}


def mean_left(target: float, mean: float, days: int, of: int) -> float | None:
    """Give what the mean of the days that are left may be at most, for the year to keep its target [ug/m3].

    mean: over `days` days with a value; of: days of the year. Days gone by without a value are taken to be like the others.
    Below nothing: the target cannot be kept any more. None where no day is left or none has a value.
    """
    if days <= 0 or days >= of or math.isnan(mean):
        return None
    return (target * of - mean * days) / (of - days)


def bad_days_left(target_pct: float, good: int, days: int, left: int) -> int | None:
    """Give how many of the days that are left may be no good days, for the year to keep its share of good days.

    good: of `days` days with an index; left: days to come, which all count. Below 0: the target cannot be kept. None as in
    mean_left.
    """
    if days <= 0 or left <= 0:
        return None
    needed = math.ceil(Fraction(str(target_pct)) * (days + left) / 100)
    return left - max(needed - good, 0)
