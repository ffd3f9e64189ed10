"""The commands `airshed publications …`: what was published, whether it still comes out, and its files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from infra.commands.options import Data, Store
from infra.datadir import data_directory
from infra.errors import FAILED
from infra.messages import LANGUAGES, language, say
from infra.usage import wrong

app = typer.Typer(no_args_is_help=True, help="Look at published assessments, verify them, and write their files.")
Number = Annotated[
    str, typer.Argument(metavar="NUMBER", help="Such as 2026-014, or 2026-014r1 for its first revision.")
]


@app.command("list")
def list_(
    most: Annotated[int, typer.Option("--last", min=1, max=10_000, help="So many publications.")] = 50,
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Show the newest publications with their state, also those for the office alone."""
    from dashboards.publications import register
    from dashboards.publications.office_tables import AUDIENCES
    from infra.office import office
    from infra.publications import listed_table
    from infra.tables import show

    with office(data_directory(data), store) as engine, engine.connect() as connection:
        found = register.listed(connection, audiences=AUDIENCES, most=most)
    if not found:
        print(say("publications_none"))
        return
    show(listed_table(found))


@app.command("show")
def show_(number: Number, store: Store = None, data: Data = None) -> None:
    """Show the record of a publication and what it says."""
    from dashboards.publications import register
    from infra.office import office
    from infra.publications import record_lines
    from streams.registry.kept import registry_in_use

    directory = data_directory(data)
    with office(directory, store) as engine, engine.connect() as connection:
        for line in record_lines(
            connection, register.by_name(connection, number), registry_in_use(directory.own_registry)
        ):
            print(line)


@app.command()
def verify(
    number: Annotated[str, typer.Argument(metavar="[NUMBER]", help="Such as 2026-014r1.", show_default=False)] = "",
    every: Annotated[bool, typer.Option("--all", help="All publications, in whatever state.")] = False,
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Compute publications anew from their recorded inputs; exit 1 where one does not come out to the byte."""
    from dashboards.publications import register
    from infra.office import office
    from infra.publications import all_of, verified

    if bool(number) == every:
        raise wrong("NUMBER", "publications_which")
    broken = count = 0
    with office(data_directory(data), store) as engine, engine.connect() as connection:
        for record in all_of(connection) if every else [register.by_name(connection, number)]:
            found = verified(connection, record)
            count, broken = count + 1, broken + (not found.holds)
            print(found.line, file=sys.stdout if found.holds else sys.stderr)
    if every:
        print(say("publications_verified", count=count, broken=broken))
    if broken:
        raise typer.Exit(FAILED)


@app.command()
def export(
    number: Number,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Made where it is missing.")],
    lang: Annotated[str, typer.Option(metavar="LANG", help="zh or en [AIRSHED_LANG].")] = "",
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Write PDF, Word, sheets, CSV and JSON of a publication, and the inputs that it comes out of, into a folder."""
    from dashboards.publications import register
    from infra.office import office
    from infra.publications import exported
    from infra.tables import bar
    from streams.registry.kept import registry_in_use

    if lang and lang not in LANGUAGES:
        raise wrong("--lang", "usage_one_of", value=repr(lang), expected=", ".join(LANGUAGES))
    directory = data_directory(data)
    with (
        office(directory, store) as engine,
        engine.connect() as connection,
        bar(say("publications_writing")) as advance,
    ):
        record = register.by_name(connection, number)
        written = exported(
            connection, record, folder, lang or language(), portal=directory.portal,
            known=registry_in_use(directory.own_registry), progress=lambda done, what: advance(round(100 * done), 100, what),
        )  # fmt: skip
    for path in written:
        print(path)
