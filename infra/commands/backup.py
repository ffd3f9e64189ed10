"""The commands `airshed backup` and `airshed restore`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from infra.commands.options import Data, Store
from infra.datadir import data_directory
from infra.messages import say
from infra.store_url import choose_store

MB = 1_000_000


def backup(
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="Folder of backups, best on another disk.")],
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Copy all that the platform keeps, also while it runs, into a dated folder below TARGET."""
    from infra.backup import backup as run
    from infra.tables import bar

    directory, now = data_directory(data), dt.datetime.now(dt.UTC).replace(tzinfo=None)
    with bar(say("backing_up")) as advance:
        made = run(
            directory, choose_store(store, directory), target.absolute(), now=now, advance=_summed(advance, None)
        )
    size = f"{made.manifest.bytes / MB:.1f}"
    for place in made.manifest.left_out:
        if "://" in place:
            print(say("backup_without_office", office=place))
    print(say("backed_up", folder=made.folder, files=len(made.manifest.files), size=size, linked=made.linked))


def restore(
    backup: Annotated[
        Path, typer.Argument(metavar="BACKUP", exists=True, file_okay=False, help="A backup, or TARGET: its newest.")
    ],
    verify_only: Annotated[bool, typer.Option("--verify-only", help="Verify the backup and place nothing.")] = False,
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Bring a backup back into a data directory that is new or empty; every file is verified before."""
    from infra import backed_up
    from infra.restore import found_in
    from infra.restore import restore as run
    from infra.tables import bar

    folder = found_in(backup.absolute())
    manifest = backed_up.read(folder)
    with bar(say("verifying_backup")) as advance:
        tell = _summed(advance, manifest.bytes)
        if verify_only:
            backed_up.require_whole(folder, manifest, tell)
        else:
            directory = data_directory(data)
            restored = run(folder, directory, choose_store(store, directory), advance=tell)
    if verify_only:
        size = f"{manifest.bytes / MB:.1f}"
        print(say("backup_whole", folder=folder, made=manifest.made, files=len(manifest.files), size=size))
        return
    print(say("restored", folder=directory.root, made=manifest.made, files=len(manifest.files)))
    if not restored.state:
        print(say("restored_elsewhere", place=manifest.root))
    print(say("restored_next"))


def _summed(advance: Callable[..., None], total: int | None) -> Callable[[int], None]:
    done = 0

    def tell(count: int) -> None:
        nonlocal done
        done += count
        advance(done // MB, None if total is None else max(total // MB, done // MB))

    return tell
