"""The command `airshed assess`: a draft of the assessment of a period, from the store as it is now."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.commands.options import Data, Store
from infra.datadir import data_directory
from infra.messages import language, say
from infra.store_url import choose_store
from infra.usage import wrong

if TYPE_CHECKING:
    from dashboards.phase.question import QuestionRefused

PERIODS = "2026-09, 2026-Q3, 2026-H1, 2026, ozone-2026 or 2026-05-03..2026-06-11."


def assess(
    period: Annotated[str, typer.Argument(metavar="PERIOD", help=PERIODS)],
    edition: Annotated[str, typer.Option(metavar="EDITION", help="Both periods under this edition of the standard.")] = "",
    base: Annotated[str, typer.Option(metavar="PERIOD", help="Compared with this period [the year before].")] = "",
    places: Annotated[str, typer.Option(metavar="CODES", help="Cities by code, joined by commas; region for all [all].")] = "",
    json: Annotated[bool, typer.Option("--json", help="Write the whole content as JSON.")] = False,
    pdf: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the draft as PDF into a file.")] = None,
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Draft the assessment of a period: sentences and main tables, or all of it as JSON or PDF; nothing is published."""
    from dashboards.documents.spoken import Spoken
    from dashboards.phase import told
    from dashboards.phase.content import as_bytes
    from dashboards.phase.file_troubles import file_troubles
    from dashboards.phase.question import QuestionRefused, question_of
    from infra import publications
    from infra.tables import show
    from streams.registry.kept import registry_in_use

    if json and pdf:
        raise wrong("--json, --pdf", "assess_either")
    directory = data_directory(data)
    known = registry_in_use(directory.own_registry)
    for why in file_troubles(directory.portal, known.cities):
        print(say("assess_file_trouble", why=why), file=sys.stderr)
    asked = {"period": period, "edition": edition, "base": base, "places": places}
    try:
        question = question_of(asked, tuple(known.cities))
    except QuestionRefused as error:
        raise _refused(error) from None
    content = publications.draft(choose_store(store, directory), question, known, directory)
    if json:
        sys.stdout.write(as_bytes(content).decode() + "\n")
        return
    if pdf:
        print(publications.draft_pdf(content, question, pdf, directory.portal, known))
        return
    spoken = Spoken(language())
    spoken = Spoken(language(), told.names_of(known, spoken.text))
    print(say("assess_draft", period=question.period.name, base=question.base.name, edition=question.edition))
    for line in publications.sentences(content, spoken):
        print(line)
    for table in publications.draft_tables(content, spoken):
        show(table)


def _refused(error: QuestionRefused) -> Exception:
    """Give the refusal of a period or an edition that is none as wrong use; another one says by itself what was expected."""
    from dashboards.phase.question import EXPECTED
    from standards.editions import EDITIONS

    if error.part == "edition":
        return wrong(
            "--edition", "usage_one_of", value=repr(error.found), expected=", ".join(each.name for each in EDITIONS)
        )
    if error.expected.startswith(EXPECTED):
        option = "PERIOD" if error.part == "period" else "--base"
        return wrong(option, "usage_period", value=repr(error.found), expected=PERIODS.rstrip("."))
    return error
