"""`airshed check`: verify everything at rest, also while the platform runs; each fault is named once, with what to do."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from dashboards.office import audit, schema
from dashboards.office.records import MEND, office_url
from dashboards.publications import register
from dashboards.publications.office_tables import publication
from infra.backed_up import Advance
from infra.datadir import DataDirectory
from infra.messages import language, say
from infra.noted import note_check
from infra.own_registry import garbled_registry
from infra.publications import all_of
from infra.store_url import sqlite_file
from standards.errors import AirshedError
from standards.passwords import masked
from standards.whole_files import sha256_of
from streams.intake import intents
from streams.memory import archive
from streams.store import refusals
from streams.store.connect import named, open_store
from streams.store.placing import beside, open_any, whats_wrong
from streams.store.reasons import told_in
from streams.store.remaking import differing
from streams.store.rules import broken_rules, missing_segments
from streams.wire.seals import GONE, verified

TOPICS, RETRACTIONS, CHECKPOINTS, ARCHIVE, STORE, OFFICE, MODELS, REGISTRY = (
    "topics", "retractions", "checkpoints", "archive", "store", "office", "models", "registry",
)  # fmt: skip
PARTS = (TOPICS, RETRACTIONS, CHECKPOINTS, ARCHIVE, STORE, OFFICE, MODELS, REGISTRY)
WHOLE, FAULTY, UNDONE = 0, 1, 2
"""Exit codes: all is as it was written; something is not; something could not be looked at, and of the rest nothing is damaged."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was written: in which part, where, what is wrong, and what to do (all in words)."""

    part: str
    place: str
    what: str
    remedy: str


@dataclass(slots=True)
class Report:
    """What a check found. looked: by part how many files or tables, and bytes. undone: what could not be looked at, by part."""

    faults: list[Fault] = field(default_factory=list)
    looked: dict[str, tuple[int, int]] = field(default_factory=dict)
    undone: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def code(self) -> int:
        """Give the exit code."""
        return FAULTY if self.faults else UNDONE if self.undone else WHOLE

    @property
    def bytes(self) -> int:
        """Give how much was read."""
        return sum(size for _, size in self.looked.values())

    def add(self, part: str, files: int, size: int) -> None:
        """Count what was looked at."""
        had = self.looked.get(part, (0, 0))
        self.looked[part] = had[0] + files, had[1] + size


def check(data: DataDirectory, store: str, *, deep: bool = False, advance: Advance = lambda _: None) -> Report:
    """Verify all that lies in a data directory and its store. advance: is told the bytes that were read.

    Nothing is changed but the note of what was found (infra.noted).

    deep: also store the topics a second time, beside the store and for the moment, and compare: a database has no checksums.
    """
    report, begun = Report(), time.monotonic()
    looks: tuple[tuple[str, Callable[[], Iterator[Fault]]], ...] = (
        (TOPICS, lambda: _topics(data, report, advance)),
        (RETRACTIONS, lambda: _retractions(data, report, advance)),
        (CHECKPOINTS, lambda: _checkpoints(data, report, advance)),
        (ARCHIVE, lambda: _archive(data, report, advance)),
        (STORE, lambda: _store(data, store, report, advance)),
        *(((STORE, lambda: _values(data, store, report)),) if deep else ()),
        (OFFICE, lambda: _office(data, store, report, advance)),
        (MODELS, lambda: _models(data, report, advance)),
        (REGISTRY, lambda: _registry(data, report)),
    )
    for part, look in looks:
        report.looked.setdefault(part, (0, 0))
        try:
            report.faults += look()
        except refusals.StoreDamaged as error:
            url = office_url(data.portal, store) if part == OFFICE else store
            report.faults.append(Fault(part, _named(url), _words(error), ""))
        except (AirshedError, sa.exc.SQLAlchemyError, OSError) as error:
            report.undone[part] = _words(error)
    report.seconds = time.monotonic() - begun
    counts = Counter(fault.part for fault in report.faults)
    note_check(data, counts, report.undone, store=STORE, deep=deep)
    return report


