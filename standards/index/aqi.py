"""The air-quality index: the index of one item, and the hourly and daily report of six (HJ 633-2012, HJ 633-2026)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from standards.editions import Edition
from standards.index.levels import LEVELS
from standards.index.missing import LETTER, MissingRule, missing_rule
from standards.index.tables import MISSING_CODE, ReportTables, item_codes, report_tables
from standards.pollutants import ITEMS, POLLUTANTS
from standards.rounding import half_even_units

PRIMARY_CODES = tuple(
    ",".join(item for bit, item in enumerate(ITEMS) if mask >> bit & 1) for mask in range(2 ** len(ITEMS))
)
"""The primary pollutants of each of the 64 bit masks as text: codes in the order of ITEMS, joined by commas."""

_COLUMNS = 16384  # per pass: the buffers of a pass stay in the second-level cache
_CONCENTRATION_MAX = 1e9  # [ug/m3, CO mg/m3] no concentration is above this: the density of air is 1.2e9 ug/m3
_BITS = np.array([[1 << bit] for bit in range(len(ITEMS))], dtype=np.uint8)
_FINER_ITEMS = tuple(i for i, item in enumerate(ITEMS) if POLLUTANTS[item].decimals)
_PRIMARY_ABOVE = 50  # HJ 633-2012 and HJ 633-2026 4.3.1: a primary pollutant is named where the AQI exceeds this


@dataclass(frozen=True, slots=True)
class Aqi:
    """A report of the index, as arrays; "..." is the shape of one item's concentrations.

    iaqi: float32 (6, ...), index of each item, NaN where missing or not in the plan. aqi: float64 (...), NaN is the
    mark NA. primary: uint8 (...), bit i set where ITEMS[i] is a primary pollutant. level: uint8 (...), 1 to 6, 0 where
    NA. missing: uint8 (...), bit i set where ITEMS[i] is in the plan and has no index.
    """

    iaqi: np.ndarray
    aqi: np.ndarray
    primary: np.ndarray
    level: np.ndarray
    missing: np.ndarray


def iaqi(
    concentration: np.ndarray | float, item: str, period: str, *, edition: Edition, network: bool = False
) -> np.ndarray:
    """Compute the individual index of one item.

    concentration [ug/m3, CO mg/m3]: any shape. item: one of ITEMS. period: "hour", "day", or "8h" for ozone. edition:
    which HJ 633. network: follow the lines that the national network used in its hourly index under HJ 633-2012
    (particles on the daily breakpoints, SO2 above 800 gives 200) instead of the text. Returns float64 of the same
    shape.
    Rounding: the concentration is first rounded to the reported decimals (GB/T 8170: CO 1, others 0), as HJ 633-2026
    4.2.2 orders; HJ 633-2012 is silent and we assume the same. The index is rounded up, exactly.
    Above the last breakpoint: 500; SO2 over one hour and O3 over 8 hours above 800 give 200 and 300 under HJ 633-2026,
    and missing under HJ 633-2012 (which refers to SO2 over the day and O3 over one hour).
    Missing: NaN gives NaN.
    Errors: ValueError where a concentration is negative or infinite, or the edition has no such index.
    Source: HJ 633-2012 Table 1; HJ 633-2026 Table 3, 4.2.2 to 4.2.6.
    """
    codes = item_codes(edition, item, period, network)
    concentration = np.asarray(concentration, dtype=np.float64)
    _require_concentrations(concentration, item)
    units = half_even_units(np.minimum(concentration, 1e6), POLLUTANTS[item].decimals)
    slots = np.where(np.isnan(units), 0.0, units + 1.0).astype(np.intp)
    found = codes.take(slots, mode="clip")
    return np.where(found == MISSING_CODE, np.nan, found - 1.0)


def hourly_aqi(
    values: np.ndarray,
    *,
    edition: Edition,
    in_plan: np.ndarray | None = None,
    missing: str | MissingRule = "letter",
) -> Aqi:
    """Compute the hourly (real-time) report from 1-hour means, particles on the daily breakpoints.

    values [ug/m3, CO mg/m3]: float64 (6, ...), items in the order of ITEMS. in_plan: bool (6,) or (6, ...) with the
    leading axes of values, False where the item is not in the monitoring plan; its values are then ignored. missing:
    what becomes of an hour with an item missing, a rule of standards.index.missing or its name; network_rule gives the
    one that the national network followed on a day. Returns Aqi.
    Missing: by "letter" as daily_aqi; by "particle" the index of the items that are there is given where PM10 or PM2.5
    is one of them, and NA otherwise.
    Notes: HJ 633-2012 asked for 24-hour moving means of the particles; its network published the index of their 1-hour
    means, and 200 for SO2 above 800. This follows the network (tables/hj633_2012_network.csv), so that every published
    hourly AQI is met.
    Errors: ValueError where a concentration is negative or infinite, naming item, value and what was expected.
    Source: HJ 633-2026 4.2.3, 4.2.6, 4.3.1, 5.3; practice under HJ 633-2012.
    """
    rule = missing if isinstance(missing, MissingRule) else missing_rule(missing)
    return _report(values, report_tables(edition, daily=False), in_plan, rule)


def daily_aqi(values: np.ndarray, *, edition: Edition, in_plan: np.ndarray | None = None) -> Aqi:
    """Compute the daily report from day means and, for ozone, the largest 8-hour mean of the day.

    values [ug/m3, CO mg/m3]: float64 (6, ...), items in the order of ITEMS, MDA8 in the o3 row. in_plan: as hourly_aqi.
    Returns Aqi.
    Missing: with an item of the plan missing, the AQI of the others is published where it exceeds 100, otherwise it is
    NA (NaN, level 0, no primary pollutant) and the individual indices stay. An item outside the plan is "/" and makes
    no NA. HJ 633-2012 gives no rule; we assume the same.
    Notes: HJ 633-2012 also lists the largest 1-hour mean of ozone; this report has the six items that are published.
    Errors: ValueError where a concentration is negative or infinite, naming item, value and what was expected.
    Source: HJ 633-2026 4.2.2, 4.2.6, 4.3.1, 5.3.1, 5.3.2.
    """
    return _report(values, report_tables(edition, daily=True), in_plan, LETTER)


def primary_codes(mask: int) -> str:
    """Write a bit mask of primary pollutants as codes, for instance "o3,pm25"; "" for none."""
    return PRIMARY_CODES[mask]


def aqi_mark(aqi: float, *, in_plan: bool = True) -> str:
    """Write an index as it is published: the number, "NA" where missing (NaN), "/" where the item is not in the plan.

    Source: HJ 633-2026 5.3.1, 5.3.2.
    """
    if not in_plan:
        return "/"
    return "NA" if math.isnan(aqi) else str(int(aqi))


def _report(values: np.ndarray, tables: ReportTables, in_plan: np.ndarray | None, rule: MissingRule) -> Aqi:
    values = np.asarray(values, dtype=np.float64)
    if values.ndim == 0 or values.shape[0] != len(ITEMS):
        raise ValueError(
            f"values have shape {values.shape}, expected ({len(ITEMS)}, ...) in the order {', '.join(ITEMS)}"
        )
    shape = values.shape[1:]
    rows = values.reshape(len(ITEMS), -1)
    plan = None if in_plan is None else _plan_rows(in_plan, values.shape)
    size = rows.shape[1]
    index, aqi = np.empty((len(ITEMS), size), dtype=np.float32), np.empty(size)
    primary, level, missing = (np.empty(size, dtype=np.uint8) for _ in range(3))
    width = min(size, _COLUMNS)
    scratch, slots = np.empty((len(ITEMS), width)), np.empty((len(ITEMS), width), dtype=np.intp)
    codes = np.empty((len(ITEMS), width), dtype=np.uint16)
    for start in range(0, size, _COLUMNS):
        part = slice(start, start + _COLUMNS)
        n = aqi[part].size
        part_plan = None if plan is None else plan[:, part]
        _fill_slots(rows[:, part], part_plan, tables, scratch[:, :n], slots[:, :n])
        tables.codes.take(slots[:, :n], out=codes[:, :n], mode="clip")
        tables.index.take(slots[:, :n], out=index[:, part], mode="clip")
        _summarise(codes[:, :n], part_plan, rule, aqi[part], primary[part], level[part], missing[part])
    return Aqi(
        index.reshape(values.shape),
        aqi.reshape(shape),
        primary.reshape(shape),
        level.reshape(shape),
        missing.reshape(shape),
    )


def _plan_rows(in_plan: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    plan = np.asarray(in_plan, dtype=bool)
    plan = plan.reshape(plan.shape + (1,) * (len(shape) - plan.ndim))
    return np.broadcast_to(plan, shape).reshape(len(ITEMS), -1)


def _fill_slots(rows, plan, tables: ReportTables, scratch, slots) -> None:
    # rows: concentrations (6, n); slots: where each is found in the joined tables. scratch: float64 (6, n),
    # overwritten.
    if np.fmin.reduce(rows, axis=None) < 0 or np.fmax.reduce(rows, axis=None) > _CONCENTRATION_MAX:
        for item, row in zip(ITEMS, rows, strict=True):
            _require_concentrations(row, item)
    np.rint(rows, out=scratch)
    for i in _FINER_ITEMS:
        scratch[i] = half_even_units(rows[i], POLLUTANTS[ITEMS[i]].decimals)
    np.minimum(scratch, tables.last, out=scratch)
    scratch += tables.base + 1.0
    np.fmax(scratch, tables.base, out=scratch)  # NaN gives way to the slot of the missing value
    if plan is not None:
        np.copyto(scratch, tables.base, where=~plan)
    np.copyto(slots, scratch, casting="unsafe")


def _summarise(codes, plan, rule: MissingRule, aqi, primary, level, missing) -> None:
    # codes: index + 1, 0 for missing, uint16 (6, n). Fills the four outputs (n,).
    top = codes.max(axis=0)
    absent = codes == MISSING_CODE
    if plan is not None:
        absent &= plan
    _bit_mask(absent, missing)
    given = top > rule.publish_above + 1
    if rule.needs:
        given &= (missing & rule.needs) != rule.needs
    top *= (missing == 0) | given
    is_top = codes == top
    is_top &= top > _PRIMARY_ABOVE + 1
    _bit_mask(is_top, primary)
    np.not_equal(top, MISSING_CODE, out=level.view(bool))
    for each in LEVELS[1:]:
        level += top > each.aqi_from
    np.subtract(top, 1.0, out=aqi)
    aqi[top == MISSING_CODE] = np.nan


def _bit_mask(flags: np.ndarray, mask: np.ndarray) -> None:
    np.bitwise_or.reduce(flags.view(np.uint8) * _BITS, axis=0, out=mask)


def _require_concentrations(concentration: np.ndarray, item: str) -> None:
    bad = ~((concentration >= 0) & (concentration <= _CONCENTRATION_MAX)) & ~np.isnan(concentration)
    if bad.any():
        raise ValueError(
            f"{item} is {concentration[bad][0]} {POLLUTANTS[item].unit}, "
            f"expected 0 to {_CONCENTRATION_MAX:.0f}, or NaN for missing"
        )
