"""The first schema: assessed hours and days, forecasts, emissions, models, episodes, data health, positions in the topics.

What stands here is frozen: a migration must not follow today's schema. A test holds that both give the same tables.
"""

import sqlalchemy as sa
from alembic import op

from streams.store.history import keep_history

revision = "0001"
down_revision = None

CODES = ("so2", "no2", "co", "o3", "pm10", "pm25")
CONCENTRATIONS = ("so2_ugm3", "no2_ugm3", "co_mgm3", "o3_ugm3", "pm10_ugm3", "pm25_ugm3")
MEANS = (
    "so2_24h_ugm3",
    "no2_24h_ugm3",
    "co_24h_mgm3",
    "pm10_24h_ugm3",
    "pm25_24h_ugm3",
    "o3_8h_ugm3",
    "o3_8h_max_ugm3",
)
DAY_MEANS = ("so2_ugm3", "no2_ugm3", "co_mgm3", "o3_mda8_ugm3", "pm10_ugm3", "pm25_ugm3")
WIND = ("wind_u_ms", "wind_v_ms")
WEATHER = (*WIND, "temperature_c", "humidity_pct", "mixing_height_m", "rain_mm")
FORECAST = tuple(f"forecast_{name}" for name in CONCENTRATIONS)
EMITTED = ("so2_kgh", "nox_kgh", "co_kgh", "nh3_kgh", "voc_kgh", "pm25_kgh", "pm10_kgh")
COUNTS = ("rows_in", "accepted", "duplicate", "late", "rejected")
OPEN = dict.fromkeys(("sqlite_where", "postgresql_where"), sa.text("rows_in != accepted + duplicate + late + rejected"))
REVISED = ("air_station_hour", "air_city_hour", "air_station_day", "air_city_day", "voc_station_hour")


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.create_table(name, *columns())
    op.create_index("ix_emission_city_hour_hour_end", "emission_city_hour", ["hour_end"])
    op.create_index("ix_forecast_city_hour_city", "forecast_city_hour", ["city", "run_init", "run"])
    op.create_index("ix_episode_event_kind", "episode_event", ["kind", "start"])
    op.create_index("ix_rejected_set_aside", "rejected", ["set_aside", "received_at", "id"])
    op.create_index("ix_rejected_hour_end", "rejected", ["set_aside", "hour_end"])
    op.create_index("ix_source_hour_open", "source_hour", ["source", "hour_end"], **OPEN)
    op.create_index("ix_source_file_source", "source_file", ["source", "last_hour", "first_hour"])
    op.create_index("ix_topic_position_stored_at", "topic_position", ["stored_at"])
    for table in REVISED:
        keep_history(op.get_bind(), table)


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        for table in REVISED:
            op.execute(f"DROP FUNCTION keep_{table}()")


def _text(name: str, length: int | None = None, *, key: bool = False, needed: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length) if length else sa.Text(), primary_key=key, nullable=not (key or needed))


def _moment(name: str, *, key: bool = False, needed: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(), primary_key=key, nullable=not (key or needed))


def _day() -> sa.Column:
    return sa.Column("day", sa.Date(), primary_key=True)


def _floats(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Float()) for name in names]


def _small(*names: str, needed: bool = False) -> list[sa.Column]:
    return [sa.Column(name, sa.SmallInteger(), nullable=not needed) for name in names]


def _verdict() -> list[sa.Column]:
    return [*_small("aqi"), _text("primary_pollutants", 40)]


def _made() -> list[sa.Column]:
    return [
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    ]


def _trace() -> list[sa.Column]:
    return [_text("edition", 20, needed=True), *_reviewed()]


def _reviewed() -> list[sa.Column]:
    return [_text("status", 11, needed=True), *_small("revision", needed=True), *_made()]


def _counts(*names: str, **options: object) -> list[sa.Column]:
    return [sa.Column(name, sa.BigInteger(), nullable=False, **options) for name in names]


