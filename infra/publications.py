"""What `airshed publications` and `airshed assess` do: look at the register, verify it, write files, and show a draft."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from rich.markup import escape
from rich.table import Table

from dashboards.documents.made import KINDS, files
from dashboards.documents.publication import Publication
from dashboards.documents.spoken import Spoken
from dashboards.moment import SHANGHAI
from dashboards.phase import told
from dashboards.phase.content import NUMBER, Content, from_bytes
from dashboards.phase.door import phase_assessment
from dashboards.phase.named import period_words
from dashboards.phase.question import Question
from dashboards.publications import register
from dashboards.publications.office_tables import AUDIENCES
from dashboards.publications.papers import document_of
from dashboards.publications.register import Record
from dashboards.publications.verify import verify
from dashboards.text import Text
from infra.datadir import DataDirectory
from infra.messages import language, say
from standards.errors import AirshedError
from standards.whole_files import write_whole
from streams.registry import Registry
from streams.sources.files import harmless
from streams.store.connect import open_store

SLICE = 200
SHOWN = ("cities", "ranking", "change")
"""Tables of a draft that a terminal shows; all of them are in JSON and PDF."""


@dataclass(frozen=True)
class Outcome:
    """What verifying a publication gave: its name, whether it holds, and a line for people."""

    name: str
    holds: bool
    line: str


def all_of(office: sa.Connection) -> Iterator[Record]:
    """Give all publications, the newest first, a slice in memory at a time."""
    before = None
    while found := register.listed(office, audiences=AUDIENCES, most=SLICE, before=before):
        yield from found
        before = found[-1].id


def listed_table(records: list[Record]) -> Table:
    """Lay out publications, the newest first."""
    text = Text(language())
    table = Table(*say("publications_columns").split("|"))
    for each in records:
        state = text(f"publications.state_{each.state}", reason=each.state_reason)
        cells = (
            each.name, each.title(text.lang), each.period, state, text(f"publications.audience_{each.audience}"),
            each.frozen_by, f"{each.frozen_at + SHANGHAI:%Y-%m-%d %H:%M}",
        )  # fmt: skip
        table.add_row(*(escape(harmless(cell)) for cell in cells))
    return table


def record_lines(office: sa.Connection, record: Record, known: Registry) -> Iterator[str]:
    """Give the record of a publication line by line, then what it says in sentences; known: names its places."""
    text = Text(language())
    yield f"{record.name}  {record.title(text.lang)}"
    facts = {
        "state": text(f"publications.state_{record.state}", reason=record.state_reason),
        "audience": text(f"publications.audience_{record.audience}"),
        "period": f"{record.period} ({record.first_day} — {record.last_day})",
        "edition": text.of_code("document.edition.", record.edition), "frozen_by": record.frozen_by,
        "frozen_at": f"{record.frozen_at + SHANGHAI:%Y-%m-%d %H:%M}", "content": record.content_sha256,
        "inputs": record.inputs_sha256, "software": record.software, "reason": record.reason,
    }  # fmt: skip
    yield from (f"{text(f'publications.{name}')}: {harmless(value)}" for name, value in facts.items() if value)
    revisions = register.revisions_of(office, record.number)
    if len(revisions) > 1:
        yield f"{text('publications.revisions')}: {', '.join(each.name for each in revisions)}"
    spoken = Spoken(text.lang, told.names_of(known, text))
    yield from sentences(from_bytes(register.content_of(office, record)), spoken)


def verified(office: sa.Connection, record: Record) -> Outcome:
    """Compute a publication anew from its recorded inputs; what cannot be read does not hold, and says why."""
    try:
        found = verify(office, record)
    except AirshedError as error:
        return Outcome(record.name, False, say("publications_unreadable", name=record.name, why=harmless(str(error))))
    key = "holds" if found.exact else "values_hold" if found.holds else "differs"
    key += "_other" if found.other_software else ""
    return Outcome(record.name, found.holds, say(f"publications_{key}", name=record.name, count=len(found.cells)))


def exported(
    office: sa.Connection, record: Record, folder: Path, lang: str, *, portal: Path, known: Registry,
    progress: Callable[[float, str], None],
) -> list[Path]:  # fmt: skip
    """Write all files of a publication into a folder, and its recorded inputs; give their paths."""
    content = from_bytes(register.content_of(office, record))
    made = files(document_of(record, lang, known), content, tuple(KINDS), portal=portal, progress=progress)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, body in (
        *((f"{record.name}-{lang}.{kind}", body) for kind, body in made.items()),
        (f"{record.name}-inputs.json", register.inputs_of(office, record)),
    ):
        written.append(_write(folder / name, body))
    return written


def draft(store: str, question: Question, known: Registry, data: DataDirectory) -> Content:
    """Assess a period from a store as it is now. Errors: StoreError, and what the assessment raises."""
    engine = open_store(store, create=False)
    try:
        with engine.connect() as connection:
            return phase_assessment(connection, question, registry=known, folder=data.portal, models=data.models)
    finally:
        engine.dispose()


def draft_pdf(content: Content, question: Question, path: Path, portal: Path, known: Registry) -> Path:
    """Write a draft as PDF, marked as one."""
    from dashboards.documents.made import pdf

    text = Text(language())
    period = period_words(text, question.period)
    one = question.cities[0] if len(question.cities) == 1 and not question.region else None
    about = {"city": told.names_of(known, text)(one)} if one else {}
    title = text(f"publications.{'city' if one else 'default'}_title_{text.lang}", period=period, **about)
    set_down = Publication(
        title=title, organ=text("publications.organ"), period=period, simulated=bool(content.about.get("simulated")),
        lang=text.lang, names=told.names_of(known, text),
    )  # fmt: skip
    return _write(path, pdf(set_down, content, portal=portal))


def sentences(content: Content, spoken: Spoken) -> Iterator[str]:
    """Give what an assessment says in sentences; of what is NA nothing is said."""
    yield from filter(None, (spoken.sentence(each, content) for each in content.summary))


def draft_tables(content: Content, spoken: Spoken) -> Iterator[Table]:
    """Lay out the main tables of an assessment as pages show them."""
    for each in content.tables:
        if each.key in SHOWN:
            table = Table(title=escape(spoken.title(each)))
            for column in each.columns:
                unit = spoken.unit(column)
                head = f"{spoken.head(column)} ({unit})" if unit else spoken.head(column)
                table.add_column(escape(head), justify="right" if column.kind == NUMBER else "left")
            for row in each.rows:
                table.add_row(*(escape(spoken.cell(v, c)) for v, c in zip(row, each.columns, strict=True)))
            yield table


def _write(path: Path, body: bytes) -> Path:
    """Write a file whole or not at all."""
    write_whole(path, body, synced=False)
    return path
