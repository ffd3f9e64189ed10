"""Tables with a column for each station: turned into one value a row, which is then read as any table of one item a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from streams.sources.maps.spec import Column, ColumnMap, LongSpec
from streams.sources.maps.tables import Rows, Table, place_of
from streams.sources.tally import Unusable


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where a row's time and item stand, and the stations with the places of their cells."""

    keys: list[int]
    stations: list[tuple[str, int]]
    width: int


def turned(table: Table, spec: ColumnMap) -> tuple[Table, ColumnMap]:
    """Give a table of one value a row, and the map that reads it. Errors: Unusable where a column of the map is missing."""
    across = spec.across
    if across is None:
        return table, spec
    keys = [*spec.time.columns, *spec.only, *([] if across.item_column is None else [across.item_column])]
    columns = _columns(table.names, table.place, keys, spec)
    count, times = len(keys), len(spec.time.columns)
    station, value = count + 1, count + 2
    item = count if across.item_column is not None else count + 3
    read_as = replace(
        spec,
        across=None,
        file=replace(spec.file, header=()),
        time=replace(spec.time, columns=tuple(range(1, times + 1))),
        only=dict(zip(range(times + 1, times + 1 + len(spec.only)), spec.only.values(), strict=True)),
        station=replace(spec.station, columns=(station,)),
        long=LongSpec(item, value, across.items, None, across.units),
    )
    return Table([], table.place, _rows(table.rows, columns, keys, spec), f"{columns.width} cells"), read_as


def _rows(rows: Rows, columns: _Columns, keys: Sequence[Column], spec: ColumnMap) -> Rows:
    names = [column for column in keys if isinstance(column, str)]
    for position, cells in rows:
        if names and all(name in cells for name in names):
            columns = _columns(cells, position, keys, spec)
        elif len(cells) < columns.width or any(cells[columns.width :]):
            yield position, [f"{len(cells)} cells, beginning {','.join(cells[:3])}"[:200]]
        else:
            yield from _values(position, cells, columns)


def _values(position: str, cells: list[str], columns: _Columns) -> Iterator[tuple[str, list[str]]]:
    said = [cells[at] for at in columns.keys]
    for name, at in columns.stations:
        yield f"{position}, column {name}", [*said, name, cells[at], ""]


def _columns(names: Sequence[str], place: str, keys: Sequence[Column], spec: ColumnMap) -> _Columns:
    wanted = [*keys, *spec.across.stations]
    places = [place_of(column, names) for column in wanted]
    for column, at in zip(wanted, places, strict=True):
        if at is None or at >= len(names):
            raise Unusable(place, "a column of the map is missing", ", ".join(names), f"once a column {column}")
    found = [int(at) for at in places if at is not None]
    others = found[len(keys) :] or [at for at, name in enumerate(names) if name and at not in found]
    stations = [(names[at], at) for at in others]
    if not stations or len({name for name, _ in stations}) != len(stations):
        raise Unusable(place, "no station has a column, or one has two", ", ".join(names), "each station once")
    return _Columns(found[: len(keys)], stations, len(names))
