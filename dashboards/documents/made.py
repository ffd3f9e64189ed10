"""The documents of an assessment: PDF, Word, sheets, CSV and JSON, all with the same numbers; equal inputs give equal bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from dashboards.documents.annexes import csv_of, json_of, sheets_of
from dashboards.documents.as_pdf import pdf_of
from dashboards.documents.as_word import word_of
from dashboards.documents.publication import DocumentRefused, Publication
from dashboards.documents.report import report
from dashboards.phase.content import Content

Progress = Callable[[float, str], None]
"""Is told how much is done (0 to 1) and what is next: "report", a kind of file, "done"."""

PDF, WORD, SHEETS, CSV, JSON = "pdf", "docx", "xlsx", "zip", "json"
KINDS = {
    PDF: "application/pdf",
    WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    SHEETS: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    CSV: "application/zip",
    JSON: "application/json",
}
"""Ending of a file to its media type."""


def pdf(publication: Publication, content: Content, *, portal: Path | None = None) -> bytes:
    """Give the document as PDF; portal: the portal's folder, whose "templates" come before the shipped ones."""
    return pdf_of(report(publication, content), portal)


def word(publication: Publication, content: Content, *, portal: Path | None = None) -> bytes:
    """Give the document as Word."""
    return word_of(report(publication, content), portal)


def sheets(publication: Publication, content: Content) -> bytes:
    """Give all tables as an Excel file."""
    return sheets_of(publication, content)


def csv_annex(publication: Publication, content: Content) -> bytes:
    """Give all tables as CSV files in one zip."""
    return csv_of(publication, content)


def json_annex(publication: Publication, content: Content) -> bytes:
    """Give publication and content as JSON."""
    return json_of(publication, content)


def files(
    publication: Publication, content: Content, kinds: Iterable[str] = tuple(KINDS), *, portal: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, bytes]:  # fmt: skip
    """Make several documents at once, the text of PDF and Word only once. Returns kind -> bytes.

    Errors: DocumentRefused for an unknown kind, a content that is not the published one, a broken form.
    """
    kinds = list(dict.fromkeys(kinds))
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise DocumentRefused(f"the kind of document is {unknown[0]!r}, expected one of {', '.join(KINDS)}")
    tell = progress or (lambda done, what: None)
    tell(0.0, "report")
    set_down = report(publication, content)
    making = {
        PDF: lambda: pdf_of(set_down, portal),
        WORD: lambda: word_of(set_down, portal),
        SHEETS: lambda: sheets_of(publication, content),
        CSV: lambda: csv_of(publication, content),
        JSON: lambda: json_of(publication, content),
    }
    made = {}
    for place, kind in enumerate(kinds, 1):
        tell(place / (len(kinds) + 1), kind)
        made[kind] = making[kind]()
    tell(1.0, "done")
    return made
