"""A document as PDF, set by Typst after the form; the same document gives the same bytes."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import typst

from dashboards.documents.blocks import Report
from dashboards.documents.forms import PDF_FORM, fonts, form
from dashboards.documents.publication import DocumentRefused

_PLACE = re.compile(r"┌─ .*?:(\d+):\d+")
_ERROR = re.compile(r"^error: ", re.M)


def pdf_of(document: Report, portal: Path | None = None) -> bytes:
    """Set a document as PDF (PDF/A-2b); raise DocumentRefused naming file and line where the form is broken."""
    path = form(PDF_FORM, portal).resolve()
    day = document.dated
    said = orjson.dumps(orjson.loads(orjson.dumps(document)) | {"dated": [day.year, day.month, day.day]}).decode()
    try:
        setter = typst.Compiler(path, root=path.parent, font_paths=fonts(), sys_inputs={"data": said})
        return setter.compile(format="pdf", pdf_standards=["a-2b"])
    except typst.TypstError as error:
        raise DocumentRefused(f"the form {path.name} is broken: {_where(error, path)}") from error


def _where(error: typst.TypstError, path: Path) -> str:
    """Tell file, line and what is wrong of the first error; warnings stand before it in the same text."""
    begun = _ERROR.search(error.diagnostic)
    place = _PLACE.search(error.diagnostic, begun.start() if begun else 0)
    line = f", line {place[1]}" if place else ""
    return f"{path}{line}: {error.message}"
