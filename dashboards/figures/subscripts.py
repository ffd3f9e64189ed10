"""Chemical names and units with real subscripts and superscripts: "PM2.5" as PM and a small 2.5, whatever writes them. Pure."""

from __future__ import annotations

import re

PLAIN, SUB, SUP = "", "sub", "sup"
Runs = tuple[tuple[str, str], ...]

_LOW = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_FORMULA = re.compile(r"(?<![A-Za-z])(PM)(2\.5|10|1)(?![0-9])|(?<![A-Za-z])(NO|SO|CO|NH|O)([23x])(?![0-9A-Za-z])")


def clean(text: str) -> str:
    """Leave out what no XML may hold (control characters, halves of characters)."""
    return _FORBIDDEN.sub("", text)


def runs(text: str) -> Runs:
    """Split a text into (piece, PLAIN or SUB); joined they are the text with its digits on the line."""
    text = clean(text).translate(_LOW)
    found: list[tuple[str, str]] = []
    at = 0
    for match in _FORMULA.finditer(text):
        name, low = (match[1], match[2]) if match[1] else (match[3], match[4])
        found += [(text[at : match.start()] + name, PLAIN), (low, SUB)]
        at = match.end()
    if at < len(text) or not found:
        found.append((text[at:], PLAIN))
    return tuple(found)


def flat(text: str) -> str:
    """Give a text with its digits on the line, for where there are no subscripts (names of sheets, bookmarks)."""
    return clean(text).translate(_LOW)
