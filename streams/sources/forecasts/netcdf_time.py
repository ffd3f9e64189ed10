"""Time axes of forecast files: IOAPI (TFLAG), WRF (Times, XTIME) and CF (units and calendar), turned into hour ends.

A stamp means one of four things, and the label says which:

    start    the mean of the hour that begins at the stamp   (CMAQ ACONC and what COMBINE makes of it)
    end      the mean of the hour that ends at the stamp     (canonical)
    middle   the mean of the hour around the stamp           (CF files stamped at half past)
    instant  the value at the stamp, which stands for the hour that ends there   (CMAQ CONC, WRF, CAMS)

Sources: Models-3 I/O API (TFLAG, SDATE, STIME, TSTEP), CF-1.10 chapter 4.4 and 7.1, WRF-ARW User's Guide (Times,
START_DATE).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import numpy as np
import xarray as xr

from streams.sources.tally import Unusable

LABELS = ("start", "end", "middle", "instant")
LABEL_ATTRIBUTE = "time_label"
"""The global attribute by which a file says itself what its stamps mean; it wins over every guess."""
RUN_ATTRIBUTES = ("run_init", "forecast_reference_time", "SIMULATION_START_DATE", "START_DATE")
"""Global attributes that hold the start of the run, the first one present wins."""
UPNAM_LABELS = {"OPACONC": "start", "OPCONC": "instant"}
"""IOAPI attribute UPNAM (the program that made the file) to label: CMAQ's hourly means and its instantaneous values."""
HOUR_S = 3600
_EPOCH = dt.datetime(1970, 1, 1)
_MOMENT = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T_ ](\d{2})(?::?(\d{2}))?(?::?(\d{2}))?(?:\.0*)?)?\s*(?:Z|UTC|\+00:?00)?"
)


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
    flags = np.asarray(dataset["TFLAG"].values)[:, 0, :].astype(np.int64)
    stamps = np.array([_ioapi_moment(int(day), int(clock)) for day, clock in flags])
    step = _hhmmss(int(dataset.attrs.get("TSTEP", 0))) / HOUR_S
    label, notes = _label(dataset, UPNAM_LABELS.get(_text(dataset, "UPNAM")) or _described(dataset))
    if label is None:
        label, notes = "start", ("hour label assumed: start of the hour, as CMAQ's hourly means have it",)
    run = _run_attribute(dataset)
    if run is None and "SDATE" in dataset.attrs:
        run = _ioapi_moment(int(dataset.attrs["SDATE"]), int(dataset.attrs.get("STIME", 0)))
        notes = (*notes, "run start taken from SDATE and STIME")
    return _axis(stamps, step, run, label, notes)


def wrf_axis(dataset: xr.Dataset) -> TimeAxis:
    """Read the axis of a WRF file from Times ("YYYY-MM-DD_hh:mm:ss"), else from XTIME [min since the run's start]."""
    run = _run_attribute(dataset)
    if "Times" in dataset:
        texts = [t.decode() if isinstance(t, bytes) else str(t) for t in np.atleast_1d(dataset["Times"].values)]
        stamps = np.array([_moment(text, "variable Times") for text in texts])
    elif run is not None:
        stamps = run + np.rint(np.atleast_1d(dataset["XTIME"].values).astype(float) * 60).astype(np.int64)
    else:
        raise Unusable("global attributes", "XTIME has no start to count from", "", "SIMULATION_START_DATE or Times")
    label, notes = _label(dataset, "instant")
    return _axis(stamps, 0.0, run, label or "instant", notes)


