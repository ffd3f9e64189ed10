"""What happened to models, in order: events that are only ever added, each with the digest of the one before it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ml.registry.artefact import canonical, digest_of
from ml.registry.errors import Damaged
from ml.registry.files import clear_left_over, give_number, numbered

TRAINED, EVALUATED, COMPARED, APPROVED = "trained", "evaluated", "compared", "approved"
SERVED, ROLLED_BACK, REFUSED, RETIRED = "served", "rolled back", "refused", "retired"
EVENTS = (TRAINED, EVALUATED, COMPARED, APPROVED, SERVED, ROLLED_BACK, REFUSED, RETIRED)
SCHEMA = "model-event/1"
_ABOUT = {
    TRAINED: ("artefact", "card"), EVALUATED: ("card", "evaluations"), COMPARED: ("other", "of", "comparisons"),
    ROLLED_BACK: ("to",),
}  # fmt: skip
"""What belongs to an event, by its kind: without it nobody can say where the model stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a model: which, when [epoch s], by whom, why, and what belongs to it (digests, versions)."""

    event: str
    name: str
    version: str
    at: float
    by: str
    why: str = ""
    about: Mapping[str, object] = field(default_factory=dict)


Decide = Callable[[Sequence[Event]], Event | None]
"""From all that has happened to what happens now, None for nothing; it raises RegistryError where that may not be."""


class Journal:
    """The events in a folder: one file each, numbered from 1."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self) -> list[Event]:
        """Give all events in order. Errors: Damaged where one is missing, unreadable or not the one that followed."""
        return self._read()[0]

    def add(self, decide: Decide) -> Event | None:
        """Let something happen: decide is asked with all events, and asked again where another writer was faster."""
        while True:
            events, last = self._read()
            event = decide(events)
            if event is None:
                return None
            if give_number(self.folder, len(events) + 1, _written(event, last)):
                clear_left_over(self.folder)
                return event

    def _read(self) -> tuple[list[Event], str]:
        events, last = [], ""
        names = sorted(path.name for path in self.folder.glob("[0-9]*.json")) if self.folder.is_dir() else []
        for number, name in enumerate(names, start=1):
            if name != numbered(number):
                raise Damaged(f"the journal of models goes on with {name}, expected {numbered(number)}")
            content = _content(self.folder / name)
            event, before = _event(content, name)
            if before != last:
                raise Damaged(
                    f"the event {name} of the journal of models does not follow the one before it as it now is"
                )
            events.append(event)
            last = digest_of(content)
        return events, last


def _written(event: Event, previous: str) -> bytes:
    plain = {name: getattr(event, name) for name in event.__slots__}
    return canonical({"schema": SCHEMA, "previous": previous, **plain, "about": dict(event.about)})


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Damaged(f"the event {path.name} of the journal of models cannot be read: {error.strerror}") from error


def _event(content: bytes, name: str) -> tuple[Event, str]:
    try:
        plain = json.loads(content)
        if plain.pop("schema") != SCHEMA or plain["event"] not in EVENTS:
            raise ValueError(f"another schema than {SCHEMA} or an unknown event")
        previous = plain.pop("previous")
        event = Event(**plain)
        _require_whole(event)
        return event, previous
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"the event {name} of the journal of models cannot be read: {error}") from error


def _require_whole(event: Event) -> None:
    texts = (event.name, event.version, event.by, event.why)
    if not all(isinstance(each, str) for each in texts) or not isinstance(event.about, Mapping):
        raise ValueError("name, version, by and why are texts and about a mapping")
    if isinstance(event.at, bool) or not isinstance(event.at, int | float) or not math.isfinite(event.at):
        raise ValueError(f"it happened at {event.at!r}, expected epoch seconds")
    if lacking := [name for name in _ABOUT.get(event.event, ()) if name not in event.about]:
        raise ValueError(f"it says nothing of {', '.join(lacking)}")
