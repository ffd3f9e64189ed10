"""The command `airshed retract`: take wrong input out again."""

from __future__ import annotations

from typing import Annotated

import typer

from infra.commands.options import By, Data, Store, Why
from infra.datadir import data_directory
from infra.messages import say
from infra.store_url import choose_store
from infra.usage import wrong


def retract(
    by: By, why: Why,
    what: Annotated[
        str, typer.Argument(metavar="[FILE|SOURCE|RUN]", help="A file (its name or digits of its SHA-256), a source, or a run.")
    ] = "",
    hours: Annotated[
        str, typer.Option(metavar="FIRST/LAST", help="Only these hour ends: 2026-11-01T00:00Z/2026-11-01T05:00Z.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would go; change nothing.")] = False,
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Take out again what a file, a source, a run or some hours delivered; what was known before comes back, all else follows."""
    from infra import retract as retracting
    from infra.running import running

    if not what and not hours:
        raise wrong("FILE|SOURCE|RUN, --hours", "retract_what")
    directory = data_directory(data)
    url = choose_store(store, directory)
    try:
        meant = retracting.meant(what, hours, url)
    except ValueError as error:
        raise wrong("--hours", "usage_hours", value=repr(hours)) from error
    called = " ".join(part for part in (what, hours) if part)
    if not dry_run and retracting.finish_begun(directory):
        print(say("retract_finished"))
    found, said = retracting.planned(directory, url, meant, called, by, why)
    counts = {"rows": found.rows, "back": found.rows_restored, "files": len(found.files), "what": called}
    print(say("retract_would" if dry_run else "retracted", **counts))
    if found.kept_back:
        print(say("retract_kept_back", rows=found.kept_back))
    if dry_run:
        return
    retracting.carry_out(directory, url, found, meant, said)
    if found.samples:
        print(say("retract_undo_samples"))
    if found.topics:
        print(say("retract_undo"))
        print(say("running_takes_over" if running(directory) else "start_to_assess"))
