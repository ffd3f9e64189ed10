"""`airshed restore`: bring a backup back into a new data directory; all of it is verified before anything is placed."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from dashboards.office import schema
from dashboards.office.records import FILE, FOLDER, open_office
from infra import backed_up
from infra.backed_up import Advance, BackupError, Manifest
from infra.backup import kind_of
from infra.database_copies import fill_postgres, office_versions
from infra.datadir import DataDirectory
from infra.messages import say
from infra.store_url import sqlite_file
from standards.passwords import masked
from standards.whole_files import naming_where_full, taking_place
from streams.store.connect import is_current, open_store, require_known_schema, require_place
from streams.store.placing import open_any
from streams.store.refusals import BOOKKEEPING
from streams.store.schema import topic_position
from streams.store.verifying import forget_rounds
from streams.wire import messages

ENGINE = (f"{backed_up.DATA}/checkpoints/", f"{backed_up.DATA}/checkpoint-digests/")


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back; state: whether the engine's state was, which names results by where they were."""

    folder: Path
    manifest: Manifest
    state: bool


def found_in(folder: Path) -> Path:
    """Give the backup that a folder is, or the newest below it. Errors: BackupError where there is none."""
    if (folder / backed_up.MANIFEST).is_file():
        return folder
    newest = backed_up.newest(folder)
    if newest is None:
        raise BackupError(say("backup_none", folder=folder))
    return newest


def restore(folder: Path, data: DataDirectory, store: str, *, advance: Advance = lambda _: None) -> Restored:
    """Bring a backup back. Errors: BackupError where it is damaged, or the place is in use, StoreError
    where its schema is newer than this program; then nothing was placed."""
    manifest = backed_up.read(folder)
    if kind_of(store) != manifest.kind:
        raise BackupError(say("restore_kind", found=manifest.kind, store=masked(store)))
    require_known_schema(manifest.schema)
    _require_free(data, store)
    backed_up.require_whole(folder, manifest, advance)
    same = str(data.root.resolve()) == manifest.root
    state = same or not _results_under_way(manifest)
    data.root.parent.mkdir(parents=True, exist_ok=True)
    draft = data.root.with_name(f".{data.root.name[:200]}.restoring-{uuid.uuid4().hex[:8]}")
    try:
        with naming_where_full(data.root, draft=draft):
            _place_files(folder, manifest, draft, state=state, hidden=same)
            _place_databases(folder, manifest, draft, data, store)
        if data.root.is_dir():
            data.root.rmdir()
        draft.rename(data.root)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return Restored(folder, manifest, state)


def _require_free(data: DataDirectory, store: str) -> None:
    root = data.root
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise BackupError(say("restore_used", place=root))
    path = sqlite_file(store)
    if path is not None:
        require_place(store, root)
        if path.exists():
            raise BackupError(say("restore_used", place=path))
        return
    engine = open_any(sa.make_url(store))
    try:
        if BOOKKEEPING in sa.inspect(engine).get_table_names():
            raise BackupError(say("restore_used", place=masked(store)))
    finally:
        engine.dispose()


def _results_under_way(manifest: Manifest) -> bool:
    """Tell whether the engine's state has results still to make visible: it would look for them where it was made.

    All else that names that place is told anew by the next start (streams.pipeline.checkpoints.readdress).
    """
    within = f"{backed_up.DATA}/topics/{messages.RESULT_TOPIC}/"
    return any(name.startswith(within) and Path(name).name.startswith(".part-") for name in manifest.files)


def _place_files(folder: Path, manifest: Manifest, draft: Path, *, state: bool, hidden: bool) -> None:
    draft.mkdir(mode=0o700)
    for name in manifest.files:
        inner = name.removeprefix(f"{backed_up.DATA}/")
        of_engine = name.startswith(ENGINE) and not state
        under_way = Path(name).name.startswith(".part-") and not (state and hidden)
        if inner != name and not of_engine and not under_way:
            backed_up.copied(folder / name, draft / inner)
    draft.chmod(0o755)


def _place_databases(folder: Path, manifest: Manifest, draft: Path, data: DataDirectory, store: str) -> None:
    if backed_up.SQLITE_OFFICE in manifest.files:
        office = draft / data.portal.relative_to(data.root) / FOLDER / FILE
        office.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        backed_up.copied(folder / backed_up.SQLITE_OFFICE, office)
        office.chmod(0o600)
    path = sqlite_file(store)
    if path is None:
        _fill(folder, manifest, store)
    elif backed_up.SQLITE_STORE in manifest.files:
        inside = path.resolve().is_relative_to(data.root.resolve())
        place = draft / path.resolve().relative_to(data.root.resolve()) if inside else path
        with taking_place(place) as hidden:
            backed_up.copied(folder / backed_up.SQLITE_STORE, hidden)
            _forget_rounds(open_any(sa.URL.create("sqlite", database=str(hidden))))


def _forget_rounds(engine: sa.Engine) -> None:
    """Let a store that was brought back say nothing of segments that were read before, and elsewhere."""
    try:
        with engine.begin() as connection:
            if sa.inspect(connection).has_table(topic_position.name):
                forget_rounds(connection)
    finally:
        engine.dispose()


def _fill(folder: Path, manifest: Manifest, store: str) -> None:
    engine, office = open_store(store), open_office(store)
    try:
        with engine.connect() as connection:
            if not is_current(connection) or manifest.schema != connection.scalar(
                sa.text(f"select version_num from {BOOKKEEPING}")
            ):
                raise BackupError(say("restore_schema", found=manifest.schema))
        told = office_versions(folder / backed_up.STORE)
        if told not in (None, {part.name: str(part.version) for part in schema.parts()}):
            raise BackupError(say("restore_schema", found=told))
        fill_postgres(engine, folder / backed_up.STORE, dict(manifest.tables))
        _forget_rounds(engine)
    finally:
        engine.dispose()
        office.dispose()
