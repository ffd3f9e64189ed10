"""`airshed backup`: a whole copy of what the platform keeps, while it runs.

The order makes it one moment. First the store; then a checkpoint that is complete by then, with the results that were visible
while no newer one was; then the feeds with their journals. So the store has nothing that the results lack, the engine's state none
that the feeds lack, a retraction that is not whole in them stands beside them to be finished, and what came later is read on by
whoever goes on from the copy.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from dashboards.office.records import FILE, FOLDER, office_url
from infra import backed_up
from infra.backed_up import Advance, BackupError, Kept, Manifest
from infra.database_copies import SECRETS, copy_postgres, copy_sqlite, schema_of_sqlite
from infra.datadir import DataDirectory
from infra.feeding import LOOK_WAIT_S, require_welcome
from infra.messages import say
from infra.store_url import sqlite_file
from standards.passwords import masked
from standards.whole_files import naming_where_full, sync_folder
from streams.intake import intents
from streams.intake.intents import pending, resting
from streams.pipeline.checkpoints import complete
from streams.pipeline.manifests import Manifests, name_of
from streams.store.refusals import StoreDamaged
from streams.wire import messages
from streams.wire.topics import LEFT, keys_in

OWN_WAY = ("topics", "checkpoints", "store.sqlite", "portal", intents.FOLDER)
LEFT_OUT = ("run", "logs", "replays", "portal/secret", "portal/shelf", "portal/files", "portal/spool")
"""What is of a run alone, is made again, or is a secret."""
CALM_S, TRIES_S = 5.0, 60.0
"""So long it is waited for a moment in which no result is on its way, and at most for one in which no checkpoint passes."""


@dataclass(slots=True)
class Making:
    """A backup under way: its folder, the files it has, and the one before, whose unchanged files are not copied again."""

    folder: Path
    before: Path | None
    known: dict[str, Kept]
    advance: Advance
    files: dict[str, Kept] = field(default_factory=dict)
    linked: int = 0

    def take(self, source: Path, name: str) -> None:
        """Take a file under a name; one that went meanwhile is left out."""
        target = self.folder / name
        try:
            state, known = source.stat(), self.known.get(name)
            if (
                known
                and (known.size, known.mtime_ns) == (state.st_size, state.st_mtime_ns)
                and self._link(name, target)
            ):
                self.files[name] = known
                self.linked += 1
            else:
                self.files[name] = backed_up.copied(source, target)
        except FileNotFoundError:
            target.unlink(missing_ok=True)
            return
        self.advance(self.files[name].size)

    def note(self, *names: str) -> None:
        """Note files that were written into the folder already."""
        for name in names:
            self.files[name] = backed_up.kept(self.folder / name)
            self.advance(self.files[name].size)

    def _link(self, name: str, target: Path) -> bool:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(self.before / name, target)
        except OSError:  # not every file system knows a second name
            return False
        return True


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made; linked: so many of its files are those of the one before."""

    folder: Path
    manifest: Manifest
    linked: int


def backup(
    data: DataDirectory, store: str, target: Path, *, now: dt.datetime, advance: Advance = lambda _: None
) -> Made:
    """Make a backup below a folder, named by a moment (naive UTC).

    Errors: BackupError, OSError, StrangerError where another directory feeds the store, StoreError where its schema is newer than
    this program, or it is another program's; then nothing is left of it, and no folder that was made for it.
    """
    _require_apart(data, target)
    with contextlib.suppress(StoreDamaged):  # for which the copy has words of its own
        require_welcome(data, store, wait_s=LOOK_WAIT_S)
    with _folder(target) as folder, naming_where_full(target, draft=folder):
        before = backed_up.newest(target)
        known = dict(backed_up.read(before).files) if before else {}
        making = Making(folder, before, known, advance)
        kind, schema, tables = _take_store(making, data, store)
        checkpoint = _take_engine(making, data)
        with resting(data.topics) if os.access(data.root, os.W_OK) else contextlib.nullcontext():
            _take_intents(making, data)
            _take_feeds(making, data)
        _take_office(making, data, store)
        _take_rest(making, data)
        manifest = Manifest(
            f"{now:%Y-%m-%dT%H:%M:%SZ}", str(data.root.resolve()), kind, schema, checkpoint,
            (*LEFT_OUT, *(table.name for table in SECRETS), *_office_elsewhere(data, store)), making.files, tables,
        )  # fmt: skip
        manifest.write(folder)
        return Made(_named(folder, target, now), manifest, making.linked)


