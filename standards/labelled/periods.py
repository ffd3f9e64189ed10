"""The assessment of a period on labelled data: assess_period of standards.assessment.assess, and indices under other methods."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import standards.assessment.assess as assessment
import standards.assessment.indices as indices
import standards.assessment.periods as periods
from standards.assessment.compliance import NA
from standards.assessment.periods import Period
from standards.assessment.rules import AssessmentRules
from standards.editions import Edition, edition_named
from standards.index.aqi import PRIMARY_CODES
from standards.labelled.columns import DAY_COLUMNS, present_items, require_unit
from standards.labelled.shapes import Arrays, Data, names_of, series_of
from standards.labelled.times import DAY, edition_groups
from standards.labelled.words import CF_UNITS, pure, reference
from standards.pollutants import ITEMS, POLLUTANTS

RANKED_COLUMNS = (
    "so2_mean_ugm3", "no2_mean_ugm3", "co_p95_mgm3", "o3_mda8_p90_ugm3", "pm10_mean_ugm3", "pm25_mean_ugm3",
)  # fmt: skip
"""The concentrations that cities are ranked by, as assess_period names them."""

_UNIT_OF_ENDING = {"ugm3": "ug/m3", "mgm3": "mg/m3", "days": "days", "pct": "%"}


def period_named(name: str) -> Period:
    """Give the period of a name: "2023", "2023-H1", "2023-Q1" or "2023-01"; raise ValueError for another form."""
    found = re.fullmatch(r"(\d{4})(?:-(?:([HQ])(\d)|(\d\d)))?", name)
    if not found:
        raise ValueError(f"the period is {name!r}, expected a form of 2023, 2023-H1, 2023-Q1 or 2023-01, or a Period")
    number, kind, part, month = int(found[1]), found[2], found[3], found[4]
    if month:
        return periods.month(number, int(month))
    if kind:
        return (periods.half_year if kind == "H" else periods.quarter)(number, int(part))
    return periods.year(number)


def assess_period(
    data: Data,
    period: Period | str,
    *,
    edition: str | Edition | None = None,
    rules: AssessmentRules | None = None,
    method: str | indices.IndexMethod = "default",
    on_bad: str = "raise",
    duplicates: str = "raise",
) -> Data:
    """Assess a period of each place from its daily values.

    data [ug/m3, CO mg/m3]: columns of days (o3_mda8_ugm3 for ozone), by city or station and day. period: a Period or
    its name, "2023", "2023-H1", "2023-Q1", "2023-01". edition: by default the one in force on every day of the period;
    a period over two editions has no limits of its own, and one must be chosen. rules, on_bad: as
    standards.assessment.assess. method: of the indices, by name or itself. Returns a row, or an element, for each
    place: the columns of standards.assessment.assess.flat_numbers, meets_grade2, invalid_items (codes by commas),
    main_pollutants, and reasons (texts, by "; "). One place without a name has the period as label.
    Missing: as standards.assessment.assess.assess_period; days that are not there are missing.
    Errors: ValueError also where the period runs over two editions and none is chosen.
    """
    period = period if isinstance(period, Period) else period_named(period)
    present_items(names_of(data), DAY, wanted=ITEMS)
    arrays = series_of(data, [DAY_COLUMNS[item] for item in ITEMS], DAY, duplicates=duplicates)
    chosen = one_edition(period, edition)
    found = assessment.assess_period(
        arrays.values, int(arrays.times[0]) if len(arrays.times) else period.first_day, period, edition=chosen,
        rules=rules, method=indices.index_method(method) if isinstance(method, str) else method, on_bad=on_bad,
    )  # fmt: skip
    return labelled_assessment(found, arrays, period)


def labelled_assessment(found: assessment.PeriodAssessment, arrays: Arrays, period: Period) -> Data:
    """Give an assessment of arrays as labelled data, a row or element for each place."""
    trace = {
        "edition": found.edition,
        "references": f"{found.code}; {found.limits_code}; {reference(assessment.assess_period)}",
    }
    made: dict[str, Any] = {
        name: (array, _attrs(name) | trace) for name, array in assessment.flat_numbers(found).items()
    }
    made["meets_grade2"] = (found.meets_grade2, pure("no ranking concentration above its limit", "均达二级") | trace)
    texts = np.empty(found.reasons.shape, object)
    for at in np.ndindex(texts.shape):
        texts[at] = "; ".join(map(str, found.reasons[at]))
    main = np.array(PRIMARY_CODES, object)[found.ranking.main]
    unknown = np.zeros(found.overall.shape, np.uint8)
    for i in range(len(ITEMS)):
        unknown |= (found.complies[i] == NA).astype(np.uint8) << i
    made["invalid_items"] = (
        np.array(PRIMARY_CODES, object)[unknown], pure("items without a verdict, by commas", "缺测或无效项目", units=None)
    )  # fmt: skip
    made["main_pollutants"] = (main, pure("items with the largest single index, by commas", "主要污染物", units=None))
    made["reasons"] = (texts, pure("why a verdict is so or is missing", "原因", units=None))
    about = dict(arrays.about) | trace | {"period": period.name, "method": found.ranking.method}
    return arrays.give_places(made, about | {"limit_set": found.ranking.limit_set}, label=period.name)


def composite_index(
    data: Data, *, edition: str | Edition, method: str | indices.IndexMethod = "default"
) -> pd.DataFrame | xr.Dataset:
    """Compute the ranking index again, of statistics that assess_period gave, under another edition or method.

    data [ug/m3, CO mg/m3]: the columns RANKED_COLUMNS, of any shape. edition: gives the limits where the method says
    in_force. method: by name (standards.assessment.indices.INDEX_METHODS) or itself. Returns, on the same index or
    dimensions, the index of each item, ranking_index, ranking_index_max and main_pollutants.
    Missing, errors: as standards.assessment.indices.composite_index.
    """
    if missing := [name for name in RANKED_COLUMNS if name not in names_of(data)]:
        raise ValueError(f"missing are {', '.join(missing)}, expected what assess_period gives")
    each = edition if isinstance(edition, Edition) else edition_named(edition)
    chosen = indices.index_method(method) if isinstance(method, str) else method
    said = data.attrs.get("units") if isinstance(data, pd.DataFrame) else None
    for name in RANKED_COLUMNS:
        units = said.get(name) if isinstance(said, Mapping) else None
        require_unit(name, units if isinstance(data, pd.DataFrame) else data[name].attrs.get("units"))
    columns = [data[name] for name in RANKED_COLUMNS]
    if isinstance(data, xr.Dataset):
        columns = list(xr.broadcast(*columns))
    values = np.stack([np.asarray(column, np.float64) for column in columns])
    found = indices.composite_index(values, edition=each, method=chosen)
    made = {f"{item}_index": found.single[i] for i, item in enumerate(ITEMS)} | {
        "ranking_index": found.total, "ranking_index_max": found.maximum,
        "main_pollutants": np.array(PRIMARY_CODES, object)[found.main],
    }  # fmt: skip
    about = {
        "edition": each.name, "method": found.method, "limit_set": found.limit_set,
        "references": reference(indices.composite_index),
    }  # fmt: skip
    if isinstance(data, xr.Dataset):
        dims = columns[0].dims
        return xr.Dataset({n: (dims, a, _attrs(n)) for n, a in made.items()}, columns[0].coords, about)
    frame = pd.DataFrame(made, index=data.index)
    frame.attrs = about
    return frame


def one_edition(period: Period, edition: str | Edition | None) -> Edition:
    """Give the edition chosen, else the one in force in the whole period; raise ValueError where there are two."""
    groups = edition_groups(np.arange(period.first_day, period.last_day + 1), edition)
    if len(groups) > 1:
        names = " and ".join(each.name for _, each in groups)
        raise ValueError(
            f"period {period.name} runs over the editions {names}, whose limits differ: expected edition= to say by "
            "which it is assessed; daily_aqi judges each day by its own"
        )
    return groups[0][1]


def _attrs(name: str) -> dict[str, Any]:
    item, _, rest = name.partition("_")
    what = rest if item in ITEMS else name
    unit = _UNIT_OF_ENDING.get(name.rpartition("_")[2], "1")
    words = what.removesuffix("_" + name.rpartition("_")[2]) if unit in CF_UNITS else what
    of = f"{POLLUTANTS[item].symbol} " if item in ITEMS else ""
    return {"units": CF_UNITS.get(unit, unit), "long_name": of + words.replace("_", " ")}
