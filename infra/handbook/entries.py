"""The entries of the handbook: read, checked for shape, and found by what a message says.

To add one: a table in a file of infra/handbook/entries, then `python -m infra.handbook`, which writes docs/handbook.md.

    [[entry]]
    key = "disk-full"                           # the anchor; never changed, for messages and people name it
    messages = ["system_full"]                  # keys of infra/messages.toml
    lines = ["the store cannot be written, ..."]  # what logs say, as in standards/logged.toml (en)
    reasons = ["No space left on device"]       # of streams/store/reasons.toml (en)
    sentences = ["{} has no samples, ..."]      # of streams/store/sentences.toml (en), what research refuses
    words = ["shell.trouble"]                   # of the pages: section.key of their catalogue
    errors = ["streams.store.connect.StoreError"]  # the class of a refusal whose words name what was found
    commands = ["airshed doctor"]               # as they are typed; capitals stand for what differs
    zh = { title = "", means = "", itself = "", do = "", over = "" }
    en = { title = "", means = "", itself = "", do = "", over = "" }
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from infra.handbook.severe import reasons, sentences
from infra.messages import catalogue as messages
from standards.errors import AirshedError
from standards.logged import catalogue as lines

FOLDER = Path(__file__).with_name("entries")
KEY = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
PLACE = re.compile(r"\{[^{}]*\}|%(?:\.\d+)?[a-z]")
FRAMES = ("health_reject", "health_reject_of_nothing", "laboratory_refused")
"""Messages that are put around another one: what stands within leads to its own entry."""
BEFORE = re.compile(
    r"\s*(?:\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\s+|\[\s*\d+\.\d s\]\s*"
    r"|(?:DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL)\b:?\s*(?:[a-z_][\w.]*:\s+)?|[\w-]+\s+\|\s+"
    r"|(?:(?:internal )?error|refused|rejected|warning|mind):\s*|(?:内部)?错误[：:]\s*|(?:拒绝|警告|注意)[：:]\s*)",
    re.I,
)
"""What a log, a terminal or a frame writes before a sentence: when, how long since the start, how grave, who says it."""
ANCHOR = re.compile(r"(?:\S*handbook\.md)?#?([a-z][a-z0-9_-]*)|.*handbook\.md#([a-z][a-z0-9_-]*).*", re.S)
A_NAME = 24
"""A message with fewer signs and no place for a value is a name in a table ("store"), and is found only where it stands alone."""
LEAST, A_CHINESE_SIGN = 8, 3
"""A message with fewer signs of its own tells nothing apart, and is found by no text; a Chinese one says as much as three."""


class HandbookError(AirshedError, ValueError):
    """An entry that is not whole; names the file and the entry."""


@dataclass(frozen=True)
class Part:
    """An entry in one language: what it is called, means, what the platform does, what a person does, how one sees the end."""

    title: str
    means: str
    itself: str
    do: str
    over: str


@dataclass(frozen=True)
class Entry:
    """What to do when: key is its anchor, the lists name what leads to it, commands are as they are typed."""

    key: str
    zh: Part
    en: Part
    messages: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    chapter: str = ""

    def texts(self) -> Iterable[str]:
        """Give what leads here as it is said, in both languages, with its places for values; words of pages are not among it."""
        for key in self.messages:
            # One that has gone leads nowhere (the tests see that none has): a refusal is not lost over its hint.
            yield from messages().get(key, {}).values()
        for line in self.lines:
            yield from (line, lines().get(line, line))
        for reason in self.reasons:
            yield from (reason, reasons().get(reason, reason))
        for sentence in self.sentences:
            yield from (sentence, sentences().get(sentence, sentence))


def entries(folder: Path = FOLDER) -> tuple[Entry, ...]:
    """Read all entries, in the order of their files. Raises HandbookError for one that is not whole or stands twice."""
    found: dict[str, Entry] = {}
    for path in sorted(folder.glob("*.toml")):
        read = tomllib.loads(path.read_text(encoding="utf-8"))
        for given in read.get("entry", ()):
            entry = _entry(given, read["chapter"], path)
            if entry.key in found:
                raise HandbookError(f"{path.name}: the entry {entry.key} stands twice")
            found[entry.key] = entry
    return tuple(found.values())


def find(text: str) -> Entry | None:
    """Give the entry of a text that was said, by the message with most signs of its own that fits; None for one without.

    Of two with as many the one with more places for values: "no result" fits wherever "no result {}" does. A frame yields to
    what stands within it.
    """
    fitting = [
        (not frame, size, pattern.pattern.count(".*?"), entry)
        for pattern, size, frame, entry in _patterns()
        if pattern.search(text)
    ]
    return max(fitting, key=lambda found: found[:3])[3] if fitting else None


def of_error(kind: type[BaseException]) -> Entry | None:
    """Give the entry of a class of refusals, or of the nearest class that it derives from; None for one that is none of ours."""
    names = [f"{each.__module__}.{each.__qualname__}" for each in kind.__mro__]
    return next((entry for name in names for entry in entries() if name in entry.errors), None)


def find_part(text: str) -> Entry | None:
    """Give the entry of a text as find does, and else of one of which it is a part, with values in the places for them.

    A part may begin and end in the middle of a message or of a value, and be broken into lines; what a log or a terminal writes
    before a sentence is left out. An anchor, alone or behind a message, is the entry's. None where nothing fits.
    """
    if named := _anchored(text):
        return named
    if whole := find(text):
        return whole
    asked = _bare(" ".join(text.split()))
    fitting = [(size, entry) for parts, entry in _parts() if (size := _fit(asked, parts)) >= LEAST]
    return max(fitting, key=lambda found: found[0])[1] if fitting else None


def _anchored(text: str) -> Entry | None:
    found = ANCHOR.fullmatch(text.strip())
    name = found and (found[1] or found[2])
    return _anchors().get(name) if name else None


@cache
def _anchors() -> dict[str, Entry]:
    return {anchor: entry for entry in entries() for anchor in (entry.key, *entry.messages)}


def _bare(text: str) -> str:
    """Give a text without what stands before its sentence."""
    while (found := BEFORE.match(text)) and found.end():
        text = text[found.end() :]
    return text


@cache
def _parts() -> tuple[tuple[tuple[str, ...], Entry], ...]:
    """Give what each message says between its places for values, with its entry."""
    return tuple(
        (tuple(re.sub(r"\s+", " ", part) for part in PLACE.split(text)), entry)
        for entry in entries()
        for text in entry.texts()
    )


def _fit(asked: str, parts: tuple[str, ...]) -> int:
    """Give how many signs of a message's own stand in a part of it, 0 where it is none."""
    best = max((_size([asked]) for part in parts if asked in part), default=0)
    for first, part in enumerate(parts):
        begin = next(
            (n for n in range(min(len(part), len(asked)), -1, -1) if asked.startswith(part[len(part) - n :])), 0
        )
        at, size = begin, _size([asked[:begin]])
        best = max(best, size if parts[first + 1 :] else 0)  # the text ends within the value that comes next
        for each in parts[first + 1 :]:
            rest = asked[at:]
            end = next((n for n in range(min(len(each), len(rest)), 0, -1) if rest.endswith(each[:n])), 0)
            best = max(best, size + _size([each[:end]]) if end else 0)
            if (found := asked.find(each, at)) < 0:
                break
            at, size = found + len(each), size + _size([each])
            best = max(best, size)
    return best


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], int, bool, Entry], ...]:
    """Give of each message its pattern, how many signs of its own it has, whether it is a frame, and its entry."""
    found, frames = [], {text for key in FRAMES for text in messages()[key].values()}
    for entry in entries():
        named = {text for key in entry.messages for text in messages().get(key, {}).values()}
        for text in entry.texts():
            own = PLACE.split(text)
            if (size := _size(own)) >= LEAST:
                said = ".*?".join(map(re.escape, own))
                alone = text in named and size < A_NAME and own == [text]
                pattern = re.compile(rf"(?:\A|[：:])\s*{said}\s*\Z" if alone else said, re.S)
                found.append((pattern, size, text in frames, entry))
    return tuple(found)


def _size(parts: Iterable[str]) -> int:
    text = "".join(part.strip() for part in parts)
    chinese = sum("\u4e00" <= sign <= "\u9fff" for sign in text)
    return len(text) + chinese * (A_CHINESE_SIGN - 1)


def _entry(given: Mapping[str, object], chapter: str, path: Path) -> Entry:
    key = str(given.get("key", ""))
    if not KEY.fullmatch(key):
        raise HandbookError(f"{path.name}: the key is {key!r}, expected small letters, digits and hyphens")
    known = {field.name for field in fields(Entry)} - {"chapter"}
    if unknown := set(given) - known:
        raise HandbookError(f"{path.name}: {key} has {sorted(unknown)}, expected {sorted(known)}")
    lists = {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
    return Entry(key=key, chapter=chapter, zh=_part(given, "zh", path), en=_part(given, "en", path), **lists)


def _part(given: Mapping[str, object], language: str, path: Path) -> Part:
    said = given.get(language, {})
    wanted = {field.name for field in fields(Part)}
    if not isinstance(said, dict) or set(said) != wanted or not all(str(text).strip() for text in said.values()):
        raise HandbookError(f"{path.name}: {given['key']}: {language} needs each of {sorted(wanted)}, and none empty")
    return Part(**said)
