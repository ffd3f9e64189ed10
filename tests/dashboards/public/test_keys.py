"""Questions of the public pages go by a key or an index, however many years there are."""

import sqlalchemy as sa

from tests.dashboards.public.conftest import drawn
from tests.dashboards.public.test_pages import PATHS
from tests.dashboards.test_flat import Asked, whole_reads


def test_no_public_page_reads_a_table_from_end_to_end(engine):
    heard = Asked()
    sa.event.listen(engine, "before_cursor_execute", heard)
    try:
        for path in PATHS:
            drawn(engine, path)
    finally:
        sa.event.remove(engine, "before_cursor_execute", heard)
    assert len(heard.statements) > 15
    assert not whole_reads(engine, heard)
