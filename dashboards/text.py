"""The words of every page, in Chinese and English, from one catalogue: catalogue.toml and the files in words/."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

CATALOGUE = Path(__file__).with_name("catalogue.toml")
WORDS = Path(__file__).with_name("words")
"""A file for each part of the portal, in the form of the catalogue."""

SIGNS = {"SO2": "SO₂", "NO2": "NO₂", "O3": "O₃", "PM10": "PM₁₀", "PM2.5": "PM₂.₅"}
"""How substances are written for readers, by how files and programs write them."""
_PLAIN = re.compile(r"(?<![A-Za-z0-9_])(?:SO2|NO2|O3|PM10|PM2\.5)(?![A-Za-z0-9_])", re.ASCII)


def signed(words: str) -> str:
    """Write the substances in a text of ours with their signs; not for what is quoted out of files or for programs."""
    return _PLAIN.sub(lambda found: SIGNS[found[0]], words)


class Counting(string.Formatter):
    """Fill in values as str.format does, and agree with a number: "{n} {n:hour|hours}" is "1 hour", "2 hours", "1.5 hours"."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """Give the word before the bar for what is written "1", the one behind it for any other number."""
        if "|" not in format_spec:
            return super().format_field(value, format_spec)
        one, other = format_spec.split("|")
        return one if str(value) == "1" else other


_COUNTING = Counting()


def filled(words: str, values: Mapping[str, Any]) -> str:
    """Fill values into a text that may agree with its numbers; raise KeyError for a value that is not given."""
    return _COUNTING.vformat(words, (), values)


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Read the catalogue as key -> {"zh": ..., "en": ...}; raise ValueError where two files give the same key."""
    entries: dict[str, dict[str, str]] = {}
    for path in (CATALOGUE, *sorted(WORDS.glob("*.toml"))):
        own = dict(_flat("", tomllib.loads(path.read_text(encoding="utf-8"))))
        if twice := entries.keys() & own.keys():
            raise ValueError(f"{path.name} gives words that another file gives: {', '.join(sorted(twice))}")
        entries |= own
    return entries


class Text:
    """The catalogue in one language: `text("header.hour", hour=...)`."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def __call__(self, key: str, **values: Any) -> str:
        """Give a text with its values filled in; raise KeyError for a key that the catalogue lacks."""
        return filled(catalogue()[key][self.lang], values)

    def of_code(self, family: str, code: str) -> str:
        """Give the word for a code of the store, such as ("sector.", "traffic"); an unknown code stands for itself."""
        entry = catalogue().get(family + code)
        return entry[self.lang] if entry else signed(code)


def _flat(prefix: str, node: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    for name, value in node.items():
        key = f"{prefix}{name}"
        if isinstance(value.get("zh", value.get("en")), str):
            yield key, value
        else:
            yield from _flat(f"{key}.", value)
