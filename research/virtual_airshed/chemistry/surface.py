"""The ozone surface: production and loss of odd oxygen from surface.nc, without the mechanism behind it.

Notebooks ask the functions here with arrays; loops take the arrays of `load()` to the kernels of kernels.py.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import netCDF4
import numpy as np

from research.virtual_airshed.chemistry.allocation import by_nox
from research.virtual_airshed.chemistry.axes import AXES, GROUPS
from research.virtual_airshed.chemistry.kernels import points_at

FILE = Path(__file__).with_name("surface.nc")
_AXES = tuple(AXES)
_SKY = ("cos_zenith", "cloud_transmission", "temperature_c")
_SHAPES = {
    "production_ppb_per_h": _AXES,
    "loss_per_h": _SKY,
    "oh_cm3": _SKY,
    "jno2_per_s": _SKY[:2],
    "no_o3_cm3_per_s": _SKY[2:],
    "group_weight": ("group",),
}


@dataclass(frozen=True)
class Surface:
    """The tables, float64, C-contiguous and read-only. Simulated: a mechanism made them, nothing was measured.

    Shapes: a sky is (cos_zenith, cloud_transmission, temperature_c), the whole is (*sky, nox, reactivity).
    production_ppb_per_h (whole): odd oxygen made [ppb/h], its first-order loss not taken off; 0 without NOx and VOC and at
    night. by_nox_ppb_per_h, by_reactivity_ppb_per_h (whole): its parts by the path from clean air; they sum to it.
    loss_per_h (sky): first-order loss of odd oxygen [1/h]. oh_cm3 (sky): OH of the climate [molecules/cm3]. jno2_per_s
    (cos_zenith, cloud_transmission): photolysis of NO2 [1/s]. no_o3_cm3_per_s (temperature_c): rate constant of NO + O3
    [cm3/molecule/s]. group_weight: of the groups of VOC and CO; the axis of reactivity is the sum over groups of weight x
    OH rate constant x concentration. o3_reference_ppb: the ozone at which production holds. provenance: the file's
    attributes.
    """

    nox_ppb: np.ndarray
    reactivity_per_s: np.ndarray
    cos_zenith: np.ndarray
    cloud_transmission: np.ndarray
    temperature_c: np.ndarray
    production_ppb_per_h: np.ndarray
    by_nox_ppb_per_h: np.ndarray
    by_reactivity_ppb_per_h: np.ndarray
    loss_per_h: np.ndarray
    oh_cm3: np.ndarray
    jno2_per_s: np.ndarray
    no_o3_cm3_per_s: np.ndarray
    group_weight: Mapping[str, float]
    o3_reference_ppb: float
    provenance: Mapping[str, str | float]


@functools.cache
def load() -> Surface:
    """Read the surface that is shipped with the project; read once."""
    return read_surface(FILE)


def read_surface(path: Path) -> Surface:
    """Read a surface.

    path: a file that make_surface wrote. Returns the tables, with the parts by NOx and reactivity computed from them.
    Errors: ValueError that names the file where an axis is another than the look-up knows, a variable is missing or has
    other dimensions, or a value is not finite. OSError where there is no such file.
    """
    with netCDF4.Dataset(path) as file:
        axes = {name: _axis(file, name, path) for name in _AXES}
        values = {name: _variable(file, name, path) for name in _SHAPES}
        groups = tuple(file["group"][:].tolist()) if "group" in file.variables else ()
        provenance = {name: file.getncattr(name) for name in file.ncattrs()}
    if groups != GROUPS:
        raise ValueError(f"{path}: groups are {', '.join(groups) or 'missing'}, expected {', '.join(GROUPS)}")
    production = np.moveaxis(values.pop("production_ppb_per_h"), (0, 1), (-2, -1)).copy()
    nox_part = by_nox(production, axes["nox_ppb"], axes["reactivity_per_s"])
    weights = dict(zip(GROUPS, values.pop("group_weight").tolist(), strict=True))
    tables = {
        "production_ppb_per_h": production,
        "by_nox_ppb_per_h": nox_part,
        "by_reactivity_ppb_per_h": production - nox_part,
    }
    arrays = {name: _frozen(array) for name, array in (axes | tables | values).items()}
    reference = float(provenance["o3_reference_ppb"])
    return Surface(**arrays, group_weight=weights, o3_reference_ppb=reference, provenance=provenance)


def production(nox_ppb, reactivity_per_s, cos_zenith, cloud_transmission, temperature_c) -> np.ndarray:
    """Compute how much odd oxygen is made [ppb/h], its first-order loss not taken off.

    nox_ppb: NO + NO2 [ppb]. reactivity_per_s: weighted OH reactivity of VOC and CO [1/s], see Surface.group_weight.
    cos_zenith: cosine of the sun's zenith angle, 0 or less at night. cloud_transmission: factor on photolysis, 0.25 to 1.
    temperature_c [°C]. Arrays or numbers that broadcast; returns float64 of their common shape.
    Beyond the ends of the table the values of its ends are used. Missing: NaN in gives NaN out.
    """
    return interpolate(
        load().production_ppb_per_h, nox_ppb, reactivity_per_s, cos_zenith, cloud_transmission, temperature_c
    )


def parts(nox_ppb, reactivity_per_s, cos_zenith, cloud_transmission, temperature_c) -> tuple[np.ndarray, np.ndarray]:
    """Compute the parts of production that belong to NOx and to reactivity [ppb/h]; arguments as production.

    They sum to production. Between nodes they are read from tables of the exact parts at nodes.
    """
    surface, where = load(), (nox_ppb, reactivity_per_s, cos_zenith, cloud_transmission, temperature_c)
    return interpolate(surface.by_nox_ppb_per_h, *where), interpolate(surface.by_reactivity_ppb_per_h, *where)


def interpolate(table, nox_ppb, reactivity_per_s, cos_zenith, cloud_transmission, temperature_c) -> np.ndarray:
    """Read a whole table of a Surface at points; arguments and missing values as production."""
    where = (cos_zenith, cloud_transmission, temperature_c, nox_ppb, reactivity_per_s)
    columns = np.broadcast_arrays(*(np.asarray(a, np.float64) for a in where))
    out = np.empty(columns[0].size)
    points_at(table, *(np.ascontiguousarray(c).ravel() for c in columns), out)
    return out.reshape(columns[0].shape)


def _axis(file: netCDF4.Dataset, name: str, path: Path) -> np.ndarray:
    if name not in file.variables:
        raise ValueError(f"{path}: axis {name} is missing")
    nodes = np.asarray(file[name][:], np.float64)
    if not np.array_equal(nodes, AXES[name]):
        raise ValueError(f"{path}: nodes of {name} are {nodes.tolist()}, expected {list(AXES[name])}")
    return nodes


def _variable(file: netCDF4.Dataset, name: str, path: Path) -> np.ndarray:
    if name not in file.variables:
        raise ValueError(f"{path}: variable {name} is missing")
    if file[name].dimensions != _SHAPES[name]:
        raise ValueError(f"{path}: {name} has dimensions {file[name].dimensions}, expected {_SHAPES[name]}")
    values = np.ma.filled(np.ma.asarray(file[name][:], np.float64), np.nan)
    if not np.all(np.isfinite(values)):
        raise ValueError(f"{path}: {name} has values that are missing or not finite, expected a value at every node")
    return values


def _frozen(array: np.ndarray) -> np.ndarray:
    array = np.ascontiguousarray(array, np.float64)
    array.flags.writeable = False
    return array
