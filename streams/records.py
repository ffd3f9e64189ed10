"""Block records: what travels between the sources, the engine and the store.

One message is one *block*: one source, one city, some stations (or places) x some consecutive hours x some items, as
arrays. A live hour and a replayed month are the same record, so the same code serves both.

Every block says where it comes from: source, file (its name, digest: SHA-256 in hexadecimal digits, "" where not
known), received_at [epoch s], when the platform received it, and released_at [epoch s], when its source published or
sent it, None where that is not known better than by the receipt. Of two releases of one hour the later one counts.

Time is counted in **epoch hours**: whole hours since 1970-01-01T00:00Z, labelling the END of the averaging hour.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from standards.errors import AirshedError
from standards.pollutants import ITEMS
from standards.voc.species import places_of, species_named
from streams import components
from streams.contributors import DEFINITIONS, TAG_QUANTITIES, why_not

STATUSES = ("provisional", "reviewed")
FORECAST_VARIABLES = (*ITEMS, "wind_u_ms", "wind_v_ms", "temperature_c", "humidity_pct", "mixing_height_m", "rain_mm")
SPECIES = ("so2", "nox", "co", "nh3", "voc", "pm25", "pm10")
LARGEST_KGH = 1e6
"""More of one species than this from one sector of a city [kg/h] (8.8 Mt a year) says that a unit was mistaken."""
MOST_PPB = 10_000.0
"""More of one compound than this [ppb] is no ambient air."""
STEPS_PER_PPB = 100_000
"""Mixing ratios travel in steps of 0.00001 ppb: the thousandths of a ppb or of a ug/m3 that are reported come back whole."""
LEAST_LIMIT_PPB = 1 / STEPS_PER_PPB
"""The lowest detection limit [ppb] that can travel; a limit of 0 says nothing."""
LARGEST_TAG = 60_000.0
"""More of one contribution than this, of either sign, is no air; it is also what half precision holds."""
STEPS_PER_UGM3 = 1_000_000
"""Parts of PM2.5 travel in steps of 0.001 ng/m3: the limits of trace elements are not much more."""
LEAST_LIMIT_UGM3 = 1 / STEPS_PER_UGM3
"""The lowest detection limit [ug/m3] that can travel."""
LONGEST_AVERAGING_H = 168
"""A sample of more hours than a week tells nothing of an hour or a day."""
MEASURED = "measured "
"""How the name of measured emissions begins, alone or after an inventory's."""
INVENTORY_LENGTH, SECTOR_LENGTH = 40, 80
"""Characters of an inventory's and of a sector's name."""
_LONGEST = {
    "source": 40, "city": 12, "stations": 24, "places": 24, "model": 22, "inventory": INVENTORY_LENGTH,
    "sectors": SECTOR_LENGTH, "place of origin": 12,
}  # fmt: skip
"""Characters that the columns of the store hold."""
LATEST_S = 253_402_300_800.0
"""Moments lie before the year 10000 [s since 1970]."""
_DIGEST = re.compile("[0-9a-f]*")
CITY_MEAN = "*"
"""The place name of a forecast's mean over the area of the city."""


