"""The first schema: assessed hours and days, the join, forecasts, episodes, data health, positions in the topics."""

import sqlalchemy as sa
from alembic import op

from streams.store.history import keep_history

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "air_city_day",
        sa.Column("city", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("so2_ugm3", sa.Float()),
        sa.Column("no2_ugm3", sa.Float()),
        sa.Column("co_mgm3", sa.Float()),
        sa.Column("o3_mda8_ugm3", sa.Float()),
        sa.Column("pm10_ugm3", sa.Float()),
        sa.Column("pm25_ugm3", sa.Float()),
        sa.Column("aqi", sa.SmallInteger(), comment="NULL is NA: not enough valid items"),
        sa.Column(
            "primary_pollutants", sa.String(length=40), comment="codes joined by commas, empty where AQI <= 50 or NA"
        ),
        sa.Column("stations_valid", sa.SmallInteger()),
        sa.Column("stations_expected", sa.SmallInteger()),
        sa.Column("completeness", sa.Float()),
        sa.Column(
            "edition", sa.String(length=20), nullable=False, comment="the edition of HJ 633 in force on that day"
        ),
        sa.Column("status", sa.String(length=11), nullable=False, comment="provisional or reviewed"),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city", "day"),
    )
    op.create_table(
        "air_city_hour",
        sa.Column("city", sa.String(length=12), nullable=False),
        sa.Column("hour_end", sa.DateTime(), nullable=False),
        sa.Column("so2_ugm3", sa.Float()),
        sa.Column("no2_ugm3", sa.Float()),
        sa.Column("co_mgm3", sa.Float()),
        sa.Column("o3_ugm3", sa.Float()),
        sa.Column("pm10_ugm3", sa.Float()),
        sa.Column("pm25_ugm3", sa.Float()),
        sa.Column("so2_24h_ugm3", sa.Float()),
        sa.Column("no2_24h_ugm3", sa.Float()),
        sa.Column("co_24h_mgm3", sa.Float()),
        sa.Column("pm10_24h_ugm3", sa.Float()),
        sa.Column("pm25_24h_ugm3", sa.Float()),
        sa.Column("o3_8h_ugm3", sa.Float()),
        sa.Column("o3_8h_max_ugm3", sa.Float()),
        sa.Column("aqi", sa.SmallInteger(), comment="NULL is NA: not enough valid items"),
        sa.Column(
            "primary_pollutants", sa.String(length=40), comment="codes joined by commas, empty where AQI <= 50 or NA"
        ),
        sa.Column("stations_reporting", sa.SmallInteger()),
        sa.Column("stations_expected", sa.SmallInteger()),
        sa.Column("completeness", sa.Float(), comment="share of station x item values present, 0 to 1"),
        sa.Column(
            "edition", sa.String(length=20), nullable=False, comment="the edition of HJ 633 in force on that day"
        ),
        sa.Column("status", sa.String(length=11), nullable=False, comment="provisional or reviewed"),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city", "hour_end"),
    )
    op.create_table(
        "air_joined_hour",
        sa.Column("city", sa.String(length=12), nullable=False),
        sa.Column("hour_end", sa.DateTime(), nullable=False),
        sa.Column(
            "run",
            sa.String(length=40),
            nullable=False,
            comment="MODEL/YYYY-MM-DDTHHZ; empty: the hour without a forecast",
        ),
        sa.Column("run_init", sa.DateTime()),
        sa.Column("lead_hours", sa.SmallInteger()),
        sa.Column("lead_day", sa.SmallInteger()),
        sa.Column("so2_ugm3", sa.Float()),
        sa.Column("no2_ugm3", sa.Float()),
        sa.Column("co_mgm3", sa.Float()),
        sa.Column("o3_ugm3", sa.Float()),
        sa.Column("pm10_ugm3", sa.Float()),
        sa.Column("pm25_ugm3", sa.Float()),
        sa.Column("aqi", sa.SmallInteger(), comment="NULL is NA: not enough valid items"),
        sa.Column(
            "primary_pollutants", sa.String(length=40), comment="codes joined by commas, empty where AQI <= 50 or NA"
        ),
        sa.Column("forecast_so2_ugm3", sa.Float()),
        sa.Column("forecast_no2_ugm3", sa.Float()),
        sa.Column("forecast_co_mgm3", sa.Float()),
        sa.Column("forecast_o3_ugm3", sa.Float()),
        sa.Column("forecast_pm10_ugm3", sa.Float()),
        sa.Column("forecast_pm25_ugm3", sa.Float()),
        sa.Column("forecast_aqi", sa.SmallInteger()),
        sa.Column("wind_u_ms", sa.Float()),
        sa.Column("wind_v_ms", sa.Float()),
        sa.Column("temperature_c", sa.Float()),
        sa.Column("humidity_pct", sa.Float()),
        sa.Column("mixing_height_m", sa.Float()),
        sa.Column("rain_mm", sa.Float()),
        sa.Column("so2_kgh", sa.Float()),
        sa.Column("nox_kgh", sa.Float()),
        sa.Column("co_kgh", sa.Float()),
        sa.Column("nh3_kgh", sa.Float()),
        sa.Column("voc_kgh", sa.Float()),
        sa.Column("pm25_kgh", sa.Float()),
        sa.Column("pm10_kgh", sa.Float()),
        sa.Column("upwind_so2_kgh", sa.Float()),
        sa.Column("upwind_nox_kgh", sa.Float()),
        sa.Column("upwind_co_kgh", sa.Float()),
        sa.Column("upwind_nh3_kgh", sa.Float()),
        sa.Column("upwind_voc_kgh", sa.Float()),
        sa.Column("upwind_pm25_kgh", sa.Float()),
        sa.Column("upwind_pm10_kgh", sa.Float()),
        sa.Column("wind_source", sa.String(length=10), comment="forecast, stations, or empty where no wind is known"),
        sa.Column(
            "sectors", sa.Text(), comment="only where run is empty: JSON of emissions [kg/h] by sector and species"
        ),
        sa.Column("inventory", sa.String(length=40)),
        sa.Column(
            "completeness", sa.Float(), comment="share of the three feeds present: observation, forecast, emission"
        ),
        sa.Column(
            "edition", sa.String(length=20), nullable=False, comment="the edition of HJ 633 in force on that day"
        ),
        sa.Column("status", sa.String(length=11), nullable=False, comment="provisional or reviewed"),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("city", "hour_end", "run"),
    )
    op.create_table(
        "air_station_day",
        sa.Column("station", sa.String(length=24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("city", sa.String(length=12)),
        sa.Column("so2_ugm3", sa.Float()),
        sa.Column("no2_ugm3", sa.Float()),
        sa.Column("co_mgm3", sa.Float()),
        sa.Column("o3_mda8_ugm3", sa.Float()),
        sa.Column("pm10_ugm3", sa.Float()),
        sa.Column("pm25_ugm3", sa.Float()),
        sa.Column("so2_hours", sa.SmallInteger()),
        sa.Column("no2_hours", sa.SmallInteger()),
        sa.Column("co_hours", sa.SmallInteger()),
        sa.Column("o3_hours", sa.SmallInteger()),
        sa.Column("pm10_hours", sa.SmallInteger()),
        sa.Column("pm25_hours", sa.SmallInteger()),
        sa.Column("aqi", sa.SmallInteger(), comment="NULL is NA: not enough valid items"),
        sa.Column(
            "primary_pollutants", sa.String(length=40), comment="codes joined by commas, empty where AQI <= 50 or NA"
        ),
        sa.Column(
            "edition", sa.String(length=20), nullable=False, comment="the edition of HJ 633 in force on that day"
        ),
        sa.Column("status", sa.String(length=11), nullable=False, comment="provisional or reviewed"),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("station", "day"),
    )
    op.create_table(
        "air_station_hour",
        sa.Column("station", sa.String(length=24), nullable=False),
        sa.Column("hour_end", sa.DateTime(), nullable=False),
        sa.Column("city", sa.String(length=12), comment="NULL where the station is in none of the registry's cities"),
        sa.Column("so2_ugm3", sa.Float()),
        sa.Column("no2_ugm3", sa.Float()),
        sa.Column("co_mgm3", sa.Float()),
        sa.Column("o3_ugm3", sa.Float()),
        sa.Column("pm10_ugm3", sa.Float()),
        sa.Column("pm25_ugm3", sa.Float()),
        sa.Column("so2_24h_ugm3", sa.Float()),
        sa.Column("no2_24h_ugm3", sa.Float()),
        sa.Column("co_24h_mgm3", sa.Float()),
        sa.Column("pm10_24h_ugm3", sa.Float()),
        sa.Column("pm25_24h_ugm3", sa.Float()),
        sa.Column("o3_8h_ugm3", sa.Float()),
        sa.Column("o3_8h_max_ugm3", sa.Float()),
        sa.Column("aqi", sa.SmallInteger(), comment="NULL is NA: not enough valid items"),
        sa.Column(
            "primary_pollutants", sa.String(length=40), comment="codes joined by commas, empty where AQI <= 50 or NA"
        ),
        sa.Column(
            "flags",
            sa.String(length=400),
            comment="quality flags such as spike:pm25, by blanks; a flagged value is kept",
        ),
        sa.Column("source", sa.String(length=40)),
        sa.Column(
            "edition", sa.String(length=20), nullable=False, comment="the edition of HJ 633 in force on that day"
        ),
        sa.Column("status", sa.String(length=11), nullable=False, comment="provisional or reviewed"),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("station", "hour_end"),
    )
    op.create_table(
        "episode_event",
        sa.Column(
            "episode", sa.String(length=40), nullable=False, comment="kind and start, for instance haze/2023-01-20T05Z"
        ),
        sa.Column("kind", sa.String(length=8), nullable=False, comment="haze or ozone"),
        sa.Column("start", sa.DateTime(), nullable=False),
        sa.Column("peak", sa.DateTime()),
        sa.Column("end", sa.DateTime()),
        sa.Column(
            "phase", sa.String(length=10), nullable=False, comment="growing, easing, ended, or withdrawn by a revision"
        ),
        sa.Column("peak_value_ugm3", sa.Float()),
        sa.Column("peak_city", sa.String(length=12)),
        sa.Column(
            "growth_ugm3_per_h", sa.Float(), comment="mean rise of the region's highest value from start to peak"
        ),
        sa.Column(
            "cities", sa.String(length=400), comment="in the order in which they joined, with the hour each joined"
        ),
        sa.Column("city_hours", sa.Integer(), comment="city-hours above the limit"),
        sa.Column("edition", sa.String(length=20), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("episode"),
    )
    op.create_table(
        "forecast_station_hour",
        sa.Column("station", sa.String(length=24), nullable=False),
        sa.Column("hour_end", sa.DateTime(), nullable=False),
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("city", sa.String(length=12)),
        sa.Column("lead_hours", sa.SmallInteger()),
        sa.Column("forecast_so2_ugm3", sa.Float()),
        sa.Column("forecast_no2_ugm3", sa.Float()),
        sa.Column("forecast_co_mgm3", sa.Float()),
        sa.Column("forecast_o3_ugm3", sa.Float()),
        sa.Column("forecast_pm10_ugm3", sa.Float()),
        sa.Column("forecast_pm25_ugm3", sa.Float()),
        sa.Column("forecast_aqi", sa.SmallInteger()),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("station", "hour_end", "run"),
    )
    op.create_table(
        "rejected",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("file", sa.String(length=200)),
        sa.Column("position", sa.String(length=200)),
        sa.Column("hour_end", sa.DateTime()),
        sa.Column("reason", sa.String(length=200)),
        sa.Column("value", sa.String(length=200)),
        sa.Column("expected", sa.String(length=200)),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("set_aside", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_rejected_received_at"), "rejected", ["received_at"], unique=False)
    op.create_table(
        "row_history",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("table", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False, comment="the superseded row as JSON"),
        sa.Column("superseded_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("table", "key", "version", name=op.f("uq_row_history_table")),
    )
    op.create_table(
        "source_hour",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("hour_end", sa.DateTime(), nullable=False, comment="1970-01-01 where the hour could not be read"),
        sa.Column("rows_in", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("accepted", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("duplicate", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("late", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rejected", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("first_received_at", sa.DateTime()),
        sa.Column("last_received_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("source", "hour_end"),
    )
    op.create_table(
        "topic_position",
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("segment", sa.String(length=200), nullable=False),
        sa.Column("stored_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "segment"),
    )
    for table in ("air_station_hour", "air_city_hour", "air_station_day", "air_city_day"):
        keep_history(op.get_bind(), table)


def downgrade() -> None:
    op.drop_table("topic_position")
    op.drop_table("source_hour")
    op.drop_table("row_history")
    op.drop_index(op.f("ix_rejected_received_at"), table_name="rejected")
    op.drop_table("rejected")
    op.drop_table("forecast_station_hour")
    op.drop_table("episode_event")
    op.drop_table("air_station_hour")
    op.drop_table("air_station_day")
    op.drop_table("air_joined_hour")
    op.drop_table("air_city_hour")
    op.drop_table("air_city_day")
    if op.get_bind().dialect.name == "postgresql":
        for table in ("air_station_hour", "air_city_hour", "air_station_day", "air_city_day"):
            op.execute(f"DROP FUNCTION keep_{table}()")
