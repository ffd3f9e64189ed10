"""Which level of a vertical axis is the air at the ground: a table of the axes that say it, all others are refused.

The rows are asked in their order, the first that knows the axis decides:

    formula     formula_terms of a hybrid or sigma axis: where the share of the surface pressure (b, sigma) is largest
    pressure    a unit of pressure: the largest
    sigma       standard or long name of sigma, hybrid or eta, values from 0 to 1: the one nearest 1, whatever `positive` says
                (GEOS-Chem writes `positive = "up"` for values that fall from 1 upward)
    height      a unit of length, unless `positive` is "down": the smallest
    down        `positive = "down"`: the largest
    up          `positive = "up"`, but for numbers between 0 and 1, which fall upward wherever they are known: the smallest
    ecmwf       model levels of ECMWF, told by the file's institution, centre or history: they count from the top, the largest
    layers      LAY of the I/O API (VGLVLS where present), bottom_top of WRF: layer 1 is at the ground

Sources: CF-1.11 chapter 4.3 and appendix D, Models-3 I/O API (VGTYP, VGLVLS), WRF-ARW User's Guide, GEOS-Chem (COARDS files),
ECMWF model level definitions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr

from streams.sources.forecasts.attributes import numbers, text
from streams.sources.forecasts.units import unit_of
from streams.sources.tally import Unusable

MOST_LEVELS = 1_000
NEAR_GROUND = {"pressure": 90_000.0, "height": 500.0, "sigma": 0.9}
"""How far from the ground the lowest level may be, in Pa (at least), m (at most), share of the surface pressure (at least):
ozone of 500 hPa is none of a city's air."""
LOWEST_M = -20.0
"""A height under this [m] is none of air."""
ECMWF = re.compile(r"ecmwf|\becmf\b|grib_to_netcdf", re.IGNORECASE)
SIGMA = re.compile(r"sigma|hybrid|\beta\b", re.IGNORECASE)
VERTICAL_TYPES = {1: "sigma", 2: "sigma", 3: "height", 4: "pressure", 5: "height", 6: "height", 7: "sigma"}
"""VGTYP of the I/O API; 4 counts in mbar, 3 is the height's share of the domain, and rises from the ground."""


@dataclass(frozen=True)
class Axis:
    """A vertical axis: the dimension, its values (None without a coordinate), unit, words and direction."""

    dataset: xr.Dataset
    name: str
    values: np.ndarray | None
    units: str
    words: str
    positive: str

    @property
    def fractions(self) -> bool:
        """Whether the values are numbers from 0 to 1 as sigma has them, and no counts of levels."""
        v = self.values
        return v is not None and bool(np.all((v >= 0) & (v <= 1.05))) and not bool(np.all(v == np.rint(v)))

    @property
    def kind(self) -> str:
        """The kind of its unit, empty where it has none that we know."""
        unit = unit_of(self.units)
        return unit.kind if unit else ""


def ground_level(dataset: xr.Dataset, dimension: str, variable: str, *, layout: str) -> tuple[int, str]:
    """Give the index of the level at the ground, and what is to be noted of it (empty where nothing is).

    Raise Unusable where the axis does not tell which level that is, or where its lowest one is far above the ground.
    """
    size = dataset.sizes[dimension]
    axis = _axis_of(dataset, dimension)
    # What is counted in depth is water or soil.
    for known in TABLE if "depth" not in f"{dimension} {axis.words}".lower() else ():
        found = known(axis, layout)
        if found is not None:
            index, kind = found
            _require_near(axis, index, kind, variable)
            return index, _note(axis, index) if size > 1 and kind != "layers" else ""
    if size == 1:
        return 0, f"{dimension}: its one level is taken as the air at the ground"
    raise Unusable(
        f"variable {variable}", f"dimension {dimension} does not tell which of its levels is at the ground", axis.words or size,
        "positive, formula_terms, a unit of pressure or height, or a standard_name of sigma",
    )  # fmt: skip


def require_ground(dataset: xr.Dataset, variable: str) -> None:
    """Refuse a variable whose `coordinates` name one single level that is far above the ground, as cfgrib writes it."""
    for name in text(dataset[variable].attrs, "coordinates").split():
        if name not in dataset.variables or dataset[name].size != 1 or dataset[name].dtype.kind not in "iuf":
            continue
        attrs = dataset[name].attrs
        words = " ".join(text(attrs, n) for n in ("standard_name", "long_name")).lower()
        value = np.asarray(dataset[name].values, float).ravel()
        axis = Axis(dataset, name, value, text(attrs, "units"), words, text(attrs, "positive").lower())
        kind = {"pressure": "pressure", "length": "height"}.get(axis.kind, "")
        if kind == "pressure" or (kind == "height" and ("height" in f"{name} {words}".lower() or axis.positive)):
            _require_near(axis, 0, kind, variable)


def _formula(axis: Axis, layout: str) -> tuple[int, str] | None:
    terms = dict(re.findall(r"(\w{1,20}):\s*(\w{1,60})", text(_attrs(axis), "formula_terms")))
    share = terms.get("b") or terms.get("sigma")
    if share not in axis.dataset.variables or axis.dataset[share].dims != (axis.name,) or "height" in axis.words:
        return None
    values = np.asarray(axis.dataset[share].values)
    if values.dtype.kind not in "iuf" or not np.isfinite(values).all() or np.ptp(values) == 0:
        return None
    return int(np.argmax(values)), "formula"


