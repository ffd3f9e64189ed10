"""What the command line draws: tables of the doctor and of what came in, and the bar of a long read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeRemainingColumn
from rich.progress import ProgressColumn as Column
from rich.table import Table
from rich.text import Text

from infra.doctor import FAIL, OK, Finding
from infra.messages import language, say
from standards.shown import harmless

if TYPE_CHECKING:
    from infra.accounts import Line
    from streams.store.health import Books

COLOURS = {OK: "green", FAIL: "bold red"}


def findings_table(findings: Sequence[Finding]) -> Table:
    """Lay out the doctor's findings; how to mend is told only where something is not well."""
    table = Table(*say("doctor_columns").split("|"), title=say("doctor_title"))
    for finding in findings:
        mend = "" if finding.result == OK else say(f"mend_{finding.check}")
        result = f"[{COLOURS.get(finding.result, 'yellow')}]{say(f'doctor_{finding.result}')}[/]"
        table.add_row(say(f"doctor_{finding.check}"), result, escape(harmless(finding.found)), mend)
    return table


def books_table(books: Sequence[Books]) -> Table:
    """Lay out what became of the rows of each source."""
    table = Table(*say("books_columns").split("|"), title=say("books_title"))
    for each in books:
        counts = (each.rows_in, each.accepted, each.duplicate, each.late, each.rejected)
        table.add_row(escape(harmless(each.source)), *(f"{count:,}" for count in counts))
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def accounts_table(lines: Sequence[Line], whole: Line) -> Table:
    """Lay out what became of what was read: a line for each file, or for many of one source, and the sum of all."""
    table = Table(*say("accounts_columns").split("|"), title=say("accounts_title"))
    for line in lines:
        of_many = say("accounts_other_files", count=line.files)
        table.add_row(escape(harmless(line.file)) or of_many, *_counts(line), _reasons(line.reasons))
    if len(lines) > 1:
        table.add_section()
        table.add_row(say("accounts_total", count=whole.files), *_counts(replace(whole, source="")), "")
    for column in table.columns[2:-1]:
        column.justify = "right"
    table.columns[0].overflow = table.columns[-1].overflow = "fold"
    return table


def _counts(line: Line) -> list[str]:
    counts = (line.rows_in, line.accepted, line.duplicate, line.late, line.rejected, line.set_aside)
    return [escape(harmless(line.source)), *("…" if count is None else f"{count:,}" for count in counts)]


def _reasons(reasons: Sequence[str]) -> str:
    from streams.store.reasons import told_in

    return "\n".join(escape(harmless(told_in(language(), reason))) for reason in reasons)


def show(table: Table) -> None:
    """Print a table; where no terminal tells a width, wide enough to be read whole."""
    console = Console()
    (console if console.is_terminal else Console(width=160)).print(table)


SAID_EVERY_S = 10.0
"""How often the progress is told in a line where nobody looks at a terminal."""


class _Rate(Column):
    """How many a second are done."""

    def render(self, task: Task) -> Text:
        return Text(say("a_second", rate=f"{task.finished_speed or task.speed or 0:,.1f}"), style="dim")


@contextmanager
def bar(title: str) -> Iterator[Callable[..., None]]:
    """Show on the error output how far a long work is, how fast it goes and what time is left, while the block runs.

    Gives what moves it: advance(done, total, text). On a terminal it is a bar; elsewhere a line every SAID_EVERY_S.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(console, title)
        return
    # What stands there comes from outside: a name such as [red] is a name.
    words = TextColumn("{task.description}", markup=False)
    with Progress(words, BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn(), console=console,
                  transient=True) as shown:  # fmt: skip
        task = shown.add_task(harmless(title), total=None)

        def advance(done: int, total: int | None = None, text: str = "") -> None:
            shown.update(task, completed=done, total=total, description=harmless(f"{title} {text}".strip()))

        yield advance


def _lines(console: Console, title: str) -> Callable[..., None]:
    begun = said = time.monotonic()

    def advance(done: int, total: int | None = None, text: str = "") -> None:
        nonlocal said
        now = time.monotonic()
        if now - said < SAID_EVERY_S or not total:
            return
        said, rate = now, done / (now - begun)
        told = {"title": title, "done": done, "total": total, "rate": f"{rate:,.1f}"}
        left = say("progress_left", left=f"{(total - done) / rate:,.0f}") if rate else ""
        told = f"{say('progress', **told)}{left}"
        console.print(harmless(told), markup=False, highlight=False, soft_wrap=True)

    return advance
