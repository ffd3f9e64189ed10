"""The joined hours of a dataset are what joining by hand gives, with the engine's own rule of what lies upwind."""

from __future__ import annotations

import datetime as dt
import json
import time

import numpy as np
import pytest
import sqlalchemy as sa
import xarray as xr

from streams.assess.upwind import upwind_emissions
from streams.columns import CONCENTRATIONS, WEATHER
from streams.records import SPECIES
from streams.store import begin_write, open_dataset
from streams.store.lines import EPOCH
from streams.store.schema import air_city_hour, air_joined_hour, emission_city_hour, forecast_city_hour

CITIES = ("510100", "510600", "511100", "512000")
HOURS, FIRST = 30, EPOCH + dt.timedelta(hours=465_000)
HOUR = dt.timedelta(hours=1)


def made(seed: int) -> dict[sa.Table, list[dict]]:
    """Draw hours with everything missing now and then: rows, values, winds, cities, species, calm and still air."""
    rng = np.random.default_rng(seed)

    def some(share: float = 0.85) -> bool:
        return bool(rng.random() < share)

    def number() -> float | None:
        return float(np.round(rng.gamma(2, 20), 3)) if some(0.8) else None

    def wind(city: str) -> dict:
        if not some(0.7):
            return {"wind_u_ms": number() if some(0.3) else None, "wind_v_ms": None, "upwind_weights": None}
        kind = rng.integers(4)
        others = [*(c for c in CITIES if c != city), "999999"]
        weights = {c: float(np.round(rng.random(), 3)) for c in others if some(0.5)} if kind > 1 else {}
        text = None if kind == 0 else json.dumps(weights, separators=(",", ":"))
        return {"wind_u_ms": 1.0, "wind_v_ms": 2.0, "upwind_weights": text}

    tables: dict[sa.Table, list[dict]] = {air_city_hour: [], emission_city_hour: [], forecast_city_hour: []}
    silent = {int(hour) for hour in rng.integers(0, HOURS, 4)}
    for city in CITIES:
        for h in range(HOURS):
            key = {
                "city": city,
                "hour_end": FIRST + h * HOUR,
                "simulated": not some(0.93),
                "version": int(rng.integers(9)),
            }
            trace = {"edition": "HJ633-2012", "status": "reviewed" if some(0.5) else "provisional", "revision": 1}
            if some():
                values = {name: number() for name in CONCENTRATIONS} if some(0.9) else {}
                nothing = dict.fromkeys(CONCENTRATIONS)
                tables[air_city_hour].append(
                    {
                        **key,
                        **trace,
                        **nothing,
                        **values,
                        "aqi": 70 if some() else None,
                        **wind(city),
                        "primary_pollutants": "pm25",
                    }
                )
            if some() and (h not in silent or city == CITIES[0]):
                kgh = {f"{s}_kgh": number() if some(0.9) else None for s in SPECIES}
                sectors = {"sectors": ["power"], "species": ["so2"], "kgh": [[number()]]}
                text = json.dumps(sectors) if some() else None
                tables[emission_city_hour].append(
                    {**key, **kgh, "inventory": "made" if some() else None, "sectors": text}
                )
            for start in range(-24, h, 12):
                if some():
                    values = {f"forecast_{name}": number() for name in CONCENTRATIONS}
                    weather = {name: number() for name in WEATHER if not name.startswith("wind")}
                    init = FIRST + start * HOUR
                    tables[forecast_city_hour].append({
                        **key, **values, **weather, **wind(city), "run": f"CDAQS/{init:%Y-%m-%dT%HZ}", "run_init": init,
                        "lead_hours": h - start, "lead_day": 1, "points": 3, "forecast_aqi": 60, "edition": "HJ633-2012",
                    })  # fmt: skip
    return tables


def fill(store: sa.Engine, tables: dict[sa.Table, list[dict]]) -> None:
    with begin_write(store) as connection:
        for table, rows in tables.items():
            connection.execute(sa.insert(table), rows)


def by_key(rows: list[dict]) -> dict[tuple, dict]:
    return {(row["city"], row["hour_end"]): row for row in rows}


def upwind_of(text: str | None, city: str, hour: dt.datetime, emitted: dict[tuple, dict]) -> tuple[dict, bool]:
    """Give what is emitted upwind in a wind of these weights, and whether any of it is simulated, as the engine's rule says."""
    origins = [other for other in CITIES if other != city]
    heard = [row for other in origins if (row := emitted.get((other, hour)))]
    if text is None or not heard:
        return dict.fromkeys(SPECIES), False
    weights = json.loads(text)
    share = np.array([[weights.get(other, 0.0)] for other in origins])
    if not set(weights) & set(CITIES) and weights:
        share[:] = np.nan  # who lies upwind is none of those that are known
    rows = [emitted.get((other, hour), {}) for other in origins]
    totals = [[[np.nan if row.get(f"{s}_kgh") is None else row[f"{s}_kgh"]] for s in SPECIES] for row in rows]
    sums, _ = upwind_emissions(share, np.array(totals))
    simulated = any(emitted.get((other, hour), {}).get("simulated") for other in weights)
    return {s: None if np.isnan(sums[i, 0]) else sums[i, 0] for i, s in enumerate(SPECIES)}, simulated


