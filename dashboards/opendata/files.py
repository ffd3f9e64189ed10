"""Files of a month for download: made once for each state of that month, found again by it, bounded in number and size."""

from __future__ import annotations

import datetime as dt
import os
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import flask
import sqlalchemy as sa

from dashboards.context import Context, current
from dashboards.opendata.answers import opened
from dashboards.opendata.offered import MONTHLY, Collection
from dashboards.opendata.parameters import shown
from dashboards.opendata.problems import Problem
from dashboards.opendata.writers import FORM, WRITERS, About, span
from dashboards.queries import opendata as queries
from standards.whole_files import sha256_of

MOST_FILES, MOST_BYTES = 300, 2_000_000_000
KEPT_STATES = 1000
"""So many months are remembered with their state: the store is asked again only where its data version has changed."""
TYPES = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv", "nc": "application/x-netcdf"}
DIGITS = 32
"""So much of a file's SHA-256 is in its name."""
HOUR = dt.timedelta(hours=1)
_NAME = re.compile(r"(\d{4}-\d{2})\.(parquet|csv|nc)", re.ASCII)

_RANGE = re.compile(r"bytes=(\d{1,18}-\d{0,18}|-\d{1,18})", re.ASCII | re.IGNORECASE)
"""One range of bytes."""


@dataclass
class Shelf:
    """What one process knows of the files: the state of each month by data version. Files themselves are in the folder."""

    most_files: int = MOST_FILES
    most_bytes: int = MOST_BYTES
    made: int = 0
    """Files made so far."""
    _states: OrderedDict[tuple[str, str, str], tuple[str, bool] | None] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def state(
        self, connection: sa.Connection, version: str, collection: Collection, month: dt.date
    ) -> tuple[str, bool] | None:
        """Give what tells this state of a month from another, and whether it is simulated; None where there are no rows."""
        key = (version, collection.name, f"{month:%Y-%m}")
        if key not in self._states:
            state = queries.month_digest(connection, collection.table, *span(month))
            self._states[key] = state
            while len(self._states) > KEPT_STATES:
                self._states.popitem(last=False)
            return state
        return self._states[key]

    def file(self, context: Context, about: About, kind: str) -> Path:
        """Give the file of a month, making it where this state of the month has none. One is made at a time."""
        folder = context.files_folder()
        with self._lock:
            begins = f"{about.collection.name}-{about.month:%Y-%m}-{about.state[:20]}-{FORM}-"
            for path in folder.glob(f"{begins}*.{kind}"):
                try:
                    os.utime(path)
                except FileNotFoundError:
                    continue
                return path
            draft = folder / f".draft-{os.getpid()}-{threading.get_ident()}.{kind}"
            try:
                WRITERS[kind](context.engine(), about, draft)
                path = folder / f"{begins}{sha256_of(draft)[:DIGITS]}.{kind}"
                draft.replace(path)  # named by what it holds, so written first
            except OSError as error:
                raise Problem("the file cannot be made", "files", "to be asked again later", 503) from error
            finally:
                draft.unlink(missing_ok=True)
            self.made += 1
            self._cleared(folder, path)
            return path

    def _cleared(self, folder: Path, kept: Path) -> None:
        """Remove the files that nobody has asked for longest, until what is left fits."""
        found = sorted(_stats(folder), key=lambda each: each[1], reverse=True)
        size = 0
        for number, (path, _, bytes_) in enumerate(found, 1):
            size += bytes_
            if path != kept and (number > self.most_files or size > self.most_bytes):
                path.unlink(missing_ok=True)


def download(shelf: Shelf, kind: str, name: str) -> flask.Response:
    """Answer with the file of a month, whole or a range of it."""
    collection, month, end = _asked(kind, name)
    with opened() as (connection, version):
        state = shelf.state(connection, version, collection, month)
    if state is None:
        raise Problem(f"there are no rows of {month:%Y-%m}", "month", "a month that /data lists", 404)
    context, about = current(), About(collection, month, *state)
    response = _sent(shelf, context, about, end)
    response.headers["Cache-Control"] = "public, max-age=60"
    response.headers["X-Simulated"] = "true" if about.simulated else "false"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _sent(shelf: Shelf, context: Context, about: About, end: str) -> flask.Response:
    simulated = "-simulated" if about.simulated else ""
    if not _RANGE.fullmatch(flask.request.headers.get("Range", "").strip()):
        flask.request.environ.pop("HTTP_RANGE", None)  # of another unit, or several: the whole file (RFC 9110, 14.2)
    for _ in range(3):
        path = shelf.file(context, about, end)
        try:
            return flask.send_file(
                path, mimetype=TYPES[end], conditional=True, etag=path.stem.rpartition("-")[2], max_age=60,
                as_attachment=True, download_name=f"{about.collection.name}-{about.month:%Y-%m}{simulated}.{end}",
            )  # fmt: skip
        except FileNotFoundError:  # removed by another process just now: it is made again
            continue
    raise Problem("the file cannot be kept", "files", "to be asked again later", 503)


def months(connection: sa.Connection, collection: Collection) -> list[dt.date]:
    """Give the months in which a collection has an hour, newest first."""
    return sorted(queries.held_months(connection, collection.table), reverse=True)


def _asked(kind: str, name: str) -> tuple[Collection, dt.date, str]:
    match = _NAME.fullmatch(name)
    if kind not in MONTHLY or match is None:
        expected = f"/data/KIND/YYYY-MM.TYPE with {', '.join(MONTHLY)} and {', '.join(TYPES)}"
        raise Problem(f"there is no file {shown(f'{kind}/{name}')}", "path", expected, 404)
    try:
        month = dt.date.fromisoformat(f"{match[1]}-01")
    except ValueError:
        month = dt.date.min
    if not 1900 <= month.year < 9000:
        raise Problem(f"there is no month {match[1]}", "path", "a month that /data lists", 404)
    return MONTHLY[kind], month, match[2]


def _stats(folder: Path) -> Iterator[tuple[Path, float, int]]:
    for path in folder.glob("*-hours-*"):
        try:
            stat = path.stat()
        except FileNotFoundError:  # another process has removed it
            continue
        yield path, stat.st_mtime, stat.st_size
