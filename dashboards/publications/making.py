"""The workshop of documents: one is made at a time, in the background; who asks is told how far it is.

Files lie on a shelf in the portal's folder, named by everything that decides their bytes. A file of a state that is over goes
away; what nobody has asked for longest goes where the shelf is full: it comes out the same when it is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from dashboards.context import Context
from dashboards.documents.forms import form_digest
from dashboards.documents.made import KINDS, files
from dashboards.office.errors import OfficeError
from dashboards.office.records import engine_of
from dashboards.phase.content import from_bytes
from dashboards.publications import register
from dashboards.publications.papers import document_of
from dashboards.publications.register import Record
from dashboards.view import LANGUAGES
from standards.errors import AirshedError
from standards.whole_files import write_whole

FOLDER = "publications"
AHEAD = tuple(KINDS)
"""Files that are made as soon as something is published."""
MOST_JOBS = 64
"""Documents that may wait to be made; who asks for one more is told to come again."""
MOST_FILES, MOST_BYTES = 2000, 1_000_000_000
TROUBLE_S = 60
"""How long what could not be made is not tried again [s]."""
_LEFT_S = 3600
"""A half-written file as old as this was left behind [s]."""
_LOG = logging.getLogger(__name__)


class NotMade(AirshedError, RuntimeError):
    """A document that could not be made, or cannot be taken on now; the message says why."""


@dataclass(frozen=True)
class Job:
    """Files of one publication in one language. before: how many jobs wait before it, done: how far it is, 0 to 1."""

    record: Record
    lang: str
    kinds: tuple[str, ...]
    before: int = 0
    done: float = 0.0


@dataclass
class Workshop:
    """The documents of one portal. made: files made so far."""

    context: Context
    made: int = 0
    _jobs: OrderedDict[Path, Job] = field(default_factory=OrderedDict)
    _doing: tuple[tuple[Path, ...], float] = ((), 0.0)
    _troubles: OrderedDict[Path, tuple[float, str]] = field(default_factory=OrderedDict)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _works: bool = False

    def find(self, record: Record, kind: str, lang: str) -> Path | None:
        """Give the file where it lies on the shelf, and note that it was asked for."""
        path = self.path(record, kind, lang)
        try:
            os.utime(path)
        except OSError:
            return None
        return path

    def ask(self, record: Record, kinds: Sequence[str], lang: str) -> None:
        """Have files made that do not lie there yet; raise NotMade where too many wait, or one failed just now."""
        with self._changed:
            for kind in kinds:
                path = self.path(record, kind, lang)
                failed, why = self._troubles.get(path, (-TROUBLE_S, ""))
                if time.monotonic() - failed < TROUBLE_S:
                    raise NotMade(why)
                if path in self._jobs or path in self._doing[0] or path.exists():
                    continue
                if len(self._jobs) >= MOST_JOBS:
                    raise NotMade(
                        f"{len(self._jobs)} documents are waiting to be made, expected fewer than {MOST_JOBS}"
                    )
                self._jobs[path] = Job(record, lang, (kind,))
            if self._jobs and not self._works:
                self._works = True
                threading.Thread(target=self._work, name="documents", daemon=True).start()

    def wait(self, record: Record, kind: str, lang: str, longest_s: float) -> Path | None:
        """Give the file once it lies there, None where it takes longer; raise NotMade where it could not be made."""
        path = self.path(record, kind, lang)
        with self._changed:
            self._changed.wait_for(lambda: not self._is_awaited(path), longest_s)
            if path in self._troubles and not self._is_awaited(path):
                raise NotMade(self._troubles[path][1])
        return self.find(record, kind, lang)

    def state(self, record: Record, kind: str, lang: str) -> Job:
        """Tell how far a file is."""
        path = self.path(record, kind, lang)
        with self._changed:
            waiting = list(self._jobs)
            before = waiting.index(path) + bool(self._doing[0]) if path in waiting else 0
            done = self._doing[1] if path in self._doing[0] else 0.0
        return Job(record, lang, (kind,), before, done)

    def sweep(self, records: Sequence[Record]) -> None:
        """Remove the files of states of these revisions that are over."""
        for record in records:
            for path in self._shelf().glob(f"{record.name}-*"):
                if not path.name.startswith(f"{record.name}-{record.state}-"):
                    path.unlink(missing_ok=True)

    def path(self, record: Record, kind: str, lang: str) -> Path:
        """Name a file by everything that decides its bytes, so that no old one is ever served for another."""
        told = [
            record.content_sha256,
            record.name,
            record.state,
            lang,
            record.title(lang),
            form_digest(self.context.folder),
        ]
        digest = hashlib.sha256("\0".join(told).encode()).hexdigest()[:24]
        return self._shelf() / f"{record.name}-{record.state}-{lang}-{digest}.{kind}"

    def _shelf(self) -> Path:
        return self.context.files_folder() / FOLDER

    def _is_awaited(self, path: Path) -> bool:
        return path in self._jobs or path in self._doing[0]

    def _work(self) -> None:
        """Make what waits until nothing does; what goes wrong with one document is told to who asks for it."""
        while True:
            with self._changed:
                if not self._jobs:
                    self._works = False
                    return
                paths = self._next()
                self._doing = (tuple(paths), 0.0)
            why = ""
            try:
                self._make(paths)
            except (AirshedError, OfficeError, sa.exc.SQLAlchemyError, OSError) as error:
                why = str(error)
                _LOG.warning("documents of %s cannot be made: %s", next(iter(paths.values())).record.name, error)
            except Exception as error:  # whatever one document does, the next is made
                why = type(error).__name__
                _LOG.exception("documents of %s cannot be made", next(iter(paths.values())).record.name)
            with self._changed:
                for path in paths:
                    self._troubles.pop(path, None)
                    if why and not path.exists():
                        self._troubles[path] = (time.monotonic(), why)
                while len(self._troubles) > MOST_JOBS:
                    self._troubles.popitem(last=False)
                self._doing = ((), 0.0)
                self._changed.notify_all()

    def _next(self) -> dict[Path, Job]:
        """Take the job that waits longest, and with it what waits of the same document: its text is set once."""
        first = next(iter(self._jobs.values()))
        mine = [p for p, each in self._jobs.items() if (each.record, each.lang) == (first.record, first.lang)]
        return {path: self._jobs.pop(path) for path in mine}

    def _make(self, paths: dict[Path, Job]) -> None:
        job = next(iter(paths.values()))
        engine = engine_of(self.context)
        if engine is None:
            raise NotMade("there is no office, expected a portal with a folder of its own")
        with engine.connect() as connection:
            content = from_bytes(register.content_of(connection, job.record))
        by_kind = {kind: path for path, each in paths.items() for kind in each.kinds}
        made = files(
            document_of(job.record, job.lang, self.context.registry),
            content,
            tuple(by_kind),
            portal=self.context.folder,
            progress=self._tell,
        )
        for kind, body in made.items():
            _put(by_kind[kind], body)
            self.made += 1
        _cleared(self._shelf(), set(by_kind.values()))

    def _tell(self, done: float, _what: str) -> None:
        with self._changed:
            self._doing = (self._doing[0], done)


def workshop_of(context: Context) -> Workshop:
    """Give the workshop of a portal."""
    if context.workshop is None:
        context.workshop = Workshop(context)
    return context.workshop


def make_ahead(context: Context, record: Record) -> None:
    """Have the files of a publication made that people ask for, and remove those of states that are over; never fails."""
    workshop, engine = workshop_of(context), engine_of(context)
    try:
        with engine.connect() as connection:
            revisions = register.revisions_of(connection, record.number)
        workshop.sweep(revisions)
        now = next(each for each in revisions if each.id == record.id)
        for lang in LANGUAGES:
            workshop.ask(now, AHEAD, lang)
    except (AirshedError, sa.exc.SQLAlchemyError, OSError) as error:  # they are made when somebody asks for them
        _LOG.warning("documents of %s are not made ahead: %s", record.name, error)


def _put(path: Path, body: bytes) -> None:
    """Put a file on the shelf whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, body, synced=False, draft=f".{path.name}-{os.getpid()}")


def _cleared(shelf: Path, kept: set[Path]) -> None:
    """Remove what was left half-written, then files that nobody has asked for longest, until what is left fits."""
    found = []
    for path in shelf.iterdir():
        with contextlib.suppress(FileNotFoundError):
            stat = path.stat()
            if path.name.startswith(".") and time.time() - stat.st_mtime > _LEFT_S:
                path.unlink()
            elif not path.name.startswith("."):
                found.append((stat.st_mtime, stat.st_size, path))
    size = 0
    for number, (_, bytes_, path) in enumerate(sorted(found, reverse=True), 1):
        size += bytes_
        if path not in kept and (number > MOST_FILES or size > MOST_BYTES):
            path.unlink(missing_ok=True)
