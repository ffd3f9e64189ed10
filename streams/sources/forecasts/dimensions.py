"""What a dimension of a variable is: a table of what is understood, by its coordinate's standard name and axis, else by name.

A dimension of length one that is none of these is passed over with a note; a longer one is refused by name.

Sources: CF-1.11 chapters 4 and 5, standard name table; cfgrib (time, step, number, valid_time); Models-3 I/O API; WRF-ARW User's
Guide; COARDS.
"""

from __future__ import annotations

import xarray as xr

from streams.sources.forecasts.attributes import text
from streams.sources.tally import Unusable

BY_STANDARD_NAME = {
    "time": "time", "forecast_reference_time": "run", "forecast_period": "lead", "realization": "member",
    "latitude": "row", "longitude": "column", "grid_latitude": "row", "grid_longitude": "column",
    "projection_y_coordinate": "row", "projection_x_coordinate": "column",
    "air_pressure": "level", "height": "level", "altitude": "level", "geopotential_height": "level", "depth": "level",
    "model_level_number": "level", "height_above_mean_sea_level": "level", "height_above_reference_ellipsoid": "level",
    "area_type": "tile", "region": "tile", "radiation_wavelength": "band",
}  # fmt: skip
"""Standard name of the coordinate to what its dimension is; those of chapter D, atmosphere_..._coordinate, are levels."""
BY_AXIS = {"T": "time", "Z": "level", "Y": "row", "X": "column"}
BY_NAME = {
    "time": ("time", "valid_time", "tstep", "t", "datetime", "date_time"),
    "lead": (
        "step", "lead", "lead_time", "leadtime", "forecast_period", "forecast_hour", "fhour", "fcst_hour",
        "prediction_timedelta",
    ),
    "run": (
        "forecast_reference_time", "reference_time", "reftime", "run", "run_time", "runtime", "init_time", "initial_time",
        "initialization_time", "analysis_time", "forecast_time0",
    ),
    "level": (
        "level", "levels", "lev", "ilev", "plev", "lay", "layer", "layers", "nlay", "bottom_top", "bottom_top_stag", "height",
        "altitude", "z", "hybrid", "sigma", "eta", "isobaricinhpa", "isobaricinpa", "pressure", "pressure_level", "model_level",
        "heightaboveground", "surface", "nz", "alt", "depth",
    ),
    "member": ("number", "realization", "member", "members", "ensemble", "ens", "ensemble_member", "nens", "sample"),
    "size": ("bin", "bins", "nbin", "nbins", "size_bin", "size", "mode", "modes", "diameter", "aero_bin", "dust_bin", "radius"),
    "tile": ("tile", "tiles", "nf", "face", "faces", "land_use", "lu_type", "nest", "domain"),
    "source": ("sector", "source", "tag", "category", "tracer", "species"),
    "percentile": ("percentile", "quantile", "probability", "threshold"),
}  # fmt: skip
"""What a dimension is to the names that it goes under, without regard to case, where no coordinate says more."""
MEANINGS = {
    "member": "one forecast, for instance the mean of the ensemble", "size": "the sum over the sizes, for instance PM2.5",
    "tile": "one grid", "source": "the sum over the sources", "band": "one field", "percentile": "one forecast",
    "level": "one vertical axis", "": "time, lead, run, level, row and column",
}  # fmt: skip
"""What would be accepted instead of a longer dimension that has no place in a run over a city."""


def role(dataset: xr.Dataset, dimension: str) -> str:
    """Tell what a dimension is: time, lead, run, level, row, column, one of MEANINGS, or empty where nobody knows it."""
    if dimension in dataset.variables:
        attrs = dataset[dimension].attrs
        said = text(attrs, "standard_name").lower()
        if said in BY_STANDARD_NAME:
            return BY_STANDARD_NAME[said]
        if said.startswith(("atmosphere_", "ocean_")) and said.endswith("_coordinate"):
            return "level"
        if text(attrs, "axis").upper() in BY_AXIS and dimension.lower() not in _NAMES:
            return BY_AXIS[text(attrs, "axis").upper()]
        if text(attrs, "positive").lower() in ("up", "down"):
            return "level"
    return _NAMES.get(dimension.lower(), "")


def surplus(dataset: xr.Dataset, variable: str, dimension: str) -> str:
    """Give the note on a dimension of length one that has no place in a run; raise Unusable for a longer one."""
    size, what = dataset.sizes[dimension], role(dataset, dimension)
    if size == 1:
        return "" if what else f"dimension {dimension} of length 1 passed over"
    found = f"{dimension} ({what or 'unknown'}) of {size}"
    raise Unusable(
        f"variable {variable}", f"dimension {dimension} is not understood", found, MEANINGS.get(what, MEANINGS[""])
    )


_NAMES = {name: what for what, names in BY_NAME.items() for name in names}
