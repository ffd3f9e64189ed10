"""The catalogue: every entry in both languages with the same blanks, none missing, none unused."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from research.virtual_airshed import report
from research.virtual_airshed.inventories.spread import SECTORS
from research.virtual_airshed.reference.judge import read_bands, read_exempt
from research.virtual_airshed.report.words import Both, catalogue, html, joined, same, words

SOURCES = sorted(Path(report.__file__).parent.rglob("*.py"))


def constants() -> tuple[set[str], set[str]]:
    """All texts of the package, and how its formatted ones begin."""
    whole, begun = set(), set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begun.add(node.values[0].value)
    return whole, begun


def test_every_entry_has_both_languages_and_the_same_blanks() -> None:
    for key, entry in catalogue().items():
        assert set(entry) == {"zh", "en"}, key
        assert set(re.findall(r"{(\w+)}", entry["zh"])) == set(re.findall(r"{(\w+)}", entry["en"])), key
        assert "<" not in entry["zh"].replace("<0.5", ""), key


def test_chinese_entries_are_chinese_or_symbols() -> None:
    plain = [
        k for k, e in catalogue().items() if re.search(r"[a-z]{6}", re.sub(r"\{\w+\}|--\w+|streams/\w+", "", e["zh"]))
    ]
    # Names of people, models and data sets stay as they are.
    known = r"English|airshed|nature run|Aumann|MOZART|Zhang|Chinese Cities|TUV"
    assert [key for key in plain if not re.search(known, catalogue()[key]["zh"])] == []


def test_no_entry_that_is_asked_for_is_missing() -> None:
    whole, _ = constants()
    sections = {key.partition(".")[0] for key in catalogue()}
    asked = {
        text
        for text in whole
        if re.fullmatch(r"[a-z]+\.[a-z_0-9]*[a-z0-9]", text) and text.partition(".")[0] in sections
    }
    assert len(asked) > 60
    assert asked - set(catalogue()) == set()


def test_no_entry_is_unused() -> None:
    whole, begun = constants()
    families = (*(text for text in begun if re.fullmatch(r"[a-z]+\.[a-z_]*", text)), "limits.")
    assert [key for key in catalogue() if key not in whole and not key.startswith(families)] == []


def test_every_reason_of_a_band_and_an_exemption_has_words() -> None:
    for reason in {*read_bands()["reason"], *read_exempt()["reason"]}:
        assert f"reason.{reason}" in catalogue()


def test_every_sector_has_a_name() -> None:
    assert all(f"sector.{name}" in catalogue() for name in (*SECTORS, "inflow"))


def test_blanks_are_filled_in_the_language_around_them() -> None:
    said = words("cycle.town", season=words("season.winter"))
    assert said.zh == "冬季 · 成都市区" and said.en == "Winter · Chengdu"
    with pytest.raises(KeyError):
        words("cycle.nothing")


def test_texts_are_escaped_once() -> None:
    assert (
        html(Both("甲<乙", "a & b"))
        == '<span class="zh" lang="zh-CN">甲&lt;乙</span><span class="en" lang="en">a &amp; b</span>'
    )
    assert html(same("7")) == "7"
    assert joined([same("a"), same("b")]) == Both("a、b", "a, b")
