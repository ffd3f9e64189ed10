"""Tables of the truth about observations, as rows of text: faults, files and when they arrive, sites and their instruments."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from research.virtual_airshed.observe.clock import hour_labelled, label
from research.virtual_airshed.observe.faults import Fault
from research.virtual_airshed.observe.files import OutFile
from research.virtual_airshed.observe.networks import Network
from standards.errors import AirshedError
from standards.pollutants import ITEMS

FAULT_COLUMNS = (
    "event", "kind", "feed", "station", "item", "first_hour_end", "last_hour_end", "true", "written", "rejected",
    "reason", "file", "line", "simulated",
)  # fmt: skip
FILE_COLUMNS = ("file", "first_hour_end", "last_hour_end", "arrives", "simulated")
SITE_COLUMNS = (
    "station", "kind", "item", "measured", "siting", "gain", "offset", "drift_per_month", "zero_per_c",
    "kappa", "service_phase_h", "simulated",
)  # fmt: skip
"""siting and gain multiply, offset and zero_per_c [per deg C] are in the item's unit, drift_per_month is of the gain;
see instruments.py. service_phase_h: hours into the service interval at epoch hour 0."""


class TruthError(AirshedError, ValueError):
    """A table of the truth cannot be read; the message says which file and line, and what was expected."""


def fault_rows(faults: Iterable[Fault]) -> list[tuple[object, ...]]:
    """Give faults as rows of FAULT_COLUMNS."""
    return [
        (f.event, f.kind, f.feed, f.station, f.item, label(f.first_hour), label(f.last_hour), f.true, f.written,
         str(f.rejected).lower(), f.reason, f.file, f.line or "", "true")
        for f in faults
    ]  # fmt: skip


def file_rows(files: Iterable[OutFile]) -> list[tuple[object, ...]]:
    """Give files as rows of FILE_COLUMNS."""
    return [(f.path, label(f.first_hour), label(f.last_hour), label(f.arrives), "true") for f in files]


def site_rows(network: Network) -> list[tuple[object, ...]]:
    """Give the instruments of a network as rows of SITE_COLUMNS, one a station and item."""
    own, rows = network.instruments, []
    for s, station in enumerate(network.sites.stations):
        shared = f"{own.kappa[s]:.6f}", f"{own.since_h[s]:.0f}", "true"
        for i, item in enumerate(ITEMS):
            parts = (own.siting, own.gain, own.offset, own.drift_per_month, own.per_c)
            numbers = (f"{part[i, s] + 0.0:.6f}" for part in parts)  # no -0.0
            rows.append((station.code, station.kind, item, str(bool(own.measures[i, s])).lower(), *numbers, *shared))
    return rows


def faults_in(path: Path) -> list[Fault]:
    """Read faults from a file. Errors: TruthError with file and line for other columns or a cell that cannot be read."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != FAULT_COLUMNS:
            raise TruthError(f"{path} line 1 is {reader.fieldnames}, expected {', '.join(FAULT_COLUMNS)}")
        found = []
        for row in reader:
            try:
                found.append(_fault(row))
            except (ValueError, TypeError) as error:
                raise TruthError(f"{path} line {reader.line_num}: {error}, expected a fault") from None
        return found


def frame_of(faults: Iterable[Fault]) -> pd.DataFrame:
    """Give faults as a table for a notebook: the fields of Fault, with first_hour_end and last_hour_end as times in UTC."""
    names = [field.name for field in dataclasses.fields(Fault)]
    frame = pd.DataFrame([[getattr(fault, name) for name in names] for fault in faults], columns=names)
    for name in ("first_hour", "last_hour"):
        times = pd.to_datetime(frame.pop(name).astype("int64") * 3600, unit="s", utc=True)
        frame.insert(names.index(name), f"{name}_end", times)
    return frame


def _fault(row: dict[str, str]) -> Fault:
    if row["rejected"] not in ("true", "false"):
        raise ValueError(f"rejected is {row['rejected']!r}")
    plain = {
        name: row[name] for name in ("event", "kind", "feed", "station", "item", "true", "written", "reason", "file")
    }
    return Fault(
        **plain, first_hour=hour_labelled(row["first_hour_end"]), last_hour=hour_labelled(row["last_hour_end"]),
        rejected=row["rejected"] == "true", line=int(row["line"] or 0),
    )  # fmt: skip
