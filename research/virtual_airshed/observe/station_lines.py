"""Station-hours as lines of the layouts station-csv and voc-csv."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from research.virtual_airshed.observe.clock import label
from research.virtual_airshed.observe.faults import Marked, Series, damaged_rows
from research.virtual_airshed.observe.files import Line
from streams.sources.stations.station_lines import KIND_COLUMNS, PLACE_COLUMNS

REJECTIONS = {
    "cut": "wrong number of cells", "no_offset": "time has no offset", "unknown": "station is in none of the registry's cities",
    "text": "not a concentration", "negative": "not a concentration",
}  # fmt: skip
"""What the parser of station-csv says of what it must reject."""
SIMULATED = "true"


def header_of(columns: Sequence[str]) -> str:
    """Give the first line of a file with these columns of values."""
    return ",".join((*PLACE_COLUMNS, *columns, *KIND_COLUMNS))


def lines_of(marked: Marked) -> list[Line]:
    """Write a series with its faults as provisional rows, hour by hour, in an hour station by station."""
    series, stations = marked.series, len(marked.series.codes)
    cells = series.texts(marked.values)
    for (c, s, h), text in marked.wrong_texts.items():
        cells[c][h * stations + s] = text
    labels = [label(hour) for hour in series.hours.tolist()]
    damaged = marked.row_event.T.ravel().tolist()
    lines = []
    for place, (values, number) in enumerate(zip(zip(*cells, strict=True), damaged, strict=True)):
        h, s = divmod(place, stations)
        row = (*values, "provisional", "0", SIMULATED)
        if number < 0:
            lines.append(Line(h, (s,), ",".join((series.codes[s], labels[h], *row))))
        else:
            lines += [
                Line(h, (s,), text) for text in damaged_rows(marked.events[number], series.codes[s], labels[h], row)
            ]
    return lines


def checked_lines(series: Series, values: np.ndarray, there: np.ndarray, *, revision: int) -> list[str]:
    """Write reviewed rows.

    values: (column, station, hour). there: bool (station, hour), which rows are written. revision: 0 or more.
    """
    cells = series.texts(values)
    labels = [label(hour) for hour in series.hours.tolist()]
    stations = len(series.codes)
    wanted = np.flatnonzero(there.T.ravel()).tolist()
    kind = f"reviewed,{revision},{SIMULATED}"
    return [
        ",".join(
            (series.codes[place % stations], labels[place // stations], *(column[place] for column in cells), kind)
        )
        for place in wanted
    ]
