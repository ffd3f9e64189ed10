"""Numbers as files write them, and lines whatever is wrong with them: the same for every feed."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sources import csv_lines
from streams.sources.cells import amount, clock_hour, concentrations, number, numbers, whole
from streams.sources.tally import Unusable

WRITTEN = st.sampled_from(
    ["", " ", "1", "-2.5", "+3", "1e3", "1E-2", ".5", "5.", "NaN", "-", "—", "+nan", "inf", "-Infinity", "1_000", "１２", "٣",
     "²", "0x1", "1,5", "1 2", "1\n2", "e5", ".", "1e", "9" * 400, "9" * 5000, "NA", "null", "much", "1d5", "\x001"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1200", 1200),
        (" 1200.5 ", 1200.5),
        ("1.2e3", 1200),
        (".5", 0.5),
        ("5.", 5),
        ("-3", -3),
        ("+3", 3),
        ("1E-2", 0.01),
    ],
)
def test_a_number_is_written_in_plain_digits(cell: str, value: float) -> None:
    assert number(cell) == value and numbers([cell, "1"])[0][0] == value


@pytest.mark.parametrize(
    "cell", ["1_000", "１２", "٣", "²", "inf", "Infinity", "-inf", "0x10", "1d5", "1e", ".", "e5", "1 2", "--1", "much"]
)
def test_what_python_reads_beside_that_is_no_number(cell: str) -> None:
    assert number(cell) is None and amount(cell) is None and whole(cell, 0, 99) is None
    assert numbers([cell, "1"])[1] == [0] and concentrations([cell, "1"])[1] == [0]


@given(st.lists(WRITTEN | st.text(max_size=6) | st.floats().map(repr), max_size=6))
def test_a_column_is_read_as_its_cells_are(cells: list[str]) -> None:
    values, wrong = numbers(cells)
    each = [number(cell) for cell in cells]
    assert wrong == [i for i, value in enumerate(each) if value is None]
    np.testing.assert_array_equal(values, [math.nan if value is None else value for value in each])


def test_an_amount_is_finite_and_there() -> None:
    assert (amount("0"), amount("1e3")) == (0, 1000)
    assert [amount(cell) for cell in ("", "NaN", "-1", "1e400", "9" * 5000)] == [None] * 5


def test_a_whole_number_lies_within_its_bounds_and_has_nine_digits_at_most() -> None:
    assert [whole(cell, 1, 30) for cell in ("1", "30", " 7 ", "007")] == [1, 30, 7, 7]
    assert [whole(cell, 1, 30) for cell in ("0", "31", "", "1.0", "+1", "９", "²", "9" * 5000)] == [None] * 8


def test_a_clock_in_other_digits_is_no_clock() -> None:
    # 2024-01-01 08:00 in Asia/Shanghai is 00:00 UTC, 473352 h after the epoch (19723 days).
    assert clock_hour("20240101", "8") == 19_723 * 24
    assert clock_hour("２０２４０１０１", "8") is None and clock_hour("20240101", "８") is None


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("a, b ,c", ["a", "b", "c"]),
        ('a,"b,c",d', ["a", "b,c", "d"]),
        ('a,"b,c', ["a", "b,c"]),
        ('a,b"c,d', ["a", 'b"c', "d"]),
        ('"say ""hello""",d', ['say "hello"', "d"]),
        ("a,\u3000b\u00a0", ["a", "b"]),
    ],
)
def test_a_line_is_cut_at_its_commas_but_for_those_in_quotation_marks(line: str, cells: list[str]) -> None:
    assert csv_lines.cells_of(line) == cells


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a," + "b" * 131_073, "a cell of more than 131072 characters"),
        ('a,"' + "b" * 131_073 + '"', "a cell of more than 131072 characters"),
        ("a" + ",b" * 2_000_000, "a line of 4000000 characters or more"),
        ("a,b\ufffd", "neither UTF-8 nor GB 18030"),
        ("a,b\0", "a zero byte"),
    ],
)
def test_a_line_that_cannot_be_read_is_one_cell_that_says_why(line: str, said: str) -> None:
    (cell,) = csv_lines.cells_of(line)
    assert said in cell


def test_rows_are_numbered_by_their_lines_and_empty_ones_are_none() -> None:
    assert list(csv_lines.rows_of(["a,b", "", ",,,", " , ", "1,2"])) == [(1, ["a", "b"]), (5, ["1", "2"])]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_every_line_end_and_encoding_gives_the_same_lines(tmp_path: Path, end: bytes, encoding: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(end.join(["站点,甲苯".encode(encoding), "富乐山,1".encode(encoding.removesuffix("-sig"))]) + end)
    assert list(csv_lines.lines_of(path)) == ["站点,甲苯", "富乐山,1"]


def test_a_damaged_place_of_a_text_in_utf_8_spoils_its_line_and_no_name_of_another(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("富乐山,1\n".encode() * 40 + b"\xff,2\n" + "市人大,3\n".encode())
    lines = list(csv_lines.lines_of(path))
    assert lines[0] == "富乐山,1" and lines[-1] == "市人大,3" and "\ufffd" in lines[40]


def test_a_line_without_end_is_not_taken_into_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n" + b"9" * 9_000_000 + b"\n1,2\n")
    lines = list(csv_lines.lines_of(path))
    assert (lines[0], len(lines[1]), lines[2]) == ("a,b", csv_lines.LONGEST_LINE, "1,2")


def test_a_file_that_is_too_large_is_refused_with_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    with path.open("wb") as file:
        file.truncate(csv_lines.LARGEST_MB * 1_000_000 + 1)
    with pytest.raises(Unusable, match=r"too large .* cut it into parts"):
        next(csv_lines.lines_of(path))


@pytest.mark.parametrize("before", ["", "\ufeff", "\ufeff\ufeff", "\n\n", ",,,\r\n", "\ufeff\r\n \r"])
def test_a_header_is_the_first_line_that_is_not_empty_behind_any_byte_order_marks(before: str) -> None:
    # `cat empty.csv a.csv`, where a program has left a mark in the empty one, begins with two.
    assert csv_lines.header_of(f"{before}date,hour,type\n1,2,3\n".encode()) == ["date", "hour", "type"]


def test_bytes_without_a_line_have_no_header() -> None:
    assert csv_lines.header_of(b"") == csv_lines.header_of(b"\n,,\n") == []
