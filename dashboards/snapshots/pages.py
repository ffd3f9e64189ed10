"""What a page as text is: its address, its parts, and which of its addresses are made ahead of every reader."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboards.context import Scene
from dashboards.moment import SHANGHAI, YEARS
from dashboards.view import LANGUAGES, View
from streams.registry import Registry

Render = Callable[[Scene], Any]
Ahead = Callable[[Registry], Iterable[Mapping[str, Any]]]
FRAMES = ("public", "wall", "embed", "office")
ENGLISH = "/en"
"""Pages in English stand below this; those in Chinese at the root."""
_PART = re.compile(r"<(\w+)>")
_HOUR, _DAY, _MONTH = "%Y-%m-%dT%H", "%Y-%m-%d", "%Y-%m"


@dataclass(frozen=True)
class Page:
    """A page as text. name: its title is the catalogue's "page.<name>".

    rule: its address, with <city>, <station>, <hour>, <day> and <month> in it. parts: by id what is drawn, in order; each is
    exchanged alone when the data change. ahead: parameters of the addresses that are made for every data version, others
    are made when somebody asks. frame: what surrounds it. in_navigation: whether the head of public pages
    links to it. asked: whether a query belongs to its address (snapshots/asked.py).
    figures: by name what can be taken from it: scene -> components.take.Figure, or None where there is nothing to take.
    """

    name: str
    rule: str
    parts: Mapping[str, Render]
    ahead: Ahead
    frame: str = "public"
    in_navigation: bool = False
    asked: bool = False
    figures: Mapping[str, Callable[[Scene], Any]] = field(default_factory=dict)

    def address(self, lang: str, **params: Any) -> str:
        """Give the address of this page for parameters as text: "/en/city/510100/2026-11-29T13"."""
        path = _PART.sub(lambda found: written(found[1], params[found[1]]), self.rule)
        return path if lang == LANGUAGES[0] else ENGLISH + (path if path != "/" else "/")


_PAGES: dict[str, Page] = {}


def page(
    name: str, rule: str, parts: Mapping[str, Render], *, ahead: Ahead | None = None, frame: str = "public",
    in_navigation: bool = False, figures: Mapping[str, Callable[[Scene], Any]] | None = None,
) -> Page:  # fmt: skip
    """Declare a page. Without ahead a page that has no parameters is made ahead, one that has some is not.

    Raises ValueError where a name or an address is declared twice or the frame is unknown.
    """
    if frame not in FRAMES:
        raise ValueError(f"frame {frame!r} of page {name!r} is unknown, expected one of {', '.join(FRAMES)}")
    others = [each for each in _PAGES.values() if each.name != name]
    if any(each.rule == rule for each in others):
        raise ValueError(f"two pages have the address {rule}, expected one of its own for {name!r}")
    if ahead is None:
        ahead = (lambda _: ()) if _PART.search(rule) else (lambda _: ({},))
    _PAGES[name] = Page(name, rule, dict(parts), ahead, frame, in_navigation, figures=dict(figures or {}))
    return _PAGES[name]


_ASKED: dict[str, Page] = {}
"""Pages of which more is asked than an address names (snapshots/asked.py)."""


def also_asked(page: Page) -> None:
    """Let a page that is asked be known to whoever links to pages."""
    _ASKED[page.name] = page


def asked() -> dict[str, Page]:
    """Give every page that is asked, by its name."""
    return dict(_ASKED)


def pages() -> dict[str, Page]:
    """Give every page declared so far, by its name."""
    return dict(_PAGES)


def address(scene: Scene, name: str, **params: Any) -> str:
    """Give the address of a page by name in the reader's language: address(scene, "city", city="510100").

    Raises KeyError for a page or a parameter that there is not.
    """
    return _PAGES[name].address(scene.text.lang, **params)


def reached(scene: Scene, name: str, **params: Any) -> str | None:
    """Give the address of a page as address does, None where it would name what no address may: the end of a row of steps."""
    to = address(scene, name, **params)
    return to if found(to, scene.registry) else None


def written(kind: str, value: Any) -> str:
    """Write a parameter as it stands in an address; hours (naive UTC) and days as people in Beijing count them."""
    if kind == "hour":
        return (value + SHANGHAI).strftime(_HOUR)
    return value.strftime(_DAY if kind == "day" else _MONTH) if isinstance(value, dt.date) else str(value)


def found(path: str, registry: Registry) -> tuple[Page, View, dict[str, Any]] | None:
    """Find the page of an address with its selection and parameters; None where there is none, or what it names is not known."""
    english = path == ENGLISH or path.startswith(ENGLISH + "/")
    lang, rest = (LANGUAGES[1], path[len(ENGLISH) :] or "/") if english else (LANGUAGES[0], path)
    for each in _PAGES.values():
        match = _compiled(each.rule).fullmatch(rest)
        if match is None:
            continue
        params = {kind: _read(kind, value, registry) for kind, value in match.groupdict().items()}
        if None in params.values():
            return None
        first = next(iter(registry.cities))
        station = registry.stations.get(params.get("station", ""))
        city = params.pop("city", None) or (station.city if station and station.city else first)
        return each, View(city=city, lang=lang, hour=params.pop("hour", None)), params
    return None


def _compiled(rule: str) -> re.Pattern[str]:
    return re.compile(_PART.sub(r"(?P<\1>[^/]{1,40})", rule))


def _read(kind: str, value: str, registry: Registry) -> Any:
    """Read a parameter; None where it is nothing known. Only the one way of writing is read, so that an address is one page."""
    try:
        if kind == "hour":
            read: Any = dt.datetime.strptime(value, _HOUR) - SHANGHAI
        elif kind in ("day", "month"):
            read = dt.datetime.strptime(value, _DAY if kind == "day" else _MONTH).date()
        else:
            return value if value in (registry.cities if kind == "city" else registry.stations) else None
    except (ValueError, OverflowError):
        return None
    return read if written(kind, read) == value and read.year in YEARS else None
