"""A row of a laboratory's table as a sample in the store's terms, or why it is none. Pure; nothing is guessed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from standards.laboratory.cas import cas_of, is_written_so
from standards.laboratory.media import UNIT_OF, medium_of, scale_of, units_of
from standards.laboratory.new_pollutants import list_for
from streams.laboratory.headers import Columns
from streams.laboratory.results import result_of
from streams.registry import Registry
from streams.sources.tally import Unusable
from streams.store.schema import laboratory_sample

EARLIEST = dt.date(1990, 1, 1)
_DAY = re.compile(r"([0-9]{4})(?:[-/.年]?)([0-9]{1,2})(?:[-/.月]?)([0-9]{1,2})日?(?:[ T].*)?")
_TEXTS = ("point", "sample", "method", "laboratory", "substance")


@dataclass(frozen=True, slots=True)
class Sample:
    """A result of a sample. Amounts in unit; result None where it lies below a limit; reported: as it stands in the file."""

    point: str
    sampled_on: dt.date
    sample: str
    cas: str
    method: str
    city: str | None
    medium: str
    substance: str
    result: float | None
    below: str | None
    detection_limit: float | None
    quantification_limit: float | None
    unit: str
    reported: str
    reported_unit: str
    laboratory: str | None
    line: int

    @property
    def key(self) -> tuple[str, dt.date, str, str, str]:
        """What names it in the store."""
        return self.point, self.sampled_on, self.sample, self.cas, self.method


def sample_of(cells: Sequence[str], line: int, columns: Columns, registry: Registry, today: dt.date) -> Sample:
    """Read a row; raise Unusable, whose position names the column, where it cannot be used. today: nothing is sampled later."""
    if any(cells[columns.count :]):
        raise Unusable(
            "column result", "more cells than the header has", f"{len(cells)} cells", f"{columns.count} cells"
        )
    texts = {field: _text(columns.cell(cells, field), field) for field in _TEXTS}
    medium = _medium(columns.cell(cells, "medium"))
    unit = columns.unit or columns.cell(cells, "unit")
    scale = scale_of(unit, medium)
    if scale is None:
        raise Unusable("column unit", "not a unit of this medium", unit, f"one of {', '.join(units_of(medium))}")
    limits = (columns.cell(cells, f"{name}_limit") for name in ("detection", "quantification"))
    _require_one_substance(cas := _cas(columns.cell(cells, "cas")), texts["substance"], today)
    reported = _text(columns.cell(cells, "result"), "reported")
    found = result_of(reported, *limits)
    return Sample(
        point=texts["point"], sampled_on=_day(columns.cell(cells, "sampled_on"), today), sample=texts["sample"],
        cas=cas, method=texts["method"], city=_city(columns.cell(cells, "city"), registry),
        medium=medium, substance=texts["substance"] or cas, result=_scaled(found.value, scale), below=found.below,
        detection_limit=_scaled(found.detection_limit, scale), quantification_limit=_scaled(found.quantification_limit, scale),
        unit=UNIT_OF[medium], reported=reported, reported_unit=_text(unit, "reported_unit"),
        laboratory=texts["laboratory"] or None, line=line,
    )  # fmt: skip


def day_of(cell: str) -> dt.date | None:
    """Read a day whose year stands first, a time of day behind it passed over; None where it is none."""
    found = _DAY.fullmatch(cell.strip())
    try:
        return dt.date(*map(int, found.groups())) if found and _is_parted_alike(cell) else None
    except ValueError:
        return None


def _is_parted_alike(cell: str) -> bool:
    """Tell whether a day of digits alone has eight of them: 2026111 may be two days."""
    digits = re.match(r"[0-9]+", cell.strip())
    return len(digits[0]) in (4, 8)


def _day(cell: str, today: dt.date) -> dt.date:
    day = day_of(cell)
    if day is None:
        raise Unusable("column sampled_on", "no date", cell, "a date with its year first, as 2026-01-31")
    if day < EARLIEST:
        raise Unusable("column sampled_on", "a date too early", cell, f"a day from {EARLIEST} on")
    if day > today:
        raise Unusable("column sampled_on", "the sample lies in the future", cell, f"a day up to {today}")
    return day


def _medium(cell: str) -> str:
    medium = medium_of(cell)
    if medium is None:
        expected = "地表水, 地下水, 饮用水, 废水, 沉积物, 土壤, 污泥, 生物, 环境空气, 废气 or the English word"
        raise Unusable("column medium", "unknown medium", cell, expected)
    return medium


def _cas(cell: str) -> str:
    cas = cas_of(cell)
    if cas is None and is_written_so(cell):
        raise Unusable("column cas", "the check digit of the CAS number is wrong", cell, "the number as CAS gives it")
    if cas is None:
        raise Unusable("column cas", "no CAS number", cell, "a number as 1763-23-1")
    return cas


def _require_one_substance(cas: str, name: str, today: dt.date) -> None:
    known = list_for(today)
    other = known.other_than(cas, name) if known else None
    if other:
        own = known.substance_of(cas)
        expected = f"CAS {other.cas}, or the name of {cas}" + (f" ({own.name_zh})" if own else "")
        raise Unusable("column substance", "the name is that of another CAS number", name, expected)


def _city(cell: str, registry: Registry) -> str | None:
    if not cell:
        return None
    city = registry.city_named(cell)
    if city is None:
        raise Unusable("column city", "unknown city", cell, f"one of {', '.join(registry.cities)} or its name")
    return city.code


def _text(cell: str, field: str) -> str:
    longest = laboratory_sample.c[field].type.length
    if len(cell) > longest:
        raise Unusable(f"column {field}", "a text that is too long", cell, f"up to {longest} characters")
    if not cell and field in ("point", "sample"):
        raise Unusable(
            field, "nothing tells which sample it is", cell, "the point and the number of the sample in every row"
        )
    return cell


def _scaled(amount: Decimal | None, scale: Decimal) -> float | None:
    return None if amount is None else float(amount * scale)
