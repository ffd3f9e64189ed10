"""The runs of a CF file: which variable is the valid time, which the start of the run, which the lead, and one axis for each run.

What is understood, T the valid time, R the start of the run, L the lead:

    T                    one run; its start is a variable of one value, or an attribute, or T less L, or the first step
    T with R(T)          several runs that were joined: each step belongs to the run that started at its R
    R, L                 cfgrib (time, step) and CF (forecast_reference_time, forecast_period): a run for each R, T = R + L
    R, L with T(R, L)    the same; T must be R + L
    T(R)                 one lead for each run: runs of one hour; where the lead is 0 they are analyses, one series
    scalars              one hour

Sources: CF-1.11 chapter 5.7 and standard names time, forecast_reference_time, forecast_period; cfgrib (time, step, valid_time).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from streams.sources.forecasts import moments
from streams.sources.forecasts.attributes import text
from streams.sources.forecasts.dimensions import BY_NAME
from streams.sources.forecasts.netcdf_time import require_steps
from streams.sources.tally import Unusable

MOST_RUNS = 1_000
"""Runs of one file."""


@dataclass(frozen=True)
class Run:
    """One run of a file: dataset without other runs; time, the variable that holds its times; dimension, of the steps, empty
    where there is one hour only; stamps int64 (step,) and start [epoch s] (None: the variables do not tell).
    """

    dataset: xr.Dataset
    time: str = ""
    dimension: str = ""
    stamps: np.ndarray | None = None
    start: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Clock:
    """The variables of time of a file, empty where there is none."""

    valid: str
    start: str
    lead: str


def cf_runs(dataset: xr.Dataset) -> Iterator[Run]:
    """Give the runs of a CF file one by one, each with its times; a run without any time has no stamps.

    Raise Unusable where the times are not understood.
    """
    clock = _clock(dataset)
    for name in (clock.valid, clock.start, clock.lead):
        for dimension in dataset[name].dims if name else ():
            require_steps(dataset, str(dimension))
    starts = _dimension(dataset, clock.start)
    if starts and starts != _dimension(dataset, clock.valid) and starts != _dimension(dataset, clock.lead):
        yield from _each_start(dataset, clock, starts)
    elif starts and clock.valid:
        yield from _joined(dataset, clock, starts)
    elif starts and clock.lead and not dataset[clock.lead].dims:
        yield from _each_start(dataset, clock, starts)
    else:
        yield _single(dataset, clock)


def _clock(dataset: xr.Dataset) -> _Clock:
    """Find the variables of time: by standard name, then by name; a time that nobody says to be valid is cfgrib's run where
    there are steps beside it.
    """
    bounds = {text(v.attrs, n) for v in dataset.variables.values() for n in ("bounds", "climatology")}
    named = {
        str(n): text(v.attrs, "standard_name").lower()
        for n, v in dataset.variables.items()
        if n not in bounds and v.ndim < 3
    }

    def first(standard: str, names: tuple[str, ...], reject: set[str]) -> str:
        by_standard = [n for n, said in named.items() if said == standard]
        free = [n for n, said in named.items() if said not in _SAID - {standard} and n.lower() in names]
        # A valid time along one dimension goes before one that only repeats it.
        return next(
            (n for n in [*by_standard, *sorted(free, key=_by(names))] if n not in reject and _is_time(dataset, n)), ""
        )

    lead = first("forecast_period", BY_NAME["lead"], set())
    start = first("forecast_reference_time", BY_NAME["run"], {lead})
    valid = first("time", ("valid_time", *BY_NAME["time"]), {lead, start})
    if not valid:
        valid = next(
            (n for n, v in dataset.variables.items() if text(v.attrs, "axis") == "T" and n not in (lead, start)), ""
        )
    if not valid:
        # CF-1.11 4.4: a time coordinate can be told by its units alone.
        valid = next(
            (n for n, said in named.items() if not said and _counts_time(dataset, n) and n not in (lead, start)), ""
        )
    if not start and valid and _is_cfgrib(dataset, valid, lead):
        return _Clock("", str(valid), lead)
    return _Clock(str(valid), start, lead)


def _is_cfgrib(dataset: xr.Dataset, time: str, lead: str) -> bool:
    """Whether a time is the start of the run: there are leads along a dimension of their own, and nobody says it is valid."""
    leads = _dimension(dataset, lead)
    said = text(dataset[time].attrs, "standard_name").lower()
    return bool(leads) and leads != _dimension(dataset, time) and said != "time" and dataset[time].ndim < 2


_SAID = {"time", "forecast_reference_time", "forecast_period"}


def _by(names: tuple[str, ...]):
    return lambda name: names.index(name.lower())


def _is_time(dataset: xr.Dataset, name: str) -> bool:
    """Whether a variable can be one of time: numbers, and for names that others have too a unit of time."""
    units = text(dataset[name].attrs, "units").lower()
    common = name.lower() in ("t", "step", "run", "lead", "z") and not text(dataset[name].attrs, "standard_name")
    return dataset[name].dtype.kind in "iuf" and (not common or "since" in units or units in moments.UNITS_S)


def _counts_time(dataset: xr.Dataset, name: str) -> bool:
    return (
        dataset[name].dims == (name,)
        and dataset[name].dtype.kind in "iuf"
        and " since " in text(dataset[name].attrs, "units").lower()
    )


def _dimension(dataset: xr.Dataset, name: str) -> str:
    """Give the dimension of a variable of one dimension, empty for others."""
    return str(dataset[name].dims[0]) if name and dataset[name].ndim == 1 else ""


def _each_start(dataset: xr.Dataset, clock: _Clock, starts: str) -> Iterator[Run]:
    """Give a run for each value of the dimension of starts."""
    if (count := dataset.sizes[starts]) > MOST_RUNS:
        raise Unusable(f"dimension {starts}", "more runs than one file may bring", count, f"up to {MOST_RUNS}")
    for i in range(count):
        part = dataset.isel({starts: i})
        yield _single(part, clock)


def _joined(dataset: xr.Dataset, clock: _Clock, time: str) -> Iterator[Run]:
    """Give the runs of a file whose every step names the start of its run; where each is a run of its own, analyses are one."""
    begun = _read(dataset, clock.start)
    whole = _single(dataset, replace(clock, start=""))
    if whole.dimension != time or whole.stamps is None or whole.stamps.shape != begun.shape:
        raise Unusable(f"variable {clock.start}", "not one start for each time step", dataset[clock.start].dims, time)
    if np.array_equal(begun, whole.stamps) and begun.size > 1:
        yield replace(whole, start=int(begun[0]), notes=("analyses, each at the start of its run: one series",))
        return
    each = np.unique(begun)
    if each.size > MOST_RUNS:
        raise Unusable(f"dimension {time}", "more runs than one file may bring", each.size, f"up to {MOST_RUNS}")
    for start in each.tolist():
        at = np.flatnonzero(begun == start)
        part = dataset.isel({time: at if np.any(np.diff(at) != 1) else slice(int(at[0]), int(at[-1]) + 1)})
        yield replace(whole, dataset=part, stamps=whole.stamps[at], start=start)


def _single(dataset: xr.Dataset, clock: _Clock) -> Run:
    """Give the one run of a dataset: T as it is, or start + lead; where all of them are there they must agree."""
    start = _read(dataset, clock.start) if clock.start else None
    if start is not None and start.size != 1:
        raise Unusable(
            f"variable {clock.start}", "more starts of runs than runs", start.shape, "one start for each run"
        )
    begun = None if start is None else int(start.ravel()[0])
    lead = _spans(dataset, clock.lead, needed=not clock.valid) if clock.lead else None
    valid = _read(dataset, clock.valid) if clock.valid else None
    if valid is not None and valid.ndim > 1:
        squeezed = [d for d in dataset[clock.valid].dims if dataset.sizes[d] > 1]
        if len(squeezed) > 1:
            raise Unusable(
                f"variable {clock.valid}", "time over more than one dimension", dataset[clock.valid].dims, "one"
            )
        dataset = dataset.isel(
            {d: 0 for d in dataset[clock.valid].dims if d not in (squeezed or dataset[clock.valid].dims[-1:])}
        )
        valid = valid.ravel()
    if valid is None and begun is not None and lead is not None:
        dimension = _dimension(dataset, clock.lead)
        return Run(dataset, clock.lead, dimension, begun + np.atleast_1d(lead), begun)
    if valid is None:
        return Run(dataset)
    beside = lead is not None and (lead.size == 1 or dataset[clock.lead].dims == dataset[clock.valid].dims)
    if beside and valid.size:
        implied = np.unique(valid.ravel() - lead.ravel())
        if begun is not None and (implied.size != 1 or implied[0] != begun):
            found = f"{moments.iso(valid.ravel()[0])}, {moments.iso(begun)} + {lead.ravel()[0] / moments.HOUR_S:g} h"
            raise Unusable(
                f"variable {clock.valid}",
                "time is not the run's start plus the lead",
                found,
                "one of them, or agreement",
            )
        begun = int(implied[0]) if begun is None and implied.size == 1 else begun
    dimension = _dimension(dataset, clock.valid)
    return Run(dataset, clock.valid, dimension, np.atleast_1d(valid), begun)


def _read(dataset: xr.Dataset, name: str) -> np.ndarray:
    return moments.times(
        np.asarray(dataset[name].values), dataset[name].attrs, f"variable {name}", of_file=dataset.attrs
    )


def _spans(dataset: xr.Dataset, name: str, *, needed: bool) -> np.ndarray | None:
    """Read the lead [s], None where its unit does not tell and the times do."""
    try:
        return moments.spans(np.asarray(dataset[name].values), dataset[name].attrs, f"variable {name}")
    except Unusable:
        if needed:
            raise
        return None
