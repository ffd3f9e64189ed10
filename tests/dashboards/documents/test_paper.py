"""How documents stand on paper: fonts, pages, marks, forms of a bureau, the same bytes twice."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from dataclasses import replace

import docx
import openpyxl
import pypdf
import pytest

from dashboards.documents import made
from dashboards.documents.as_pdf import pdf_of
from dashboards.documents.blocks import Heading, Paragraph, Picture
from dashboards.documents.forms import OWN, PDF_FORM, SHIPPED, WORD_FORM
from dashboards.documents.report import report
from dashboards.documents.word_form import STYLES
from dashboards.documents.word_form import made as word_form
from dashboards.figures.subscripts import runs
from dashboards.phase.content import TEXT, Column, Table
from tests.dashboards.documents import example
from tests.dashboards.documents.read_back import beyond_the_page, pdf_pages, squeezed, word_text


def fonts_of(document: bytes) -> dict[str, bool]:
    """Name of each font to whether its file is embedded."""
    found: dict[str, bool] = {}
    for page in pypdf.PdfReader(io.BytesIO(document)).pages:
        for font in (page["/Resources"].get("/Font") or {}).values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            described = inner["/FontDescriptor"].get_object()
            found[str(inner["/BaseFont"])] = any(f"/FontFile{n}" in described for n in ("", "2", "3"))
    return found


def test_every_font_is_embedded_and_is_one_of_ours(files):
    found = fonts_of(files["zh"]["pdf"]) | fonts_of(files["en"]["pdf"])
    assert found and all(found.values())
    assert {re.sub(r"^/\w+\+|-Regular.*", "", name) for name in found} == {"NotoSansSC", "NotoSerifSC"}


def test_the_same_content_gives_the_same_bytes(files, year):
    assert made.files(example.publication("zh", of=year), year) == files["zh"]


def test_pages_are_a4_numbered_and_the_digests_stand_on_the_last(files, year):
    for lang in ("zh", "en"):
        pages = pypdf.PdfReader(io.BytesIO(files[lang]["pdf"])).pages
        assert {tuple(sorted(round(float(s) / 72 * 25.4) for s in page.mediabox[2:])) for page in pages} == {(210, 297)}
        told = pdf_pages(files[lang]["pdf"])
        assert [f"—{n}—" in squeezed(text) for n, text in enumerate(told, 1)] == [True] * len(told)
        assert all(value in squeezed(told[-1]) for value in example.publication(lang, of=year).sha256s.values())


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler's pdftotext")
def test_nothing_lies_beyond_the_margins_of_a_long_document_and_of_both_languages(files, tmp_path):
    long = example.long_content()
    assert len(long.tables) >= 24
    document = made.pdf(example.publication(of=long), long)
    for each in (document, files["zh"]["pdf"], files["en"]["pdf"]):
        assert beyond_the_page(each, tmp_path) == []
    heads = [page for page in pdf_pages(document) if squeezed("站点城市PM2.5平均") in squeezed(page)]
    assert len(heads) > 5  # the head of a table of 45 stations comes again on every page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_heading_and_no_caption_of_a_table_is_the_last_of_a_page(files, year, lang):
    document = report(example.publication(lang, of=year), year)
    told = {squeezed("".join(p for p, _ in block.text)) for block in document.blocks if isinstance(block, Heading)}
    told |= {
        squeezed("".join(p for p, _ in b.caption)) for b in (*document.blocks, *document.annex) if b.kind == "grid"
    }
    assert len(told) > 20
    for page in pdf_pages(files[lang]["pdf"]):
        body = re.sub(r"—\d+—$", "", squeezed(page))
        assert not any(body.endswith(each) for each in told)


def test_numbers_of_figures_close_up_where_one_is_left_out(year):
    def captions(content):
        blocks = report(example.publication(of=content), content).blocks
        return [b.caption[0][0].split("　")[0] for b in blocks if isinstance(b, Picture)]

    assert captions(year) == [f"图{n}" for n in range(1, 8)]
    without = replace(year, tables=tuple(t for t in year.tables if t.key not in ("levels", "days")))
    assert captions(without) == [f"图{n}" for n in range(1, 6)]


@pytest.mark.parametrize(
    "organ", ["成都平原八市大气环境联席会", "德阳市生态环境局", "成都平原经济区八市大气污染防治联席会议办公室"]
)
def test_the_name_of_who_issues_a_document_stands_in_one_line(year, organ):
    first = pypdf.PdfReader(io.BytesIO(made.pdf(example.publication(organ=organ), year))).pages[0]
    assert squeezed(organ) in [squeezed(line) for line in first.extract_text().splitlines()]


@pytest.mark.parametrize("head", ["成都平原八市大气环境联席会会议纪要", "关于成都平原八市大气环境联席会情况的报告"])
def test_a_title_breaks_before_its_brackets_and_not_within_a_word(year, head):
    given = example.publication(title=f"{head}（2026年第一季度）")
    first = pypdf.PdfReader(io.BytesIO(made.pdf(given, year))).pages[0]
    lines = [squeezed(line) for line in first.extract_text().splitlines()]
    assert squeezed(head) in lines and squeezed("（2026年第一季度）") in lines


IN_WORDS = {
    "zh": (
        "最近一次修订（北京时间）：2026-03-02 07:30",
        "时段内适用的标准版本：GB 3095—2012和HJ 633—2012；GB 3095—2026过渡",
    ),
    "en": (
        "Last revision (Beijing time): 2026-03-02 07:30",
        "Editions in force: GB 3095-2012 and HJ 633-2012; GB 3095-2026",
    ),
}


@pytest.mark.parametrize(("lang", "said"), IN_WORDS.items())
def test_where_numbers_come_from_is_said_in_words_and_in_the_time_of_beijing(year, lang, said):
    content = replace(year, about={"revised_last": "2026-03-01T23:30:00", "editions_in_force": ["2012", "2026T"]})
    blocks = report(example.publication(lang, of=content), content).blocks
    notes = ["".join(piece for piece, _ in b.text) for b in blocks if isinstance(b, Paragraph)]
    assert all(any(note.startswith(each) for note in notes) for each in said), notes[-4:]


def test_a_simulated_draft_says_so_on_every_page_of_pdf_and_in_word(year):
    given = example.publication(number=None, issued=None, state="draft", simulated=True)
    pages = [squeezed(page) for page in pdf_pages(made.pdf(given, year))]
    assert all("含模拟数据" in page and page.count("草案") >= 2 for page in pages)  # in the header and across the page
    paper = docx.Document(io.BytesIO(made.word(given, year)))
    for header in (paper.sections[0].header, paper.sections[0].even_page_header):
        assert "含模拟数据" in header.paragraphs[0].text and "草案" in header.paragraphs[0].text
    assert paper.sections[1].header.is_linked_to_previous
    assert "编号待定" in word_text(made.word(given, year))


def test_a_frozen_one_of_reviewed_data_bears_no_mark(files):
    assert not any("草案" in page or "模拟数据" in page for page in pdf_pages(files["zh"]["pdf"]))


def test_a_publication_without_number_or_date_is_a_draft():
    with pytest.raises(made.DocumentRefused, match="number"):
        example.publication(number=None)


def test_a_bureau_changes_the_forms_file_by_file(year, tmp_path, monkeypatch):
    given = example.publication(of=year)
    own = (
        (SHIPPED / PDF_FORM)
        .read_text(encoding="utf-8")
        .replace("#set-down(data.blocks)", "本局用纸 #set-down(data.blocks)")
    )
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / PDF_FORM).write_text(own, encoding="utf-8")
    assert "本局用纸" in pdf_pages(made.pdf(given, year, portal=tmp_path))[0]
    assert made.word(given, year, portal=tmp_path) == made.word(given, year)  # the shipped one of Word holds on
    changed = docx.Document(str(SHIPPED / WORD_FORM))
    changed.styles["Body Text"].font.size = docx.shared.Pt(14)
    changed.save(str(tmp_path / WORD_FORM))
    monkeypatch.setenv(OWN, str(tmp_path))
    read = docx.Document(io.BytesIO(made.word(given, year)))
    assert read.styles["Body Text"].font.size.pt == 14


def test_a_broken_form_is_refused_with_file_and_line(year, tmp_path, monkeypatch):
    monkeypatch.setenv(OWN, str(tmp_path))
    lines = (SHIPPED / PDF_FORM).read_text(encoding="utf-8").splitlines()
    lines.insert(9, "#nothing-of-this-name")
    (tmp_path / PDF_FORM).write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(made.DocumentRefused, match=r"assessment\.typ, line 10: unknown variable"):
        made.pdf(example.publication(of=year), year)
    (tmp_path / PDF_FORM).write_text(
        "#let f(x) = { let n = 0\n while true { n += 1; if n > 1000 { n = 0 } } }\n#f(1)", encoding="utf-8"
    )
    with pytest.raises(
        made.DocumentRefused, match=r"assessment\.typ"
    ):  # a loop without end: Typst sees it, or its time is over
        pdf_of(report(example.publication(of=year), year), longest_s=20)
    (tmp_path / WORD_FORM).write_bytes(b"no Word")
    with pytest.raises(made.DocumentRefused, match=r"assessment\.docx is broken"):
        made.word(example.publication(of=year), year)
    docx.Document().save(str(tmp_path / WORD_FORM))
    with pytest.raises(made.DocumentRefused, match=r"lacks the styles .*Organ"):
        made.word(example.publication(of=year), year)


def test_the_shipped_form_of_word_is_what_its_maker_makes():
    with zipfile.ZipFile(io.BytesIO(word_form())) as made_now, zipfile.ZipFile(SHIPPED / WORD_FORM) as shipped:
        assert made_now.read("word/styles.xml") == shipped.read("word/styles.xml")


def test_every_style_names_a_chinese_font_and_none_of_a_theme():
    styles = docx.Document(str(SHIPPED / WORD_FORM)).styles
    place = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    for name in STYLES:
        fonts = styles[name].element.rPr.rFonts
        assert fonts.get(f"{place}eastAsia") == STYLES[name]["font"]
        assert not [key for key in fonts.attrib if key.endswith("Theme")]


def test_figures_of_word_are_pictures_with_words_for_whoever_does_not_see_them(files):
    paper = docx.Document(io.BytesIO(files["zh"]["docx"]))
    told = [each.get("descr") for each in paper.element.body.iter() if each.tag.endswith("}docPr")]
    assert len(told) == 7 and all(each.startswith("图") for each in told)
    with zipfile.ZipFile(io.BytesIO(files["zh"]["docx"])) as archive:
        pictures = [name for name in archive.namelist() if name.endswith(".png")]
    assert len(pictures) == 7


def test_a_text_that_looks_like_a_formula_or_holds_control_characters_stays_a_text(year):
    odd = Table("odd", (Column("what", TEXT), Column("more", TEXT)), (("=1+1", "bell\x07 and <tag> & more"),))
    content = replace(year, tables=(*year.tables, odd))
    made_now = made.files(example.publication(of=content), content)
    book = openpyxl.load_workbook(io.BytesIO(made_now["xlsx"]))
    cells = {cell.value: cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert cells["=1+1"] == "s" and "bell and <tag> & more" in cells
    with zipfile.ZipFile(io.BytesIO(made_now["zip"])) as archive:
        assert archive.read("odd.csv").decode("utf-8-sig").splitlines()[1].startswith("'=1+1")
    assert "bell and <tag> & more" in "".join(pdf_pages(made_now["pdf"])).replace("\n", " ")


def test_progress_goes_from_nothing_to_all(year):
    told = []
    made.files(
        example.publication(of=year), year, ["pdf", "json"], progress=lambda done, what: told.append((done, what))
    )
    assert [what for _, what in told] == ["report", "pdf", "json", "done"]
    assert [done for done, _ in told] == sorted(done for done, _ in told) and told[-1][0] == 1.0


@pytest.mark.parametrize(
    ("text", "low"),
    [("PM2.5", ["2.5"]), ("PM₂.₅和O₃", ["2.5", "3"]), ("NO2、SO2、PM10", ["2", "2", "10"]), ("CO", []), ("2016年PM2.5", ["2.5"]),
     ("CO2", ["2"]), ("TOMO3A", []), ("HJ 663-2013", [])],
)  # fmt: skip
def test_digits_of_formulas_hang_low_and_no_others(text, low):
    assert [piece for piece, place in runs(text) if place == "sub"] == low