def _pressure(axis: Axis, layout: str) -> tuple[int, str] | None:
    return _largest(axis, "pressure") if axis.kind == "pressure" else None


def _sigma(axis: Axis, layout: str) -> tuple[int, str] | None:
    return (
        _largest(axis, "sigma") if SIGMA.search(axis.words) and axis.fractions and "height" not in axis.words else None
    )


def _height(axis: Axis, layout: str) -> tuple[int, str] | None:
    return _smallest(axis, "height") if axis.kind == "length" and axis.positive != "down" else None


def _down(axis: Axis, layout: str) -> tuple[int, str] | None:
    return _largest(axis, "down") if axis.positive == "down" and axis.kind != "length" else None


def _up(axis: Axis, layout: str) -> tuple[int, str] | None:
    return _smallest(axis, "up") if axis.positive == "up" and not axis.fractions else None


def _ecmwf(axis: Axis, layout: str) -> tuple[int, str] | None:
    attrs = axis.dataset.attrs
    said = " ".join(text(attrs, n) for n in ("institution", "GRIB_centre", "history", "source", "Conventions"))
    counts = re.search(r"model[_ ]?level|hybrid", f"{axis.name} {axis.words}", re.IGNORECASE)
    return _largest(axis, "ecmwf") if counts and ECMWF.search(said) else None


def _layers(axis: Axis, layout: str) -> tuple[int, str] | None:
    if (layout, axis.name) not in (("ioapi", "LAY"), ("wrf", "bottom_top")):
        return None
    edges, kind = numbers(axis.dataset.attrs, "VGLVLS"), numbers(axis.dataset.attrs, "VGTYP")
    size = axis.dataset.sizes[axis.name]
    if layout == "wrf" or edges is None or edges.size != size + 1 or kind is None or int(kind[0]) not in VERTICAL_TYPES:
        return 0, "layers"
    vertical = VERTICAL_TYPES[int(kind[0])]
    index = int(np.argmin(edges[:-1]) if vertical == "height" else np.argmax(edges[:-1]))
    if vertical == "sigma" and edges[index] < NEAR_GROUND["sigma"]:
        found = f"VGLVLS {edges[index]:g} to {edges[index + 1]:g}"
        raise Unusable(
            f"dimension {axis.name}", "its lowest layer is far above the ground", found, "a layer of 0.9 or more"
        )
    return index, "layers"


TABLE: tuple[Callable[[Axis, str], tuple[int, str] | None], ...] = (
    _formula, _pressure, _sigma, _height, _down, _up, _ecmwf, _layers,
)  # fmt: skip
"""The axes that say where the ground is, in the order in which they are asked."""


def _axis_of(dataset: xr.Dataset, dimension: str) -> Axis:
    if dataset.sizes[dimension] > MOST_LEVELS:
        raise Unusable(
            f"dimension {dimension}", "more levels than an atmosphere has", dataset.sizes[dimension], f"{MOST_LEVELS}"
        )
    values, attrs = None, {}
    if dimension in dataset.variables:
        attrs = dataset[dimension].attrs
        raw = np.asarray(dataset[dimension].values)
        if raw.dtype.kind in "iuf" and raw.ndim == 1 and np.isfinite(raw).all():
            values = _in_order(raw.astype(float))
    words = " ".join(text(attrs, n) for n in ("standard_name", "long_name")).lower().strip()
    return Axis(dataset, dimension, values, text(attrs, "units"), words, text(attrs, "positive").lower())


def _in_order(values: np.ndarray) -> np.ndarray | None:
    steps = np.diff(values)
    return values if np.all(steps > 0) or np.all(steps < 0) else None


def _attrs(axis: Axis) -> dict:
    return axis.dataset[axis.name].attrs if axis.name in axis.dataset.variables else {}


def _largest(axis: Axis, kind: str) -> tuple[int, str] | None:
    return None if axis.values is None else (int(np.argmax(axis.values)), kind)


def _smallest(axis: Axis, kind: str) -> tuple[int, str] | None:
    return None if axis.values is None else (int(np.argmin(axis.values)), kind)


def _require_near(axis: Axis, index: int, kind: str, variable: str) -> None:
    if kind not in NEAR_GROUND or axis.values is None:
        return
    unit = unit_of(axis.units)
    value = axis.values[index] * (unit.factor if unit and kind != "sigma" else 1.0)
    limit = NEAR_GROUND[kind]
    if not LOWEST_M <= value <= limit if kind == "height" else value < limit:
        said = {"pressure": "900 hPa or more", "height": "500 m or less", "sigma": "0.9 or more"}[kind]
        found = f"{axis.name} = {axis.values[index]:g} {axis.units}".strip()
        raise Unusable(f"variable {variable}", "its lowest level is far from the ground", found, f"a level of {said}")


def _note(axis: Axis, index: int) -> str:
    value = f"{axis.values[index]:g}" if axis.values is not None else f"number {index + 1}"
    return f"{axis.name} = {value} {axis.units} taken as the ground".replace("  ", " ")
