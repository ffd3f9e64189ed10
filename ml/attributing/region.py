"""Whose air is attributed, out of the registry."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from ml.tagger.places import Places, places_in
from standards.days import date_of_day, natural_day
from streams.registry import Registry

LOG = logging.getLogger("airshed.attribution")


@dataclass(slots=True, eq=False)
class Region:
    """Whose air is attributed. sites: stations to the city of each, "" for a site of the background. micro: micro-stations
    to the city of each. places: for the light tagger, None where it cannot be had."""

    cities: tuple[str, ...]
    sites: Mapping[str, str] = field(default_factory=dict)
    micro: Mapping[str, str] = field(default_factory=dict)
    places: Places | None = None

    @property
    def far(self) -> dict[str, str]:
        """Give the sites of the background, as sites are given: their items say in every hour what comes from afar."""
        return {code: city for code, city in self.sites.items() if not city}


def region_of(registry: Registry, hour: int) -> Region:
    """Give the region on the day of an epoch hour.

    sites are the registry's background stations, which belong to no city whatever city they are listed under, and the
    super-sites of its cities, where they count on the day. Without an outline or assessment points of a city there is no
    light tagger.
    """
    cities = tuple(registry.cities)
    day = date_of_day(int(natural_day(hour)))
    try:
        places = places_in(registry, day)
    except (ValueError, KeyError, OSError) as error:
        LOG.warning("no light tagger: %s", error)
        places = None
    there = [station for station in registry.stations.values() if station.valid_on(day)]
    sites = {s.code: s.city for s in there if s.kind == "super" and s.city in cities}
    sites |= {s.code: "" for s in there if s.kind == "background"}
    micro = {s.code: s.city for s in there if s.kind == "micro" and s.city in cities}
    return Region(cities, sites, micro, places)
