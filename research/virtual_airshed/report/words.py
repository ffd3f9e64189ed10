"""Every word of the page, in Chinese and English, from one catalogue; both languages are in the page and a switch
shows one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

CATALOGUE = Path(__file__).with_name("words.toml")
LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Both:
    """A text in both languages, without markup."""

    zh: str
    en: str

    def __add__(self, other: Both) -> Both:
        return Both(self.zh + other.zh, self.en + other.en)

    def of(self, lang: str) -> str:
        """Give the text of one of LANGUAGES."""
        return getattr(self, lang)


def same(text: object) -> Both:
    """Give a text that is the same in both languages: a number, a formula."""
    return Both(str(text), str(text))


def words(key: str, **values: Any) -> Both:
    """Give a text of the catalogue with its values filled in; a value may be Both. KeyError for a key that is not
    there.
    """
    entry = catalogue()[key]
    return Both(
        *(
            entry[lang].format(**{n: v.of(lang) if isinstance(v, Both) else v for n, v in values.items()})
            for lang in LANGUAGES
        )
    )


def joined(parts: list[Both]) -> Both:
    """Put names in a row, with the comma of each language."""
    return Both("、".join(p.zh for p in parts), ", ".join(p.en for p in parts))


def html(text: Both) -> str:
    """Write a text as HTML, escaped: once where both languages are the same."""
    if text.zh == text.en:
        return escape(text.zh)
    return f'<span class="zh" lang="zh-CN">{escape(text.zh)}</span><span class="en" lang="en">{escape(text.en)}</span>'


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Read the catalogue as key -> {"zh": ..., "en": ...}."""
    return dict(_flat("", tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))))


def _flat(prefix: str, node: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    for name, value in node.items():
        if isinstance(value.get("zh"), str):
            yield f"{prefix}{name}", value
        else:
            yield from _flat(f"{prefix}{name}.", value)
