"""What stands in a cell of results: a number, or that it lies below a limit. What lies below stays there."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from streams.sources.tally import Unusable

DETECTION, QUANTIFICATION = "detection", "quantification"
EXPECTED = "a number above 0, or <0.02, 0.02L, ND, 未检出, <LOD, <LOQ"
LARGEST = Decimal("1e15")
"""No unit in which a result is kept has more: a kilogram in a gram is 1e12 ng."""
_NUMBER = re.compile(r"[0-9]+\.?[0-9]*(?:e[+-]?[0-9]{1,2})?|\.[0-9]+(?:e[+-]?[0-9]{1,2})?")
_LESS = re.compile(rf"<({_NUMBER.pattern})")
_WITH_L = re.compile(rf"({_NUMBER.pattern})l")
_NOT_FOUND = re.compile(rf"(.+?)\(<?({_NUMBER.pattern})\)")
_WORDS = {
    DETECTION: (
        "nd",
        "n.d.",
        "n.d",
        "notdetected",
        "未检出",
        "低于检出限",
        "bdl",
        "<lod",
        "<mdl",
        "<dl",
        "<检出限",
        "<方法检出限",
    ),
    QUANTIFICATION: ("<loq", "<mql", "<定量限", "<测定下限", "低于定量限", "低于测定下限"),
}
_BELOW = {word: limit for limit, words in _WORDS.items() for word in words}
_NONE = ("", "-", "--", "—", "/", "na", "n/a", "nan", "null", "none", "未测", "未检测", "未分析")


@dataclass(frozen=True, slots=True)
class Result:
    """A value, None where it lies below a limit, and that limit's kind and number, None where nobody says it."""

    value: Decimal | None
    below: str | None
    detection_limit: Decimal | None
    quantification_limit: Decimal | None


def result_of(cell: str, detection: str, quantification: str) -> Result:
    """Read a result and its limits, all in one unit; raise Unusable where they say nothing or contradict each other.

    "0.02L" is how Chinese reports write below the detection limit 0.02 (HJ/T 91 and its successors, recalled).
    """
    limits = {DETECTION: _limit(detection, "detection"), QUANTIFICATION: _limit(quantification, "quantification")}
    lod, loq = limits.values()
    if lod is not None and loq is not None and lod > loq:
        raise Unusable(
            "column detection_limit",
            "the detection limit lies above the quantification limit",
            f"{lod}, {loq}",
            "it below",
        )
    plain = _plain(cell)
    if plain in _NONE:
        raise Unusable("column result", "no result", cell, EXPECTED)
    if plain in _BELOW:
        return Result(None, _BELOW[plain], lod, loq)
    if (found := _NOT_FOUND.fullmatch(plain)) and found[1] in _BELOW:
        return _below(Decimal(found[2]), limits, cell, _BELOW[found[1]])
    if found := _LESS.fullmatch(plain):
        return _below(
            Decimal(found[1]), limits, cell, QUANTIFICATION if _is_loq(Decimal(found[1]), limits) else DETECTION
        )
    if found := _WITH_L.fullmatch(plain):
        return _below(Decimal(found[1]), limits, cell, DETECTION)
    return Result(_value(cell, plain, lod), None, lod, loq)


def _value(cell: str, plain: str, lod: Decimal | None) -> Decimal:
    if not _NUMBER.fullmatch(plain):
        raise Unusable("column result", "not a result", cell, EXPECTED)
    value = Decimal(plain)
    if not 0 < value <= LARGEST:
        raise Unusable("column result", "a result that no laboratory finds", cell, EXPECTED)
    if lod is not None and value < lod:
        raise Unusable(
            "column result",
            "a result below its own detection limit",
            f"{cell} < {lod}",
            "<, ND or 未检出 below the limit",
        )
    return value


def _below(limit: Decimal, limits: dict[str, Decimal | None], cell: str, kind: str) -> Result:
    """Say that a result lies below a limit which the cell names: it must be that of the row, where the row has one."""
    own, other = limits[kind], limits[QUANTIFICATION if kind == DETECTION else DETECTION]
    if not limit > 0:
        raise Unusable("column result", "a limit that is not above 0", cell, EXPECTED)
    wrong_way = other is not None and (limit > other if kind == DETECTION else limit < other)
    if (own is not None and own != limit) or wrong_way:
        said = ", ".join(f"{name} {number}" for name, number in limits.items() if number is not None)
        raise Unusable(
            "column result", "the limit in the result is none of the row's", f"{cell}: {said}", "the same limit twice"
        )
    both = {**limits, kind: limit}
    return Result(None, kind, both[DETECTION], both[QUANTIFICATION])


def _is_loq(limit: Decimal, limits: dict[str, Decimal | None]) -> bool:
    return limit == limits[QUANTIFICATION] and limit != limits[DETECTION]


def _limit(cell: str, name: str) -> Decimal | None:
    plain = _plain(cell)
    if plain in _NONE:
        return None
    if not _NUMBER.fullmatch(plain) or not 0 < Decimal(plain) <= LARGEST:
        raise Unusable(
            f"column {name}_limit", "not a limit", cell, "a number above 0, or nothing where it is not known"
        )
    return Decimal(plain)


def _plain(cell: str) -> str:
    return "".join(unicodedata.normalize("NFKC", cell).split()).lower()
