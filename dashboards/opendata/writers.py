"""Write the rows of a month as Parquet, CSV or NetCDF, each with what its columns mean and where they come from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import sqlalchemy as sa
import xarray as xr

from dashboards.moment import SHANGHAI
from dashboards.opendata import terms
from dashboards.opendata.offered import Collection, unit_of
from dashboards.queries import opendata as queries
from standards.shown import as_cell
from streams.store import open_dataset

FORM = "2"
"""Grows when files of the same rows would be written otherwise."""
HOUR = dt.timedelta(hours=1)
_TYPES = (
    (sa.Boolean, pa.bool_()), (sa.DateTime, pa.timestamp("s", tz="UTC")), (sa.Date, pa.date32()),
    (sa.Float, pa.float64()), (sa.BigInteger, pa.int64()), (sa.SmallInteger, pa.int32()), (sa.Integer, pa.int64()),
)  # fmt: skip


@dataclass(frozen=True)
class About:
    """A month of a collection. state: what tells this state of its rows from another."""

    collection: Collection
    month: dt.date
    state: str
    simulated: bool


def span(month: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Give the ends of the first and the last hour (naive UTC) of a month as people in Beijing count it."""
    begins = dt.datetime(month.year, month.month, 1)
    following = dt.datetime(month.year + month.month // 12, month.month % 12 + 1, 1)
    return begins - SHANGHAI + HOUR, following - SHANGHAI


def parquet(engine: sa.Engine, about: About, path: Path) -> None:
    """Write Parquet with zstd; units stand with the columns, licence and source with the file."""
    table = _table(engine, about)
    told = table.schema.with_metadata({key: str(value) for key, value in _told(about, table).items()})
    pa.parquet.write_table(table.cast(told), path, compression="zstd")


def csv(engine: sa.Engine, about: About, path: Path) -> None:
    """Write CSV: lines that begin with # tell period, units, source, licence and editions; then one line of names."""
    table = _table(engine, about)
    units = {name: unit for name in table.column_names if (unit := unit_of(name))}
    head = [f"# {key}: {value}" for key, value in _told(about, table).items()]
    head += [f"# unit of {name}: {unit}" for name, unit in units.items()]
    with path.open("wb") as file:
        file.write("".join(f"{line}\n" for line in head).encode())
        pa.csv.write_csv(_as_text(table), file)


def netcdf(engine: sa.Engine, about: About, path: Path) -> None:
    """Write NetCDF-4 as the CF conventions have it, over place and hour."""
    first, last = span(about.month)
    dataset = open_dataset(engine, about.collection.table.name, start=first, end=last)
    dataset = dataset.assign_attrs({key: str(value) for key, value in _told(about, None).items()})
    _texts(dataset).to_netcdf(path, engine="netcdf4", encoding={n: _packed(v) for n, v in dataset.variables.items()})


def _packed(variable: xr.Variable) -> dict[str, Any]:
    """Give how a variable is laid down: compressed over place and hour; texts as characters, which strings are not."""
    if variable.ndim < 2 or variable.dtype.kind not in "fiubO":
        return {}
    characters = {"dtype": "S1", "_Encoding": "utf-8"} if variable.dtype.kind == "O" else {}
    return {"zlib": True, "complevel": 1, "shuffle": True, **characters}


WRITERS = {"parquet": parquet, "csv": csv, "nc": netcdf}


def _table(engine: sa.Engine, about: About) -> pa.Table:
    columns = about.collection.columns()
    with engine.connect() as connection:
        rows = queries.month_rows(connection, about.collection.table, columns, *span(about.month))
    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    fields = [pa.field(c.name, _type(c), metadata={"unit": unit_of(c.name)}) for c in columns]
    arrays = [pa.array(_aware(each), field.type) for each, field in zip(values, fields, strict=True)]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _aware(values: tuple[Any, ...]) -> list[Any]:
    """Give values with moments to the second, UTC."""
    return [each.replace(microsecond=0, tzinfo=dt.UTC) if isinstance(each, dt.datetime) else each for each in values]


def _type(column: sa.Column) -> pa.DataType:
    return next((arrow for kind, arrow in _TYPES if isinstance(column.type, kind)), pa.string())


def _told(about: About, table: pa.Table | None) -> dict[str, object]:
    told = {
        "title": f"{about.collection.name} {about.month:%Y-%m}", "period": terms.PERIOD, "source": terms.SOURCE,
        "licence": f"{terms.LICENCE} ({terms.LICENCE_URL})", "citation": terms.citation(about.state[:16]),
        "data_version": about.state[:16], "simulated": "some or all rows" if about.simulated else "none",
        "notice": terms.NOTICE,
    }  # fmt: skip
    if table is not None:
        told["edition"] = ", ".join(sorted(filter(None, table["edition"].unique().to_pylist())))
    return told


def _as_text(table: pa.Table) -> pa.Table:
    """Write moments as ISO 8601 and keep texts from being formulas, or orders to a terminal."""
    for number, field in enumerate(table.schema):
        column = table.column(number)
        if pa.types.is_timestamp(field.type):
            texts = pa.array(
                [None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in column.to_pylist()], pa.string()
            )
        elif pa.types.is_string(field.type):
            texts = pa.array([None if text is None else as_cell(text) for text in column.to_pylist()], pa.string())
        else:
            continue
        table = table.set_column(number, field.name, texts)
    return table


def _texts(dataset: xr.Dataset) -> xr.Dataset:
    """Give texts as NetCDF has them: what is missing is empty."""
    texts = {n: v for n, v in dataset.data_vars.items() if v.dtype.kind == "O"}
    filled = {n: v.copy(data=np.where(v.isnull(), "", v).astype(object)) for n, v in texts.items()}
    return dataset.assign(filled)
