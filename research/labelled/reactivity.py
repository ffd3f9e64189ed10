"""Ozone formation potential of volatile organic compounds on labelled data (standards.voc)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import standards.voc as voc
from research.labelled.words import pure, reference

Table = pd.DataFrame | xr.DataArray


def ofp(data: Table, *, unit: str | None = None, **options: Any) -> pd.DataFrame | xr.Dataset:
    """Compute the ozone formation potential of each species and in total.

    data [unit]: a DataFrame with a column for each species (names in Chinese or English, CAS numbers), or a DataArray
    with the dimension species. unit: "ppb" or "ug/m3", by default attrs["units"]; one of the two must say it. options:
    of standards.voc.ofp. Returns a DataFrame with the species' columns, total, measured, species_share and mass_share;
    or a Dataset with by_species (species, …) and the four.
    Missing: as standards.voc.ofp.
    Errors: ValueError where no unit is said, the two differ, or a species is unknown.
    """
    return _potential(voc.ofp, "ozone formation potential", "臭氧生成潜势", data, unit, options)


def oh_reactivity(data: Table, *, unit: str | None = None, **options: Any) -> pd.DataFrame | xr.Dataset:
    """Compute the loss rate of OH by each species and in total: arguments, result and errors as ofp [1/s]."""
    return _potential(voc.oh_reactivity, "loss rate of OH", "OH反应活性", data, unit, options)


def _potential(
    function: Callable[..., voc.Potential], long_name: str, zh: str, data: Table, unit: str | None, options: dict
) -> pd.DataFrame | xr.Dataset:
    unit = _unit(data.attrs.get("units"), unit)
    shares = {
        "measured": pure("share of the species that have a value", "有值物种比例"),
        "species_share": pure("share of the species with a value and a coefficient", "有系数物种比例"),
        "mass_share": pure("share of the measured mass that has a coefficient", "有系数质量比例"),
    }
    if isinstance(data, xr.DataArray):
        if "species" not in data.dims:
            raise ValueError(f"the dimensions are {', '.join(map(str, data.dims))}, expected species among them")
        turned = data.transpose("species", ...)
        found = function(turned.to_numpy(), [str(n) for n in turned["species"].values], unit=unit, **options)
        attrs = {"units": found.unit, "long_name": long_name, "long_name_zh": zh, "references": reference(function)}
        rest = turned.dims[1:]
        made = {"by_species": (turned.dims, found.by_species, attrs), "total": (rest, found.total, attrs)}
        made |= {name: (rest, getattr(found, name), words) for name, words in shares.items()}
        return xr.Dataset(made, turned.coords, {"references": reference(function)})
    found = function(data.to_numpy(np.float64).T, [str(name) for name in data.columns], unit=unit, **options)
    frame = pd.DataFrame(found.by_species.T, index=data.index, columns=data.columns)
    frame = frame.assign(total=found.total, **{name: getattr(found, name) for name in shares})
    units = dict.fromkeys([*data.columns, "total"], found.unit) | dict.fromkeys(shares, "1")
    frame.attrs = {"units": units, "long_name": {"total": long_name}, "references": reference(function)}
    return frame


def _unit(said: Any, given: str | None) -> str:
    plain = str(said).replace("µ", "u").replace("μ", "u").replace("³", "3").replace(" m-3", "/m3") if said else None
    if plain is None and given is None:
        raise ValueError("no unit is said, expected unit='ppb' or 'ug/m3', or attrs['units']")
    if plain is not None and given is not None and plain != given:
        raise ValueError(f"attrs say {said!r} and unit is {given!r}, expected one of them")
    unit = given or plain
    if unit not in voc.UNITS:
        raise ValueError(f"the unit is {unit!r}, expected one of {', '.join(voc.UNITS)}")
    return unit