@contextlib.contextmanager
def _folder(target: Path) -> Iterator[Path]:
    """Give a hidden folder below the folder of backups; where the block fails it goes, and what was made to hold it."""
    made = [each for each in (target, *target.parents) if not each.exists()]
    folder = target / f"{backed_up.MAKING}{os.getpid()}"
    try:
        target.mkdir(parents=True, exist_ok=True)
        for left in target.glob(f"{backed_up.MAKING}*"):  # of one that was broken off
            shutil.rmtree(left, ignore_errors=True)
        folder.mkdir(mode=0o700)
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            for each in made:
                each.rmdir()
        raise


def _require_apart(data: DataDirectory, target: Path) -> None:
    if target.resolve().is_relative_to(data.root.resolve()):
        raise BackupError(say("backup_within", target=target, folder=data.root))
    if not data.root.is_dir():
        raise BackupError(say("backup_nothing", folder=data.root))
    if target.exists() and not target.is_dir():
        raise BackupError(say("backup_no_folder", target=target))


def _named(folder: Path, target: Path, now: dt.datetime) -> Path:
    names = (f"{now:%Y%m%dT%H%M%SZ}{more}" for more in ("", *(f"-{n}" for n in range(2, 100))))
    final = next(target / name for name in names if not (target / name).exists())
    sync_folder(folder)
    folder.rename(final)
    sync_folder(target)
    return final


def _take_store(making: Making, data: DataDirectory, store: str) -> tuple[str, str, dict[str, list[str]]]:
    path = sqlite_file(store)
    if path is None:
        schema, columns = copy_postgres(store, making.folder / backed_up.STORE)
        making.note(*(f"{backed_up.STORE}/{name}.copy" for name in columns))
        return "postgresql", schema, columns
    if not path.is_file():
        return "sqlite", "", {}
    target = making.folder / backed_up.SQLITE_STORE
    copy_sqlite(path, target)
    making.note(backed_up.SQLITE_STORE)
    return "sqlite", schema_of_sqlite(target), {}


def _take_engine(making: Making, data: DataDirectory) -> str:
    """Take the newest checkpoint with the results that were visible while none was newer; give its name."""
    results, begun = data.topics / messages.RESULT_TOPIC, time.monotonic()
    while True:
        chosen, seen, waited = _newest(data), _results(results), time.monotonic() - begun
        if chosen and not _took(making, data, chosen):
            continue
        calm = not any(path.name.startswith(".") for path in seen)
        if (_newest(data), _results(results)) == (chosen, seen) and (calm or waited > CALM_S):
            break
        if waited > TRIES_S:
            raise BackupError(say("backup_no_moment", seconds=f"{TRIES_S:.0f}"))
        time.sleep(0.05)
    if chosen:
        folder = making.folder / backed_up.DATA / "checkpoints"
        making.note(*sorted(f.relative_to(making.folder).as_posix() for f in folder.rglob("*") if f.is_file()))
    for path in seen:
        making.take(path, f"{backed_up.DATA}/{path.relative_to(data.root).as_posix()}")
    if (left := data.topics / messages.RESULT_TOPIC / LEFT).exists():
        making.take(left, f"{backed_up.DATA}/{left.relative_to(data.root).as_posix()}")
    return name_of(chosen) if chosen else ""


def _newest(data: DataDirectory) -> Path | None:
    return next(iter(complete(data.checkpoints)), None)


