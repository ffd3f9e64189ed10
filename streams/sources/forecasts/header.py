"""Open a NetCDF file by its header: what cannot be taken is known before a value is read.

Variables of a type that is no number and no text, and those whose compressed pieces would fill the memory, are left closed and
named; a file of too many variables or of an attribute without end is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import netCDF4
import numpy as np
import xarray as xr

from streams.sources.forecasts.netcdf_ready import largest_attribute
from streams.sources.tally import Unusable

NO_NUMBER = "its type is no number"
MOST_VARIABLES = 5_000
MOST_DIMENSIONS = 1_000
MOST_ATTRIBUTE_BYTES = 16_000_000
MOST_CHUNK_BYTES = 256_000_000
"""Of one compressed piece of a variable: the library unpacks it as a whole, however little of it is wanted."""


@dataclass(frozen=True)
class Header:
    """What the header tells: variables that stay closed, with the reason, and the names of groups below the root."""

    closed: dict[str, Unusable]
    groups: tuple[str, ...]


def header_of(path: str | Path) -> Header:
    """Read the header of a file.

    Raise Unusable for a file that is too large in its structure, OSError or RuntimeError where the library cannot open it.
    """
    if (size := largest_attribute(path)) > MOST_ATTRIBUTE_BYTES:
        raise Unusable("attributes", "an attribute without end", f"{size} bytes", f"up to {MOST_ATTRIBUTE_BYTES} bytes")
    with netCDF4.Dataset(path) as file:
        counts = (
            ("variables", len(file.variables), MOST_VARIABLES),
            ("dimensions", len(file.dimensions), MOST_DIMENSIONS),
        )
        for what, count, most in counts:
            if count > most:
                raise Unusable(what, f"more {what} than one file may bring", count, f"up to {most}")
        if not file.variables and file.groups:
            raise Unusable(
                "groups", "all variables lie in groups", ", ".join(file.groups)[:150], "variables in the root group"
            )
        faults = ((name, _fault(name, variable)) for name, variable in file.variables.items())
        return Header({name: fault for name, fault in faults if fault}, tuple(file.groups))


def open_raw(path: str | Path, header: Header) -> xr.Dataset:
    """Open a NetCDF file without reading, decoding or unpacking anything; raise OSError or RuntimeError where the library
    cannot.
    """
    return xr.open_dataset(
        path, engine="netcdf4", decode_times=False, decode_coords=False, mask_and_scale=False, decode_timedelta=False,
        cache=False, create_default_indexes=False, drop_variables=list(header.closed),
    )  # fmt: skip


def _fault(name: str, variable: netCDF4.Variable) -> Unusable | None:
    kind = variable.datatype
    if kind is str or variable.dtype is str:
        return None  # text of any length: WRF's Times, and what is passed over
    if not isinstance(kind, np.dtype) or kind.kind not in "iufSU":
        said = getattr(kind, "name", None) or str(getattr(kind, "__name__", kind))
        return Unusable(f"variable {name}", NO_NUMBER, said, "integers or floating-point numbers")
    chunk = variable.chunking()
    size = float(np.prod(chunk, dtype=float)) * kind.itemsize if isinstance(chunk, list) else 0
    if size > MOST_CHUNK_BYTES:
        expected = f"pieces of up to {MOST_CHUNK_BYTES} bytes (nccopy -c)"
        return Unusable(f"variable {name}", "one of its pieces would fill the memory", f"{chunk}", expected)
    return None
