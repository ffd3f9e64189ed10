"""Months of series in the usual weather of the season, by city and item.

What stands here is frozen: a migration must not follow today's schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TABLE = "normalised_month"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("city", sa.String(12), primary_key=True),
        sa.Column("item", sa.String(4), primary_key=True),
        sa.Column("month", sa.Date(), primary_key=True),
        sa.Column("observed", sa.Float()),
        sa.Column("normalised", sa.Float()),
        sa.Column("low", sa.Float()),
        sa.Column("high", sa.Float()),
        sa.Column("hours", sa.SmallInteger(), nullable=False),
        sa.Column("skill", sa.Float()),
        sa.Column("unanswered", sa.String(16)),
        sa.Column("record_first", sa.Date()),
        sa.Column("record_last", sa.Date()),
        sa.Column("model", sa.String(40), nullable=False),
        sa.Column("weather", sa.String(80), nullable=False),
        sa.Column("method", sa.String(40), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table(TABLE)
