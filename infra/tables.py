"""What the command line draws: the table of the doctor and the bar of a long read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from infra.doctor import FAIL, OK, Finding
from infra.messages import say

COLOURS = {OK: "green", FAIL: "bold red"}


def findings_table(findings: Sequence[Finding]) -> Table:
    """Lay out the doctor's findings; how to mend is told only where something is not well."""
    table = Table(*say("doctor_columns").split("|"), title=say("doctor_title"))
    for finding in findings:
        mend = "" if finding.result == OK else say(f"mend_{finding.check}")
        result = f"[{COLOURS.get(finding.result, 'yellow')}]{say(f'doctor_{finding.result}')}[/]"
        table.add_row(say(f"doctor_{finding.check}"), result, finding.found.replace("[", r"\["), mend)
    return table


def show(table: Table) -> None:
    """Print a table; where no terminal tells a width, wide enough to be read whole."""
    console = Console()
    (console if console.is_terminal else Console(width=160)).print(table)


@contextmanager
def bar(title: str) -> Iterator[Callable[..., None]]:
    """Show a bar on the error output while the block runs; give what moves it: advance(done, total, text)."""
    console = Console(stderr=True)
    # What stands there comes from outside: a name such as [red] is a name.
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as shown:
        task = shown.add_task(title, total=None)

        def advance(done: int, total: int | None = None, text: str = "") -> None:
            shown.update(task, completed=done, total=total, description=f"{title} {text}".strip())

        yield advance
