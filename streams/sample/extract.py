"""Extract the shipped station hours from national files: `python -m streams.sample.extract FOLDER`.

FOLDER holds files of any layout that streams.sources reads. Written is `stations.csv` beside this file: the stations
of the registry's cities only, the six hourly items only, in the layout of streams.sources.stations.station_csv.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import logging
import math
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from standards.days import SHANGHAI
from streams import registry
from streams.records import ObservationBlock
from streams.sources import parse_file
from streams.sources.stations.station_csv import ITEM_COLUMNS

TARGET = Path(__file__).with_name("stations.csv")
_LOG = logging.getLogger(__name__)


def station_csv(blocks: Iterable[ObservationBlock]) -> str:
    """Write blocks in the station-csv layout, one line a station-hour that was present, by hour and station."""
    lines = sorted(line for block in blocks for line in _lines(block))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("station", "hour_end", *ITEM_COLUMNS))
    for hour, station, values in lines:
        label = dt.datetime.fromtimestamp(hour * 3600, SHANGHAI).isoformat(timespec="minutes")
        writer.writerow((station, label, *values))
    return text.getvalue()


def main(arguments: list[str]) -> int:
    """Extract from the folder named in the arguments; give the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        _LOG.error("usage: python -m streams.sample.extract FOLDER, a folder of national hourly files")
        return 2
    known = registry.load()
    parsed = [parse_file(path, known, received_at=0.0) for path in sorted(Path(arguments[0]).glob("*.csv"))]
    blocks = [block for one in parsed for block in one.blocks if isinstance(block, ObservationBlock)]
    text = station_csv(blocks)
    TARGET.write_text(text, encoding="utf-8")
    _LOG.info("wrote %s: %d station-hours", TARGET, text.count("\n") - 1)
    return 0


def _lines(block: ObservationBlock) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    for s, station in enumerate(block.stations):
        for h in range(block.hours):
            if block.present[s, h]:
                yield block.first_hour + h, station, tuple(_text(x) for x in block.values[:, s, h].tolist())


def _text(value: float) -> str:
    return "" if math.isnan(value) else f"{value:g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