def _took(making: Making, data: DataDirectory, checkpoint: Path) -> bool:
    """Copy a checkpoint with what it shares with others, of earlier jobs too; False where it went meanwhile."""
    target = making.folder / backed_up.DATA / "checkpoints"
    shutil.rmtree(target, ignore_errors=True)
    try:
        for path in Manifests(data.checkpoints).files(checkpoint):
            copy = target.joinpath(*path.parts[-3:])  # job, folder, name; what moved is found by these, too
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    except FileNotFoundError:
        return False
    return (checkpoint / "_metadata").exists()


def _results(folder: Path) -> list[Path]:
    """Give the files of results, and those on their way, that hold anything."""
    found = []
    for path in folder.rglob("*"):
        try:
            shown = not path.name.startswith((".", "_")) or path.name.startswith(".part-")
            if shown and path.is_file() and path.stat().st_size:
                found.append(path)
        except FileNotFoundError:
            continue
    return sorted(found)


def _take_intents(making: Making, data: DataDirectory) -> None:
    """Take the retractions that were decided and are not done yet: whoever goes on from the copy finishes them."""
    for path in pending(data.topics):
        making.take(path, f"{backed_up.DATA}/{path.relative_to(data.root).as_posix()}")


def _take_feeds(making: Making, data: DataDirectory) -> None:
    """Take all other topics: first what their journals know, then the segments of the keys in it."""
    for topic in sorted(path for path in data.topics.glob("*") if path.is_dir() and path.name != messages.RESULT_TOPIC):
        within = f"{backed_up.DATA}/topics/{topic.name}"
        for path in sorted(topic.glob(".*")):
            if path.is_file() and not path.name.startswith((".tmp-", ".lock", ".part-")):
                making.take(path, f"{within}/{path.name}")
        keys = keys_in(making.folder / within)
        for path in sorted(topic.glob("[!._]*")):
            key = path.name.removesuffix(".jsonl").partition("-")[2].partition(".")[0]
            if path.is_file() and (key in keys or not keys):
                making.take(path, f"{within}/{path.name}")


def _take_office(making: Making, data: DataDirectory, store: str) -> None:
    """Take the office where it is a file; beside a store in PostgreSQL it came with that."""
    path = sqlite_file(office_url(data.portal, store) or "sqlite://")
    if path is not None and path.is_file():
        copy_sqlite(path, making.folder / backed_up.SQLITE_OFFICE, without=[table.name for table in SECRETS])
        making.note(backed_up.SQLITE_OFFICE)


def _office_elsewhere(data: DataDirectory, store: str) -> tuple[str, ...]:
    """Name the office where it is in a server of its own, which no backup of this data directory holds."""
    url = office_url(data.portal, store)
    return (masked(url),) if url and sqlite_file(url) is None and url != store else ()


def _take_rest(making: Making, data: DataDirectory) -> None:
    for path in _files(data.root, [*OWN_WAY, *LEFT_OUT]):
        making.take(path, f"{backed_up.DATA}/{path.relative_to(data.root).as_posix()}")
    left_out = [*(name.removeprefix("portal/") for name in LEFT_OUT if name.startswith("portal/")), f"{FOLDER}/{FILE}"]
    for path in _files(data.portal, left_out):
        making.take(path, f"{backed_up.DATA}/{path.relative_to(data.root).as_posix()}")


def _files(folder: Path, left_out: Sequence[str]) -> Iterator[Path]:
    """Give regular files below a folder, but those whose path begins with one of some names; links are not followed."""
    passed = tuple(str(folder / name) for name in left_out)
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _begins(os.path.join(root, name), passed))
        for name in sorted(names):
            path = Path(root, name)
            if (
                not _begins(str(path), passed)
                and not name.startswith(".tmp-")
                and path.is_file()
                and not path.is_symlink()
            ):
                yield path


def _begins(path: str, passed: tuple[str, ...]) -> bool:
    return any(path == each or path.startswith((f"{each}/", f"{each}-", f"{each}.")) for each in passed)


def kind_of(store: str) -> str:
    """Give the kind of database that a store is in."""
    return sa.make_url(store).get_backend_name()
