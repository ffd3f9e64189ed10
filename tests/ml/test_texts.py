"""What models say to people: Chinese in its own punctuation, and units as people write them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ml.explain.words import words

ML = Path(__file__).resolve().parents[2] / "ml"
CATALOGUES = sorted(path for path in ML.rglob("*.toml") if re.search(r"\bzh\b", path.read_text(encoding="utf-8")))


def chinese(node: Mapping, below: tuple[str, ...] = ()) -> Iterator[str]:
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from chinese(value, (*below, key))
        elif "zh" in (*below, key):
            yield value


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ML)))
def test_chinese_texts_have_no_punctuation_of_half_width(path) -> None:
    # GB/T 15834-2011, 5.1: comma, semicolon, colon and brackets take the place of one character.
    texts = list(chinese(tomllib.loads(path.read_text(encoding="utf-8"))))
    assert texts
    assert [text for text in texts if re.search(r"[,;:()]", re.sub(r"\{[^}]*\}", "", text))] == []


@pytest.mark.parametrize(("item", "unit"), [("pm25", "µg/m³"), ("co", "mg/m³")])
def test_units_of_an_explained_forecast_are_written_as_people_write_them(item, unit) -> None:
    for language in ("zh", "en"):
        said = words({}, item=item, forecast=9.5, baseline=4.5, clean_date="2023-01-05", language=language)
        assert unit in said and "m3" not in said
