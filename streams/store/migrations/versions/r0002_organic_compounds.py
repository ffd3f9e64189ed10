"""Hours of organic compounds at the stations that measure them."""

import sqlalchemy as sa
from alembic import op

from streams.store.history import keep_history

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "voc_station_hour",
        sa.Column("station", sa.String(length=24), nullable=False),
        sa.Column("hour_end", sa.DateTime(), nullable=False),
        sa.Column("city", sa.String(length=12), comment="NULL where the station is in none of the registry's cities"),
        sa.Column(
            "species_ppb",
            sa.Text(),
            nullable=False,
            comment='JSON of mixing ratios [ppb] by compound; "<0.02" is below the detection limit 0.02',
        ),
        sa.Column("n_species", sa.SmallInteger(), nullable=False, comment="compounds with a value"),
        sa.Column("n_below", sa.SmallInteger(), nullable=False, comment="compounds below their detection limit"),
        sa.Column("total_ppb", sa.Float(), comment="sum of the values"),
        sa.Column("ofp_ugm3", sa.Float(), comment="ozone formation potential [ug O3/m3]"),
        sa.Column("ofp_species", sa.SmallInteger(), comment="compounds with a value and a coefficient"),
        sa.Column("ofp_mass_share", sa.Float(), comment="share of the measured mass that has a coefficient, 0 to 1"),
        sa.Column("oh_reactivity_per_s", sa.Float(), comment="loss rate of OH [1/s]"),
        sa.Column("oh_reactivity_species", sa.SmallInteger()),
        sa.Column("oh_reactivity_mass_share", sa.Float()),
        sa.Column("source", sa.String(length=40)),
        sa.Column("status", sa.String(length=11), nullable=False, comment="provisional or reviewed"),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("station", "hour_end"),
    )
    keep_history(op.get_bind(), "voc_station_hour")


def downgrade() -> None:
    op.drop_table("voc_station_hour")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_voc_station_hour()")
