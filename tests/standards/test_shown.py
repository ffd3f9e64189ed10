"""Texts from outside give no orders to a terminal and compute nothing in a spreadsheet, in every file for people."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.components.take import as_csv
from dashboards.documents.annexes import _safe
from infra.messages import say
from standards.shown import as_cell, harmless, harmless_lines

ROOT = Path(__file__).resolve().parents[2]
BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""OWASP, CSV Injection: how a cell begins that is computed; the wide signs are taken for the narrow ones by Excel."""
TEXTS = st.text(st.one_of(st.sampled_from([*BEGINNINGS, "\x1b", "1", "a", "站"]), st.characters()), max_size=12)


@given(TEXTS)
def test_no_cell_is_a_formula_and_all_of_a_text_can_be_read(text):
    cell = as_cell(text)
    assert cell.isprintable()
    if cell.startswith(BEGINNINGS):
        assert not cell.strip("-") or float(cell) is not None
    if text.isprintable():
        assert cell in (text, f"'{text}")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "－1", "-=1", "+-1", "--1+2"]
)
def test_what_a_spreadsheet_computes_begins_with_an_apostrophe(text):
    assert as_cell(text) == f"'{harmless(text)}"
    assert _safe(text).startswith("'")
    assert f"\n'{harmless(text)}\n".encode() in f"{as_csv(['a'], [[text]])}".replace('"', "").encode()


@pytest.mark.parametrize("text", ["-5.2", "+1e3", ".5", "-", "--", "510100", "成都", "a=b", "", "2026-01-01"])
def test_numbers_and_other_texts_stay_as_they_are(text):
    assert as_cell(text) == text


def test_orders_to_a_terminal_are_shown_and_lines_stay_lines():
    assert harmless_lines("one\x1b[31m\ntwo\x9b2J") == "one\\x1b[31m\ntwo\\x9b2J"
    assert as_csv(["a"], [], ["名\x1b]0;title\x07"]) == "\ufeff# 名\\x1b]0;title\\x07\na\n"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_message_hands_on_orders_in_its_values(monkeypatch, lang):
    monkeypatch.setenv("AIRSHED_LANG", lang)
    told = say("port_taken", port=80, holder="x\x1b]0;me\x07 (pid 7)", other=81)
    assert told.isprintable() and "\\x1b]0;me\\x07" in told
    tail = say("step_failed", name="store", code=1, log=Path("/log\x1bs"), tail="one\x1b[2J\ntwo")
    assert "one\\x1b[2J\ntwo" in tail and "/log\\x1bs" in tail


FOR_PROGRAMS = {
    "infra/own_registry.py": "the registry, which is read again",
    "infra/commands/forecasts.py": "numbers, times and names of ours",
}


def test_every_writer_of_csv_for_people_makes_its_texts_cells():
    """Whoever writes CSV in dashboards and infra uses as_cell, or is named with a reason."""
    writers = set()
    for path in sorted([*(ROOT / "dashboards").rglob("*.py"), *(ROOT / "infra").rglob("*.py")]):
        calls = [n.func for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
        names = {ast.unparse(call) for call in calls}
        if any(name.endswith(("csv.writer", "csv.DictWriter", "write_csv", ".to_csv")) for name in names):
            writers.add(str(path.relative_to(ROOT)))
            assert "as_cell" in names or str(path.relative_to(ROOT)) in FOR_PROGRAMS, path
    assert set(FOR_PROGRAMS) < writers and "infra/sheets.py" in writers
