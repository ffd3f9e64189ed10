"""A registry with the invented places in it, so that the platform knows them and everybody sees that they are simulated."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from research.virtual_airshed.observe.laying import csv_text, lay_down
from streams.registry import Registry, Station

STATION_COLUMNS = (
    "code",
    "name_zh",
    "aliases",
    "kind",
    "lon",
    "lat",
    "city",
    "valid_from",
    "valid_to",
    "source",
    "note",
)


def registry_files(folder: Path, registry: Registry, stations: Iterable[Station]) -> Path:
    """Write a registry folder that streams.registry.load reads: the stations of a registry and more.

    stations: the invented ones; all say in `source` that they are simulated. Cities and outlines are those of the
    shipped registry. Errors: ValueError for a code that is there twice, OutboxError where the folder holds another
    registry.
    """
    return lay_down(folder / "stations.csv", stations_text(registry, stations)).parent


def stations_text(registry: Registry, more: Iterable[Station]) -> str:
    """Write stations.csv: the stations of a registry and more behind them. Errors: ValueError for a code that is there twice."""
    known = dict(registry.stations)
    for station in more:
        if known.setdefault(station.code, station) is not station:
            raise ValueError(f"station {station.code} is in the registry already, expected a new code")
    return csv_text(STATION_COLUMNS, (_row(station) for station in known.values()))


def _row(station: Station) -> tuple[object, ...]:
    return (
        station.code, station.name_zh, "|".join(station.aliases), station.kind, station.lon, station.lat, station.city,
        station.valid_from or "", station.valid_to or "", station.source, station.note,
    )  # fmt: skip
