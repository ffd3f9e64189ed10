"""The observations that a city remembers: a layer for each source, in pieces, for each group of its stations.

Files of one source that do not speak of all items (one of ozone, one of particles) have a layer for each set of items that they
speak of, so that none takes away what it says nothing of.

The stations that anything about the city can depend on are one group, the others (micro-stations), which may be hundreds, another:
neither is fetched, assessed or kept again for an hour of the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from standards.pollutants import ITEMS
from streams.memory import cityhours
from streams.memory.book import CITY, PIECE_HOURS, Mapping, pieces_of
from streams.memory.cityhours import CityHours
from streams.records import ObservationBlock


@dataclass(slots=True)
class Observed:
    """Hours of whole pieces: by source (and items, see layer_of) a layer, all of the same hours and stations."""

    layers: dict[str, CityHours]
    first_hour: int
    hours: int
    stations: tuple[str, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the sources in the order of the alphabet, as the numbers in CityHours.source count them."""
        return tuple(sorted({_source_of(layer) for layer in self.layers}))

    def together(self) -> CityHours:
        """Give the row that counts of each station-hour."""
        if not self.layers:
            return cityhours.empty(self.first_hour, self.hours, self.stations)
        return self._counting(self.layers)

    def take(self, source: str, new: CityHours) -> tuple[bool, np.ndarray]:
        """Merge new hours of a layer; tell whether anything is to be kept, and bool (station, hour of new), what it changes.

        A row changes something where the row that counts is another one than before.
        """
        if source not in self.layers:
            self.layers[source] = cityhours.empty(self.first_hour, self.hours, self.stations)
        if len(self.layers) == 1:
            wins, differs = cityhours.merge(self.layers[source], new)
            return bool(wins.any()), differs
        before = _at(self._span(new), new.stations)
        wins, _ = cityhours.merge(self.layers[source], new)
        return bool(wins.any()), cityhours.unlike(_at(self._span(new), new.stations), before)

    def _span(self, new: CityHours) -> CityHours:
        return self._counting({name: layer.window(new.first_hour, new.end) for name, layer in self.layers.items()})

    def _counting(self, layers: dict[str, CityHours]) -> CityHours:
        of_source: dict[str, list[tuple[tuple[str, ...], CityHours]]] = {source: [] for source in self.sources}
        for name in sorted(layers):
            of_source[_source_of(name)].append((_items_of(name), layers[name]))
        return cityhours.strongest([cityhours.composed(each) for each in of_source.values()])


def layer_of(block: ObservationBlock) -> str:
    """Name the layer of a block: its source, and behind a tab the items that it speaks of where these are not all."""
    return block.source if block.items == ITEMS else f"{block.source}\t{','.join(block.items)}"


def _source_of(layer: str) -> str:
    return layer.partition("\t")[0]


def _items_of(layer: str) -> tuple[str, ...]:
    _, some, items = layer.partition("\t")
    return tuple(items.split(",")) if some else ITEMS


def _at(hours: CityHours, stations: tuple[str, ...]) -> CityHours:
    part = cityhours.empty(hours.first_hour, hours.hours, stations)
    cityhours.take_from(part, hours)
    return part


def load_observed(
    held: Mapping, first: int, end: int, stations: tuple[str, ...] = (), *, group: str = CITY
) -> Observed:
    """Give the hours of whole pieces around [first, end), for the given stations and those of their group with rows there."""
    span = pieces_of(first, end)
    pieces = [held.get(f"{group}{piece}") or {} for piece in span]
    layers = [(source, cityhours.unpack(packed)) for piece in pieces for source, packed in piece.items()]
    roster = tuple(sorted({*stations, *(station for _, part in layers for station in part.stations)}))
    found = Observed({}, span.start * PIECE_HOURS, len(span) * PIECE_HOURS, roster)
    for source, part in layers:
        if source not in found.layers:
            found.layers[source] = cityhours.empty(found.first_hour, found.hours, roster)
        cityhours.place(found.layers[source], part)
    return found


def save_observed(held: Mapping, observed: Observed, source: str, first: int, end: int, *, group: str = CITY) -> None:
    """Keep the pieces of a source's hours that overlap [first, end), each with the stations that have rows in it."""
    layer = observed.layers[source]
    for piece in pieces_of(first, end):
        part = layer.window(piece * PIECE_HOURS, (piece + 1) * PIECE_HOURS)
        here = (part.rank != cityhours.ABSENT).any(axis=1)
        if here.any():
            known = held.get(f"{group}{piece}") or {}
            held.put(f"{group}{piece}", known | {source: cityhours.pack(part.only(here))})
