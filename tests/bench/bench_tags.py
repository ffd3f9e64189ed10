"""A file of tagged contributions from its bytes to its rows: `python -m tests.bench.bench_tags` prints JSON.

A run of 168 h at the 41 stations of the registry, 21 quantities, by sector and by place (18 contributors) and with sector x city
(90): seconds to read the file, to write the lines of its topic, to take them at the desks and to store the rows in SQLite; bytes of
the file, of the topic, of the store. Then what a question costs: 24 h of one city as one knew them, and the dataset of a run.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from streams import registry, sources
from streams.contributors import TAG_QUANTITIES
from streams.desks import citydesk
from streams.memory.book import Book
from streams.memory.shelf import Shelf
from streams.registry.roster import roster_of
from streams.store import begin_write, bulk, open_dataset, open_store
from streams.store.tags import read_tags
from streams.wire import messages
from tests.streams.replaying import Pieces
from tests.streams.sources.tags.made import CROSSED, INIT, PLACED, SECTORAL, receptor_file, shares

HOURS = 168
FORMS = {
    "sectors and places": (*SECTORAL, *PLACED[:-1]),
    "with sector x city": (*SECTORAL, *PLACED[:-1], *CROSSED[:-1]),
}


def timed(do: Callable[[], object]) -> tuple[float, object]:
    """Do something; give the seconds that it took, and what came of it."""
    start = time.perf_counter()
    found = do()
    return time.perf_counter() - start, found


def measured(folder: Path, contributors: tuple[tuple[str, str], ...]) -> dict[str, float]:
    """Give what one run costs on its way, and what is asked of it."""
    known = registry.load()
    roster = roster_of(known)
    stations = tuple((code, station.city) for code, station in known.stations.items())
    path = folder / "tags.nc"
    fields = shares(contributors, hours=HOURS, receptors=len(stations), quantities=tuple(TAG_QUANTITIES))
    receptor_file(path, contributors=contributors, receptors=stations, fields=fields)
    del fields
    read, parsed = timed(lambda: sources.parse_file(path, known, received_at=time.time()))
    assert not parsed.rejected, parsed.rejected[:2]
    publish, lines = timed(lambda: list(map(messages.block_line, parsed.blocks)))
    desks, rows = timed(lambda: list(_taken(lines, roster)))
    engine = open_store(folder / "s.sqlite")
    empty = (folder / "s.sqlite").stat().st_size

    def store() -> int:
        with begin_write(engine) as connection:
            return bulk.write(connection, rows)

    stored, count = timed(store)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    ask, _ = timed(lambda: read_tags(engine, "510100", INIT + 1, INIT + 25, model="TWIN-A", at=INIT + 20))
    dataset, data = timed(lambda: open_dataset(engine, "tag_hour"))
    packed = sum(len(text) for table in rows if table.table == "tag_hour" for text in _texts(table))
    return {
        "contributors": len(contributors), "receptors": len(stations), "hours": HOURS, "quantities": len(TAG_QUANTITIES),
        "places": data.sizes["place"], "rows_stored": count,
        "numbers": HOURS * len(stations) * len(contributors) * len(TAG_QUANTITIES),
        "read_s": read, "lines_s": publish, "desks_s": desks, "store_s": stored, "file_bytes": os.path.getsize(path),
        "topic_bytes": sum(map(len, lines)), "longest_line_bytes": max(map(len, lines)), "packed_bytes": packed,
        "store_bytes": (folder / "s.sqlite").stat().st_size - empty, "one_city_24_h_s": ask, "dataset_of_the_run_s": dataset,
    }  # fmt: skip


def _taken(lines: list[str], roster: object):
    books, pieces = {}, {}
    for line in lines:
        block = messages.block_from(line)
        book, held = books.setdefault(block.city, Book(version=1)), pieces.setdefault(block.city, Pieces())
        outcome = citydesk.handle(block, block.city, book, Shelf(held), roster)
        yield from bulk.prepared([rows for rows in outcome.rows if rows.table.startswith("tag_")])


def _texts(rows: object) -> list[str]:
    at = rows.names.index("packed")
    return [row[at] for row in rows]


def main() -> None:
    """Print the figures of both forms."""
    found = {}
    for name, contributors in FORMS.items():
        with tempfile.TemporaryDirectory() as folder:
            found[name] = {key: round(value, 3) for key, value in measured(Path(folder), contributors).items()}
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
