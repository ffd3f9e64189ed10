"""What the registry says to people, in Chinese and English (catalogue.toml)."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path


def word(key: str, language: str, **values: object) -> str:
    """Give a text in "zh" or "en" with its values filled in."""
    return catalogue()[key][language].format(**values)


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Read the catalogue: key to language to text."""
    return tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8"))
