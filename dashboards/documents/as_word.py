"""A document as Word, after a form whose styles a bureau may change; the same document gives the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

import docx
import resvg_py
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.opc.exceptions import OpcError
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from lxml import etree

from dashboards.documents.blocks import LEFT, NUMBERS, Grid, Picture, Report
from dashboards.documents.forms import WORD_FORM, font_files, form
from dashboards.documents.grids import ACROSS_PT, UPRIGHT_PT
from dashboards.documents.packed import sealed_office
from dashboards.documents.publication import DocumentRefused
from dashboards.figures.subscripts import PLAIN, Runs, runs

PIXELS = 1500
"""Breadth of a figure as a picture [px]: 240 to the inch on paper."""
STYLES = (
    "Body Text", "Title", "Heading 1", "Heading 2", "Organ", "Document Number", "Period", "Lead", "Fact", "Table Caption", "Figure",
    "Figure Caption", "Table Head", "Table Text", "Table Note", "Signature Block", "Digest",
)  # fmt: skip
"""That a form must have, by their names in Word."""
OF_PARAGRAPH = {"body": "Body Text", "lead": "Lead", "note": "Fact"}
_DIGIT_PT = 0.5
"""Breadth of a digit by the size of the type."""


def word_of(document: Report, portal: Path | None = None) -> bytes:
    """Set a document as Word; raise DocumentRefused naming the form and what it lacks."""
    path = form(WORD_FORM, portal)
    paper = _opened(path)
    setter = _Setter(paper, {style.name: style.style_id for style in paper.styles})
    setter.mark(document)
    for style, words in (
        ("Organ", document.mark),
        ("Document Number", document.number),
        ("Title", document.title),
        ("Period", document.period),
    ):
        setter.paragraph(runs(words), style)
    setter.blocks(document.blocks, UPRIGHT_PT)
    for place, words in enumerate(("", "", *document.signature)):
        setter.paragraph(runs(words), "Signature Block", together=place < len(document.signature) + 1)
    if document.annex:
        setter.across()
        setter.paragraph(runs(document.annex_title), "Heading 1")
        setter.blocks(document.annex, ACROSS_PT)
    setter.paragraph(runs(document.sealed_title), "Heading 2")
    for name, digest in document.sealed:
        setter.paragraph(runs(f"{name}  {digest}"), "Digest")
    told = paper.core_properties
    told.title, told.author, told.last_modified_by, told.comments, told.keywords = (
        document.title,
        document.author,
        document.author,
        "",
        "",
    )
    told.language, told.revision = document.lang, 1
    buffer = io.BytesIO()
    paper.save(buffer)
    return sealed_office(buffer.getvalue(), f"{document.dated.isoformat()}T00:00:00Z")


def _opened(path: Path) -> Any:
    try:
        paper = docx.Document(str(path))
        known = {style.name for style in paper.styles}
    except (OpcError, zipfile.BadZipFile, KeyError, ValueError, etree.XMLSyntaxError) as error:
        raise DocumentRefused(f"the form {path} is broken: it cannot be read as Word ({error})") from error
    if lacking := [name for name in STYLES if name not in known]:
        raise DocumentRefused(f"the form {path} is broken: it lacks the styles {', '.join(lacking)}")
    body = paper.element.body
    for child in list(body):  # what stands in the form is an example for whoever changes it
        if child.tag != qn("w:sectPr"):
            body.remove(child)
    return paper


class _Setter:
    """Appends to a Word document, in order. ids: of styles by name."""

    def __init__(self, paper: Any, ids: dict[str, str]) -> None:
        self.paper, self._ids = paper, ids
        self._pictures = 0

    def mark(self, document: Report) -> None:
        """Put what is to be seen on every page into the header, of odd and even pages."""
        section = self.paper.sections[0]
        for header in (section.header, section.even_page_header):
            header.is_linked_to_previous = False
            header.paragraphs[0].text = document.marks
            header.paragraphs[0].style = self.paper.styles["Header"]

    def paragraph(self, words: Runs, style: str, *, together: bool = False) -> None:
        """Append a paragraph."""
        keep = "<w:keepNext/>" if together else ""
        self._append(
            f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="{self._ids[style]}"/>{keep}</w:pPr>{_runs(words)}</w:p>'
        )

    def across(self) -> None:
        """Turn the following pages."""
        section = self.paper.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(297), Mm(210)
        section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (
            Mm(28),
            Mm(26),
            Mm(37),
            Mm(35),
        )

    def blocks(self, blocks: Iterable[Any], room: float) -> None:
        """Append blocks of a document; room [pt] is the breadth of the text."""
        for block in blocks:
            if isinstance(block, Grid):
                self._grid(block, room)
            elif isinstance(block, Picture):
                self._picture(block, room)
            elif block.kind == "heading":
                self.paragraph(block.text, f"Heading {block.level}")
            else:
                self.paragraph(block.text, OF_PARAGRAPH[block.style])

    def _grid(self, grid: Grid, room: float) -> None:
        self.paragraph(grid.caption, "Table Caption")
        whole = sum(grid.widths)
        widths = [round(room * grid.share * 20 * width / whole) for width in grid.widths]
        self._append(_table(grid, widths, self._ids["Table Head"], self._ids["Table Text"]))
        for note in grid.notes or (runs(""),):
            self.paragraph(note, "Table Note")

    def _picture(self, picture: Picture, room: float) -> None:
        png = resvg_py.svg_to_bytes(
            svg_string=picture.svg, width=PIXELS, background="#ffffff", skip_system_fonts=True, font_files=font_files()
        )
        paragraph = self.paper.add_paragraph(style="Figure")
        paragraph.add_run().add_picture(io.BytesIO(bytes(png)), width=Pt(room))
        self._pictures += 1
        for told in paragraph._p.iter(qn("wp:docPr")):
            told.set("id", str(self._pictures))
            told.set("descr", picture.said)
        self.paragraph(picture.caption, "Figure Caption", together=bool(picture.notes))
        for note in picture.notes:
            self.paragraph(note, "Table Note")

    def _append(self, xml: str) -> None:
        self.paper.element.body.insert_element_before(parse_xml(xml), "w:sectPr")


def _runs(words: Runs) -> str:
    parts = []
    for piece, place in words:
        low = "" if place == PLAIN else '<w:rPr><w:vertAlign w:val="subscript"/></w:rPr>'
        parts.append(f'<w:r>{low}<w:t xml:space="preserve">{escape(piece, quote=False)}</w:t></w:r>')
    return "".join(parts)


def _table(grid: Grid, widths: list[int], head: str, text: str) -> str:
    """Write a table with lines above, below and under its head; the head comes again on every page, no row is broken."""
    edge = 'w:val="single" w:space="0" w:color="000000"'
    light = 'w:val="single" w:sz="4" w:space="0" w:color="BEBEBE"'
    parts = [
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>'
        f'<w:top {edge} w:sz="10"/><w:bottom {edge} w:sz="10"/><w:insideH {light}/></w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="40" w:type="dxa"/><w:right w:w="40" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>',
        *(f'<w:gridCol w:w="{width}"/>' for width in widths), "</w:tblGrid>",
        "<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>",
    ]  # fmt: skip
    below = (
        f'<w:tcBorders><w:bottom {edge} w:sz="6"/></w:tcBorders><w:shd w:val="clear" w:color="auto" w:fill="F0F0F0"/>'
    )
    for (lines, unit), width in zip(grid.heads, widths, strict=True):
        said = "<w:r><w:br/></w:r>".join(map(_runs, [*lines, *([runs(f"({unit})")] if unit else [])]))
        parts.append(_cell(said, width, head, below, keep=True))
    parts.append("</w:tr>")
    for at, row in enumerate(grid.rows):
        keep = grid.together and at < len(grid.rows) - 1
        parts.append("<w:tr><w:trPr><w:cantSplit/></w:trPr>")
        for words, width, aligned, digits in zip(row, widths, grid.aligned, grid.digits, strict=True):
            parts.append(_cell(_runs(words), width, text, "", keep=keep, how=_how(aligned, digits, width, grid.size)))
        parts.append("</w:tr>")
    return "".join([*parts, "</w:tbl>"])


def _how(aligned: str, digits: int, width: int, size: float) -> str:
    """Stand numbers below each other under a centred head: to the right, with half of what is left over as indent."""
    if aligned == NUMBERS:
        left_over = max(0, round((width - 80 - digits * size * _DIGIT_PT * 20) / 2))
        return f'<w:ind w:right="{left_over}"/><w:jc w:val="right"/>'
    return '<w:jc w:val="left"/>' if aligned == LEFT else ""


def _cell(said: str, width: int, style: str, own: str, *, keep: bool = False, how: str = "") -> str:
    kept = "<w:keepNext/>" if keep else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{own}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{kept}{how}</w:pPr>{said}</w:p></w:tc>'
    )
