"""Time axes of forecast files: IOAPI (TFLAG), WRF (Times, XTIME) and CF (units and calendar), turned into hour ends.

A stamp means one of four things, and the label says which:

    start    the mean of the hour that begins at the stamp   (CMAQ ACONC and what COMBINE makes of it, CAMx)
    end      the mean of the hour that ends at the stamp     (canonical)
    middle   the mean of the hour around the stamp           (CF files stamped at half past)
    instant  the value at the stamp, which stands for the hour that ends there   (CMAQ CONC, WRF, CAMS)

Sources: Models-3 I/O API (TFLAG, SDATE, STIME, TSTEP), CF-1.11 chapters 4.4, 5.7, 7.1, 7.3, WRF-ARW User's Guide (Times,
START_DATE), CAMx User's Guide (TFLAG, ETFLAG, ITZON).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import numpy as np
import xarray as xr

from streams.sources.forecasts import moments
from streams.sources.forecasts.attributes import number, text
from streams.sources.forecasts.moments import HOUR_S, iso
from streams.sources.tally import Unusable

LABELS = ("start", "end", "middle", "instant")
LABEL_ATTRIBUTE = "time_label"
"""The global attribute by which a file says itself what its stamps mean; it wins over every guess."""
RUN_ATTRIBUTES = ("run_init", "forecast_reference_time", "SIMULATION_START_DATE", "START_DATE")
"""Global attributes that hold the start of the run, the first one present wins."""
IOAPI_LABELS = (
    ("UPNAM", r"OPACONC|CAMX", "start"),
    ("UPNAM", r"OPCONC", "instant"),
    ("FILEDESC", r"instantaneous", "instant"),
    ("cell_methods", r"time: point", "instant"),
    ("FILEDESC", r"averag|ACONC", "start"),
    ("cell_methods", r"time: mean", "start"),
)
"""IOAPI: attribute, what it must hold, and the label that this makes certain; UPNAM is the program that made the file."""
MOST_STEPS = 32_000
"""Steps of one file; a run of a forecast is shorter."""
_EPOCH = dt.datetime(1970, 1, 1)


@dataclass(frozen=True)
class TimeAxis:
    """The hours of a file: hour_ends int64 (step,) [epoch h], rising; step [h]; run_init [epoch h]; label of LABELS.

    notes says what was assumed because the file does not tell.
    """

    hour_ends: np.ndarray
    step: float
    run_init: int
    label: str
    notes: tuple[str, ...] = ()


def ioapi_axis(dataset: xr.Dataset) -> TimeAxis:
    """Read the axis of an IOAPI file from TFLAG (step, variable, date-time), the step from TSTEP [HHMMSS]."""
    require_steps(dataset, "TSTEP")
    moments.require_utc(dataset["TFLAG"].attrs, dataset.attrs, "variable TFLAG")
    west = _hours_west(dataset)
    stamps, step = _flags(dataset, "TFLAG") + west, _hhmmss(int(number(dataset.attrs, "TSTEP") or 0)) / HOUR_S
    label, notes = _said_label(dataset) or _ioapi_label(dataset), ()
    if not label:
        label, notes = "start", ("hour label assumed: start of the hour, as CMAQ's hourly means have it",)
    least = float(np.diff(stamps).min()) / HOUR_S if stamps.size > 1 else step
    if step and least > 0 and least != step and label != "instant":
        found = f"TSTEP {step:g} h, TFLAG {least:g} h"
        raise Unusable(
            "TFLAG", "TSTEP and TFLAG contradict each other", found, "one step for both, or instantaneous values"
        )
    run = _run_attribute(dataset)
    if run is None and (day := number(dataset.attrs, "SDATE")) is not None:
        run = _ioapi_moment(int(day), int(number(dataset.attrs, "STIME") or 0)) + west
        notes = (*notes, "run start taken from SDATE and STIME")
    return _axis(stamps, step, run, label, notes)


def wrf_axis(dataset: xr.Dataset) -> TimeAxis:
    """Read the axis of a WRF file from Times ("YYYY-MM-DD_hh:mm:ss"), else from XTIME [min since the run's start]."""
    require_steps(dataset, "Time")
    moments.require_utc({}, dataset.attrs, "global attributes")
    run = _run_attribute(dataset)
    if "Times" in dataset:
        texts = [
            t.decode("ascii", "replace") if isinstance(t, bytes) else str(t) for t in np.ravel(dataset["Times"].values)
        ]
        stamps = np.array([moments.moment(words, "variable Times") for words in texts], np.int64)
    elif "since" in text(dataset["XTIME"].attrs, "units"):
        stamps = moments.times(
            np.atleast_1d(dataset["XTIME"].values), dataset["XTIME"].attrs, "variable XTIME", of_file={}
        )
    elif run is not None:
        minutes = dataset["XTIME"].attrs | {"units": "minutes"}
        stamps = run + moments.spans(np.atleast_1d(dataset["XTIME"].values), minutes, "variable XTIME")
    else:
        raise Unusable("global attributes", "XTIME has no start to count from", "", "SIMULATION_START_DATE or Times")
    return _axis(stamps, 0.0, run, _said_label(dataset) or "instant", ())


def cf_axis(dataset: xr.Dataset, name: str, stamps: np.ndarray, run: int | None) -> TimeAxis:
    """Read the axis of a CF file from its decoded stamps [epoch s]: what they mean is said by the file's label, by bounds, by
    stamps at half past, by cell methods, in this order.

    run [epoch s]: what the file's variables say of the run's start.
    """
    said = _run_attribute(dataset)
    if said is not None and run is not None and said != run:
        raise Unusable("run start", "the file names two starts of the run", f"{iso(said)}, {iso(run)}", "one start")
    run = run if said is None else said
    label, edges, named = _said_label(dataset), _bounds(dataset, name, stamps), text(dataset[name].attrs, "bounds")
    notes = (f"its bounds {named} are not in the file",) if named and edges is None else ()
    if edges is not None:
        step = float(np.diff(edges, axis=1).max()) / HOUR_S
        ends = _axis(edges[:, 1], step, run, "end", (), begins=int(edges[0, 0]))
        if label and not np.array_equal(_axis(stamps, step, run, label, ()).hour_ends, ends.hour_ends):
            raise Unusable(
                f"variable {name}", f"{LABEL_ATTRIBUTE} and the bounds contradict each other", label, "one of them"
            )
        return ends
    if not label and stamps.size and np.all(stamps % HOUR_S == HOUR_S // 2):
        label = "middle"
    if not label:
        mean = any("mean" in text(v.attrs, "cell_methods") for v in dataset.data_vars.values())
        label = "end" if mean else "instant"
    uneven = stamps.size > 2 and np.ptp(np.diff(stamps)) > 0
    if uneven and label in ("start", "middle"):
        found = f"steps of {np.diff(stamps).min() / HOUR_S:g} to {np.diff(stamps).max() / HOUR_S:g} h"
        raise Unusable(
            f"variable {name}", f"means of unequal steps, stamped at their {label}, have no end", found, "bounds"
        )
    return _axis(stamps, 0.0, run, label, notes)


def require_steps(dataset: xr.Dataset, dimension: str) -> None:
    """Raise Unusable for more steps than a run can have, from the header, before one of them is read."""
    if (count := dataset.sizes.get(dimension, 0)) > MOST_STEPS:
        expected = f"up to {MOST_STEPS}; cut the file into runs, or into parts that name their run in run_init"
        raise Unusable(f"dimension {dimension}", "more time steps than one file may bring", count, expected)


def _axis(
    stamps: np.ndarray, step: float, run: int | None, label: str, notes: tuple[str, ...], *, begins: int | None = None
) -> TimeAxis:
    """Build the axis from stamps [epoch s]; step [h] where the file tells it, 0 where the stamps must; begins [epoch s]: of the
    first mean, where its bounds tell it.
    """
    if stamps.size == 0:
        raise Unusable("time", "the file holds no time step", 0, "at least one")
    if not all(moments.possible(stamp) for stamp in (stamps.min(), stamps.max())):
        said, expected = f"{iso(stamps.min())} to {iso(stamps.max())}", f"{moments.FIRST_YEAR} to {moments.LAST_YEAR}"
        raise Unusable("time", "time lies beyond any forecast", said, expected)
    steps = np.diff(stamps)
    if np.any(steps <= 0):
        at = int(np.argmax(steps <= 0))
        raise Unusable(f"time step {at + 2}", "time does not rise", iso(stamps[at + 1]), f"after {iso(stamps[at])}")
    if stamps.size > 1:
        step = float(steps.min()) / HOUR_S if begins is None else step
    elif not step:
        step, notes = 1.0, (*notes, "one time step only: taken as one hour")
    shift = {"start": step * HOUR_S, "middle": step * HOUR_S / 2}.get(label, 0.0)
    ends = stamps + int(shift)
    off = ends % HOUR_S != 0
    if off.any():
        raise Unusable(
            f"time step {int(np.argmax(off)) + 1}", "time is not on the full hour", iso(ends[off][0]), "full hours"
        )
    if run is None:
        # The mean around a stamp began half a step before it.
        run = begins if begins is not None else int(stamps[0]) - (int(shift) if label == "middle" else 0)
        notes = (*notes, "run start taken from the first time step")
    if run % HOUR_S:
        raise Unusable("run start", "the run does not start on the full hour", iso(run), "a full hour")
    return TimeAxis((ends // HOUR_S).astype(np.int64), step, int(run // HOUR_S), label, notes)


def _bounds(dataset: xr.Dataset, name: str, stamps: np.ndarray) -> np.ndarray | None:
    """Read the bounds of the stamps [epoch s] (step, 2), None where there are none; raise Unusable where they are no bounds of
    these stamps.
    """
    attrs = dataset[name].attrs
    if text(attrs, "climatology"):
        raise Unusable(
            f"variable {name}", "a climatology is no forecast", text(attrs, "climatology"), "time of one run"
        )
    bounds = text(attrs, "bounds")
    if bounds not in dataset.variables:
        return None
    position, found = f"variable {bounds}", dataset[bounds]
    if found.ndim not in (1, 2) or found.size != 2 * stamps.size:
        raise Unusable(position, "not bounds of the time steps", found.shape, f"({stamps.size}, 2)")
    own = {k: v for k, v in attrs.items() if k in ("units", "calendar")} | dict(found.attrs)
    edges = moments.times(np.asarray(found.values), own, position, of_file={}).reshape(-1, 2)
    inside = (edges[:, 0] < edges[:, 1]) & (edges[:, 0] <= stamps) & (stamps <= edges[:, 1])
    follow = np.append(edges[1:, 0] >= edges[:-1, 1], True)
    if not (inside & follow).all():
        at = int(np.argmin(inside & follow))
        reason = "bounds do not follow one another" if inside[at] else "bounds do not lie around their time"
        span = f"{iso(edges[at, 0])} to {iso(edges[at, 1])} for {iso(stamps[at])}"
        raise Unusable(f"{position}, step {at + 1}", reason, span, "the begin and end of each step's mean")
    return edges


def _said_label(dataset: xr.Dataset) -> str:
    said = text(dataset.attrs, LABEL_ATTRIBUTE).lower()
    if said and said not in LABELS:
        raise Unusable(f"global attribute {LABEL_ATTRIBUTE}", "unknown time label", said, " or ".join(LABELS))
    return said


def _ioapi_label(dataset: xr.Dataset) -> str:
    """Give what IOAPI_LABELS makes certain, empty where nothing does; CAMx says when its means end."""
    if "ETFLAG" in dataset.variables:
        return "start"
    methods = " ".join(text(v.attrs, "cell_methods") for v in dataset.data_vars.values())
    words = {
        "UPNAM": text(dataset.attrs, "UPNAM"),
        "FILEDESC": text(dataset.attrs, "FILEDESC"),
        "cell_methods": methods,
    }
    return next((label for name, said, label in IOAPI_LABELS if re.search(said, words[name], re.IGNORECASE)), "")


def _run_attribute(dataset: xr.Dataset) -> int | None:
    for name in RUN_ATTRIBUTES:
        if words := text(dataset.attrs, name):
            moment = moments.moment(words, f"global attribute {name}")
            if not moments.possible(moment):
                expected = f"{moments.FIRST_YEAR} to {moments.LAST_YEAR}"
                raise Unusable(f"global attribute {name}", "no run started then", words, expected)
            return moment
    return None


def _flags(dataset: xr.Dataset, name: str) -> np.ndarray:
    """Read the flags of an IOAPI file, of its first variable, as int64 [epoch s]."""
    flags = dataset[name]
    if flags.ndim != 3 or flags.shape[2] != 2 or flags.dtype.kind not in "iu" or 0 in flags.shape:
        raise Unusable(
            f"variable {name}",
            "not the flags of the I/O API",
            f"{flags.dims} {flags.dtype}",
            "(TSTEP, VAR, 2) integers",
        )
    first = np.asarray(flags[:, 0, :].values).astype(np.int64)
    return np.array([_ioapi_moment(int(day), int(clock)) for day, clock in first], np.int64)


def _hours_west(dataset: xr.Dataset) -> int:
    """Give what CAMx's ITZON adds to its times to make them UTC [s]: hours west, 0 without it, 5 for EST, -8 for Beijing."""
    west = number(dataset.attrs, "ITZON") if "ITZON" in dataset.attrs else 0.0
    if west is None or west != round(west) or abs(west) > 14:
        expected = "whole hours west of UTC, as CAMx has them: 0, 5 for EST, -8 for Beijing"
        raise Unusable("global attribute ITZON", "not a time zone", text(dataset.attrs, "ITZON"), expected)
    return int(west) * HOUR_S


def _ioapi_moment(day: int, clock: int) -> int:
    """Give epoch seconds of an IOAPI date YYYYDDD and time HHMMSS."""
    year, number_of_day = divmod(day, 1000)
    if not 1900 <= year <= 2200 or not 1 <= number_of_day <= 365 + (
        year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    ):
        raise Unusable("TFLAG", "not an IOAPI date", day, "YYYYDDD, for instance 2023018")
    if not 0 <= clock <= 240_000 or clock // 100 % 100 > 59 or clock % 100 > 59:
        raise Unusable("TFLAG", "not an IOAPI time", clock, "HHMMSS, for instance 120000")
    moment = dt.datetime(year, 1, 1) + dt.timedelta(days=number_of_day - 1, seconds=_hhmmss(clock))
    return int((moment - _EPOCH).total_seconds())


def _hhmmss(clock: int) -> int:
    return clock // 10_000 * HOUR_S + clock // 100 % 100 * 60 + clock % 100
