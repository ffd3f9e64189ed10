"""What the bench was asked, and what it found out with all that it rests on.

What stands here is frozen: a migration must not follow today's schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "bench_request",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("station", sa.String(40), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(80), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("cancel", sa.Boolean(), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("step", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(400)),
        sa.Column("runner", sa.String(120)),
        sa.Column("started_at", sa.DateTime()),
        sa.Column("beat_at", sa.DateTime()),
        sa.Column("ended_at", sa.DateTime()),
        sa.Column("deaths", sa.SmallInteger(), nullable=False),
        sa.Column("result", sa.String(64)),
    )
    op.create_index("ix_bench_request_state", "bench_request", ["state", "asked_at"])
    op.create_index("ix_bench_request_asked_at", "bench_request", ["asked_at"])
    op.create_index("ix_bench_request_station", "bench_request", ["station", "asked_at"])
    op.create_table(
        "bench_result",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("station", sa.String(40), nullable=False),
        sa.Column("first_hour", sa.DateTime(), nullable=False),
        sa.Column("last_hour", sa.DateTime(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("inputs", sa.String(64), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("software", sa.String(120), nullable=False),
        sa.Column("edition", sa.String(40), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("cpu_s", sa.Float(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_bench_result_used_at", "bench_result", ["used_at"])
    op.create_index("ix_bench_result_station", "bench_result", ["station", "kind", "made_at"])


def downgrade() -> None:
    op.drop_table("bench_result")
    op.drop_table("bench_request")
