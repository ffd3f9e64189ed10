"""Rows name their file, their line and when they were released and received; files count what became of their rows.

What stands here is frozen: a migration must not follow today's schema.
"""

import sqlalchemy as sa
from alembic import op

from streams.store.history import drop_keeping, keep_history

revision = "0003"
down_revision = "0002"

LINED = ("air_station_hour", "voc_station_hour")
FILED = (*LINED, "forecast_city_hour", "forecast_station_hour", "emission_city_hour")
REVISED = (*LINED, "air_city_hour", "air_station_day", "air_city_day")
BY_FILE = ("accepted", "duplicate", "late")


def upgrade() -> None:
    for table in FILED:
        op.add_column(table, sa.Column("file_digest", sa.String(15)))
        op.add_column(table, sa.Column("released_at", sa.DateTime()))
        op.add_column(table, sa.Column("received_at", sa.DateTime()))
    for table in LINED:
        op.add_column(table, sa.Column("line", sa.Integer()))
    for table in REVISED:
        keep_history(op.get_bind(), table)
    for name in BY_FILE:
        op.add_column("source_file", sa.Column(name, sa.BigInteger()))
    op.add_column("source_file", sa.Column("released_at", sa.DateTime()))


def downgrade() -> None:
    for table in REVISED:
        drop_keeping(op.get_bind(), table)
    for name in ("released_at", *BY_FILE):
        op.drop_column("source_file", name)
    for table in LINED:
        op.drop_column(table, "line")
    for table in FILED:
        for name in ("received_at", "released_at", "file_digest"):
            op.drop_column(table, name)
    for table in REVISED:
        keep_history(op.get_bind(), table)