def _topics(data: DataDirectory, report: Report, advance: Advance) -> Iterator[Fault]:
    for path in _shown(data.topics):
        found = [each for each in verified(path) if each.kind != GONE or path.exists()]
        _count(report, TOPICS, path, advance)
        if found:
            more = say("check_more", count=len(found) - 1) if found[1:] else ""
            file = str(path.relative_to(data.root))
            where = file if found[0].kind == GONE else say("check_from_byte", file=file, byte=found[0].start)
            yield Fault(TOPICS, where, f"{_told(found[0].reason)}{more}", say("mend_topics"))


def _retractions(data: DataDirectory, report: Report, advance: Advance) -> Iterator[Fault]:
    """Read what was decided to be taken out and is not done yet."""
    for path in intents.pending(data.topics):
        try:
            intents.read(path)
        except FileNotFoundError:  # it was finished meanwhile
            continue
        except intents.IntentError:
            yield Fault(RETRACTIONS, str(path.relative_to(data.root)), say("check_intent"), say("mend_retractions"))
        _count(report, RETRACTIONS, path, advance)


def _checkpoints(data: DataDirectory, report: Report, advance: Advance) -> Iterator[Fault]:
    from streams.pipeline.checkpoints import complete
    from streams.pipeline.keeping import RETAINED
    from streams.pipeline.manifests import Manifests, name_of

    # Those before are on their way out (streams.pipeline.inherited), and the job may have taken files of theirs.
    manifests = Manifests(data.checkpoints)
    held = {each: list(manifests.verified(each)) for each in complete(data.checkpoints)[:RETAINED]}
    mend = say("mend_checkpoint" if not all(held.values()) else "mend_checkpoints")
    told: set[str] = set()
    still = complete(data.checkpoints)[:RETAINED]
    for checkpoint, found in held.items():
        if checkpoint not in still:
            continue  # newer ones came while it was read
        for path in _shown(checkpoint):
            _count(report, CHECKPOINTS, path, advance)
        for each in found[:1]:
            # Checkpoints share files: a damaged one is named once.
            where = each.file if "/" in each.file else f"{name_of(checkpoint)}/{each.file}"
            where = os.path.relpath(where, data.checkpoints) if os.path.isabs(where) else where
            if where not in told:
                yield Fault(CHECKPOINTS, where, _told(each.reason), mend)
            told.add(where)


def _archive(data: DataDirectory, report: Report, advance: Advance) -> Iterator[Fault]:
    folder = data.root / "archive"
    for path in _shown(folder):
        _count(report, ARCHIVE, path, advance)
    for each in archive.verified(folder):
        if each.kind != GONE or Path(each.file).exists():  # else it was let go of
            yield Fault(ARCHIVE, os.path.relpath(each.file, data.root), _told(each.reason), say("mend_archive"))


def _store(data: DataDirectory, store: str, report: Report, advance: Advance) -> Iterator[Fault]:
    path = sqlite_file(store)
    if path is not None and not path.exists() and not any(_shown(data.topics)):
        return  # nothing was ever stored
    engine = open_store(store, create=False)
    try:
        with engine.connect() as connection:
            mend = say("mend_store_file")
            for what in whats_wrong(connection):
                yield Fault(STORE, _named(store), what.splitlines()[0], mend)
            for each in broken_rules(connection):
                yield Fault(STORE, each.table, say(f"rule_{each.rule}", count=each.count, value=each.value), mend)
            missing, some = missing_segments(connection, data.topics)
            if missing:
                yield Fault(STORE, some, say("check_beyond", count=missing), say("mend_beyond"))
            if path is None:
                report.add(STORE, len(sa.inspect(connection).get_table_names()), 0)
        if path is not None:
            _count(report, STORE, path, advance)
    finally:
        engine.dispose()


def _values(data: DataDirectory, store: str, report: Report) -> Iterator[Fault]:
    """Compare the store's rows with what the topics tell."""
    path = sqlite_file(store)
    if any(fault.part == STORE for fault in report.faults) or (path is not None and not path.exists()):
        return
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    with beside(store, now) as (new, connection, old, _):
        if old is None:
            return
        for table, count in differing(new, connection, old, data.topics).items():
            yield Fault(STORE, table, say("check_values", count=count), say("mend_store_file"))


