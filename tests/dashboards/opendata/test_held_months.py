"""The months that /data lists are those in which something is held: a gap of a year lists nothing."""

import datetime as dt

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.queries.opendata import held_months
from streams.store import schema

HOURS = st.datetimes(dt.datetime(2019, 12, 30), dt.datetime(2021, 2, 3)).map(
    lambda at: at.replace(minute=0, second=0, microsecond=0)
)
ROWS = st.lists(st.tuples(st.sampled_from(["510100", "510600", "511800"]), HOURS), max_size=12)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_a_month_is_listed_where_an_hour_of_it_is_held_and_no_other(rows):
    """By hand: an hour that ends at 00:00 in Beijing belongs to the month before."""
    engine = sa.create_engine("sqlite://")
    table = sa.Table(
        "air_city_hour",
        sa.MetaData(),
        *(sa.Column(c.name, c.type, primary_key=True) for c in schema.air_city_hour.primary_key),
    )
    table.create(engine)
    with engine.begin() as connection:
        for city, hour in set(rows):
            connection.execute(sa.insert(table).values(city=city, hour_end=hour))
        expected = {(hour + dt.timedelta(hours=7)).date().replace(day=1) for _, hour in rows}
        assert held_months(connection, table) == expected
