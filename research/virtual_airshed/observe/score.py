"""How well the platform's quality flags find the faults that were put in: hits, misses and false alarms by kind and item.

Judge flags of provisional values: review takes faults out, and what is right is not to be found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from research.virtual_airshed.observe.faults import Fault
from standards.pollutants import ITEMS, POLLUTANTS
from standards.verification.event_scores import Contingency, contingency, far, pod
from streams.assess.quality import KINDS

FLAG_OF = MappingProxyType({"spike": "spike", "stuck": "stuck", "drift": "apart"})
"""Which flag should find which kind of fault; `range` has none, impossible values are rejected before."""
COLUMNS = (
    "flag", "fault", "item", "hits", "misses", "false_alarms", "rejections", "pod", "far", "events", "events_found", "events_pod",
)  # fmt: skip
EVERY_ITEM = "all"


def score_flags(
    flags: np.ndarray,
    values: np.ndarray,
    faults: Iterable[Fault],
    *,
    stations: Sequence[str],
    first_hour: int,
    feed: str = "stations",
) -> pd.DataFrame:
    """Score flags against the faults that were put in: a table of COLUMNS, a line for each flag and item, and one for all items.

    flags: bool (kind, item, station, hour) as of streams.assess.quality.quality_flags. values: (item, station, hour) [any
    unit], NaN for missing. faults: of any feed and hour. stations: codes of the station axis. first_hour: epoch hour
    of the first hour's end. feed: whose faults count. hits, misses, false_alarms, rejections are hours. events are
    faults with at least one hour here; found where any hour of them is flagged, as a sensor must stand still for some
    hours before it can be called stuck. Missing: hours without a value count nowhere; nor do, for one flag, hours in
    which there is a fault of another kind. pod and far are NaN where there was no such fault or flag. Errors:
    ValueError for shapes that do not fit. Source: Wilks 2011, 8.2.2, through standards.verification.event_scores.
    """
    if flags.shape != (len(KINDS), *values.shape) or values.shape[:2] != (len(ITEMS), len(stations)):
        raise ValueError(
            f"flags are {flags.shape} and values {values.shape}, expected (kind, item, station, hour) and (item, station, hour)"
        )
    own = [fault for fault in faults if fault.feed == feed and fault.kind in FLAG_OF and fault.item in ITEMS]
    hours = {kind: _hours_of(own, kind, values.shape, stations, first_hour) for kind in FLAG_OF}
    anything = np.logical_or.reduce(list(hours.values()))
    lines = []
    for kind, flag in FLAG_OF.items():
        there = np.where(np.isfinite(values) & ~(anything & ~hours[kind]), hours[kind], np.nan)
        flagged = flags[KINDS.index(flag)]
        table = contingency(there, flagged.astype(float), above=0.5, axis=-1)
        events = _events(own, kind, there, flagged, stations, first_hour)
        lines += [
            _line(kind, flag, item, _summed(table, i), events[events["item"] == item]) for i, item in enumerate(ITEMS)
        ]
        lines.append(_line(kind, flag, EVERY_ITEM, _summed(table, slice(None)), events))
    return pd.DataFrame(lines, columns=list(COLUMNS))


def arrays_of(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, tuple[str, ...], int]:
    """Turn rows of the store's air_station_hour into what score_flags takes: flags, values, stations, first hour.

    rows: the columns station, hour_end (UTC, with or without saying so), flags (text such as "spike:pm10,pm25
    stuck:o3") and the six items. Missing: an hour without a row is NaN and not flagged. Errors: ValueError for an
    unknown kind or item in flags, or no rows.
    """
    if rows.empty:
        raise ValueError("there are no rows, expected at least one station-hour")
    hour = (
        pd.to_datetime(rows["hour_end"], utc=True).astype("datetime64[ns, UTC]").astype("int64").to_numpy()
        // 3_600_000_000_000
    )
    stations = tuple(sorted(set(rows["station"])))
    place = rows["station"].map({code: s for s, code in enumerate(stations)}).to_numpy()
    first, shape = int(hour.min()), (len(stations), int(hour.max() - hour.min()) + 1)
    values, flags = np.full((len(ITEMS), *shape), np.nan), np.zeros((len(KINDS), len(ITEMS), *shape), bool)
    for i, item in enumerate(ITEMS):
        values[i, place, hour - first] = rows[POLLUTANTS[item].column].to_numpy(float)
    for s, h, text in zip(place, hour - first, rows["flags"].fillna(""), strict=True):
        for word in text.split():
            kind, _, items = word.partition(":")
            for item in items.split(","):
                if kind not in KINDS or item not in ITEMS:
                    raise ValueError(f"a flag is {word!r}, expected one of {', '.join(KINDS)}, a colon, and items")
                flags[KINDS.index(kind), ITEMS.index(item), s, h] = True
    return flags, values, stations, first


def _hours_of(
    faults: Sequence[Fault], kind: str, shape: tuple[int, ...], stations: Sequence[str], first_hour: int
) -> np.ndarray:
    found = np.zeros(shape, bool)
    for fault in faults:
        if fault.kind == kind and fault.station in stations:
            found[ITEMS.index(fault.item), stations.index(fault.station), _span(fault, first_hour, shape[-1])] = True
    return found


def _span(fault: Fault, first_hour: int, hours: int) -> slice:
    return slice(
        min(max(fault.first_hour - first_hour, 0), hours), min(max(fault.last_hour - first_hour + 1, 0), hours)
    )


def _events(
    faults: Sequence[Fault], kind: str, there: np.ndarray, flagged: np.ndarray, stations: Sequence[str], first_hour: int
) -> pd.DataFrame:
    """Give for each event of a kind its item and whether any of its hours is flagged."""
    found: dict[str, tuple[str, bool]] = {}
    for fault in faults:
        if fault.kind != kind or fault.station not in stations:
            continue
        at = ITEMS.index(fault.item), stations.index(fault.station), _span(fault, first_hour, there.shape[-1])
        seen = there[at] == 1.0
        if seen.any():
            before = found.get(fault.event, (fault.item, False))[1]
            found[fault.event] = fault.item, before or bool(flagged[at][seen].any())
    return pd.DataFrame(list(found.values()), columns=["item", "found"])


def _summed(table: Contingency, items: int | slice) -> Contingency:
    return Contingency(
        *(np.asarray(part[items].sum()) for part in (table.hits, table.false_alarms, table.misses, table.rejections))
    )


def _line(kind: str, flag: str, item: str, table: Contingency, events: pd.DataFrame) -> tuple[object, ...]:
    found = int(events["found"].sum())
    return (
        flag, kind, item, int(table.hits), int(table.misses), int(table.false_alarms), int(table.rejections),
        float(pod(table).value), float(far(table).value), len(events), found, found / len(events) if len(events) else np.nan,
    )  # fmt: skip