def cf_axis(dataset: xr.Dataset, name: str) -> TimeAxis:
    """Read the axis of a CF file from its time coordinate: bounds give the hour's end, else cell methods and the
    stamps.
    """
    stamps, bounds = _decoded(dataset, name), dataset[name].attrs.get("bounds", "")
    run, step = _run_attribute(dataset), 0.0
    if run is None:
        run = _reference_time(dataset)
    label, notes = _label(dataset, None)
    if label is None and bounds in dataset.variables:
        edges = _decoded(dataset, bounds, like=name)
        stamps, label, step = edges[:, 1], "end", float(edges[0, 1] - edges[0, 0]) / HOUR_S
    elif label is None and np.all(stamps % HOUR_S == HOUR_S // 2):
        label = "middle"
    elif label is None:
        mean = any("mean" in str(v.attrs.get("cell_methods", "")) for v in dataset.data_vars.values())
        label = "end" if mean else "instant"
    return _axis(stamps, step, run, label, notes)


def _axis(stamps: np.ndarray, step: float, run: int | None, label: str, notes: tuple[str, ...]) -> TimeAxis:
    """Build the axis from stamps [epoch s]; step [h] where the file tells it, 0 where the stamps must."""
    if stamps.size == 0:
        raise Unusable("time", "the file holds no time step", 0, "at least one")
    steps = np.diff(stamps)
    if np.any(steps <= 0):
        at = int(np.argmax(steps <= 0))
        raise Unusable(f"time step {at + 2}", "time does not rise", _iso(stamps[at + 1]), f"after {_iso(stamps[at])}")
    if stamps.size > 1:
        step = float(steps.min()) / HOUR_S
    elif not step:
        step, notes = 1.0, (*notes, "one time step only: taken as one hour")
    shift = {"start": step * HOUR_S, "middle": step * HOUR_S / 2}.get(label, 0.0)
    ends = stamps + int(shift)
    off = ends % HOUR_S != 0
    if off.any():
        raise Unusable(
            f"time step {int(np.argmax(off)) + 1}", "time is not on the full hour", _iso(ends[off][0]), "full hours"
        )
    if run is None:
        run, notes = int(stamps[0]), (*notes, "run start taken from the first time step")
    if run % HOUR_S:
        raise Unusable("run start", "the run does not start on the full hour", _iso(run), "a full hour")
    return TimeAxis((ends // HOUR_S).astype(np.int64), step, int(run // HOUR_S), label, notes)


def _label(dataset: xr.Dataset, guess: str | None) -> tuple[str | None, tuple[str, ...]]:
    said = _text(dataset, LABEL_ATTRIBUTE).lower()
    if said and said not in LABELS:
        raise Unusable(f"global attribute {LABEL_ATTRIBUTE}", "unknown time label", said, " or ".join(LABELS))
    return said or guess, ()


def _described(dataset: xr.Dataset) -> str | None:
    """Guess the label of an IOAPI file from its description and the cell methods of its variables."""
    text = " ".join(
        [_text(dataset, "FILEDESC"), *(str(v.attrs.get("cell_methods", "")) for v in dataset.data_vars.values())]
    )
    if re.search(r"instantaneous|time: point", text, re.IGNORECASE):
        return "instant"
    return "start" if re.search(r"averag|ACONC|time: mean", text, re.IGNORECASE) else None


def _run_attribute(dataset: xr.Dataset) -> int | None:
    for name in RUN_ATTRIBUTES:
        if dataset.attrs.get(name):
            return _moment(str(dataset.attrs[name]), f"global attribute {name}")
    return None


def _reference_time(dataset: xr.Dataset) -> int | None:
    for name, variable in dataset.variables.items():
        if name == "forecast_reference_time" or variable.attrs.get("standard_name") == "forecast_reference_time":
            return int(_decoded(dataset, str(name)).ravel()[0])
    return None


def _decoded(dataset: xr.Dataset, name: str, *, like: str | None = None) -> np.ndarray:
    """Decode a CF time variable to int64 [epoch s], rounded to the second; bounds take the units of `like`."""
    attrs = {k: v for k, v in dataset[like or name].attrs.items() if k in ("units", "calendar")}
    position = f"variable {name}"
    if "since" not in str(attrs.get("units", "")):
        raise Unusable(
            position, "time has no reference", attrs.get("units", ""), "units such as hours since 2023-01-18 12:00:00"
        )
    raw = np.atleast_1d(dataset[name].values)
    try:
        decoded = xr.decode_cf(xr.Dataset({"t": (tuple(f"d{i}" for i in range(raw.ndim)), raw, attrs)}))["t"].values
    except (ValueError, OverflowError) as error:
        raise Unusable(
            position,
            f"time cannot be read: {str(error).partition('. ')[0]}",
            attrs["units"],
            "CF units and a real calendar",
        ) from error
    if decoded.dtype.kind != "M":
        raise Unusable(
            position, "not the calendar of real days", attrs.get("calendar"), "standard or proleptic_gregorian"
        )
    # Days as floating-point numbers miss the full hour by microseconds.
    return np.rint(decoded.astype("datetime64[us]").astype(np.int64) / 1e6).astype(np.int64)


def _ioapi_moment(day: int, clock: int) -> int:
    """Give epoch seconds of an IOAPI date YYYYDDD and time HHMMSS."""
    year, number = divmod(day, 1000)
    if not 1900 <= year <= 2200 or not 1 <= number <= 366:
        raise Unusable("TFLAG", "not an IOAPI date", day, "YYYYDDD, for instance 2023018")
    moment = dt.datetime(year, 1, 1) + dt.timedelta(days=number - 1, seconds=_hhmmss(clock))
    return int((moment - _EPOCH).total_seconds())


def _hhmmss(clock: int) -> int:
    return clock // 10_000 * HOUR_S + clock // 100 % 100 * 60 + clock % 100


def _moment(text: str, position: str) -> int:
    """Give epoch seconds of a moment in UTC written YYYY-MM-DD, then T, _ or a blank, and hh[:mm[:ss]]."""
    found = _MOMENT.fullmatch(text.strip("\0 \t"))
    try:
        parts = [int(p or 0) for p in found.groups()] if found else []
        return int((dt.datetime(*parts) - _EPOCH).total_seconds())
    except (ValueError, TypeError):
        raise Unusable(position, "not a moment in UTC", text, "for instance 2023-01-18T12:00:00Z") from None


def _iso(seconds: int) -> str:
    return (_EPOCH + dt.timedelta(seconds=int(seconds))).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(dataset: xr.Dataset, name: str) -> str:
    return str(dataset.attrs.get(name, "")).strip("\0 \t")
