"""What PM2.5 is made of at super-sites, by station, end, averaging time and kind of species.

What stands here is frozen: a migration must not follow today's schema.
"""

import sqlalchemy as sa
from alembic import op

from streams.store.history import drop_keeping, keep_history

revision = "0006"
down_revision = "0005"

TABLE = "composition_station_hour"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("station", sa.String(24), primary_key=True),
        sa.Column("hour_end", sa.DateTime(), primary_key=True),
        sa.Column("averaging_h", sa.SmallInteger(), primary_key=True),
        sa.Column("species_kind", sa.String(7), primary_key=True),
        sa.Column("city", sa.String(12)),
        sa.Column("species_ugm3", sa.Text(), nullable=False),
        sa.Column("n_species", sa.SmallInteger(), nullable=False),
        sa.Column("n_below", sa.SmallInteger(), nullable=False),
        sa.Column("total_ugm3", sa.Float()),
        sa.Column("source", sa.String(40)),
        sa.Column("file_digest", sa.String(15)),
        sa.Column("released_at", sa.DateTime()),
        sa.Column("received_at", sa.DateTime()),
        sa.Column("line", sa.Integer()),
        sa.Column("status", sa.String(11), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    )
    keep_history(op.get_bind(), TABLE)


def downgrade() -> None:
    drop_keeping(op.get_bind(), TABLE)
    op.drop_table(TABLE)
