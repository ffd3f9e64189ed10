"""What the research bench refuses, and what its results say, in the reader's language: whole sentences, each with what it names.

The code says them in English; sentences.toml has the Chinese. Only the words are told: what a sentence names stays as it is,
but for the pieces that are words themselves (a place in a file, "none", the sentence of another error).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CATALOGUE = Path(__file__).with_name("sentences.toml")
_JOINED = "\0"
"""Stands around Chinese words in a gap: no blank parts them from those beside them."""
LONGEST, MOST_NAMES = 2_000, 4
"""Characters of a sentence that is looked for, and names before it: a value from outside may be of any length."""
_HAN = "[\u3000-\u9fff\uff00-\uffef]"
_NAMED = ": "
_SEVERAL = "; "


@dataclass(frozen=True, slots=True)
class Template:
    """A text with gaps, its Chinese, and the longest piece of its own, without which it need not be looked for."""

    pattern: re.Pattern[str]
    words: str
    own: str


def sentence_in_chinese(said: str, of_others: Callable[[str], str]) -> str:
    """Give the Chinese of a sentence, also behind names ("A: sentence"); empty where it is not known.

    of_others: gives the Chinese of what other catalogues know and a gap holds, empty where they do not.
    """
    if len(said) > LONGEST:
        return ""
    parts = said.split(_NAMED, MOST_NAMES)
    for at in range(len(parts)):
        if words := _told(_NAMED.join(parts[at:]), _sentences(), of_others):
            return "：".join([*(_told(name, _parts(), of_others) or name for name in parts[:at]), words])
    return ""


def filled(words: str, gaps: tuple[str, ...], told: Callable[[str], str]) -> str:
    """Put what a text names into its words; told: gives the Chinese of what is no name, empty for a name."""
    laid = [f"{_JOINED}{zh}{_JOINED}" if (zh := told(gap)) else gap for gap in gaps]
    closed = re.sub(rf" {_JOINED}(?={_HAN})|(?<={_HAN}){_JOINED} ", "", words.format(*laid))
    return closed.replace(_JOINED, "")


def ordered(entries: list[dict[str, str]]) -> tuple[Template, ...]:
    """Give entries as patterns with their Chinese, the more exact ones first.

    More exact is what has more text of its own, "unknown column" before "unknown {}", and what does not begin with any name.
    """
    laid = sorted(entries, key=lambda each: (each["en"].startswith("{}"), -len(each["en"].replace("{}", ""))))
    return tuple(Template(_pattern(each["en"]), each["zh"], max(each["en"].split("{}"), key=len)) for each in laid)


def taken(said: str, templates: tuple[Template, ...]) -> tuple[str, tuple[str, ...]] | None:
    """Give the Chinese of the first template that a text is of, and what stands in its gaps; None where there is none."""
    for each in templates:
        if each.own in said and (found := each.pattern.fullmatch(said)):
            return each.words, found.groups()
    return None


def _told(said: str, templates: tuple[Template, ...], of_others: Callable[[str], str]) -> str:
    found = taken(said, templates)
    return filled(*found, lambda gap: _gap(gap, of_others)) if found else ""


def _gap(gap: str, of_others: Callable[[str], str]) -> str:
    pieces = [_piece(piece, of_others) for piece in gap.split(_SEVERAL)]
    return "；".join(pieces) if all(pieces) else ""


def _piece(piece: str, of_others: Callable[[str], str]) -> str:
    return sentence_in_chinese(piece, of_others) or _told(piece, _parts(), of_others) or of_others(piece)


@cache
def _sentences() -> tuple[Template, ...]:
    found = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    return ordered([*found["sentence"], *found["result"]])


@cache
def _parts() -> tuple[Template, ...]:
    return ordered(tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["part"])


def _pattern(template: str) -> re.Pattern[str]:
    pattern = re.escape(template).replace(re.escape("{}"), "(.*?)")
    # What a text begins with is a name, and no place with a reason behind it.
    return re.compile(re.sub(r"^\(\.\*\?\)", "((?:(?!: ).)*?)", pattern), re.DOTALL)
