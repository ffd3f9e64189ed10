"""Drafts follow the store: what is kept is of the data that it was computed from."""

from dashboards.phase.question import question_of
from dashboards.publications.drafting import drafts_of, fresh
from tests.dashboards.office.conftest import quick  # noqa: F401
from tests.dashboards.office.test_pages import KNOWN, context  # noqa: F401
from tests.dashboards.publications.test_pages import engine, set_day  # noqa: F401


def test_a_draft_of_a_look_from_before_a_revision_is_not_kept_for_the_data_after_it(context, engine):  # noqa: F811
    question = question_of({"period": "2025-Q3"}, tuple(KNOWN.cities))
    with engine.connect() as before:
        before.exec_driver_sql("SELECT max(version) FROM air_city_hour").all()  # a snapshot: it goes on seeing what was
        set_day(engine, 499.0)
        drafts_of(context).of(context, before, question)
        before.rollback()
    with engine.connect() as after:
        assert drafts_of(context).of(context, after, question).sha256 == fresh(context, after, question).sha256
