"""What the platform says to the people who run it, from one catalogue in Chinese and English (messages.toml)."""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path, PurePath

from dashboards.text import filled
from standards.shown import harmless_lines

LANGUAGES = ("zh", "en")


def say(key: str, **values: object) -> str:
    """Give a message in the language of AIRSHED_LANG (Chinese unless told) with its values filled in, each as it may be seen.

    Names of files, of processes and lines of logs come from outside: what would give orders to a terminal is written as signs.
    """
    return say_in(language(), key, **values)


def say_in(lang: str, key: str, **values: object) -> str:
    """Give a message in a language, "zh" or "en", whatever AIRSHED_LANG asks; see say."""
    seen = {name: harmless_lines(str(v)) if isinstance(v, str | PurePath) else v for name, v in values.items()}
    return filled(catalogue()[key][lang], seen)


def language() -> str:
    """Give "zh" or "en" as AIRSHED_LANG asks; Chinese for anything else."""
    asked = os.environ.get("AIRSHED_LANG", "zh")[:2].lower()
    return asked if asked in LANGUAGES else "zh"


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Read the catalogue: key to language to text."""
    return tomllib.loads(Path(__file__).with_name("messages.toml").read_text(encoding="utf-8"))