def expected_row(tables: dict, city: str, hour: dt.datetime, run: dict | None) -> dict:
    """Join one hour by hand."""
    observed, emitted = by_key(tables[air_city_hour]), by_key(tables[emission_city_hour])
    o, e = observed.get((city, hour), {}), emitted.get((city, hour), {})
    measured = o.get("wind_u_ms") is not None and o.get("wind_v_ms") is not None
    if run is not None:
        wind, source = run, "forecast" if run["wind_u_ms"] is not None and run["wind_v_ms"] is not None else ""
    elif measured:
        wind, source = o, "stations"
    else:
        over = [f for f in tables[forecast_city_hour] if (f["city"], f["hour_end"]) == (city, hour)]
        windy = [f for f in over if f["wind_u_ms"] is not None and f["wind_v_ms"] is not None]
        wind = max(windy, key=lambda f: f["run_init"], default={})
        source = "forecast" if wind else ""
    upwind, upwind_simulated = upwind_of(wind.get("upwind_weights"), city, hour, emitted)
    seen, emits = (any(row.get(n) is not None for n in names) for row, names in
                   ((o, CONCENTRATIONS), (e, [f"{s}_kgh" for s in SPECIES])))  # fmt: skip
    return {
        **{f"upwind_{s}_kgh": upwind[s] for s in SPECIES}, **{f"{s}_kgh": e.get(f"{s}_kgh") for s in SPECIES},
        **{name: o.get(name) for name in CONCENTRATIONS}, "inventory": e.get("inventory") or "", "wind_source": source,
        "simulated": any((o.get("simulated"), e.get("simulated"), wind.get("simulated"), upwind_simulated)),
        "completeness": (0.0, 0.333, 0.667, 1.0)[(run is not None) + seen + emits],
        "status": o.get("status", "provisional"), "revision": o.get("revision", 0),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_every_hour_of_the_join_is_what_joining_by_hand_gives(store, seed):
    tables = made(seed)
    fill(store, tables)
    data = open_dataset(store, "air_joined_hour")
    assert set(data.data_vars) == {c.name for c in air_joined_hour.c} - {"city", "hour_end", "run", "sectors"} | {
        "emission_kgh"
    }
    base = [(row["city"], row["hour_end"], None) for row in tables[air_city_hour]]
    runs = [(row["city"], row["hour_end"], row) for row in tables[forecast_city_hour]]
    assert int((data.simulated >= 0).sum()) == len(base) + len(runs) > 200
    names = list(expected_row(tables, *base[0]))
    arrays = {name: data[name].values for name in names}
    place = {dim: {label: i for i, label in enumerate(data[dim].values.astype(kind).tolist())}
             for dim, kind in (("city", str), ("hour_end", "datetime64[s]"), ("run", str))}  # fmt: skip
    for city, hour, run in (*base, *runs):
        at = place["city"][city], place["hour_end"][hour], place["run"][run["run"] if run else ""]
        for name, value in expected_row(tables, city, hour, run).items():
            found = arrays[name][at]
            if isinstance(value, str):
                assert found == value, (name, city, hour, run)
            else:
                # What lies upwind is stored to a thousandth, as all numbers are.
                assert found == pytest.approx(np.nan if value is None else float(value), abs=0.00051, nan_ok=True), (
                    name,
                    city,
                    hour,
                    run,
                )


def test_a_part_of_the_join_equals_that_part_of_the_whole(store):
    fill(store, made(7))
    whole = open_dataset(store, "air_joined_hour")
    hours = (FIRST + 9 * HOUR, FIRST + 20 * HOUR)
    run = f"CDAQS/{FIRST - 12 * HOUR:%Y-%m-%dT%HZ}"
    for runs in ([run], ["", run], [""]):
        part = open_dataset(store, "air_joined_hour", cities=CITIES[:2], start=hours[0], end=hours[1], runs=runs)
        expected = whole.sel(city=list(CITIES[:2]), hour_end=slice(*hours), run=sorted(runs))
        # Hours without any of the runs are no hours of the part.
        xr.testing.assert_equal(part.drop_vars("run_init"), expected.sel(hour_end=part.hour_end).drop_vars("run_init"))


def test_a_month_of_eight_cities_and_fourteen_runs_takes_seconds(tmp_path):
    from tests.dashboards import stores, years

    engine = stores.empty_store(tmp_path)
    years.fill(engine, years.MONTH)
    begun = time.process_time()
    data = open_dataset(engine, "air_joined_hour")
    spent_s = time.process_time() - begun
    assert data.sizes["city"] == 8 and data.sizes["hour_end"] > years.MONTH
    runs_over_an_hour = data.forecast_aqi.notnull().isel(city=0).sum("run")
    assert int(runs_over_an_hour.max()) == 14
    assert spent_s < 30, "seen: 6 s on one core"
