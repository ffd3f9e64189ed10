"""What became of what was read: the lines of the table, and when nothing came of it."""

from __future__ import annotations

import pytest

from infra.accounts import FILES_SHOWN, Account, account_of, since
from streams.intake.publisher import FileSummary, Summary


def read(n: int = 0, **counts: object) -> FileSummary:
    return FileSummary(**{"source": "station-csv", "file": f"{n}.csv", "digest": str(n), "rows": 10} | counts)


def account(files: list[FileSummary], became: dict | None, known: int = 0) -> Account:
    return account_of(Summary(by_file=tuple(files), known=known), became)


def test_a_file_is_told_with_what_the_store_knows_of_it():
    found = account([read(rejected=1, reasons=("line 2: not a time",))], {("0", "0.csv"): (6, 2, 1)})
    (line,) = found.lines
    assert (line.rows_in, line.accepted, line.duplicate, line.late, line.rejected) == (10, 6, 2, 1, 1)
    assert line.has_trouble and line.reasons == ("line 2: not a time",) and found.is_whole


def test_before_it_is_assessed_nobody_says_what_was_accepted():
    found = account([read()], None)
    assert found.lines[0].accepted is None and found.total.accepted is None
    assert not found.is_of_nothing and not found.is_whole


def test_a_file_that_comes_again_is_told_for_this_time():
    assert since({("a", "x"): (10, 0, 0)}, {("a", "x"): (10, 10, 0), ("b", "y"): (3, 0, 0)}) == {
        ("a", "x"): (0, 10, 0),
        ("b", "y"): (3, 0, 0),
    }


def test_many_files_are_added_up_by_source_but_for_those_with_trouble():
    files = [read(n) for n in range(100)]
    files[70] = read(70, rejected=4, reasons=("line 1: x",))
    found = account(files, {(str(n), f"{n}.csv"): (10 - 4 * (n == 70), 0, 0) for n in range(100)})
    few = found.shown()
    assert [(line.file, line.files) for line in few] == [("70.csv", 1), ("", 99)]
    assert sum(line.rows_in for line in few) == 1000 == found.total.rows_in
    assert len(Account(found.lines[:FILES_SHOWN]).shown()) == FILES_SHOWN


@pytest.mark.parametrize(
    ("files", "became", "known", "nothing"),
    [
        ([], None, 0, True),
        ([], None, 1, False),
        ([read(rejected=10)], None, 0, True),
        ([read(rejected=4, set_aside=6)], None, 0, True),
        ([read(rejected=9)], None, 0, False),
        ([read()], {("0", "0.csv"): (0, 10, 0)}, 0, False),
        ([read()], {("0", "0.csv"): (0, 0, 10)}, 0, True),
    ],
    ids=["no file", "read before", "all rejected", "rejected or set aside", "one row", "held already", "all late"],
)
def test_nothing_came_of_it_where_no_row_is_in_the_store(files, became, known, nothing):
    assert account(files, became, known).is_of_nothing is nothing
