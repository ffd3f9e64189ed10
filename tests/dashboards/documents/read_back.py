"""Reads documents back: tables of Word, words of PDF."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from pathlib import Path

import docx
import pypdf

from dashboards.documents.spoken import Spoken
from dashboards.figures.subscripts import flat
from dashboards.phase.content import NUMBER, Content, Table, shown

ON_PAPER = 400
"""Rows; longer tables are in the files alone."""


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def word_tables(document: bytes) -> list[list[list[str]]]:
    """Rows of cells of every table, without blanks."""
    space = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}
    found = []
    for table in docx.Document(io.BytesIO(document)).element.body.iterfind("w:tbl", space):
        rows = table.iterfind("w:tr", space)
        found.append([[_words(cell) for cell in row.iterfind("w:tc", space)] for row in rows])
    return found


def _words(cell) -> str:
    return squeezed("".join(piece.text or "" for piece in cell.iter() if piece.tag.endswith("}t")))


def word_text(document: bytes) -> str:
    return "\n".join(each.text for each in docx.Document(io.BytesIO(document)).paragraphs)


def pdf_pages(document: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(document)).pages]


def paper_tables(content: Content) -> list[Table]:
    tables = [*content.tables, *(table for of in content.by_edition.values() for table in of)]
    return [table for table in tables if 0 < len(table.rows) <= ON_PAPER]


def columns_of(table: Table, spoken: Spoken) -> dict[str, list[str]]:
    """Each column as it should be found: its head with its unit, the cells as `shown` or told in words."""
    found = {}
    for at, column in enumerate(table.columns):
        unit = spoken.unit(column)
        head = squeezed(flat(spoken.head(column) + (f"({unit})" if unit else "")))
        cells = [
            shown(row[at], column) if column.kind == NUMBER else spoken.cell(row[at], column) for row in table.rows
        ]
        found[head] = [squeezed(flat(cell)) for cell in cells]
    return found


def beyond_the_page(document: bytes, folder: Path) -> list[tuple[int, str]]:
    """Words that do not lie between the margins of their page (poppler's boxes), with the number of the page."""
    (folder / "document.pdf").write_bytes(document)
    command = [shutil.which("pdftotext") or "pdftotext", "-bbox", "document.pdf", "boxes.html"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    page, width, found = 0, 0.0, []
    for line in (folder / "boxes.html").read_text(encoding="utf-8").splitlines():
        if size := re.search(r'<page width="([\d.]+)"', line):
            page, width = page + 1, float(size[1])
        elif word := re.search(r'<word xMin="(-?[\d.]+)" yMin="[^"]+" xMax="(-?[\d.]+)"[^>]*>(.*)</word>', line):
            upright = width < 600
            left, right = (79.3, width - 73.6) if upright else (104.8, width - 99.2)
            blank = 9 if word[3][-1] in "，。、；：）”" else 2  # the right half of such a mark is empty, and hangs over
            if float(word[1]) < left - 2 or float(word[2]) > right + blank:
                found.append((page, word[3]))
    return found
