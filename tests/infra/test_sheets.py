"""What people see in a terminal or a spreadsheet: what came from outside is shown, and does nothing."""

from __future__ import annotations

import csv
import io

import pytest
from rich.console import Console

from infra import sheets, tables

ODD = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1", "=\u202e1"]


def written(*row: object) -> list[str]:
    out = io.StringIO()
    sheets.write(out, ["a"] * len(row), [row])
    _, cells = csv.reader(io.StringIO(out.getvalue()))
    return cells


@pytest.mark.parametrize("text", ODD)
def test_no_text_is_a_formula_in_a_spreadsheet(text) -> None:
    (cell,) = written(text)
    assert cell.startswith("'") and cell.isprintable() and "\u202e" not in cell


def test_numbers_and_other_texts_are_written_as_they_are() -> None:
    row = [-5.2, 7, None, "-5.2", "+1e3", "510100", "成都", 'a,"b"', "spike:pm25", "-"]
    assert written(*row) == ["-5.2", "7", "", "-5.2", "+1e3", "510100", "成都", 'a,"b"', "spike:pm25", "-"]


def test_signs_that_do_not_print_are_written_out() -> None:
    assert written("a\x1b[31mb\nc\u202ed") == [r"a\x1b[31mb\nc\u202ed"]


def test_the_name_of_a_file_is_no_markup_in_the_bar(monkeypatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(
        tables, "Console", lambda **_: Console(file=out, force_terminal=True, width=120, color_system=None)
    )
    with tables.bar("read") as advance:
        advance(0, 2, "[red]x[/red].csv")
        advance(1, 2, "[/]y.csv")
    assert "[red]x[/red].csv" in out.getvalue() or "[/]y.csv" in out.getvalue()
