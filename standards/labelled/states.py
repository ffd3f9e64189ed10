"""Concentrations on labelled data told at another reference state (standards.reference_states)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

import standards.reference_states as states
from standards.days import date_of_day
from standards.labelled.columns import columns_of, present_items
from standards.labelled.shapes import Data, names_of, rows_of
from standards.labelled.times import axis_of, days_of
from standards.labelled.words import concentration, reference

_AIR = ("temperature_c", "pressure_hpa")


def to_reference_state(data: Data, *, on: dt.date | str) -> Data:
    """Tell concentrations at the state of one day, each hour or day from the state in force on its own day.

    data [ug/m3, CO mg/m3]: columns of hours or of days, of some of the six items, in any order of time; with particles
    of days before 2018-09-01 on one side also temperature_c [degrees C] and pressure_hpa [hPa] of the air. on: a date,
    whose state is wanted. Returns the same columns on the same index or dimensions, not rounded.
    Missing: as standards.reference_states.to_state.
    Errors: as there; ValueError also where a column is missing or in another unit, or a time has no zone.
    """
    wanted = states.reference_state(dt.date.fromisoformat(on) if isinstance(on, str) else on)
    axis = axis_of(data)
    items = present_items(names_of(data), axis)
    columns = [columns_of(axis)[item] for item in items]
    air = [name for name in _AIR if name in names_of(data)]
    arrays = rows_of(data, [*columns, *air], axis)
    weather = dict(zip(air, arrays.values[len(items) :], strict=True))
    days = days_of(arrays.times, axis)
    found = np.full(arrays.values[: len(items)].shape, np.nan)
    for state in states.REFERENCE_STATES:
        at = np.flatnonzero([states.reference_state(date_of_day(day)) == state for day in days])
        if not len(at):
            continue
        for i, item in enumerate(items):
            given = {name: weather[name][..., at] if name in weather else None for name in _AIR}
            found[i][..., at] = states.to_state(arrays.values[i][..., at], item, was=state, now=wanted, **given)
    trace = {"reference_state": wanted.clause, "references": reference(states.to_state)}
    made: dict[str, Any] = {
        column: (found[i], concentration(column, item) | trace)
        for i, (column, item) in enumerate(zip(columns, items, strict=True))
    }
    return arrays.give(made, dict(arrays.about) | trace)
