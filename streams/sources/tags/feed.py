"""Tagged contributions: how much of a concentration comes from which sector and city (docs/layouts/tags.md).

Three forms: receptors with the contributors in the file, and the grids of CMAQ-ISAM and CAMx-OSAT/PSAT with a tag table beside
them. A row is a receptor-hour, as of a forecast. A quantity that cannot be is refused by name and costs the others nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import xarray as xr

from streams.contributors import TAG_QUANTITIES
from streams.records import TagBlock
from streams.registry import Registry, RegistryError
from streams.sources.forecasts.cdaqs import LARGEST_MB, require_hours, set_aside_early
from streams.sources.forecasts.header import header_of, open_raw
from streams.sources.forecasts.netcdf_ready import MAGICS, fault
from streams.sources.tags import gridded, receptors
from streams.sources.tags.table import TagTable, looks_tagged, table_for
from streams.sources.tags.told import Told, checked
from streams.sources.tally import Tally, Unusable, rows_by_hour

NAME = "tags"
MODEL_LENGTH = 22
MOST_IN_BLOCK = 500_000
"""Numbers in one block: a line of a topic is then hardly more than a megabyte."""

__all__ = ["LARGEST_MB", "NAME", "parse", "recognises"]


def recognises(path: str | Path, head: bytes) -> bool:
    """Tell a file of tags among NetCDF files by its dimensions, or by variables that its tag table, or their names, tell."""
    if not head.startswith(MAGICS):
        return False
    try:
        if fault(path):
            return False
        with open_raw(path, header_of(path)) as dataset:
            return receptors.is_receptors(dataset) or _is_tagged_grid(dataset, Path(path))
    except Exception:
        # Whatever the library raises: what cannot be opened is answered by the feed that takes any NetCDF file.
        return False


def parse(path: Path, registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Parse one file into blocks: one for each city and unbroken stretch of hours, cut where it is long.

    all_stations has no effect: contributions are told at stations that the registry knows.
    """
    if why := fault(path):
        raise Unusable("file", f"the file is not complete: {why}", tally.origin.file, "a complete NetCDF file")
    try:
        header = header_of(path)
        with open_raw(path, header) as dataset:
            if receptors.is_receptors(dataset):
                told = receptors.read(dataset, header, registry, tally)
            else:
                told = gridded.read(dataset, _table(path, dataset), registry)
            _pass_on(told, tally)
    except (Unusable, RegistryError):
        raise
    except Exception as error:
        # The library raises what it likes for a broken file.
        reason = f"cannot be read: {type(error).__name__}: {error}"
        raise Unusable("file", reason, tally.origin.file, "a readable NetCDF file") from error


def _is_tagged_grid(dataset: xr.Dataset, path: Path) -> bool:
    names = list(map(str, dataset.data_vars))
    if any(map(looks_tagged, names)):
        return True
    try:
        table = table_for(path, dataset.attrs)
    except Unusable:
        return False
    # A table in a folder is for all its tag files; an ordinary forecast beside them has no variable that it explains.
    return table is not None and any((parted := table.parted(name)) is not None and parted[1] for name in names)


def _table(path: Path, dataset: xr.Dataset) -> TagTable:
    if (table := table_for(path, dataset.attrs)) is None:
        names = ", ".join(filter(looks_tagged, map(str, dataset.data_vars)))[:150]
        expected = f"{path.name}.tags.toml or tags.toml beside it; see docs/layouts/tags.md"
        raise Unusable("variables", "no tag table says what the tags mean", names, expected)
    return table


def _pass_on(told: Told, tally: Tally) -> None:
    if not told.places:
        return  # its receptors are set aside
    if not 0 < len(told.model) <= MODEL_LENGTH:
        reason = "the model is not named, or its name is too long"
        raise Unusable("global attribute model", reason, told.model, f"a name of up to {MODEL_LENGTH} characters")
    require_hours(told.axis)
    checked(told)
    if not told.values:
        raise _nothing(told)
    early = told.axis.hour_ends < told.axis.run_init
    set_aside_early(told.axis, early, len(told.places), tally)
    for problem in told.problems:
        # The receptor-hours live on without this quantity: no row is lost.
        tally.reject(problem.position, problem.reason, problem.value, problem.expected, rows=0)
    said = [tally.origin.provenance, f"stamps mean the {told.axis.label} of the hour", *told.notes]
    for block in _blocks(told, ~early):
        for hour, rows in rows_by_hour(**block):
            tally.came_in(hour, rows)
        tally.pass_on(TagBlock, **block, provenance="; ".join(said)[:2_000], simulated=told.simulated)


def _nothing(told: Told) -> Unusable:
    if told.problems:
        return told.problems[0]
    lacking = "; ".join(note for note in told.notes if " lacks " in note)[:150]
    return Unusable("variables", "no quantity that we know", lacking, f"one of {', '.join(TAG_QUANTITIES)}")


def _blocks(told: Told, keep: np.ndarray) -> Iterator[dict]:
    """Give the fields of the blocks: per city, cut wherever an hour is missing, and where a block would be too long."""
    hours, quantities = told.axis.hour_ends[keep], tuple(told.values)
    if not hours.size:
        return
    values = np.stack([told.values[name] for name in quantities])[..., keep]
    stretches = np.split(np.arange(hours.size), np.nonzero(np.diff(hours) != 1)[0] + 1)
    for city in dict.fromkeys(city for city, _ in told.places):
        members = [i for i, (of, _) in enumerate(told.places) if of == city]
        most = max(1, MOST_IN_BLOCK // (len(quantities) * len(told.contributors) * len(members)))
        for stretch in stretches:
            for at in range(0, stretch.size, most):
                part = stretch[at : at + most]
                yield {
                    "model": told.model, "run_init": told.axis.run_init, "city": city, "definition": told.definition,
                    "places": tuple(told.places[i][1] for i in members), "first_hour": int(hours[part[0]]),
                    "quantities": quantities, "contributors": told.contributors,
                    "values": np.ascontiguousarray(values[:, :, members][..., part]),
                }  # fmt: skip
