"""The kinds of new pollutants under priority control, by date, and which kind a CAS number belongs to."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from standards.dated_tables import read_table

LISTS = ("new_pollutants_2023",)
"""Tables of the lists, oldest first; beside each one its substances, with _cas behind the name."""


@dataclass(frozen=True, slots=True)
class Substance:
    """A substance of a kind. confidence: how its place in the list is known, as docs/standards.md says."""

    cas: str
    name_zh: str
    name_en: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of a list: its number there, a short name, names, group, and the substances by which it is recognised."""

    number: int
    short: str
    name_zh: str
    name_en: str
    group: str
    confidence: str
    substances: tuple[Substance, ...]


@dataclass(frozen=True, slots=True)
class PollutantList:
    """A list with its kinds in their order. code: its title; valid_from: its first day."""

    code: str
    valid_from: dt.date
    source: str
    kinds: tuple[Kind, ...]

    def kind_of(self, cas: str) -> Kind | None:
        """Give the kind of a CAS number, None where the list is not known to have it."""
        return next((kind for kind in self.kinds if any(each.cas == cas for each in kind.substances)), None)

    def substance_of(self, cas: str) -> Substance | None:
        """Give the substance of a CAS number, None where the list is not known to have it."""
        return next((each for kind in self.kinds for each in kind.substances if each.cas == cas), None)

    def other_than(self, cas: str, name: str) -> Substance | None:
        """Give the substance whose name stands beside the CAS number of another; None where the two are not known to contradict.

        An isomer or a mixture may bear the name that its own ends in: 六溴环十二烷 of α-六溴环十二烷; a salt the short name of
        its kind.
        """
        plain, own = _plain(name), self.substance_of(cas)
        found = [each for kind in self.kinds for each in kind.substances if plain in _called(each, kind)]
        if not plain or not found or any(each.cas == cas for each in found) or (own and _is_kind_of(own, plain)):
            return None
        return found[0]


_ABBREVIATED = re.compile(r"(.+) \((\w+)\)")


def _called(substance: Substance, kind: Kind) -> set[str]:
    short = _ABBREVIATED.fullmatch(substance.name_en)
    names = (substance.name_zh, substance.name_en, kind.short, *(short.groups() if short else ()))
    return {_plain(each) for each in names}


def _is_kind_of(substance: Substance, plain: str) -> bool:
    """Tell whether a name is the last word of a substance's own, or what a bracket or comma follows."""
    within = re.compile(rf"(?<![^\W\d_]){re.escape(plain)}(?=$|[(,])")
    return any(within.search(_plain(each)) for each in (substance.name_zh, substance.name_en))


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def list_for(day: dt.date) -> PollutantList | None:
    """Give the list in force on a day, None before the first."""
    found = [each for each in map(_list, LISTS) if each.valid_from <= day]
    return found[-1] if found else None


@cache
def _list(name: str) -> PollutantList:
    head, substances = read_table(name), read_table(f"{name}_cas").rows
    kinds = tuple(
        Kind(
            int(row["number"]), row["short"], row["kind_zh"], row["kind_en"], row["group"], row["confidence"],
            tuple(_substance(each) for each in substances if each["number"] == row["number"]),
        )
        for row in head.rows
    )  # fmt: skip
    return PollutantList(head.head["code"], head.valid_from, head.head["source"], kinds)


def _substance(row: dict[str, str]) -> Substance:
    return Substance(row["cas"], row["substance_zh"], row["substance_en"], row["confidence"])
