"""Which data directory feeds the store, and which process does so now.

What stands here is frozen: a migration must not follow today's schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "feeder",
        sa.Column("feeder", sa.String(32), primary_key=True),
        sa.Column("folder", sa.String(1000), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("first_at", sa.DateTime(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
        sa.Column("handed_over_at", sa.DateTime()),
        sa.Column("why", sa.String(400)),
    )
    feeding = op.create_table(
        "feeding",
        sa.Column("one", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("turn", sa.String(32)),
        sa.Column("host", sa.String(255)),
        sa.Column("machine", sa.String(100)),
        sa.Column("pid", sa.BigInteger()),
        sa.Column("born", sa.String(40)),
        sa.Column("beats", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
    )
    op.bulk_insert(feeding, [{"one": 1, "beats": 0, "held": False}])


def downgrade() -> None:
    op.drop_table("feeding")
    op.drop_table("feeder")
