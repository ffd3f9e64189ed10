"""What measures would change, by city, window and run.

What stands here is frozen: a migration must not follow today's schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TABLE = "scenario"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("city", sa.String(12), primary_key=True),
        sa.Column("run_init", sa.DateTime(), primary_key=True),
        sa.Column("hour_end", sa.DateTime(), primary_key=True),
        sa.Column("quantity", sa.String(4), primary_key=True),
        sa.Column("measure", sa.String(16), primary_key=True),
        sa.Column("kind", sa.String(6), nullable=False),
        sa.Column("first_hour", sa.DateTime(), nullable=False),
        sa.Column("plan", sa.String(40), nullable=False),
        sa.Column("asked", sa.SmallInteger()),
        sa.Column("level", sa.Float()),
        sa.Column("change", sa.Float()),
        sa.Column("low", sa.Float()),
        sa.Column("high", sa.Float()),
        sa.Column("unanswered", sa.String(16)),
        sa.Column("packed", sa.Text()),
        sa.Column("definition", sa.String(12), nullable=False),
        sa.Column("models", sa.Text(), nullable=False),
        sa.Column("method", sa.String(40), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table(TABLE)
