"""What goes on without a part of the platform: a program that is missing, a store that is away, a disk that is full.

Each trouble says in one sentence what is missing since when and what that means for the numbers, and in another what to do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.messages import LANGUAGES, catalogue, say_in
from infra.restarts import Record
from standards.days import SHANGHAI

MISSING, STORE, DISK, ENGINE = "missing", "store", "disk", "engine"
REGISTRY, KEY, FOUND = "registry", "key", "check"
"""Damage that is noted: infra.noted."""
OF_KIND = {STORE: "store_unreachable", ENGINE: "engine_before"}
"""Kinds whose name decides the words, with those for a name that has none."""
FULL_MB, ROOM_MB = 4.0, 16.0
"""A disk with less free than the first counts as full [MB], and again as one with room from the second on."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A trouble of a kind: which program is missing, how the store is away, of which folder, how far back the engine went, which
    part a check found damaged.

    since [epoch s]. values: what its words or its remedy name, as text in English. Never a password.
    """

    kind: str
    name: str
    since: float
    values: tuple[tuple[str, str], ...] = ()

    def words(self, lang: str) -> str:
        """Say what is missing since when, and what that means for the numbers."""
        if self.kind == MISSING:
            return say_in(lang, "trouble_missing", since=moment(self.since), means=meaning(lang, self.name))
        return say_in(lang, self._key("trouble"), since=moment(self.since), **self._named(lang))

    def remedy(self, lang: str) -> str:
        """Say what to do, and what goes on by itself."""
        return say_in(lang, self._key("remedy"), name=self.name, **dict(self.values))

    def _named(self, lang: str) -> dict[str, str]:
        values = dict(self.values)
        if self.kind == FOUND:
            values["part"] = say_in(lang, _known(f"check_part_{self.name}", "unknown"))
        if "error" in values:
            from streams.store.reasons import told_in  # with it come the libraries of databases

            values["error"] = told_in(lang, values["error"])
        return values

    def _key(self, what: str) -> str:
        known = OF_KIND.get(self.kind)
        return f"{what}_{self.kind}" if known is None else _known(f"{what}_{self.kind}_{self.name}", f"{what}_{known}")

    def as_plain(self) -> dict[str, Any]:
        """Give it as the platform's card holds it: for those who show it in a language and know nothing of kinds."""
        since = dt.datetime.fromtimestamp(self.since, dt.UTC).isoformat(timespec="seconds")
        said = {lang: {"words": self.words(lang), "remedy": self.remedy(lang)} for lang in LANGUAGES}
        return {"kind": self.kind, "name": self.name, "since": since, **said}


def missing(records: Mapping[str, Record], logs: Mapping[str, str]) -> list[Trouble]:
    """Give a trouble for each program that is missing; logs: where the end of each stands."""
    return [Trouble(MISSING, name, found.since, (("log", logs[name]),)) for name, found in records.items()]


def said_of(about: Mapping[str, Any] | None, lang: str) -> list[str]:
    """Give the lines that say the troubles on the card of a running platform, each with what to do; a card may hold anything."""
    found, unknown = (about or {}).get("troubles"), say_in(lang, "unknown")
    told = [each.get(lang) for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return [
        say_in(lang, "trouble", words=str(each.get("words", unknown)), remedy=str(each.get("remedy", unknown)))
        for each in told
        if isinstance(each, dict)
    ]


def is_full(free_mb: float, before: bool) -> bool:
    """Tell whether a disk with so much free [MB] counts as full; before: whether it did at the look before."""
    return free_mb < (ROOM_MB if before else FULL_MB)


def meaning(lang: str, name: str) -> str:
    """Say what it means for the numbers that a program is missing."""
    return say_in(lang, _known(f"means_{name}", "means_other"), name=name)


def moment(at: float) -> str:
    """Write a moment [epoch s] as Beijing time, with its day."""
    return f"{dt.datetime.fromtimestamp(at, SHANGHAI):%m-%d %H:%M}"


def _known(key: str, other: str) -> str:
    return key if key in catalogue() else other
