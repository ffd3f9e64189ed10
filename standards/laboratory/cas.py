"""CAS numbers: how they are written, and their check digit (CAS Registry: the sum of place times digit, modulo 10)."""

from __future__ import annotations

import re

_WRITTEN = re.compile(r"([1-9][0-9]{1,6})-([0-9]{2})-([0-9])")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−－", "-"))


def cas_of(text: str) -> str | None:
    """Give the number that a text is, whatever dashes and blanks it has; None for no number or a wrong check digit."""
    found = _WRITTEN.fullmatch(_plain(text))
    if not found:
        return None
    digits = found[1] + found[2]
    total = sum(place * int(digit) for place, digit in enumerate(reversed(digits), start=1))
    return found[0] if total % 10 == int(found[3]) else None


def is_written_so(text: str) -> bool:
    """Tell whether a text is written as a CAS number, whatever its check digit."""
    return bool(_WRITTEN.fullmatch(_plain(text)))


def _plain(text: str) -> str:
    return "".join(text.translate(_DASHES).split())
