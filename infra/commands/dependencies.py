"""The command `airshed dependencies`: what is installed, how old it is, what is known to be wrong with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from infra.errors import FAILED
from infra.messages import language, say
from infra.usage import wrong

if TYPE_CHECKING:
    from rich.table import Table

    from infra.dependencies import Dependency

OLD_YEARS = 3


def dependencies(
    online: Annotated[bool, typer.Option("--online", help="Ask the package index pip uses for newer versions and faults.")] = False,
    names: Annotated[list[str], typer.Argument(metavar="[NAME]...", help="These alone [all].")] = [],  # noqa: B006
) -> None:  # fmt: skip
    """List every package with its version, its age, known faults and what it is for; exit 1 where a fault is known."""
    from infra import dependencies as listed
    from infra import package_index, tables
    from infra.doctor import canonical, java_said
    from infra.locked import locked

    today = dt.datetime.now(dt.UTC).date()
    found = listed.installed(locked())
    found += filter(None, [listed.java(java_said(), today)])
    if names:
        wanted = {canonical(name) for name in names}
        if unknown := wanted - {each.name for each in found}:
            raise wrong("NAME", "usage_not_installed", names=", ".join(sorted(unknown)))
        found = [each for each in found if each.name in wanted]
    if online:
        with tables.bar(say("dependencies_asking")) as advance:
            found = listed.asked_online(found, package_index.asker(*package_index.configured()), advance)
    tables.show(_table(found, today, listed.reasons()))
    for line in _notes(found, online=online):
        print(line)
    raise typer.Exit(FAILED if any(each.faults for each in found) else 0)


def _table(found: Sequence[Dependency], today: dt.date, reasons: dict) -> Table:
    from rich.markup import escape
    from rich.table import Table

    from standards.shown import harmless

    table = Table(*say("dependencies_columns").split("|"), title=say("dependencies_title"))
    for each in found:
        cells = (
            each.name,
            each.version,
            str(each.released or say("unknown")),
            _age(each, today),
            each.newest or say("unknown"),
            _faults(each),
        )
        table.add_row(*(escape(harmless(cell)) for cell in cells), escape(_purpose(each, reasons)))
    return table


def _age(each: Dependency, today: dt.date) -> str:
    return (
        say("unknown")
        if each.released is None
        else say("dependencies_age", years=f"{(today - each.released).days / 365.25:.1f}")
    )


def _faults(each: Dependency) -> str:
    if each.missed is not None:
        return say("dependencies_missed", count=each.missed)
    if each.faults is None:
        return f"{say('unknown')} {each.trouble}".strip()
    return "; ".join(each.faults) or "-"


def _purpose(each: Dependency, reasons: dict) -> str:
    said = reasons.get(each.name, {}).get(language())
    return said or say("dependencies_for", names=", ".join(filter(None, each.needed_by)) or say("unknown"))


def _notes(found: Sequence[Dependency], *, online: bool) -> list[str]:
    unknown = sum(each.released is None for each in found)
    notes = [say("dependencies_undated", count=unknown)] if unknown else []
    if not online:
        return [*notes, say("dependencies_offline")]
    silent = sum(each.faults is None and each.missed is None for each in found)
    return [*notes, say("dependencies_silent", count=silent)] if silent else notes
