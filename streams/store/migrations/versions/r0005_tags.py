"""Tagged contributions: a packed row for each place, hour and run, and what the numbers of a row are.

What stands here is frozen: a migration must not follow today's schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "tag_hour",
        sa.Column("place", sa.String(24), primary_key=True),
        sa.Column("hour_end", sa.DateTime(), primary_key=True),
        sa.Column("run", sa.String(40), primary_key=True),
        sa.Column("axes", sa.String(12), primary_key=True),
        sa.Column("city", sa.String(12)),
        sa.Column("lead_hours", sa.SmallInteger(), nullable=False),
        sa.Column("packed", sa.Text(), nullable=False),
        sa.Column("points", sa.SmallInteger()),
        sa.Column("file_digest", sa.String(15)),
        sa.Column("released_at", sa.DateTime()),
        sa.Column("received_at", sa.DateTime()),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    )
    long_lead = sa.text("lead_hours > 24")
    op.create_index(
        "ix_tag_hour_long_leads", "tag_hour", ["hour_end"], sqlite_where=long_lead, postgresql_where=long_lead
    )
    op.create_table(
        "tag_axes",
        sa.Column("axes", sa.String(12), primary_key=True),
        sa.Column("definition", sa.String(12), nullable=False),
        sa.Column("quantities", sa.Text(), nullable=False),
        sa.Column("contributors", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("tag_axes")
    op.drop_table("tag_hour")
