"""Who made the air, by city, span and quantity.

What stands here is frozen: a migration must not follow today's schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TABLE = "attribution"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("city", sa.String(12), primary_key=True),
        sa.Column("hour_end", sa.DateTime(), primary_key=True),
        sa.Column("quantity", sa.String(4), primary_key=True),
        sa.Column("span", sa.String(8), primary_key=True),
        sa.Column("first_hour", sa.DateTime(), nullable=False),
        sa.Column("total", sa.Float()),
        sa.Column("observed", sa.Boolean(), nullable=False),
        sa.Column("cities", sa.Text(), nullable=False),
        sa.Column("packed", sa.Text()),
        sa.Column("removal", sa.Text()),
        sa.Column("definition", sa.String(12), nullable=False),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("confidence", sa.String(6), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("summary_zh", sa.Text()),
        sa.Column("summary_en", sa.Text()),
        sa.Column("models", sa.Text(), nullable=False),
        sa.Column("learned_from", sa.DateTime()),
        sa.Column("learned_to", sa.DateTime()),
        sa.Column("inventory", sa.String(40)),
        sa.Column("method", sa.String(40), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table(TABLE)
