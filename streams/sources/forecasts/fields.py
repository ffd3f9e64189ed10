"""The canonical variables of one run on a window of its grid: read, converted, checked, and derived where a file has
other ones.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from standards.pollutants import ITEMS
from streams.sources.forecasts.layout import Layout, ground_level
from streams.sources.forecasts.variables import (
    DRY_AIR_J,
    STANDARD_DENSITY,
    checked,
    conversion,
    find,
    relative_humidity,
    saturation_pa,
)
from streams.sources.tally import Unusable

MISSING_ABOVE = 1e15
"""Numbers beyond are marks for missing: -9.999e36 of the I/O API, 9.96921e36 of the NetCDF library."""
TRUE_WINDS = ("eastward_wind", "northward_wind")
"""Standard names of winds that need no turning on a projected grid."""


class Fields:
    """Fields (step, row, column) float32 of one run in a window; what cannot be used is gathered in `problems`.

    extra: quantity to the name of the file's variable, before the table of aliases is asked.
    """

    def __init__(
        self, dataset: xr.Dataset, layout: Layout, *, rows: slice, columns: slice, extra: dict[str, str] | None = None
    ) -> None:  # fmt: skip
        self.dataset, self.layout, self.rows, self.columns = dataset, layout, rows, columns
        self.extra = extra or {}
        self.problems: list[Unusable] = []
        self.notes: list[str] = []
        self.found = False
        """Whether the file had any variable that we know."""
        self._kept: dict[str, np.ndarray | None] = {}

    def field(self, variable: str) -> np.ndarray | None:
        """Give one of FORECAST_VARIABLES, None where the file has none or it was rejected."""
        derived = {
            "wind_u_ms": self._wind, "wind_v_ms": self._wind, "humidity_pct": self._humidity, "rain_mm": self._rain,
        }  # fmt: skip
        if variable not in self._kept and variable in derived:
            derived[variable]()
        elif variable not in self._kept:
            self._kept[variable] = self._read(variable)
        kept = self._kept.get(variable)
        if variable in ITEMS:
            self._kept[variable] = None  # a pollutant is asked for once: do not hold a month of it
        return kept

    def _read(self, quantity: str) -> np.ndarray | None:
        """Read a quantity as the table of aliases has it; a problem makes it rejected and missing."""
        if quantity in self._kept:
            return self._kept[quantity]
        names = self._names(quantity)
        self.found = self.found or bool(names)
        try:
            values = (
                sum((self._converted(quantity, name) for name in names[1:]), self._converted(quantity, names[0]))
                if names
                else None
            )
        except Unusable as problem:
            # The place-hours live on without this variable: no row is lost.
            self.problems.append(problem)
            values = None
        if quantity not in ITEMS:
            self._kept[quantity] = values
        return values

    def _names(self, quantity: str) -> tuple[str, ...]:
        return (self.extra[quantity],) if quantity in self.extra else find(quantity, self.layout.names)

    def _converted(self, quantity: str, name: str) -> np.ndarray:
        way = conversion(quantity, name, self.dataset[name].attrs.get("units", ""))
        values = self._values(name)
        if np.isinf(values).any():
            raise Unusable(f"variable {name}", "an infinite number", "inf", "finite numbers, or the mark for missing")
        values = values * np.float32(way.factor) + np.float32(way.offset)
        if way.by_density:
            values = values * self._density(name)
        return checked(quantity, name, values)

    def _values(self, name: str) -> np.ndarray:
        """Read a variable as (step, row, column) of the window at the level nearest the ground, missing as NaN."""
        variable, layout = self.dataset[name], self.layout
        order = (layout.time, layout.row, layout.column)
        if not set(order) <= set(variable.dims):
            raise Unusable(
                f"variable {name}", "not on the grid of the file", f"dimensions {variable.dims}", f"dimensions {order}"
            )
        levels = {d: ground_level(self.dataset, str(d)) for d in variable.dims if d not in order}
        part = variable.isel({layout.row: self.rows, layout.column: self.columns, **levels}).transpose(*order)
        values = np.asarray(part.values, np.float32)
        # NaN compares false on both sides, infinities are left for the caller to refuse.
        return np.where((np.abs(values) > MISSING_ABOVE) & np.isfinite(values), np.float32(np.nan), values)

    def _density(self, name: str) -> np.ndarray | np.float32:
        temperature, pressure = self._read("temperature_c"), self._read("pressure_pa")
        if temperature is None or pressure is None:
            self.notes.append(f"{name}: kg/kg taken to volume with a standard density of {STANDARD_DENSITY} kg/m3")
            return np.float32(STANDARD_DENSITY)
        return pressure / np.float32(DRY_AIR_J) / (temperature + np.float32(273.15))

    def _wind(self) -> None:
        """Read eastward and northward wind: components turned to true east where the grid is projected, or speed and
        direction.
        """
        u, v = self._read("wind_u_ms"), self._read("wind_v_ms")
        if u is not None and v is not None:
            (name, *_) = self._names("wind_u_ms")
            if self.dataset[name].attrs.get("standard_name") not in TRUE_WINDS and name.lower() not in TRUE_WINDS:
                sin, cos = self._turn()
                u, v = u * cos - v * sin, u * sin + v * cos
            self._kept |= {"wind_u_ms": u, "wind_v_ms": v}
            return
        speed, origin = self._read("wind_speed_ms"), self._read("wind_from_deg")
        both = speed is not None and origin is not None
        towards = np.radians(origin + 180) if both else None
        self._kept["wind_u_ms"] = speed * np.sin(towards) if both else None
        self._kept["wind_v_ms"] = speed * np.cos(towards) if both else None

    def _turn(self) -> tuple[np.ndarray, np.ndarray]:
        """Give sine and cosine of the angle from east to the grid's columns, from the file (WRF) or from the grid."""
        if {"SINALPHA", "COSALPHA"} <= set(self.dataset.variables):
            fields = [np.asarray(self.dataset[n].values, np.float32) for n in ("SINALPHA", "COSALPHA")]
            sin, cos = (f[0] if f.ndim == 3 else f for f in fields)
        else:
            angle = self.layout.grid.angle().astype(np.float32)
            sin, cos = np.sin(angle), np.cos(angle)
        return sin[self.rows, self.columns], cos[self.rows, self.columns]

    def _humidity(self) -> None:
        """Read relative humidity, or compute it from dew point, or from mixing ratio and pressure."""
        given = self._read("humidity_pct")
        if given is not None:
            self._kept["humidity_pct"] = np.clip(given, 0, 100)
            return
        temperature, dew = self._read("temperature_c"), self._read("dew_point_c")
        ratio, pressure = self._read("mixing_ratio"), self._read("pressure_pa")
        if temperature is not None and dew is not None:
            self._kept["humidity_pct"] = relative_humidity(temperature, saturation_pa(dew))
        elif temperature is not None and ratio is not None and pressure is not None:
            self._kept["humidity_pct"] = relative_humidity(temperature, ratio * pressure / (0.622 + ratio))
        else:
            self._kept["humidity_pct"] = None

    def _rain(self) -> None:
        """Read rain per hour [mm]: amounts of a step, or differences of what fell since the start (missing in the first
        step).
        """
        hours = np.diff(
            self.layout.axis.hour_ends, prepend=self.layout.axis.hour_ends[0] - round(self.layout.axis.step)
        )
        amount = self._read("rain_amount_mm")
        if amount is None:
            total = self._read("rain_since_start_mm")
            if total is not None:
                first = np.full((1, *total.shape[1:]), np.nan, np.float32)
                # Packing lets a total fall back by a hair.
                amount = np.concatenate([first, np.maximum(np.diff(total, axis=0), 0)])
        self._kept["rain_mm"] = None if amount is None else amount / hours[:, None, None].astype(np.float32)
