"""Ozone formation potential of volatile organic compounds on labelled data (standards.voc.reactivity)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import standards.voc.age as voc_age
import standards.voc.ratios as voc_ratios
import standards.voc.reactivity as voc
from standards.labelled.one import One, attrs_by_name, require_pure
from standards.labelled.shapes import simulated_of
from standards.labelled.words import pure, reference

Table = pd.DataFrame | xr.DataArray


def tvoc(data: Table, *, unit: str | None = None, **options: Any) -> pd.DataFrame | xr.Dataset:
    """Add up the mixing ratios of the species: arguments, result and errors as ofp [ppb]; options of standards.voc.reactivity."""
    return _potential(voc.tvoc, "total mixing ratio of the species", "挥发性有机物总体积分数", data, unit, options)


def ofp(data: Table, *, unit: str | None = None, **options: Any) -> pd.DataFrame | xr.Dataset:
    """Compute the ozone formation potential of each species and in total.

    data [unit]: a DataFrame with a column for each species (names in Chinese or English, CAS numbers), or a DataArray
    with the dimension species. unit: "ppb" or "ug/m3", by default attrs["units"]; one of the two must say it. options:
    of standards.voc.reactivity.ofp. Returns a DataFrame with the species' columns, total, measured, species_share and mass_share;
    or a Dataset with by_species (species, …) and the four.
    Missing: as standards.voc.reactivity.ofp.
    Errors: ValueError where no unit is said, the two differ, or a species is unknown.
    """
    return _potential(voc.ofp, "ozone formation potential", "臭氧生成潜势", data, unit, options)


def oh_reactivity(data: Table, *, unit: str | None = None, **options: Any) -> pd.DataFrame | xr.Dataset:
    """Compute the loss rate of OH by each species and in total: arguments, result and errors as ofp [1/s]."""
    return _potential(voc.oh_reactivity, "loss rate of OH", "OH反应活性", data, unit, options)


def propylene_equivalent(data: Table, *, unit: str | None = None, **options: Any) -> pd.DataFrame | xr.Dataset:
    """Compute propylene equivalents of each species and in total: arguments, result and errors as ofp [ppbC]."""
    return _potential(voc.propylene_equivalent, "propylene equivalent", "丙烯等效浓度", data, unit, options)


def soa_potential(data: Table, *, unit: str | None = None, **options: Any) -> pd.DataFrame | xr.Dataset:
    """Compute the potential to form organic aerosol: arguments, result and errors as ofp [ug/m3].

    options: of standards.voc.reactivity.soa_potential; reacted is an array (species, ...).
    """
    return _potential(
        voc.soa_potential, "potential of secondary organic aerosol", "二次有机气溶胶生成潜势", data, unit, options
    )


def diagnostic_ratios(data: Table, *, unit: str | None = None, invalid: str = "raise") -> pd.DataFrame | xr.Dataset:
    """Compute and read the diagnostic ratios whose species are given; hints, never proof.

    data, unit: as ofp. invalid: as standards.voc.ratios.diagnostic_ratios. Returns on the same index or dimensions each
    ratio by its name, for instance "toluene/benzene", and its readings in English by "; " as "toluene/benzene_reading".
    Missing: as standards.voc.ratios.diagnostic_ratios; a missing ratio has the reading "".
    """
    unit = _unit(data.attrs.get("units"), unit)
    turned = data.transpose("species", ...) if isinstance(data, xr.DataArray) else data.T
    names = turned["species"].values if isinstance(turned, xr.DataArray) else turned.index
    values = np.asarray(turned, np.float64)
    made: dict[str, tuple[np.ndarray, dict[str, Any]]] = {}
    for name, found in voc_ratios.diagnostic_ratios(
        values, [str(n) for n in names], unit=unit, invalid=invalid
    ).items():
        texts = np.empty(found.value.shape, object)
        for at in np.ndindex(texts.shape):
            texts[at] = "; ".join(band.reading_en for band in voc_ratios.readings_at(found, at))
        made[name] = (found.value, pure(f"ratio {name} of {found.rule.unit}", f"{name}比值"))
        made[f"{name}_reading"] = (texts, pure(f"what {name} is read as", f"{name}指示", units=None))
    about = simulated_of(data) | {"references": reference(voc_ratios.diagnostic_ratios)}
    if isinstance(turned, xr.DataArray):
        coords = {n: c for n, c in turned.coords.items() if "species" not in c.dims}
        return xr.Dataset({n: (turned.dims[1:], a, attrs) for n, (a, attrs) in made.items()}, coords, about)
    frame = pd.DataFrame({name: array for name, (array, _) in made.items()}, index=data.index)
    frame.attrs = attrs_by_name({name: attrs for name, (_, attrs) in made.items()}) | about
    return frame


def photochemical_age(ratio: One, *, initial_ratio: float, **options: Any) -> pd.DataFrame | xr.Dataset:
    """Estimate how long air has aged from a ratio of two species, as diagnostic_ratios gives it.

    ratio [1]: of fast to slow, in the unit of initial_ratio. options: of standards.voc.age.photochemical_age. Returns
    exposure [molecules/cm3 s] and age_hours [h] on the same index or dimensions.
    Missing, errors: as standards.voc.age.photochemical_age; ValueError also where attrs give the ratio a unit.
    """
    require_pure(str(ratio.name), ratio.attrs.get("units"))
    found = voc_age.photochemical_age(np.asarray(ratio, np.float64), initial_ratio=initial_ratio, **options)
    made = {
        "exposure": (found.exposure, {"units": "molecules cm-3 s", "long_name": "exposure to OH"}),
        "age_hours": (found.hours, {"units": "h", "long_name": "photochemical age", "long_name_zh": "光化学龄"}),
    }
    about = simulated_of(ratio) | {"references": reference(voc_age.photochemical_age)}
    if isinstance(ratio, xr.DataArray):
        return xr.Dataset({n: (ratio.dims, a, attrs) for n, (a, attrs) in made.items()}, ratio.coords, about)
    frame = pd.DataFrame({name: array for name, (array, _) in made.items()}, index=ratio.index)
    frame.attrs = attrs_by_name({name: attrs for name, (_, attrs) in made.items()}) | about
    return frame


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
        return xr.Dataset(made, turned.coords, simulated_of(data) | {"references": reference(function)})
    found = function(data.to_numpy(np.float64).T, [str(name) for name in data.columns], unit=unit, **options)
    frame = pd.DataFrame(found.by_species.T, index=data.index, columns=data.columns)
    frame = frame.assign(total=found.total, **{name: getattr(found, name) for name in shares})
    units = dict.fromkeys([*data.columns, "total"], found.unit) | dict.fromkeys(shares, "1")
    frame.attrs = {"units": units, "long_name": {"total": long_name}, "references": reference(function)} | simulated_of(
        data
    )
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
