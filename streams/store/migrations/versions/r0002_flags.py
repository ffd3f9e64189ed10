"""What rests on suspect values: a column of items in assessed hours and days, and another for the moving means of hours."""

import sqlalchemy as sa
from alembic import op

from streams.store.history import drop_keeping, keep_history

revision = "0002"
down_revision = "0001"

COLUMNS = {
    "air_station_hour": ("suspect", "suspect_means"),
    "air_city_hour": ("suspect", "suspect_means"),
    "air_station_day": ("suspect",),
    "air_city_day": ("suspect",),
}


def upgrade() -> None:
    for table, names in COLUMNS.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.String(40)))
        # The trigger names the columns that it keeps.
        keep_history(op.get_bind(), table)


def downgrade() -> None:
    for table, names in COLUMNS.items():
        drop_keeping(op.get_bind(), table)
        for name in names:
            op.drop_column(table, name)
        keep_history(op.get_bind(), table)
