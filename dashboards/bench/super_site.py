"""Which super-site and hours the page of ozone was asked for, what it could not read, and how its sections open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from dash import html

from dashboards.analysis.choice import HOUR, Asked, Span, one_of
from dashboards.components import exploring, marks
from dashboards.components.take import About
from dashboards.context import Scene
from streams.store.compounds import CompoundHours, compound_hours

SPANS = ("7d", "30d", "90d")
DEFAULT_SPAN = "30d"
LONGEST_HOURS = 93 * 24
KNOWN = ("station", "span", "from", "to", "result", "beside")
"""What the page reads of an address beside the selection."""


@dataclass(frozen=True)
class Site:
    """What was asked. code: of the super-site; span: its hours; troubles: names of the parameters that fell back."""

    code: str
    name: str
    span: Span
    troubles: tuple[str, ...]


@dataclass(frozen=True)
class SiteHours:
    """The hours of compounds of a site's span, and those of as long a span before it; None where there is no hour."""

    site: Site
    now: CompoundHours
    before: CompoundHours | None

    def about(self, scene: Scene, title: str, unit: str) -> About:
        """Give the head of the files of a figure of these hours."""
        place, period = f"{self.site.name} {self.site.code}", exploring.span_words(scene, self.site.span)
        source = scene.text("bench.from_hours")
        return About(title, place, period, unit, source, "—", self.now.simulated)


Then = Callable[[Scene, html.H2, Site], list[Any]]
ThenOfHours = Callable[[Scene, html.H2, SiteHours], list[Any]]


def sites_of(scene: Scene) -> dict[str, str]:
    """Give the names of the registry's super-sites by their codes."""
    stations = scene.registry.stations.values()
    return dict(sorted((each.code, each.name_zh) for each in stations if each.kind == "super"))


def site_asked(scene: Scene) -> Site | None:
    """Read the site and the hours; None where the registry has no super-site."""
    asked, sites = Asked(scene.params), sites_of(scene)
    span = asked.span(scene.moment.hour, DEFAULT_SPAN)
    if span.count > LONGEST_HOURS:
        asked.troubles += [name for name in ("span", "from", "to") if name in scene.params]
        span = replace(span, name="90d", first=span.last - dt.timedelta(days=90) + HOUR)
    if not sites:
        return None
    own = next((code for code in sites if scene.registry.stations[code].city == scene.view.city), next(iter(sites)))
    code = asked.read("station", lambda text: one_of(text, sites), own)
    return Site(code, sites[code], span, tuple(dict.fromkeys(asked.troubles)))


def opened(scene: Scene, key: str, then: Then) -> list[Any]:
    """Begin a section: its title, and what `then` gives of the site, or why there is nothing to show."""
    title = html.H2(scene.text(key))
    if scene.waiting:
        return exploring.awaiting(scene, title)
    site = site_asked(scene)
    if site is None:
        return [title, html.P(scene.text("bench.none_of_kind"), className="quiet")]
    return then(scene, title, site)


def opened_with_hours(scene: Scene, key: str, then: ThenOfHours) -> list[Any]:
    """Begin a section on the hours of compounds: as `opened`, and said where the span has no hour."""

    def of_site(scene: Scene, title: html.H2, site: Site) -> list[Any]:
        hours = _hours(scene, site)
        if hours is None:
            return [title, html.P(scene.text("bench.no_hours"), className="quiet")]
        mark = marks.simulated({"simulated": hours.now.simulated}, scene.text)
        title.children = [title.children, html.Small(exploring.span_words(scene, site.span)), mark]
        return then(scene, title, hours)

    return opened(scene, key, of_site)


def _hours(scene: Scene, site: Site) -> SiteHours | None:
    span = site.span
    found = compound_hours(scene.connection, site.code, span.first - span.count * HOUR, span.last)
    now, before = found.between(span.first, span.last), found.between(dt.datetime.min, span.first - HOUR)
    return SiteHours(site, now, before if before.hour_end else None) if now.hour_end and now.species else None
