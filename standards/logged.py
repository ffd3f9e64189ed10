"""What the lines of logs say, in Chinese or English: the code says them in English, logged.toml has the Chinese.

A line that the catalogue lacks stays as it is: those of libraries, and those that machines read (requests, statements).
"""

from __future__ import annotations

import copy
import io
import logging
import sys
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TextIO

from standards.errors import AirshedError
from standards.passwords import masked
from standards.shown import harmless, harmless_lines

LANGUAGES = ("zh", "en")
FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LONGEST_LINE, LONGEST_TRACE = 4_000, 20_000
"""Characters of a line and of a trace: a value from outside may be of any length, and a log has to be read."""
Phrase = Callable[[str, str], str]
"""Gives a reason in a language: phrase("zh", reason); what it does not know stays as it is."""


class Told(logging.Formatter):
    """Writes lines in a language. phrase: turns reasons that a line names, None leaves them in English. form: of the line."""

    def __init__(self, lang: str, phrase: Phrase | None = None, form: str = FORM) -> None:
        super().__init__(form)
        self.lang, self.phrase = lang, phrase

    def format(self, record: logging.LogRecord) -> str:
        """Write a record without passwords; its trace stays as Python writes it else."""
        if self.lang != "zh" or (words := catalogue().get(str(record.msg))) is None:
            return super().format(record)
        told = copy.copy(record)
        told.msg, told.args = words, self._said(record.args)
        return super().format(told)

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Write the line of a record: one line, whatever stands in a value, and no longer than LONGEST_LINE."""
        return harmless(shortened(masked(super().formatMessage(record)), LONGEST_LINE))

    def formatException(self, ei: object) -> str:
        """Write a trace in its lines; of a long one the beginning and the end, where the fault is named."""
        return harmless_lines(shortened(masked(super().formatException(ei)), LONGEST_TRACE))

    def _said(self, values: object) -> object:
        if not isinstance(values, tuple) or self.phrase is None:
            return values
        return tuple(self.phrase("zh", str(v)) if isinstance(v, str | AirshedError) else v for v in values)


def shortened(text: str, longest: int) -> str:
    """Leave out the middle of a text that is longer than so many characters, and say how many are gone."""
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]} …({len(text) - 2 * half})… {text[-half:]}"


def begin(environment: Mapping[str, str], stream: TextIO = sys.stdout, phrase: Phrase | None = None) -> None:
    """Let this process write its log to a stream, from INFO on, in the language of AIRSHED_LANG (Chinese unless told)."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")  # a sign that the stream lacks costs no line
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Told(language_of(environment), phrase))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def warn(environment: Mapping[str, str], stream: TextIO, phrase: Phrase | None = None) -> None:
    """Let a command say on a stream what its parts warn of: the words alone, without the moment and the name of a part."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Told(language_of(environment), phrase, "%(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def language_of(environment: Mapping[str, str]) -> str:
    """Give "zh" or "en" as AIRSHED_LANG asks; Chinese for anything else."""
    asked = environment.get("AIRSHED_LANG", LANGUAGES[0])[:2].lower()
    return asked if asked in LANGUAGES else LANGUAGES[0]


@cache
def catalogue() -> dict[str, str]:
    """Read the Chinese of lines, by their English as it stands in the code."""
    entries = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["line"]
    return {entry["en"]: entry["zh"] for entry in entries}
