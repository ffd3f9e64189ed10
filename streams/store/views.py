"""The three-way join as a view: each row is a city's hour with one run over it, or, where run is empty, without any.

Observed city hours, forecast city hours and emission city hours are rows of their own; nothing is written twice. The view adds
what only the three together say: what is emitted upwind, where the wind is from, how complete the hour is. The weights of the
cities upwind are stored with each wind (streams.assess.upwind made them); here they are only multiplied with what those
cities emit in the hour and added up.

    no wind, calm, or no other city says anything in the hour    NULL
    nobody lies upwind                                           0
    nobody who lies upwind says anything of a species            NULL

A view holds no data, so it is made anew after each change of the schema and needs no migration of its own.
"""

from __future__ import annotations

import sqlalchemy as sa

from streams.columns import CONCENTRATIONS, WEATHER
from streams.records import SPECIES
from streams.store.schema import air_joined_hour

_EACH_WEIGHT = {
    "sqlite": ("json_each({weights})", "j.value", "j.key"),
    "postgresql": ("json_each_text({weights}::json)", "j.value::double precision", "j.key"),
}
_ROUNDED = {"sqlite": "ROUND({sum}, 3)", "postgresql": "ROUND(({sum})::numeric, 3)::double precision"}
"""Sums are rounded as all that is stored: a database adds up in no certain order."""
# The newest run over an hour is the one with the shortest lead. By the start of the run a database would walk through the
# index of runs, back to the first of all years where none of them has the hour.
_BASE = """
SELECT {columns}
FROM air_city_hour o
LEFT JOIN emission_city_hour e ON e.city = o.city AND e.hour_end = o.hour_end
LEFT JOIN forecast_city_hour w ON w.city = o.city AND w.hour_end = o.hour_end AND NOT {measured} AND w.run = (
    SELECT n.run FROM forecast_city_hour n
    WHERE n.city = o.city AND n.hour_end = o.hour_end AND n.wind_u_ms IS NOT NULL AND n.wind_v_ms IS NOT NULL
    ORDER BY n.lead_hours, n.run DESC LIMIT 1)
"""
_RUNS = """
SELECT {columns}
FROM forecast_city_hour f
LEFT JOIN air_city_hour o ON o.city = f.city AND o.hour_end = f.hour_end
LEFT JOIN emission_city_hour e ON e.city = f.city AND e.hour_end = f.hour_end
"""
_MEASURED = "(o.wind_u_ms IS NOT NULL AND o.wind_v_ms IS NOT NULL)"


def make_views(connection: sa.Connection) -> None:
    """Make the views anew, in the transaction of the caller."""
    drop_views(connection)
    connection.exec_driver_sql(f"CREATE VIEW air_joined_hour AS {joined_hours(connection.dialect.name)}")


def drop_views(connection: sa.Connection) -> None:
    """Drop the views where there are any: a table that a view reads cannot be changed under it."""
    connection.exec_driver_sql("DROP VIEW IF EXISTS air_joined_hour")


