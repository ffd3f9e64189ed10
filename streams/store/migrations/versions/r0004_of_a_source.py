"""The files and the rejects of one source are found by an index, the newest first."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("ix_rejected_source", "rejected", ["source", "set_aside", "received_at", "id"])
    op.create_index("ix_source_file_received_at", "source_file", ["source", "received_at", "file"])


def downgrade() -> None:
    op.drop_index("ix_source_file_received_at", "source_file")
    op.drop_index("ix_rejected_source", "rejected")
