"""What stands around a publication on paper: its number as papers bear it, its day, its state."""

from __future__ import annotations

from dashboards.documents.publication import FROZEN, SUPERSEDED, WITHDRAWN, Publication
from dashboards.moment import SHANGHAI
from dashboards.phase import told
from dashboards.publications.cards import period_of_record
from dashboards.publications.register import Record
from dashboards.text import Text
from streams.registry import Registry

_STATES = {"published": FROZEN, "superseded": SUPERSEDED, "withdrawn": WITHDRAWN}


def document_of(record: Record, lang: str, known: Registry) -> Publication:
    """Give what stands around an assessment on paper. known: names its cities and stations as the pages do."""
    text = Text(lang)
    return Publication(
        title=record.title(lang), organ=text("publications.organ"), period=period_of_record(text, record),
        number=number_of(record, text),
        issued=(record.frozen_at + SHANGHAI).date(), state=_STATES[record.state],
        sha256s={"inputs": record.inputs_sha256, "content": record.content_sha256}, simulated=record.simulated, lang=lang,
        names=told.names_of(known, text),
    )  # fmt: skip


def number_of(record: Record, text: Text) -> str:
    """Give the number of a document as papers bear it: year in brackets, and the revision where it is one."""
    year, _, number = record.number.partition("-")
    key = "publications.document_revision" if record.revision else "publications.document_number"
    return text(key, year=year, number=int(number), revision=record.revision + 1)
