"""Makes the form of an assessment as Word: styles, page, page numbers. `python -m dashboards.documents.word_form`

A bureau changes the form in Word itself; this makes the shipped one, so that it can be read as text what it holds.
Measures: GB/T 9704-2012 (A4, margins 37/35/28/26 mm, 22 lines of 28 characters of size 3).
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from dashboards.documents.forms import SHIPPED, WORD_FORM
from dashboards.documents.packed import sealed_office

BODY, BLACK, KAI, LATIN = "仿宋_GB2312", "黑体", "楷体_GB2312", "Times New Roman"
TITLE = "方正小标宋简体"
RED = RGBColor(0xC8, 0x10, 0x2E)
LINE_PT = 28.95
MIDDLE, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT

STYLES: dict[str, dict[str, Any]] = {
    "Normal": {"font": BODY, "size": 16, "line": LINE_PT},
    "Body Text": {"font": BODY, "size": 16, "line": LINE_PT, "indent": 2, "justify": True},
    "Title": {"font": TITLE, "size": 22, "align": MIDDLE, "after": 6, "line": 32},
    "Heading 1": {"font": BLACK, "size": 16, "line": LINE_PT, "indent": 2, "next": True},
    "Heading 2": {"font": KAI, "size": 16, "line": LINE_PT, "indent": 2, "next": True},
    "Organ": {"font": TITLE, "size": 34, "align": MIDDLE, "after": 16, "colour": RED},
    "Document Number": {"font": BODY, "size": 16, "align": MIDDLE, "rule": True, "after": 18},
    "Period": {"font": BODY, "size": 14, "align": MIDDLE, "after": 12},
    "Lead": {"font": BODY, "size": 16, "line": LINE_PT, "indent": 2, "next": True},
    "Fact": {"font": BODY, "size": 12, "left": 32, "after": 3, "next": True},
    "Table Caption": {"font": BLACK, "size": 12, "align": MIDDLE, "before": 10, "after": 4, "next": True},
    "Figure": {"font": BODY, "size": 10.5, "align": MIDDLE, "before": 8, "next": True},
    "Figure Caption": {"font": BLACK, "size": 12, "align": MIDDLE, "after": 4},
    "Table Head": {"font": BLACK, "size": 10, "align": MIDDLE},
    "Table Text": {"font": BODY, "size": 10, "align": MIDDLE},
    "Table Note": {"font": BODY, "size": 9, "after": 2},
    "Signature Block": {"font": BODY, "size": 16, "align": RIGHT, "right": 64, "line": LINE_PT},
    "Digest": {"font": BODY, "size": 9},
    "Header": {"font": BLACK, "size": 10.5, "align": MIDDLE, "colour": RED},
    "Footer": {"font": BODY, "size": 14, "align": RIGHT},
}
"""Styles of the form: font of Chinese, size [pt], exact line [pt] (none: single), indent of the first line [characters]."""


def made() -> bytes:
    """Make the form; equal styles give equal bytes."""
    form = docx.Document()
    for name, how in STYLES.items():
        _style(form.styles, name, how)
    section = form.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (
        Mm(37),
        Mm(35),
        Mm(28),
        Mm(26),
    )
    section.footer_distance = Mm(25)
    section.header_distance = Mm(22)
    form.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer.paragraphs[0], RIGHT)
    _page_number(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)
    buffer = io.BytesIO()
    form.save(buffer)
    return sealed_office(buffer.getvalue())


def _style(styles: Any, name: str, how: dict[str, Any]) -> None:
    known = {style.name for style in styles}
    style = styles[name] if name in known else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    if name not in ("Normal",) and style.base_style is not None and style.base_style.name != "Normal":
        style.base_style = styles["Normal"]
    style.font.size, style.font.bold, style.font.italic = Pt(how["size"]), False, False
    style.font.color.rgb = how.get("colour", RGBColor(0, 0, 0))
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)  # a font of the theme wins over one that is named
    for place, font in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", how["font"])):
        fonts.set(qn(f"w:{place}"), font)
    shape = style.paragraph_format
    shape.space_before, shape.space_after = Pt(how.get("before", 0)), Pt(how.get("after", 0))
    shape.keep_with_next = how.get("next", False)
    shape.alignment = how.get("align", WD_ALIGN_PARAGRAPH.JUSTIFY if how.get("justify") else WD_ALIGN_PARAGRAPH.LEFT)
    shape.left_indent, shape.right_indent = Pt(how.get("left", 0)), Pt(how.get("right", 0))
    shape.first_line_indent = Pt(how.get("indent", 0) * how["size"])
    if "line" in how:
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(how["line"])
    else:  # an exact line would clip a picture to its height
        shape.line_spacing_rule = WD_LINE_SPACING.SINGLE
    _rule(style, how.get("rule", False))


def _rule(style: Any, wanted: bool) -> None:
    """Draw the red line below the document number, and none below a title (the library's own form has one there)."""
    properties = style.element.get_or_add_pPr()
    for old in properties.findall(qn("w:pBdr")):
        properties.remove(old)
    if wanted:
        frame, line = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
        for key, value in (("val", "single"), ("sz", "16"), ("space", "6"), ("color", str(RED))):
            line.set(qn(f"w:{key}"), value)
        frame.append(line)
        properties.insert_element_before(frame, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl")


def _page_number(paragraph: Any, align: WD_ALIGN_PARAGRAPH) -> None:
    paragraph.alignment = align
    paragraph.add_run("— ")
    for kind in ("begin", "PAGE", "end"):
        run = paragraph.add_run()
        if kind == "PAGE":
            code = OxmlElement("w:instrText")
            code.text = kind
        else:
            code = OxmlElement("w:fldChar")
            code.set(qn("w:fldCharType"), kind)
        run._r.append(code)
    paragraph.add_run(" —")


def main(folder: Path = SHIPPED) -> None:
    """Write the shipped form."""
    (folder / WORD_FORM).write_bytes(made())


if __name__ == "__main__":
    main()
