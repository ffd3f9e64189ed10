"""Chinese words stand one blank apart from Latin letters and numbers beside them, in every catalogue of the project.

The rule of W3C's Requirements for Chinese Text Layout (3.2.3, a gap between Han and Latin), kept as a plain blank in texts that a
terminal shows too. Words of papers have no blank: official documents are typed so, and what sets them parts the letters, as pages
do by "text-autospace". Titles of documents are written as they were printed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = [
    *[ROOT / "dashboards" / "catalogue.toml", *sorted((ROOT / "dashboards" / "words").glob("*.toml"))],
    *[ROOT / "infra" / name for name in ("messages.toml", "dependencies.toml", "helped.toml")],
    *sorted((ROOT / "infra" / "handbook" / "entries").glob("*.toml")),
    ROOT / "standards" / "logged.toml",
    *[ROOT / "streams" / "store" / name for name in ("reasons.toml", "expected.toml", "sentences.toml")],
    *[ROOT / "ml" / name for name in ("attribution/texts.toml", "explain/words.toml", "gates/catalogue.toml")],
    *[ROOT / "ml" / name for name in ("registry/catalogue.toml", "scenario/texts.toml")],
    ROOT / "research" / "virtual_airshed" / "report" / "words.toml",
]
RULES = [
    *[ROOT / "dashboards" / name for name in ("meetings/rules.toml", "phase/campaigns.toml")],
    ROOT / "research" / "receptor" / "tracers.toml",
]
"""What people lay down, with where they have it from, in their own words."""
HAN, LATIN, END = r"[\u3400-\u9fff]", r"[A-Za-z0-9Α-ω]", r"[A-Za-z0-9Α-ω%₀-₉ₓ]"
PRINTED = re.compile(r"[\u3400-\u9fff]*〔\d{4}〕\d+号|《[^》]*》")
TIGHT = re.compile(rf"{HAN}{LATIN}|{END}{HAN}")
WIDE = re.compile(
    rf"{HAN} {{2,}}{LATIN}|{END} {{2,}}{HAN}|[，。；：、！？（）《》「」] +(?=\S)| [，。；：、！？（）《》「」]"
)
BLANK = re.compile(rf"{HAN} +{LATIN}|{END} +{HAN}|{HAN} +{{|}} +{HAN}")
PAPERS = re.compile(
    r"(documents|phase|periods)\.toml|publications\.toml\.publications\.(\w+_title_|document_)|meetings\.toml\.meetings\.paper_"
)
"""Catalogue and key of words that are set in papers: periods, tables and sentences of an assessment, publications, minutes."""
GAP = re.compile(rf"(?<={HAN}){{(\w+)[^}}]*}}|{{(\w+)[^}}]*}}(?={HAN})")
CHINESE = {"against", "base", "before", "city", "cities", "cuts", "feed", "feeds", "kind", "level", "name", "names", "now",
           "period", "place", "quantity", "ranges", "response", "season", "sector", "source", "to", "verdict"}  # fmt: skip
"""Gaps that hold Chinese words, or the name of a period, which is as papers have it: these need no blank."""


def chinese(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Give every Chinese text of a catalogue with its key."""
    if isinstance(node, str):
        yield key, PRINTED.sub("", node)
    elif isinstance(node, list):
        for number, each in enumerate(node):
            yield from chinese(each, f"{key}[{number}]")
    else:
        for name, each in node.items():
            if name != "en":
                yield from chinese(each, f"{key}.{name}")


def texts_of(path: Path, *, papers: bool = False) -> Iterator[tuple[str, str]]:
    """Give the Chinese texts of a catalogue that are shown; papers: those that are set in papers."""
    for key, text in chinese(tomllib.loads(path.read_text(encoding="utf-8"))):
        if bool(PAPERS.match(path.name + key)) == papers:
            yield key, text


def test_every_catalogue_of_texts_in_two_languages_is_held() -> None:
    both = [
        path
        for folder in ("dashboards", "infra", "ml", "research", "standards", "streams")
        for path in (ROOT / folder).rglob("*.toml")
        if path.parent.name != "plans"
        and path not in RULES
        and re.search(r"\bzh\b|[\u3400-\u9fff]", path.read_text(encoding="utf-8"))
        and "frozen" not in path.name
        and path.name != "locked.toml"  # a package is named after the language
    ]
    assert sorted(CATALOGUES) == sorted(both)


def test_one_blank_parts_chinese_from_latin_letters_and_numbers() -> None:
    for path in CATALOGUES:
        found = [(key, TIGHT.findall(text), text) for key, text in texts_of(path) if TIGHT.search(text)]
        assert found == [], path.name


def test_words_of_papers_have_no_blank_between_chinese_and_latin_letters_or_numbers() -> None:
    told = [(path.name, *each) for path in CATALOGUES for each in texts_of(path, papers=True)]
    assert len(told) > 300
    assert [(name, key, text) for name, key, text in told if BLANK.search(text)] == []


def test_no_blank_stands_beside_chinese_punctuation_and_never_two_beside_words() -> None:
    for path in CATALOGUES:
        texts = list(chinese(tomllib.loads(path.read_text(encoding="utf-8"))))
        assert texts and [(key, WIDE.findall(text), text) for key, text in texts if WIDE.search(text)] == [], path.name


def test_what_is_filled_in_without_a_blank_is_chinese() -> None:
    for path in CATALOGUES:
        for key, text in texts_of(path):
            assert {a or b for a, b in GAP.findall(text)} - CHINESE == set(), (path.name, key, text)
