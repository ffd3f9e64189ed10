"""The canonical variables of one run on a window of its grid: read, converted, checked, and derived where a file has
other ones.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from standards.pollutants import ITEMS
from streams.sources.forecasts import rain
from streams.sources.forecasts.attributes import number, text
from streams.sources.forecasts.cells import possible, sentinels, unpacked, without_marks
from streams.sources.forecasts.dimensions import role, surplus
from streams.sources.forecasts.grid import StraightGrid
from streams.sources.forecasts.hourly import require_hourly
from streams.sources.forecasts.layout import Layout
from streams.sources.forecasts.levels import ground_level, require_ground
from streams.sources.forecasts.variables import (
    DRY_AIR_J,
    GAS_J,
    RAIN,
    STANDARD_DENSITY,
    Conversion,
    conversion,
    relative_humidity,
    saturation_pa,
    state_ratio,
)
from streams.sources.tally import Unusable

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
        self.used = False
        """Whether one of FORECAST_VARIABLES came of them."""
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
        self.used = self.used or kept is not None
        if variable in ITEMS:
            self._kept[variable] = None  # a pollutant is asked for once: do not hold a month of it
        return kept

    def stored(self, name: str) -> np.ndarray:
        """Give any variable of the file in its own unit, float32 (step, row, column) at the ground, missing as NaN.

        Raise Unusable where it lies on another grid or level, or is no mean of its hour.
        """
        require_hourly(name, self.dataset[name].attrs, step=self.layout.axis.step, rain=False)
        return self._values("", name)

    def _read(self, quantity: str) -> np.ndarray | None:
        """Read a quantity as the table of aliases has it; a problem makes it rejected and missing."""
        if quantity in self._kept:
            return self._kept[quantity]
        found = self._candidates(quantity)
        self.found = self.found or bool(found)
        names = self._chosen(quantity, found) if quantity in ITEMS else next(iter(found), ())
        if names and (left := found[found.index(names) + 1 :]):
            self._note(f"{'+'.join(names)} taken, {', '.join(map('+'.join, left))} left aside")
        values = None
        try:
            for name in names:
                part = self._converted(quantity, name)
                values = part if values is None else values + part
        except Unusable as problem:
            # The place-hours live on without this variable: no row is lost.
            self.problems.append(problem)
            values = None
        if quantity not in ITEMS:
            self._kept[quantity] = values
        return values

    def _chosen(self, quantity: str, found: list[tuple[str, ...]]) -> tuple[str, ...]:
        """Choose the first candidate whose unit, standard name and cell methods are those of the quantity: a column of a gas
        under its name costs the gas at the ground nothing. Only the header is asked, so that all hours have one variable.
        """
        for names in found[:-1]:
            try:
                for name in names:
                    self._way(quantity, name)
            except Unusable as problem:
                self.problems.append(problem)
            else:
                return names
        return found[-1] if found else ()

    def _way(self, quantity: str, name: str) -> Conversion:
        attrs = self.dataset[name].attrs
        way = conversion(quantity, name, attrs)
        require_hourly(name, attrs, step=self.layout.axis.step, rain=quantity in RAIN)
        return way

    def _candidates(self, quantity: str) -> list[tuple[str, ...]]:
        return [(self.extra[quantity],)] if quantity in self.extra else self.layout.names.find(quantity)

    def _names(self, quantity: str) -> tuple[str, ...]:
        """Give the variables that are taken for a quantity other than a pollutant."""
        return next(iter(self._candidates(quantity)), ())

    def _note(self, note: str) -> None:
        if note and note not in self.notes:
            self.notes.append(note)

    def _converted(self, quantity: str, name: str) -> np.ndarray:
        way = self._way(quantity, name)
        values = self._values(quantity, name) * np.float32(way.factor) + np.float32(way.offset)
        if quantity == "rain_since_start_mm":
            values = values + self._bucket(name)
        if way.times == "density":
            values = values * self._density(name)
        if way.times == "molar":
            values = values * self._molar_volume(name)
        if way.times in ("state", "molar") and np.any((ratio := state_ratio(self.layout.axis.hour_ends)) != 1):
            values = values * ratio[:, None, None]
        values, said = possible(quantity, name, values)
        self.problems += said
        return values

    def _values(self, quantity: str, name: str) -> np.ndarray:
        """Read a variable as (step, row, column) of the window at the level nearest the ground, missing as NaN."""
        variable, layout = self.dataset[name], self.layout
        require_ground(self.dataset, name)
        order = tuple(d for d in (layout.time, layout.row, layout.column) if d)
        if not set(order) <= set(variable.dims):
            raise Unusable(
                f"variable {name}", "not on the grid of the file", f"dimensions {variable.dims}", f"dimensions {order}"
            )
        others = {d: self._other(name, str(d)) for d in variable.dims if d not in order}
        part = variable.isel({layout.row: self.rows, layout.column: self.columns, **others}).transpose(*order)
        values = without_marks(unpacked(np.asarray(part.values), variable.attrs, name))
        marked = sentinels(quantity, values)
        if marked is not None:
            found = ", ".join(f"{v:g}" for v in np.unique(values[marked])[:4])
            reason = f"undeclared marks for missing, {int(marked.sum())} of {marked.size} values: these are missing"
            self.problems.append(Unusable(f"variable {name}", reason, found, "a _FillValue that declares them"))
            values[marked] = np.nan
        return values if layout.time else values[None]

    def _other(self, name: str, dimension: str) -> int:
        """Choose on a dimension that is neither time nor grid: the level at the ground, or the one there is."""
        if role(self.dataset, dimension) == "level" and dimension != self.layout.time:
            index, note = ground_level(self.dataset, dimension, name, layout=self.layout.kind)
            self._note(note)
            return index
        self._note(surplus(self.dataset, name, dimension))
        return 0

    def _bucket(self, name: str) -> np.ndarray | np.float32:
        """Give what WRF emptied out of the bucket of a total [mm]."""
        count, size = rain.BUCKETS.get(name.lower(), ""), number(self.dataset.attrs, "BUCKET_MM")
        if count not in self.dataset.variables or size is None or size <= 0:
            return np.float32(0)
        return self._values("rain_bucket", count) * np.float32(size)

    def _density(self, name: str) -> np.ndarray | np.float32:
        temperature, pressure = self._read("temperature_c"), self._read("pressure_pa")
        if temperature is None or pressure is None:
            self._note(f"{name}: kg/kg taken to volume with a standard density of {STANDARD_DENSITY} kg/m3")
            return np.float32(STANDARD_DENSITY)
        return pressure / np.float32(DRY_AIR_J) / (temperature + np.float32(273.15))

    def _molar_volume(self, name: str) -> np.ndarray:
        temperature, pressure = self._read("temperature_c"), self._read("pressure_pa")
        if temperature is None or pressure is None:
            units = text(self.dataset[name].attrs, "units")
            expected = "T2 and PSFC beside it, or ppbv"
            raise Unusable(f"variable {name}", "an amount per volume of air of an unknown state", units, expected)
        return np.float32(GAS_J) * (temperature + np.float32(273.15)) / pressure

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

    def _turn(self) -> tuple[np.ndarray | np.float32, np.ndarray | np.float32]:
        """Give sine and cosine of the angle from east to the grid's columns, from the file (WRF) or from the grid."""
        grid = self.layout.grid
        fields = [self.dataset[n] for n in ("SINALPHA", "COSALPHA") if n in self.dataset.variables]
        if len(fields) == 2 and all(f.shape[-2:] == grid.shape and f.ndim in (2, 3) and f.size for f in fields):
            sin, cos = (np.asarray((f[0] if f.ndim == 3 else f).values, np.float32) for f in fields)
        elif isinstance(grid, StraightGrid) and not grid.projection:
            return np.float32(0), np.float32(1)
        else:
            angle = grid.angle().astype(np.float32)
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
        """Read rain per hour [mm]: amounts of a step, rates, or differences of what fell since the start."""
        hours = np.diff(
            self.layout.axis.hour_ends, prepend=self.layout.axis.hour_ends[0] - round(self.layout.axis.step)
        )
        amount = self._read("rain_amount_mm")
        if amount is not None and all(
            rain.SINCE_START.search(self._described(n)) for n in self._names("rain_amount_mm")
        ):
            amount = self._of_total(amount, self._names("rain_amount_mm"))
        rate = self._read("rain_rate_mmh") if amount is None else None
        if amount is None and rate is None:
            total = self._read("rain_since_start_mm")
            if total is not None:
                amount = self._of_total(total, self._names("rain_since_start_mm"))
        self._kept["rain_mm"] = rate if amount is None else amount / hours[:, None, None].astype(np.float32)

    def _described(self, name: str) -> str:
        return "; ".join(text(self.dataset[name].attrs, n) for n in ("long_name", "description", "var_desc"))

    def _of_total(self, total: np.ndarray, names: tuple[str, ...]) -> np.ndarray | None:
        """Give amounts of a step from a total; what says that it is a sum over its step is none of a total's."""
        if all("time: sum" in text(self.dataset[name].attrs, "cell_methods").lower() for name in names):
            return total
        if all(
            rain.OF_STEP.search(self._described(n)) and not rain.SINCE_START.search(self._described(n)) for n in names
        ):
            return total
        name = "+".join(names)
        try:
            amount, note = rain.of_total(total, name)
        except Unusable as problem:
            self.problems.append(problem)
            return None
        self._note(note)
        return amount
