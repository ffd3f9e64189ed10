"""Two assessments beside each other: every cell that differs is named, none other."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dashboards.phase.content import CODE, DATE, Column, Content, Table
from dashboards.publications.difference import CHANGED, GONE, NEW, difference, row_key

CITY = Column("city", CODE, family="city.")
PM25 = Column("pm25_mean_ugm3", unit="µg/m³")
RANK = Column("rank")
WORST = Column("main_pollutants", CODE, family="item.")


def content(*rows, key="cities", columns=(CITY, PM25, RANK), by_edition=None):
    return Content({}, {}, (Table(key, columns, tuple(rows)),), (), by_edition or {})


def test_equal_assessments_do_not_differ():
    one = content(("510100", 38.0, 1), ("510600", None, 2))
    assert difference(one, one) == ()


def test_only_the_changed_cell_is_named_with_was_and_now():
    (cell,) = difference(
        content(("510100", 38.0, 1), ("510600", 35.0, 2)), content(("510600", 34.0, 2), ("510100", 38.0, 1))
    )
    assert (cell.table, cell.row, cell.column, cell.kind) == ("cities", ("510600",), PM25, CHANGED)
    assert (cell.was, cell.now, cell.change) == (35.0, 34.0, -1.0)


def test_a_value_that_came_or_went_is_a_difference_without_a_change():
    (cell,) = difference(content(("510100", None, 1)), content(("510100", 38.0, 1)))
    assert (cell.was, cell.now, cell.change) == (None, 38.0, None)


def test_rows_of_one_side_alone_are_new_or_gone():
    found = difference(content(("510100", 38.0, 1)), content(("510600", 35.0, 1)))
    assert {(c.row, c.kind) for c in found} == {(("510600",), NEW), (("510100",), GONE)}
    assert len(found) == 6


def test_a_table_or_an_edition_of_one_side_alone_is_told():
    plain, more = content(("510100", 38.0, 1)), Table("levels", (CITY, PM25), (("510100", 3.0),))
    both = replace(plain, tables=(*plain.tables, more), by_edition={"2012": (more,)})
    assert {(c.edition, c.table, c.kind) for c in difference(plain, both)} == {
        ("", "levels", NEW),
        ("2012", "levels", NEW),
    }
    assert {c.kind for c in difference(both, plain)} == {GONE}


def test_a_row_is_named_by_its_leading_codes_and_dates_not_by_codes_that_are_results():
    day = Column("date", DATE)
    table = Table("days", (CITY, day, PM25, WORST), (("510100", "2026-01-01", 38.0, "pm25"),))
    assert row_key(table, table.rows[0]) == ("510100", "2026-01-01")


ROWS = st.lists(
    st.tuples(st.sampled_from("abc"), st.one_of(st.none(), st.integers(0, 3)), st.integers(0, 2)), max_size=6
)  # fmt: skip


@given(ROWS, ROWS)
def test_putting_the_differences_into_the_first_gives_the_second(before, after):
    """An independent reading: rows as a dictionary from (code, how often before) and column, compared by hand."""

    def cells(rows):
        seen, found = {}, {}
        for row in rows:
            seen[row[0]] = nth = seen.get(row[0], 0) + 1
            for column, value in zip(("city", "pm25_mean_ugm3", "rank"), row, strict=True):
                if value is not None:
                    found[(row[0] if nth == 1 else f"{row[0]}{nth}", column)] = value
        return found

    mended = cells(before)
    for cell in difference(content(*before), content(*after)):
        where = ("".join(map(str, cell.row)), cell.column.key)
        assert mended.get(where) == cell.was
        mended.pop(where, None)
        if cell.now is not None:
            mended[where] = cell.now
    assert mended == cells(after)
