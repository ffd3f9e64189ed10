"""The press: makes the pages that many read, once per data version, in a process of its own that gives way to all others."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from dashboards import release
from dashboards.context import Context, scene_of
from dashboards.office.records import state_of
from dashboards.pulse import digest, pulse_of
from dashboards.snapshots.drawn import drawn, is_unread, unread
from dashboards.snapshots.pages import Page, found, pages
from dashboards.snapshots.shelf import Body, Shelf, State, body_of
from dashboards.view import LANGUAGES, View

LOOK_S = 0.5
SETTLE_S = 1.0
"""A new hour is stored in several transactions: the press waits until this long nothing changed, and no longer than WAIT_S."""
WAIT_S = 3.0
QUALITY = 9
_LOG = logging.getLogger(__name__)


def hot(context: Context) -> Iterator[tuple[str, Page, View, dict[str, Any]]]:
    """Give what is made ahead: addresses with their page, selection and parameters, in both languages."""
    for page in pages().values():
        for params in page.ahead(context.registry):
            for lang in LANGUAGES:
                address = page.address(lang, **params)
                known = found(address, context.registry)
                if known is None:
                    raise ValueError(f"page {page.name!r} is to be made ahead at {address}, where no page is")
                yield address, *known


def made(context: Context, version: str) -> dict[str, Body]:
    """Make every page of a data version, by address; its fragments stand under "fragments" and the address.

    A page that cannot be drawn is left out and told in the log: readers get it drawn for them, with its fault in words.
    """
    bodies: dict[str, Body] = {}
    for address, page, view, params in hot(context):
        try:
            one = drawn(context, page, view, params, version)
        except Exception:  # one page in trouble must not keep all others old
            _LOG.exception("page %s cannot be drawn", address)
            continue
        if one.version != version:  # words of trouble must not lie under the name of data and outlast it
            continue
        bodies[address], bodies[f"fragments{address}"] = body_of(one.html, QUALITY), body_of(one.fragments, QUALITY)
    return bodies


def version_of(context: Context, pulse: str) -> str:
    """Name the data version: what the store holds, how fresh that is by the clock, what people published, release and registry."""
    with scene_of(context, View.from_query({}, context.registry.cities)) as scene:
        if scene.trouble:
            return unread(scene.trouble)
        office = state_of(context)
        return digest(pulse, scene.moment.mode, release.release(), context.settings, *([office] if office else ()))


@dataclass
class Press:
    """What the process remembers between two looks."""

    context: Context
    shelf: Shelf
    clock: Callable[[], float] = time.time
    pause: Callable[[float], None] = time.sleep
    version: str = ""

    def __post_init__(self) -> None:
        """Go on with what the press before left: a start while the store is away takes no good page down."""
        left = self.shelf.state()
        if left is not None and left.release == release.release() and self.shelf.has(left.version):
            self.version = left.version

    def look(self) -> bool:
        """Look at the store once, make what changed or was taken away, and say how it stands; True where pages were made."""
        pulse, trouble = self._settled()
        version = version_of(self.context, pulse)
        # Pages that were made while the store could be read stay up, with their age and a word, until it can be read again.
        keep = bool((trouble or is_unread(version)) and self.version and not is_unread(self.version))
        new = not keep and (version != self.version or not self.shelf.has(version))
        began = time.perf_counter()
        bodies = made(self.context, version) if new else {}
        lost = new and self.version and not is_unread(version) and pulse_of(self.context)[1]
        if new and not lost:  # what was drawn while the store went away is left, and the next look says that it is away
            self.shelf.put(version, bodies)
            self.version = version
            _LOG.info("%d pages of version %s in %.1f s", len(bodies) // 2, version, time.perf_counter() - began)
        self.shelf.say(State(self.version, trouble, self.clock(), release.release()))
        return bool(new and not lost)

    def _settled(self) -> tuple[str, str]:
        """Ask the store until it has been still for SETTLE_S; without a change since the last pages at once."""
        began = time.monotonic()
        now = pulse_of(self.context)
        while not now[1] and version_of(self.context, now[0]) != self.version and time.monotonic() - began < WAIT_S:
            before = now
            self.pause(SETTLE_S)
            now = pulse_of(self.context)
            if now == before:
                break
        return now
