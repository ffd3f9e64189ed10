"""Whose air is attributed, out of the registry."""

from __future__ import annotations

import logging

import shapely

from ml.attributing.attributing import Region
from ml.tagger.places import places_in
from standards.days import date_of_day, natural_day
from streams.registry import COUNTING_KINDS, Registry

LOG = logging.getLogger("airshed.attribution")


def region_of(registry: Registry, hour: int) -> Region:
    """Give the region on the day of an epoch hour.

    sites are the super-sites: of the background where they lie in no city's outline. Without an outline or assessment
    points of a city there is no light tagger.
    """
    cities = tuple(registry.cities)
    day = date_of_day(int(natural_day(hour)))
    try:
        places = places_in(registry, day)
        outlines = [registry.outline(city) for city in cities]
    except (ValueError, KeyError, OSError) as error:
        LOG.warning("no light tagger: %s", error)
        places, outlines = None, []
    sites = {}
    for station in registry.stations.values():
        if station.kind == "super" and station.kind not in COUNTING_KINDS:
            inside = any(shapely.contains_xy(outline, station.lon, station.lat) for outline in outlines)
            sites[station.code] = (station.city or "") if inside else ""
    return Region(cities, sites, places)