def _office(data: DataDirectory, store: str, report: Report, advance: Advance) -> Iterator[Fault]:
    url = office_url(data.portal, store)
    path = sqlite_file(url)
    if path is not None and not path.is_file():
        return
    if path is not None:
        refusals.require_readable(path, MEND, mark=schema.version.name)
    engine = open_any(sa.make_url(url))
    refusals.translate(engine, named(engine), MEND)
    try:
        with engine.connect() as connection:
            tables = sa.inspect(connection).get_table_names()
            if path is None and schema.version.name not in tables:
                return
            for what in whats_wrong(connection):
                yield Fault(OFFICE, _named(url), what.splitlines()[0], say("mend_office"))
            chain = audit.verify(connection)
            if chain.broken is not None:
                yield Fault(OFFICE, "log", say(f"audit_{chain.why}", number=chain.broken), say("mend_office"))
            if publication.name in tables:
                yield from _publications(connection)
            report.add(OFFICE, sum(name.startswith("office_") for name in tables), 0)
        if path is not None:
            _count(report, OFFICE, path, advance)
    finally:
        engine.dispose()


def _publications(connection: sa.Connection) -> Iterator[Fault]:
    """Compare contents, recorded inputs and changes of every publication with their SHA-256."""
    for record in all_of(connection):
        for take in (register.content_of, register.inputs_of, register.changes_of):
            try:
                take(connection, record)
            except (register.PublicationRefused, ValueError):
                what = say(f"check_{take.__name__.removesuffix('_of')}")
                yield Fault(OFFICE, record.name, what, say("mend_office"))


def _models(data: DataDirectory, report: Report, advance: Advance) -> Iterator[Fault]:
    from ml.registry.errors import RegistryError
    from ml.registry.journal import TRAINED
    from ml.registry.registry import Registry

    if not data.models.is_dir():
        return
    registry, faulty = Registry(data.models), set()
    for path in _shown(data.models / "objects"):
        try:
            same = sha256_of(path) == path.name
        except FileNotFoundError:
            continue
        _count(report, MODELS, path, advance)
        if not same:
            faulty.add(path.name)
            yield Fault(MODELS, str(path.relative_to(data.root)), say("check_other_digest"), say("mend_models"))
    try:
        events = registry.history()
    except RegistryError as error:
        yield Fault(MODELS, "models/journal", _words(error), say("mend_models"))
        return
    for event in events:
        if event.event != TRAINED:
            continue
        try:
            registry.artefact_of(str(event.about["artefact"]), f"{event.name} {event.version}")
        except (RegistryError, ValueError) as error:
            if not any(digest[:12] in str(error) for digest in faulty):  # that file was named above
                yield Fault(MODELS, f"{event.name} {event.version}", _words(error), say("mend_models"))


def _registry(data: DataDirectory, report: Report) -> Iterator[Fault]:
    if data.own_registry is None:
        return
    report.add(REGISTRY, sum(1 for _ in _shown(data.registry)), 0)
    if garbled := garbled_registry(data.own_registry):
        yield Fault(REGISTRY, str(data.registry), _told(garbled), say("mend_registry"))


def _shown(folder: Path) -> Iterator[Path]:
    """Give the files below a folder in order, but hidden ones, which are being written or are journals."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_")))
        yield from (Path(root, name) for name in sorted(names) if not name.startswith("."))


def _count(report: Report, part: str, path: Path, advance: Advance) -> None:
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return
    report.add(part, 1, size)
    advance(size)


def _named(url: str) -> str:
    path = sqlite_file(url)
    return masked(url) if path is None else str(path)


def _told(reason: str) -> str:
    return told_in(language(), reason)


def _words(error: BaseException) -> str:
    from infra.errors import in_words

    return _told(masked(in_words(error) or str(error)).strip()) or type(error).__name__