def joined_hours(dialect: str) -> str:
    """Write the query behind air_joined_hour in the words of a database: "sqlite" or "postgresql"."""
    base = {column.name: f"CAST(NULL AS {_type(column.name, dialect)})" for column in air_joined_hour.c}
    runs = dict(base)
    base |= {"city": "o.city", "hour_end": "o.hour_end", "run": "''", "sectors": "e.sectors", "edition": "o.edition"}
    runs |= {name: f"f.{name}" for name in ("city", "hour_end", "run", "run_init", "lead_hours", "lead_day", "edition")}
    runs |= {name: f"f.{name}" for name in (*(f"forecast_{c}" for c in CONCENTRATIONS), "forecast_aqi", *WEATHER)}
    for columns in (base, runs):
        columns |= {name: f"o.{name}" for name in (*CONCENTRATIONS, "aqi", "primary_pollutants")}
        columns |= {f"{s}_kgh": f"e.{s}_kgh" for s in SPECIES} | {"inventory": "e.inventory"}
    weights = f"CASE WHEN {_MEASURED} THEN o.upwind_weights ELSE w.upwind_weights END"
    base |= _of_wind("o", weights, dialect)
    runs |= _of_wind("f", "f.upwind_weights", dialect)
    base["wind_source"] = f"CASE WHEN {_MEASURED} THEN 'stations' WHEN w.run IS NOT NULL THEN 'forecast' ELSE '' END"
    runs["wind_source"] = "CASE WHEN f.wind_u_ms IS NOT NULL AND f.wind_v_ms IS NOT NULL THEN 'forecast' ELSE '' END"
    base["completeness"], runs["completeness"] = _completeness("0"), _completeness("1")
    base["simulated"] = _simulated("w.simulated", "o", weights, dialect)
    runs["simulated"] = _simulated("f.simulated", "f", "f.upwind_weights", dialect)
    base |= {name: f"o.{name}" for name in ("status", "revision", "version", "suspect")}
    runs |= {name: f"COALESCE(o.{name}, '')" for name in ("primary_pollutants", "suspect")}
    runs |= {
        "status": "COALESCE(o.status, 'provisional')",
        "revision": "COALESCE(o.revision, 0)",
        "version": "f.version",
    }
    return f"{_BASE.format(columns=_listed(base), measured=_MEASURED)} UNION ALL {_RUNS.format(columns=_listed(runs))}"


def _type(name: str, dialect: str) -> str:
    engine = sa.dialects.registry.load(dialect)()
    return air_joined_hour.c[name].type.compile(dialect=engine)


def _listed(columns: dict[str, str]) -> str:
    return ",\n  ".join(f"{expression} AS {name}" for name, expression in columns.items())


def _of_wind(row: str, weights: str, dialect: str) -> dict[str, str]:
    """Write by column what the other cities emit upwind of a row's city, in a wind of these weights."""
    each, weight, origin = (text.format(weights=weights) for text in _EACH_WEIGHT[dialect])
    heard = f"EXISTS (SELECT 1 FROM emission_city_hour h WHERE h.hour_end = {row}.hour_end AND h.city <> {row}.city)"
    found = {}
    for s in SPECIES:
        total = _ROUNDED[dialect].format(sum=f"SUM({weight} * u.{s}_kgh)")
        found[f"upwind_{s}_kgh"] = (
            f"CASE WHEN {weights} IS NULL OR NOT {heard} THEN NULL WHEN {weights} = '{{}}' THEN 0.0 ELSE "
            f"(SELECT {total} FROM {each} j "
            f"JOIN emission_city_hour u ON u.city = {origin} AND u.hour_end = {row}.hour_end) END"
        )
    return found


def _completeness(forecast: str) -> str:
    seen = f"COALESCE({', '.join(f'o.{name}' for name in CONCENTRATIONS)})"
    emitted = f"COALESCE({', '.join(f'e.{s}_kgh' for s in SPECIES)})"
    feeds = " + ".join([forecast, *(f"CASE WHEN {each} IS NULL THEN 0 ELSE 1 END" for each in (seen, emitted))])
    return f"CAST(CASE {feeds} WHEN 0 THEN 0.0 WHEN 1 THEN 0.333 WHEN 2 THEN 0.667 ELSE 1.0 END AS FLOAT)"


def _simulated(of_wind: str, row: str, weights: str, dialect: str) -> str:
    each, _, origin = (text.format(weights=weights) for text in _EACH_WEIGHT[dialect])
    own = " OR ".join(f"COALESCE({each}, FALSE)" for each in ("o.simulated", "e.simulated", of_wind))
    upwind = (
        f"EXISTS (SELECT 1 FROM {each} j JOIN emission_city_hour u ON u.city = {origin} AND u.hour_end = {row}.hour_end "
        f"WHERE u.simulated)"
    )
    return f"({own} OR ({weights} IS NOT NULL AND {upwind}))"
