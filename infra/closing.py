"""Whether others on this machine could reach the engine: refused unless a person has allowed it, and said in words."""

from __future__ import annotations

import os
from collections.abc import Callable, MutableMapping

from infra.messages import language, say
from standards.errors import AirshedError
from streams.pipeline import doors
from streams.store.reasons import reason_in

WORDS = {doors.BEAM: "way_beam", doors.TOPICS: "way_topics"}


class OpenToOthers(AirshedError, RuntimeError):
    """Others on this machine would reach the engine, and nobody has allowed it."""


def allow(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let the engine run where ways in stay open; the processes of the platform get to know it too."""
    environment[doors.OPEN] = doors.ALLOWED


def see_to_it(tell: Callable[..., None], environment: MutableMapping[str, str] = os.environ) -> None:
    """Tell how the engine is closed where it has no network of its own; raise OpenToOthers where others would reach it."""
    found = doors.foreseen(environment)
    ways = words(found)
    if not found.allowed(environment):
        raise OpenToOthers(say("open_to_others", why=why(found), ways=ways))
    if found.left:
        tell("ways_left_open", why=why(found), ways=ways)
    elif found.why:
        tell("closed_one_by_one", why=why(found))


def why(found: doors.Doors) -> str:
    """Say why the engine has no network of its own, in the language of messages."""
    return reason_in(language(), found.why)


def words(found: doors.Doors) -> str:
    """Name what stays open, in the language of messages."""
    return ", ".join(say(WORDS[way]) for way in found.left)
