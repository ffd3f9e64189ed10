"""The commands `airshed audit …`: the log of every change that people made."""

from __future__ import annotations

import re
import sys
from typing import Annotated

import typer

from infra.commands.options import Data, Store
from infra.datadir import data_directory
from infra.errors import FAILED
from infra.messages import say
from infra.usage import wrong

app = typer.Typer(no_args_is_help=True, help="Look at the log of changes, and verify its chain.")


@app.command()
def verify(
    noted: Annotated[str, typer.Option(metavar="N:DIGEST", help="An end of the chain as it was noted elsewhere.")] = "",
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Walk the whole chain and tell its end, to be noted; exit 1 at the first entry that does not hold."""
    from dashboards.office import audit
    from infra.office import office

    known = _noted(noted)
    with office(data_directory(data), store) as engine, engine.connect() as connection:
        found = audit.verify(connection, known)
    if found.broken is not None:
        print(say(f"audit_{found.why}", number=found.broken), file=sys.stderr)
        raise typer.Exit(FAILED)
    print(say("audit_holds", count=found.entries, end=f"{found.entries}:{found.head}"))


@app.command("show")
def show_(
    most: Annotated[int, typer.Option("--last", min=1, max=10_000, help="So many entries.")] = 50,
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Show the newest entries, the oldest of them first."""
    from dashboards.office import audit
    from infra.office import log_table, office
    from infra.tables import show

    with office(data_directory(data), store) as engine, engine.connect() as connection:
        show(log_table(audit.newest(connection, most)[::-1]))


def _noted(text: str) -> tuple[int, str] | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,15}:[0-9a-f]{64}", text):
        raise wrong("--noted", "usage_noted", value=repr(text))
    number, digest = text.split(":")
    return int(number), digest
