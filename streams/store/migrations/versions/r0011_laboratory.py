"""What laboratories found in samples, below a limit kept as such.

What stands here is frozen: a migration must not follow today's schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

TABLE = "laboratory_sample"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("point", sa.String(40), primary_key=True),
        sa.Column("sampled_on", sa.Date(), primary_key=True),
        sa.Column("sample", sa.String(40), primary_key=True),
        sa.Column("cas", sa.String(12), primary_key=True),
        sa.Column("method", sa.String(60), primary_key=True),
        sa.Column("city", sa.String(12)),
        sa.Column("medium", sa.String(16), nullable=False),
        sa.Column("substance", sa.String(120), nullable=False),
        sa.Column("result", sa.Float()),
        sa.Column("below", sa.String(14)),
        sa.Column("detection_limit", sa.Float()),
        sa.Column("quantification_limit", sa.Float()),
        sa.Column("unit", sa.String(12), nullable=False),
        sa.Column("reported", sa.String(40), nullable=False),
        sa.Column("reported_unit", sa.String(20), nullable=False),
        sa.Column("laboratory", sa.String(80)),
        sa.Column("file_digest", sa.String(15)),
        sa.Column("released_at", sa.DateTime()),
        sa.Column("received_at", sa.DateTime()),
        sa.Column("line", sa.Integer()),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_laboratory_sample_cas", TABLE, ["cas", "medium", "sampled_on"])
    op.create_index("ix_laboratory_sample_file_digest", TABLE, ["file_digest"])


def downgrade() -> None:
    op.drop_table(TABLE)