class RecordError(AirshedError, ValueError):
    """A block cannot be built from these values; the message says what, where and what was expected."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """One input row (or file) that cannot be used, and why.

    position says where in the source ("line 17", "column 1431A", "variable O3"), value is the offending text, expected says
    what would have been right. rows is how many station-hours are lost with it; hour_end is their epoch hour where it is known.
    """

    source: str
    position: str
    reason: str
    value: str
    expected: str
    file: str = ""
    hour_end: int | None = None
    rows: int = 1
    set_aside: bool = False
    """True where nothing is wrong with the row: it is outside what this platform assesses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationBlock:
    """Hourly means of the six items at the stations of one city.

    values [ug/m3, CO mg/m3]: float64 (item, station, hour), items in the order of standards.pollutants.ITEMS, NaN where an
    item is missing. items: of which items the rows say anything, if only that they are missing; of the others they say nothing, so
    that a file of ozone alone takes no PM2.5 away. present: bool (station, hour), True where the source had a row, even one of
    only missing values. wind_ms: float64 (2, station, hour), eastward and northward [m/s], or None where the stations measure
    no wind. lines: int32 (station, hour), the line of the file (or the column, where a line holds all hours of a station) that
    each row stands in, 0 where not known; or None where it is known of none.
    """

    source: str
    city: str
    stations: tuple[str, ...]
    first_hour: int
    values: np.ndarray
    present: np.ndarray
    status: str = "provisional"
    revision: int = 0
    simulated: bool = False
    provenance: str = ""
    received_at: float = 0.0
    released_at: float | None = None
    file: str = ""
    digest: str = ""
    wind_ms: np.ndarray | None = None
    lines: np.ndarray | None = None
    items: tuple[str, ...] = ITEMS

    def __post_init__(self) -> None:
        _require_common(self)
        stations, hours = len(self.stations), _length(self.values)
        _require_unique("stations", self.stations)
        _require_shape("values", self.values, (len(ITEMS), stations, hours))
        _require_shape("present", self.present, (stations, hours))
        _require_concentrations(self.values, self.stations, self.first_hour)
        _require_items(self)
        _require_revision(self)
        _require_lines(self)
        if self.wind_ms is not None:
            _require_shape("wind_ms", self.wind_ms, (2, stations, hours))
            if np.any(np.abs(np.nan_to_num(self.wind_ms)) > 200):
                raise RecordError(f"wind is {np.nanmax(np.abs(self.wind_ms))} m/s, expected at most 200")

    @property
    def hours(self) -> int:
        """How many consecutive hours the block covers."""
        return self.values.shape[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastBlock:
    """One run of a model over one city: pollutants and weather at its stations and as the mean over its area.

    values: float64 (variable, place, hour), variables in the order of FORECAST_VARIABLES (pollutants at reference state
    [ug/m3, CO mg/m3]), NaN where the run has none. places: CITY_MEAN and/or station codes. withdrawn: True where the block takes
    out again what was said of its places and hours (streams.intake.retraction); then it has no values.
    """

    source: str
    model: str
    run_init: int
    city: str
    places: tuple[str, ...]
    first_hour: int
    values: np.ndarray
    simulated: bool = False
    provenance: str = ""
    received_at: float = 0.0
    released_at: float | None = None
    file: str = ""
    digest: str = ""
    withdrawn: bool = False

    def __post_init__(self) -> None:
        _require_common(self)
        _require_text("model", self.model)
        _require_hour(self.run_init)
        _require_unique("places", self.places)
        _require_shape("values", self.values, (len(FORECAST_VARIABLES), len(self.places), _length(self.values)))
        _require_not_infinite("values", self.values)
        _require_concentrations(self.values[: len(ITEMS)], self.places, self.first_hour)
        _require_within_run(self)
        _require_withdrawn(self)

    @property
    def hours(self) -> int:
        """How many consecutive hours the block covers."""
        return self.values.shape[-1]

    @property
    def run(self) -> str:
        """The run's name, for instance "CDAQS/2023-01-19T12Z"."""
        return _run_name(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionBlock:
    """What one city emits, by sector and species, hour by hour, under one version of an inventory.

    values [kg/h]: float64 (sector, species, hour), species in the order of SPECIES, NaN where the inventory has none. measured:
    True where the numbers are no inventory but hours measured at some of its sources, which lie over it (streams.memory.overlay).
    withdrawn: True where the block takes numbers out again (streams.intake.retraction): those for which it has a 0.
    """

    source: str
    city: str
    inventory: str
    sectors: tuple[str, ...]
    first_hour: int
    values: np.ndarray
    measured: bool = False
    simulated: bool = False
    provenance: str = ""
    received_at: float = 0.0
    released_at: float | None = None
    file: str = ""
    digest: str = ""
    withdrawn: bool = False

    def __post_init__(self) -> None:
        _require_common(self)
        _require_text("inventory", self.inventory)
        _require_truth("measured", self.measured)
        _require_unique("sectors", self.sectors)
        _require_shape("values", self.values, (len(self.sectors), len(SPECIES), _length(self.values)))
        _require_not_infinite("values", self.values)
        if np.any(self.values < 0):
            raise RecordError(f"emission of {self.city} is negative ({np.nanmin(self.values)} kg/h), expected >= 0")
        if np.any(self.values > LARGEST_KGH):
            raise RecordError(
                f"emission of {self.city} is {np.nanmax(self.values)} kg/h, expected at most {LARGEST_KGH:.0f}"
            )
        _require_withdrawn(self)

    @property
    def hours(self) -> int:
        """How many consecutive hours the block covers."""
        return self.values.shape[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeciesBlock:
    """Hours with an axis of species at the stations of one city, each of which stands alone: what its kinds have in common.

    values: float64 (species, station, hour), NaN where missing or below the detection limit. present: bool (station, hour), True
    where the source had a row, even one of only missing values. lines: as of an ObservationBlock.
    """

    source: str
    city: str
    stations: tuple[str, ...]
    first_hour: int
    species: tuple[str, ...]
    values: np.ndarray
    present: np.ndarray
    status: str = "provisional"
    revision: int = 0
    simulated: bool = False
    provenance: str = ""
    received_at: float = 0.0
    released_at: float | None = None
    file: str = ""
    digest: str = ""
    lines: np.ndarray | None = None

    @property
    def hours(self) -> int:
        """How many consecutive hours the block covers."""
        return self.values.shape[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagBlock:
    """Tagged contributions of one run of a model at the receptors of one city (docs/layouts/tags.md).

    places: station codes and/or CITY_MEAN. quantities: some of TAG_QUANTITIES in their order. contributors: pairs (sector, place)
    of streams.contributors. values: float64 (quantity, contributor, place, hour) in the units of TAG_QUANTITIES, NaN where
    none; of a quantity all contributors that are told anywhere have a value at a place in an hour, or none has. withdrawn: as of a
    ForecastBlock.
    """

    source: str
    model: str
    run_init: int
    city: str
    places: tuple[str, ...]
    first_hour: int
    quantities: tuple[str, ...]
    contributors: tuple[tuple[str, str], ...]
    values: np.ndarray
    definition: str = "allocation"
    simulated: bool = False
    provenance: str = ""
    received_at: float = 0.0
    released_at: float | None = None
    file: str = ""
    digest: str = ""
    withdrawn: bool = False

    def __post_init__(self) -> None:
        _require_common(self)
        _require_text("model", self.model)
        _require_hour(self.run_init)
        _require_unique("places", self.places)
        _require_tagged(self)
        shape = (len(self.quantities), len(self.contributors), len(self.places), _length(self.values))
        _require_shape("values", self.values, shape)
        _require_contributions(self)
        _require_within_run(self)
        _require_withdrawn(self)

    @property
    def hours(self) -> int:
        """How many consecutive hours the block covers."""
        return self.values.shape[-1]

    @property
    def run(self) -> str:
        """The run's name, for instance "TWIN-A/2023-01-19T12Z"."""
        return _run_name(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class VocBlock(SpeciesBlock):
    """Hourly mixing ratios of volatile organic compounds at the stations of one city, values in ppb.

    species: English names of standards.voc.species in the order of its table; no compound twice, also not within a pair such
    as m,p-xylene. below_ppb [ppb]: in the shape of values, the detection limit where the value is below it, NaN elsewhere; or None
    where no value is.
    """

    below_ppb: np.ndarray | None = None

    def __post_init__(self) -> None:
        _require_common(self)
        _require_species(self.species)
        most = np.full(len(self.species), MOST_PPB)
        _require_species_hours(self, "below_ppb", least=LEAST_LIMIT_PPB, most=most, unit="ppb")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositionBlock(SpeciesBlock):
    """Mass concentrations of what PM2.5 is made of at the stations of one city, of species of one kind, values in ug/m3.

    species: names of streams.components in the order of its table, all of one kind. averaging_h: values are means over so many
    hours [h], which end with the hour. below_ugm3 [ug/m3]: as below_ppb of a VocBlock.
    """

    below_ugm3: np.ndarray | None = None
    averaging_h: int = 1

    def __post_init__(self) -> None:
        _require_common(self)
        most = np.array([each.most_ugm3 for each in _require_components(self.species)])
        _require_species_hours(self, "below_ugm3", least=LEAST_LIMIT_UGM3, most=most, unit="ug/m3")
        hours = self.averaging_h
        if isinstance(hours, bool) or not isinstance(hours, int) or not 1 <= hours <= LONGEST_AVERAGING_H:
            raise RecordError(f"averaging_h is {hours!r}, expected a whole number from 1 to {LONGEST_AVERAGING_H}")

    @property
    def kind(self) -> str:
        """The kind of its species, one of streams.components.KINDS."""
        return components.component_named(self.species[0]).kind


@dataclass(frozen=True, slots=True)
class Intake:
    """What a file brought, before the engine saw it: which file it was, and its rows by hour, passed on and rejected.

    file: its name as it is shown to people. received_at [epoch s]. rows_in and rejected: mapping of epoch hour (or -1 where the
    hour could not be read) to a count of station-hours; rows_in = passed on + rejected. digest: SHA-256 of what the file holds
    in hexadecimal digits; of an inventory, of the lines that `sha256sum` writes for its files. simulated: whether any of it is.
    released_at [epoch s]: when its source published or sent it, None where that is not known better than by the receipt.
    """

    source: str
    file: str
    received_at: float
    rows_in: dict[int, int] = field(default_factory=dict)
    rejected: dict[int, int] = field(default_factory=dict)
    digest: str = ""
    simulated: bool = False
    released_at: float | None = None

    @property
    def rows(self) -> int:
        """How many rows came in."""
        return sum(self.rows_in.values())

    @property
    def first_hour(self) -> int | None:
        """The first hour of which rows were passed on, None where there is none."""
        return min(self._passed_on(), default=None)

    @property
    def last_hour(self) -> int | None:
        """The last hour of which rows were passed on, None where there is none."""
        return max(self._passed_on(), default=None)

    def _passed_on(self) -> Iterator[int]:
        return (hour for hour, rows in self.rows_in.items() if rows > self.rejected.get(hour, 0))


@dataclass(frozen=True, slots=True)
class CityPlace:
    """Where a city lies: code, longitude and latitude [deg]."""

    code: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class RegionUpdate:
    """A city's hourly series for the region: 24-hour PM2.5 and 8-hour ozone [ug/m3], float64 (hour,); simulated bool (hour,)."""

    city: str
    first_hour: int
    pm25_24h: np.ndarray
    o3_8h: np.ndarray
    simulated: np.ndarray


@dataclass(frozen=True, slots=True)
class ScorerNotice:
    """A model is to score joined hours from now on, under this version (streams.scorers).

    artefact: what the loader needs to find it, for instance a folder; digest: of the artefact's content, empty where not known.
    announced_at [epoch s]: tells one announcement from the same said again.
    """

    name: str
    version: str
    artefact: str = ""
    digest: str = ""
    announced_at: float = 0.0

    def __post_init__(self) -> None:
        for field_, longest in (("name", 30), ("version", 40), ("artefact", 400), ("digest", 64)):
            value = getattr(self, field_)
            if not isinstance(value, str) or len(value) > longest or (field_ in ("name", "version") and not value):
                raise RecordError(f"{field_} of a scorer is {value!r}, expected a text of at most {longest} characters")


Block = ObservationBlock | ForecastBlock | EmissionBlock | VocBlock | CompositionBlock | TagBlock


def released(block: Block) -> float:
    """Give the moment [epoch s] when the source published or sent a block; where it is not known, when it was received."""
    return block.received_at if block.released_at is None else block.released_at


def epoch_hour(moment: dt.datetime) -> int:
    """Give the epoch hour of an aware moment on the full hour; raise RecordError for naive or broken hours."""
    if moment.tzinfo is None:
        raise RecordError(f"time {moment.isoformat()} has no time zone, expected an aware time")
    seconds = moment.timestamp()
    if seconds % 3600:
        raise RecordError(f"time {moment.isoformat()} is not on the full hour")
    return int(seconds // 3600)


def iso_hour(hour: int) -> str:
    """Write an epoch hour as "YYYY-MM-DDTHH:00Z"."""
    return (dt.datetime(1970, 1, 1) + dt.timedelta(hours=hour)).strftime("%Y-%m-%dT%H:00Z")


def _run_name(block: ForecastBlock | TagBlock) -> str:
    return f"{block.model}/{iso_hour(block.run_init)[:13]}Z"


def _require_within_run(block: ForecastBlock | TagBlock) -> None:
    if block.first_hour + block.hours - block.run_init > 32_000:
        raise RecordError(f"the run of {iso_hour(block.run_init)} reaches beyond 32000 h, expected a forecast")
    if block.first_hour < block.run_init:
        raise RecordError(
            f"first hour {iso_hour(block.first_hour)} is before the run's start {iso_hour(block.run_init)}"
        )


def _require_text(name: str, value: str) -> None:
    longest = _LONGEST[name]
    if not isinstance(value, str) or not 0 < len(value) <= longest or "\t" in value or "\n" in value:
        raise RecordError(
            f"{name} is {value!r}, expected a text of 1 to {longest} characters without tabs or line breaks"
        )


def _require_common(block: Block) -> None:
    _require_hour(block.first_hour)
    _require_text("source", block.source)
    _require_text("city", block.city)
    _require_truth("simulated", block.simulated)
    _require_origin(block)


def _require_origin(block: Block) -> None:
    for name, moment in (("received_at", block.received_at), ("released_at", block.released_at)):
        if moment is not None and not (isinstance(moment, int | float) and abs(moment) < LATEST_S):
            raise RecordError(f"{name} is {moment!r}, expected seconds since 1970-01-01T00Z")
    if not isinstance(block.file, str) or not _DIGEST.fullmatch(block.digest):
        raise RecordError(
            f"the file is {block.file!r} with digest {block.digest!r}, expected a name and hexadecimal digits"
        )


def _require_lines(block: ObservationBlock | SpeciesBlock) -> None:
    if block.lines is not None:
        _require_shape("lines", block.lines, block.present.shape)
        if block.lines.dtype != np.int32:
            raise RecordError(f"lines are {block.lines.dtype}, expected int32")


def _require_truth(name: str, value: bool) -> None:
    if not isinstance(value, bool):
        raise RecordError(f"{name} is {value!r}, expected true or false")


def _require_withdrawn(block: ForecastBlock | EmissionBlock | TagBlock) -> None:
    _require_truth("withdrawn", block.withdrawn)
    if block.withdrawn and np.any(np.nan_to_num(block.values)):
        raise RecordError(f"what is withdrawn of {block.city} has values, expected none")


def _require_items(block: ObservationBlock) -> None:
    if not block.items or block.items != tuple(item for item in ITEMS if item in block.items):
        raise RecordError(f"items are {block.items!r}, expected at least one of {ITEMS} in this order")
    others = [i for i, item in enumerate(ITEMS) if item not in block.items]
    if not np.isnan(block.values[others]).all():
        raise RecordError(f"there are values beside the items {block.items!r}, expected values of these alone")


def _require_revision(block: ObservationBlock | SpeciesBlock) -> None:
    if block.status not in STATUSES:
        raise RecordError(f"status is {block.status!r}, expected one of {STATUSES}")
    if not isinstance(block.revision, int) or not 0 <= block.revision <= 30_000:
        raise RecordError(f"revision is {block.revision}, expected 0 to 30000")


def _require_species(names: tuple[str, ...]) -> None:
    try:
        places = places_of(names)
    except ValueError as error:
        raise RecordError(str(error)) from error
    if not len(places) or (np.diff(places) <= 0).any():
        raise RecordError(f"species are {names!r}, expected at least one, in the order of standards.voc.species")
    if other := [name for name in names if species_named(name).name_en != name]:
        raise RecordError(f"species are named {other}, expected {[species_named(name).name_en for name in other]}")


def _require_tagged(block: TagBlock) -> None:
    if not block.quantities or block.quantities != tuple(q for q in TAG_QUANTITIES if q in block.quantities):
        raise RecordError(
            f"quantities are {block.quantities!r}, expected at least one of {tuple(TAG_QUANTITIES)} in this order"
        )
    if block.definition not in DEFINITIONS:
        raise RecordError(f"definition is {block.definition!r}, expected one of {DEFINITIONS}")
    if not block.contributors or len(set(block.contributors)) != len(block.contributors):
        raise RecordError(f"contributors are {block.contributors!r}, expected at least one and no repetition")
    for contributor in block.contributors:
        if wrong := why_not(contributor):
            raise RecordError(f"{wrong}, expected a sector and a place")
        _require_text("place of origin", contributor[1])


def _require_contributions(block: TagBlock) -> None:
    bad = ~(np.abs(block.values) <= LARGEST_TAG) & ~np.isnan(block.values)
    if bad.any():
        q, c, place, hour = (int(axis[0]) for axis in np.nonzero(bad))
        raise RecordError(
            f"{block.quantities[q]} of {block.contributors[c]} at {block.places[place]} in the hour ending "
            f"{iso_hour(block.first_hour + hour)} is {block.values[q, c, place, hour]}, expected "
            f"-{LARGEST_TAG:.0f} to {LARGEST_TAG:.0f}"
        )
    there = np.isfinite(block.values)
    told = there.any(axis=(2, 3), keepdims=True)
    some = (there & told).any(axis=1) & (told & ~there).any(axis=1)
    if some.any():
        q, place, hour = (int(axis[0]) for axis in np.nonzero(some))
        raise RecordError(
            f"{block.quantities[q]} at {block.places[place]} in the hour ending {iso_hour(block.first_hour + hour)} has "
            f"values of some contributors only, expected values of all that are told, or of none"
        )


def _require_components(names: tuple[str, ...]) -> list[components.Component]:
    try:
        places = components.places_of(names)
    except ValueError as error:
        raise RecordError(str(error)) from error
    if not places or (np.diff(places) <= 0).any():
        raise RecordError(
            f"species are {names!r}, expected at least one, each once, in the order of streams.components"
        )
    known = [components.COMPONENTS[place] for place in places]
    if len({each.kind for each in known}) > 1:
        raise RecordError(f"species are {names!r}, expected species of one kind")
    return known


def _require_unique(name: str, values: tuple[str, ...]) -> None:
    if not values or len(set(values)) != len(values):
        raise RecordError(f"{name} are {values!r}, expected at least one and no repetition")
    for value in values:
        _require_text(name, value)


def _length(array: np.ndarray) -> int:
    return array.shape[-1] if array.ndim else 0


def _require_shape(name: str, array: np.ndarray, shape: tuple[int, ...]) -> None:
    if array.shape != shape or shape[-1] == 0:
        raise RecordError(f"{name} have shape {array.shape}, expected {shape} with at least one hour")


def _require_not_infinite(name: str, array: np.ndarray) -> None:
    if np.isinf(array).any():
        raise RecordError(f"{name} hold an infinite number, expected finite numbers or NaN for missing")


def _require_concentrations(values: np.ndarray, places: tuple[str, ...], first_hour: int) -> None:
    bad = ~((values >= 0) & (values <= 100_000)) & ~np.isnan(values)
    if bad.any():
        item, place, hour = (int(axis[0]) for axis in np.nonzero(bad))
        raise RecordError(
            f"{ITEMS[item]} at {places[place]} in the hour ending {iso_hour(first_hour + hour)} is "
            f"{values[item, place, hour]}, expected 0 to 100000"
        )


def _require_species_hours(block: SpeciesBlock, limits: str, *, least: float, most: np.ndarray, unit: str) -> None:
    """Require of a block with an axis of species what is required of all; limits: the name of its detection limits."""
    _require_unique("stations", block.stations)
    shape = (len(block.species), len(block.stations), _length(block.values))
    _require_shape("values", block.values, shape)
    _require_shape("present", block.present, shape[1:])
    _require_amounts(block, "values", block.values, least=0.0, most=most, unit=unit)
    _require_revision(block)
    _require_lines(block)
    below = getattr(block, limits)
    if below is not None:
        _require_shape(limits, below, shape)
        _require_amounts(block, limits, below, least=least, most=most, unit=unit)
        if (~np.isnan(block.values) & ~np.isnan(below)).any():
            raise RecordError("an amount has both a value and a detection limit above it, expected one of them")


def _require_amounts(
    block: SpeciesBlock, name: str, array: np.ndarray, *, least: float, most: np.ndarray, unit: str
) -> None:
    bad = ~((array >= least) & (array <= most[:, None, None])) & ~np.isnan(array)
    if bad.any():
        species, station, hour = (int(axis[0]) for axis in np.nonzero(bad))
        raise RecordError(
            f"{name} of {block.species[species]} at {block.stations[station]} in the hour ending "
            f"{iso_hour(block.first_hour + hour)} is {array[species, station, hour]} {unit}, expected "
            f"{least:g} to {most[species]:.0f}"
        )


def _require_hour(hour: int) -> None:
    # 1990 to 2100: a label outside says that a unit or an epoch was mistaken.
    if isinstance(hour, bool) or not isinstance(hour, int | np.integer) or not 175_320 <= hour <= 1_139_616:
        raise RecordError(f"hour {hour} is outside 1990 to 2100, expected whole hours since 1970-01-01T00:00Z")
