"""A store of measured years, made inside SQLite: what pages ask must not cost more for it than for a month.

Eight cities hour by hour, the stations of one, emissions, books, files and rejects over all the years; runs of forecasts, 14 over
each hour, in the last two months. Nothing is simulated, so that whoever looks for something simulated finds nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from streams import registry
from streams.registry import REFERENCE_KINDS
from tests.dashboards import attributed

NEWEST = dt.datetime(2025, 12, 31, 15)
SEATED = "510100"
"""The city whose stations have hours too."""
YEARS = 5
HOURS_OF_YEARS = YEARS * 8766
MONTH = 30 * 24
FORECAST_DAYS, LEAD, EVERY = 60, 168, 12
"""Days of the runs, hours of each, and hours between two starts: 14 of them reach over an hour."""
_TEXT = "'%Y-%m-%d %H:00:00.000000'"
_WAVE = "(30 + {a} * ((n * {b}) % 97) / 97.0)"
_SECTORS = '{"sectors":["industry","transport"],"species":["so2","nox"],"kgh":[[1,2],[3,null]]}'
_TRACE = "'HJ 633-2012', 'provisional', 0, 0, 1"


def fill(engine: sa.Engine, hours: int, newest: dt.datetime = NEWEST) -> None:
    """Fill an empty SQLite store with so many hours up to newest."""
    known = registry.load()
    stations = [s.code for s in known.stations.values() if s.city == SEATED and s.kind in REFERENCE_KINDS][:6]
    with engine.begin() as connection:
        run = connection.exec_driver_sql
        run("CREATE TEMP TABLE cities (city TEXT)")
        run("INSERT INTO cities VALUES " + _values(known.cities))
        run("CREATE TEMP TABLE stations (station TEXT)")
        run("INSERT INTO stations VALUES " + _values(stations))
        run("CREATE TEMP TABLE hours (n INTEGER PRIMARY KEY, hour_end TEXT)")
        run(
            f"INSERT INTO hours WITH RECURSIVE c(n) AS (SELECT 1 - {hours} UNION ALL SELECT n + 1 FROM c WHERE n < 0) "
            f"SELECT n, strftime({_TEXT}, '{newest:%Y-%m-%d %H:%M:%S}', n || ' hours') FROM c"
        )
        columns = attributed.row(SEATED, tuple(known.cities), newest)
        names = [name for name in columns if name not in ("city", "hour_end", "first_hour", "span")]
        run(
            f"INSERT INTO attribution (city, hour_end, first_hour, span, {', '.join(names)}) SELECT city, hour_end, hour_end, "
            f"span, {', '.join('?' * len(names))} FROM cities JOIN hours JOIN (SELECT 'hour' AS span UNION ALL "
            f"SELECT 'day' AS span) WHERE span = 'hour' OR n % 24 = 0 ORDER BY city, n",
            tuple(str(each) if isinstance(each := columns[name], dt.datetime) else each for name in names),
        )
        for statement in (*_air(), *_forecasts(newest), *_books(), *_episodes()):
            run(statement)


def _values(codes: Sequence[str]) -> str:
    return ", ".join(f"('{code}')" for code in codes)


def _air() -> list[str]:
    pm25, o3 = _WAVE.format(a=90, b=3), _WAVE.format(a=150, b=5)
    values = f"6.0, 30.0, 0.7, {o3}, {pm25} + 20, {pm25}, {pm25}, {o3}, 40 + n % 60 + 60 * (n % 60 < 0)"
    columns = "so2_ugm3, no2_ugm3, co_mgm3, o3_ugm3, pm10_ugm3, pm25_ugm3, pm25_24h_ugm3, o3_8h_ugm3, aqi"
    trace = "edition, status, revision, simulated, version"
    history = "json_object('aqi', 1, 'status', 'provisional', 'revision', 0, 'so2_ugm3', 1.0, 'no2_ugm3', 1.0, "
    history += "'co_mgm3', 1.0, 'o3_ugm3', 1.0, 'pm10_ugm3', 1.0, 'pm25_ugm3', 1.0)"
    return [
        f"INSERT INTO air_city_hour (city, hour_end, {columns}, stations_reporting, stations_expected, completeness, wind_u_ms, "
        f"wind_v_ms, upwind_weights, {trace}) SELECT city, hour_end, {values}, 4, 5, 0.9, 1.0, 1.0, "
        f'\'{{"510600":0.5,"511400":0.25}}\', {_TRACE} FROM cities JOIN hours ORDER BY city, n',
        f"INSERT INTO air_station_hour (station, hour_end, city, {columns}, source, {trace}) "
        f"SELECT station, hour_end, '{SEATED}', {values}, 'cnemc', {_TRACE} FROM stations JOIN hours ORDER BY station, n",
        f"INSERT INTO air_city_day (city, day, aqi, {trace}) SELECT city, substr(hour_end, 1, 10), 50, {_TRACE} "
        f"FROM cities JOIN hours WHERE hour_end LIKE '%16:00:00%' ORDER BY city, n",
        f"INSERT INTO emission_city_hour (city, hour_end, inventory, so2_kgh, nox_kgh, sectors, simulated, version) "
        f"SELECT city, hour_end, 'made', 4.0, 2.0, '{_SECTORS}', 0, 1 FROM cities JOIN hours ORDER BY city, n",
        f'INSERT INTO row_history ("table", "key", version, "row", superseded_at) '
        f"SELECT 'air_station_hour', station || '/' || replace(substr(hour_end, 1, 13), ' ', 'T') || 'Z', 0, {history}, "
        f"hour_end FROM stations JOIN hours WHERE n % 5 = 0",
    ]


def _forecasts(newest: dt.datetime) -> list[str]:
    start = f"strftime({_TEXT}, '{newest:%Y-%m-%d %H:%M:%S}', init || ' hours')"
    return [
        "CREATE TEMP TABLE runs (init INTEGER, run_init TEXT, run TEXT)",
        f"INSERT INTO runs SELECT init, {start}, 'CDAQS/' || replace(substr({start}, 1, 13), ' ', 'T') || 'Z' FROM "
        f"(SELECT n AS init FROM hours WHERE n > -{24 * FORECAST_DAYS} AND n % {EVERY} = 0)",
        "CREATE TEMP TABLE leads (lead INTEGER)",
        f"INSERT INTO leads WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {LEAD}) SELECT n FROM c",
        f"INSERT INTO forecast_city_hour (city, hour_end, run, run_init, lead_hours, lead_day, forecast_pm25_ugm3, "
        f"forecast_aqi, points, wind_u_ms, wind_v_ms, upwind_weights, edition, simulated, version) SELECT city, "
        f"strftime({_TEXT}, run_init, lead || ' hours'), run, run_init, lead, lead / 24, 50.0 + lead % 24, 60, 5, 1.0, 1.0, "
        f"'{{\"510600\":0.5}}', 'HJ 633-2012', 0, 1 FROM cities JOIN runs JOIN leads",
    ]


def _books() -> list[str]:
    counts = "rows_in, accepted, duplicate, late, rejected"
    sources = "(SELECT 'cnemc' AS source UNION SELECT 'cdaqs' UNION SELECT 'emissions' UNION SELECT 'station-csv')"
    return [
        f"INSERT INTO source_hour (source, hour_end, {counts}, first_received_at, last_received_at) "
        f"SELECT source, hour_end, 90, 80, 5, 3, 2, hour_end, hour_end FROM {sources} JOIN hours ORDER BY source, n",
        "UPDATE source_hour SET accepted = accepted - 1 WHERE source = 'cnemc' AND hour_end IN "
        "(SELECT hour_end FROM hours WHERE n IN (-1, -700))",
        f"INSERT INTO source_total (source, {counts}, newest_hour, last_received_at) SELECT source, sum(rows_in), "
        f"sum(accepted), sum(duplicate), sum(late), sum(rejected), max(hour_end), max(last_received_at) "
        f"FROM source_hour GROUP BY source",
        'INSERT INTO rejected (id, source, file, position, hour_end, reason, value, expected, "rows", set_aside, '
        "received_at) SELECT n || '/' || k, 'cnemc', 'f', 'line 1', hour_end, 'r', 'v', 'e', 1, k < 4, hour_end "
        "FROM hours JOIN (SELECT 0 AS k UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) "
        "WHERE k < 4 OR n % 50 = 0",
        "INSERT INTO source_file (digest, file, source, first_hour, last_hour, rows_in, rejected, simulated, received_at) "
        "SELECT printf('%064x', n), n || '.csv', 'cnemc', hour_end, hour_end, 90, 2, 0, hour_end FROM hours",
        "INSERT INTO topic_position (topic, segment, stored_at) SELECT 'air', n || '.jsonl', hour_end FROM hours",
    ]


def _episodes() -> list[str]:
    later = f"strftime({_TEXT}, hour_end, '{{}} hours')"
    return [
        "INSERT INTO episode_event (episode, kind, start, peak, end, phase, peak_value_ugm3, peak_city, cities, "
        "city_hours, edition, simulated, version) SELECT kind || '/' || n, kind, hour_end, "
        f"{later.format(20)}, {later.format(40)}, 'ended', 120, '510100', '510100@01-01T00Z', 40, 'HJ 633-2012', 0, 1 "
        "FROM hours JOIN (SELECT 'haze' AS kind UNION SELECT 'ozone') WHERE n % 240 = -100 AND n < -100"
    ]
