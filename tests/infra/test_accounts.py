"""What became of what was read: the lines of the table, and when nothing came of it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from infra.accounts import FILES_SHOWN, lines_of, nothing_came_of, shown, total


@dataclass
class Read:
    """What the publisher says of a file, as far as it is used here."""

    source: str = "station-csv"
    file: str = "a.csv"
    digest: str = "d"
    rows: int = 10
    rejected: int = 0
    set_aside: int = 0
    reasons: tuple[str, ...] = ()


def test_a_file_is_told_with_what_the_store_knows_of_it():
    (line,) = lines_of([Read(rejected=1, reasons=("line 2: not a time",))], {("d", "a.csv"): (6, 2, 1)})
    assert (line.rows_in, line.accepted, line.duplicate, line.late, line.rejected) == (10, 6, 2, 1, 1)
    assert line.has_trouble and line.reasons == ("line 2: not a time",)


def test_before_it_is_assessed_nobody_says_what_was_accepted():
    (line,) = lines_of([Read()], None)
    assert line.accepted is None and total([line]).accepted is None and not nothing_came_of([line])


def test_many_files_are_added_up_by_source_but_for_those_with_trouble():
    read = [Read(file=f"{n}.csv", digest=str(n)) for n in range(100)]
    read[70] = Read(file="70.csv", digest="70", rejected=4, reasons=("line 1: x",))
    lines = lines_of(read, {(str(n), f"{n}.csv"): (10 - 4 * (n == 70), 0, 0) for n in range(100)})
    few = shown(lines)
    assert [(line.file, line.files) for line in few] == [("70.csv", 1), ("", 99)]
    assert sum(line.rows_in for line in few) == 1000 == total(lines).rows_in
    assert len(shown(lines[:FILES_SHOWN])) == FILES_SHOWN


@pytest.mark.parametrize(
    ("read", "became", "nothing"),
    [
        ([], None, True),
        ([Read(rejected=10)], None, True),
        ([Read(rejected=4, set_aside=6)], None, True),
        ([Read(rejected=9)], None, False),
        ([Read()], {("d", "a.csv"): (0, 10, 0)}, False),
        ([Read()], {("d", "a.csv"): (0, 0, 10)}, True),
    ],
    ids=["no file", "all rejected", "rejected or set aside", "one row", "held already", "all late"],
)
def test_nothing_came_of_it_where_no_row_is_in_the_store(read, became, nothing):
    assert nothing_came_of(lines_of(read, became)) is nothing
