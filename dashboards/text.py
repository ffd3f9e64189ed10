"""The words of every page, in Chinese and English, from one catalogue: catalogue.toml and the files in words/."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

CATALOGUE = Path(__file__).with_name("catalogue.toml")
WORDS = Path(__file__).with_name("words")
"""A file for each part of the portal, in the form of the catalogue."""


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
        return catalogue()[key][self.lang].format(**values)

    def of_code(self, family: str, code: str) -> str:
        """Give the word for a code of the store, such as ("sector.", "traffic"); an unknown code stands for itself."""
        entry = catalogue().get(family + code)
        return entry[self.lang] if entry else code


def _flat(prefix: str, node: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    for name, value in node.items():
        key = f"{prefix}{name}"
        if isinstance(value.get("zh", value.get("en")), str):
            yield key, value
        else:
            yield from _flat(f"{key}.", value)
