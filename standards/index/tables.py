"""The index as exact look-up tables: one entry per reported concentration, computed in exact integers.

Doubles would not do: for 23 concentrations of CO on the 0.1 mg/m3 grid the usual formula ends a hair above a whole
number and rounding up then gives one too many (2.2 mg/m3 over a day is exactly 55, in doubles 56).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np

from standards.editions import Breakpoints, Edition
from standards.pollutants import ITEMS, POLLUTANTS

MISSING_CODE = 0
"""Look-up tables hold index + 1, and 0 for missing."""

_DAILY_PERIODS = {"so2": "day", "no2": "day", "co": "day", "o3": "8h", "pm10": "day", "pm25": "day"}


def index_codes(breakpoints: Breakpoints, decimals: int) -> np.ndarray:
    """Tabulate index + 1 over every reported concentration.

    breakpoints: a line of HJ 633's table. decimals: of a reported concentration. Returns uint16 (n + 3,): slot 0 is
    missing (0), slot 1 + c is the concentration of c reporting units, and the last slot is all that lies above the
    table.
    Source: HJ 633-2012 and HJ 633-2026, formula of the IAQI; HJ 633-2026 4.2.6 (always rounded up).
    """
    scale = 10**decimals
    edges = [c * scale for c in breakpoints.concentration]
    if any(edge.denominator != 1 for edge in edges) or sorted(set(edges)) != edges:
        raise ValueError(f"breakpoints {breakpoints.concentration} must rise and be whole in units of 1/{scale}")
    codes = [MISSING_CODE]
    for low, high, index_low, index_high in zip(edges, edges[1:], breakpoints.iaqi, breakpoints.iaqi[1:], strict=False):
        slope = Fraction(index_high - index_low) / (high - low)
        units = range(int(low), int(high))
        codes += [-(-(slope.numerator * (u - int(low))) // slope.denominator) + index_low + 1 for u in units]
    codes.append(breakpoints.iaqi[-1] + 1)
    codes.append(MISSING_CODE if breakpoints.above is None else breakpoints.above + 1)
    return np.array(codes, dtype=np.uint16)


@cache
def item_codes(edition: Edition, item: str, period: str, network: bool) -> np.ndarray:
    """Give the look-up table of one item, period and edition, built once.

    network: take the lines that the national network used where they differ from the edition as printed.
    Returns uint16 as index_codes does, read-only. Errors: ValueError where the edition has no index for item and
    period.
    """
    lines: Mapping[tuple[str, str], Breakpoints] = edition.network if network else edition.breakpoints
    if (item, period) not in lines:
        periods = sorted(p for i, p in lines if i == item)
        raise ValueError(f"{edition.code} has no index for {item!r} over {period!r}, expected one of {periods}")
    codes = index_codes(lines[item, period], POLLUTANTS[item].decimals)
    codes.flags.writeable = False
    return codes


@dataclass(frozen=True, slots=True)
class ReportTables:
    """The tables of the six items joined end to end in the order of ITEMS, for one look-up per report.

    codes: uint16 (n,), index + 1. index: float32 (n,), slot by slot the same with NaN for missing. base: float64 (6,
    1), the slot of an item's missing value; its concentration of c reporting units is at base + 1 + c. last: float64
    (6, 1), the largest c that has a slot of its own kind: all above the table.
    """

    codes: np.ndarray
    index: np.ndarray
    base: np.ndarray
    last: np.ndarray


@cache
def report_tables(edition: Edition, *, daily: bool) -> ReportTables:
    """Give the joined tables of the daily or the hourly report, built once; the hourly report follows the network."""
    tables = [item_codes(edition, item, _DAILY_PERIODS[item] if daily else "hour", not daily) for item in ITEMS]
    codes = np.concatenate(tables)
    index = np.where(codes == MISSING_CODE, np.nan, codes - 1.0).astype(np.float32)
    sizes = np.array([[float(len(table))] for table in tables])
    return ReportTables(codes, index, np.cumsum(sizes, axis=0) - sizes, sizes - 2.0)
