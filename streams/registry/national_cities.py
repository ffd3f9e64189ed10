"""Which cities a text names, the registry's own and the country's others: whose a file is where its name alone tells it.

national_cities.csv holds the cities of prefecture level (division codes of GB/T 2260 as of 2023), and those of county level that
the national network publishes as cities of their own, whose code is empty there; with the short names and the Latin letters
that file names use. Former names (襄樊, 思茅) stand beside the present ones.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from streams.registry.places import City

_TABLE = Path(__file__).with_name("national_cities.csv")
_WORD = re.compile(r"[A-Za-z']+|[0-9]+")
_ENDING = "市"


class CityNames:
    """The names of the own cities and of the country's others, for texts such as the names of files."""

    def __init__(self, own: Iterable[City]) -> None:
        self._own: dict[str, str] = {}
        for city in own:
            for name in (city.code, city.name_zh.removesuffix(_ENDING), plain(city.name_en)):
                self._own[name] = city.code
        self._others = {name: other for name, other in _others().items() if name not in self._own}
        ours = {name: code for name, code in self._own.items() if not name.isascii()}
        self._written = sorted({*ours, *(name for name in self._others if not name.isascii())}, key=len, reverse=True)

    def named_in(self, text: str) -> tuple[set[str], set[str]]:
        """Give the codes of the own cities that a text names, and the names of the others.

        A Chinese name counts anywhere (成都市2024年), a longer one before those within it; Latin letters and codes as whole words.
        """
        names = [*self._chinese(text), *(plain(word) for word in _WORD.findall(text))]
        own = {self._own[name] for name in names if name in self._own}
        return own, {self._others[name] for name in names if name in self._others}

    def _chinese(self, text: str) -> Iterator[str]:
        for name in self._written:
            if name in text:
                yield name
                text = text.replace(name, "\n")


def plain(name: str) -> str:
    """Give a name in Latin letters as names are compared: small, without the apostrophe of Ya'an."""
    return name.replace("'", "").replace("’", "").casefold()


@cache
def _others() -> dict[str, str]:
    """Give the Chinese name of each of the country's cities by its code, its short names and their Latin letters."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        name: row["name"]
        for row in rows
        for name in (row["code"], *row["short"].split("|"), *row["latin"].split("|"))
        if name
    }


__all__ = ["CityNames", "plain"]