TABLES = {
    "air_station_hour": lambda: [
        _text("station", 24, key=True), _moment("hour_end", key=True), _text("city", 12), *_floats(*CONCENTRATIONS, *MEANS),
        *_verdict(), _text("flags", 400), _text("source", 40), *_trace(),
    ],
    "air_city_hour": lambda: [
        _text("city", 12, key=True), _moment("hour_end", key=True), *_floats(*CONCENTRATIONS, *MEANS), *_verdict(),
        *_small("stations_reporting", "stations_expected"), *_floats("completeness", *WIND), _text("upwind_weights"),
        *_trace(),
    ],
    "air_station_day": lambda: [
        _text("station", 24, key=True), _day(), _text("city", 12), *_floats(*DAY_MEANS),
        *_small(*(f"{code}_hours" for code in CODES)), *_verdict(), *_trace(),
    ],
    "air_city_day": lambda: [
        _text("city", 12, key=True), _day(), *_floats(*DAY_MEANS), *_verdict(),
        *_small("stations_valid", "stations_expected"), *_floats("completeness"), *_trace(),
    ],
    "forecast_city_hour": lambda: [
        _text("city", 12, key=True), _moment("hour_end", key=True), _text("run", 40, key=True),
        _moment("run_init", needed=True), *_small("lead_hours", "lead_day", needed=True), *_floats(*FORECAST),
        *_small("forecast_aqi"), *_small("points", needed=True), *_floats(*WEATHER), _text("upwind_weights"),
        _text("edition", 20, needed=True), *_made(),
    ],
    "emission_city_hour": lambda: [
        _text("city", 12, key=True), _moment("hour_end", key=True), _text("inventory", 40), *_floats(*EMITTED),
        _text("sectors"), *_made(),
    ],
    "forecast_station_hour": lambda: [
        _text("station", 24, key=True), _moment("hour_end", key=True), _text("run", 40, key=True), _text("city", 12),
        *_small("lead_hours"), *_floats(*FORECAST), *_small("forecast_aqi"), *_made(),
    ],
    "voc_station_hour": lambda: [
        _text("station", 24, key=True), _moment("hour_end", key=True), _text("city", 12), _text("species_ppb", needed=True),
        *_small("n_species", "n_below", needed=True), *_floats("total_ppb", "ofp_ugm3"), *_small("ofp_species"),
        *_floats("ofp_mass_share", "oh_reactivity_per_s"), *_small("oh_reactivity_species"),
        *_floats("oh_reactivity_mass_share"), _text("source", 40), *_reviewed(),
    ],
    "model_hour": lambda: [
        _text("city", 12, key=True), _moment("hour_end", key=True), _text("run", 40, key=True), _text("model", 40, key=True),
        _text("quantity", 40, key=True), *_floats("value"), _text("model_version", 40, needed=True), *_made(),
    ],
    "episode_event": lambda: [
        _text("episode", 40, key=True), _text("kind", 8, needed=True), _moment("start", needed=True), _moment("peak"),
        _moment("end"), _text("phase", 10, needed=True), *_floats("peak_value_ugm3"), _text("peak_city", 12),
        *_floats("growth_ugm3_per_h"), _text("cities"), sa.Column("city_hours", sa.Integer()),
        _text("edition", 20, needed=True), *_made(),
    ],
    "rejected": lambda: [
        _text("id", 40, key=True), _text("source", 40, needed=True), _text("file", 200), _text("position", 200),
        _moment("hour_end"), _text("reason", 200), _text("value", 200), _text("expected", 200),
        sa.Column("rows", sa.Integer(), nullable=False), sa.Column("set_aside", sa.Boolean(), nullable=False),
        _moment("received_at"),
    ],
    "source_hour": lambda: [
        _text("source", 40, key=True), _moment("hour_end", key=True),
        *_counts(*COUNTS, server_default="0"), _moment("first_received_at"), _moment("last_received_at"),
    ],
    "source_total": lambda: [
        _text("source", 40, key=True), *_counts(*COUNTS, server_default="0"), _moment("newest_hour"),
        _moment("last_received_at"),
    ],
    "source_file": lambda: [
        _text("digest", 64, key=True), _text("file", 400, key=True), _text("source", 40, needed=True),
        _moment("first_hour"), _moment("last_hour"), *_counts("rows_in", "rejected"),
        sa.Column("simulated", sa.Boolean(), nullable=False), _moment("received_at", needed=True),
    ],
    "row_history": lambda: [
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True), _text("table", 40, needed=True),
        _text("key", 80, needed=True), *_counts("version"), _text("row", needed=True),
        _moment("superseded_at", needed=True),
        sa.UniqueConstraint("table", "key", "version", name="uq_row_history_table"),
    ],
    "topic_position": lambda: [
        _text("topic", 80, key=True), _text("segment", 200, key=True), _moment("stored_at", needed=True),
    ],
}  # fmt: skip
"""By table its columns, made anew at each call: a column belongs to one table."""
