"""Texts from outside as people may see them: on a terminal they give no orders, in a spreadsheet they compute nothing."""

from __future__ import annotations

import re

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet takes for a formula. Source: OWASP, CSV Injection."""
_NOTHING_COMPUTED = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|-+", re.ASCII)
"""Numbers, and strokes that stand for nothing."""


def harmless(text: str) -> str:
    """Write signs that do not print as \\x...: control codes, line ends, marks that turn the writing round or have no width."""
    return text if text.isprintable() else "".join(map(_seen, text))


def harmless_lines(text: str) -> str:
    """Write a text of several lines so; its line ends stay."""
    return text if text.isprintable() else "\n".join(map(harmless, text.splitlines()))


def as_cell(text: str) -> str:
    """Give a text as a cell of CSV for people: harmless, and with an apostrophe where a spreadsheet would compute it."""
    computed = text.startswith(FORMULA) and not _NOTHING_COMPUTED.fullmatch(text)
    return f"'{harmless(text)}" if computed else harmless(text)


def _seen(sign: str) -> str:
    return sign if sign.isprintable() else sign.encode("unicode_escape").decode()
