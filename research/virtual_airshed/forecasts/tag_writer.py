"""Write tagged contributions at receptors as streams.sources.tags reads them (docs/layouts/tags.md, form A)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import netCDF4
import numpy as np

from streams.contributors import TAG_QUANTITIES
from streams.records import iso_hour


def write_tags(
    path: str | Path,
    fields: Mapping[str, np.ndarray],
    *,
    model: str,
    run_init: int,
    first_hour: int,
    contributors: Sequence[tuple[str, str]],
    receptors: Sequence[tuple[str, str]],
    definition: str = "allocation",
    simulated: bool = True,
    complevel: int = 4,
    attributes: Mapping[str, object] | None = None,
) -> None:
    """Write one run of a model, or a part of it, as NetCDF-4.

    fields: quantity to its values (hour, contributor, receptor) in the units of TAG_QUANTITIES, NaN where missing. run_init,
    first_hour [epoch h]: the start of the run, and the end of the first averaging hour. receptors: (station, city).
    """
    hours = next(iter(fields.values())).shape[0]
    since = f"hours since {iso_hour(run_init)[:10]} {iso_hour(run_init)[11:13]}:00:00"
    with netCDF4.Dataset(path, "w", format="NETCDF4") as file:
        file.setncatts({
            "Conventions": "CF-1.11", "title": f"tagged contributions of {model}, run {iso_hour(run_init)}", "model": model,
            "definition": definition, **({"simulated": np.int32(1)} if simulated else {}), **(attributes or {}),
        })  # fmt: skip
        for name, size in (("time", hours), ("source", len(contributors)), ("receptor", len(receptors))):
            file.createDimension(name, size)
        time = file.createVariable("time", "f8", ("time",))
        time.setncatts({"standard_name": "time", "units": since, "calendar": "standard", "axis": "T", "label": "end"})
        time[:] = np.arange(first_hour, first_hour + hours) - run_init
        start = file.createVariable("forecast_reference_time", "f8", ())
        start.setncatts({"standard_name": "forecast_reference_time", "units": since, "calendar": "standard"})
        start[...] = 0.0
        _texts(file, "sector", "source", [sector for sector, _ in contributors])
        _texts(file, "place", "source", [place for _, place in contributors])
        _texts(file, "receptor", "receptor", [code for code, _ in receptors])
        _texts(file, "city", "receptor", [city for _, city in receptors])
        for quantity, values in fields.items():
            made = file.createVariable(
                quantity, "f4", ("time", "source", "receptor"), compression="zlib" if complevel else None,
                complevel=complevel, shuffle=True, fill_value=np.float32(9.96921e36),
            )  # fmt: skip
            made.setncatts({"units": TAG_QUANTITIES[quantity], "cell_methods": "time: mean"})
            made[:] = np.where(np.isnan(values), np.float32(9.96921e36), values)


def _texts(file: netCDF4.Dataset, name: str, dimension: str, texts: Sequence[str]) -> None:
    variable = file.createVariable(name, str, (dimension,))
    variable[:] = np.array(texts, object)
