"""An assessment and its publication as a document: chapters, numbers of tables and figures, notes, annex, digests. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from dashboards.documents.abridged import abridged
from dashboards.documents.blocks import Heading, Paragraph, Picture, Report
from dashboards.documents.figures import Figure, figures_of
from dashboards.documents.grids import ACROSS_PT, ANNEX_SIZE, BODY_SIZE, UPRIGHT_PT, first_fitting, fitting, grid
from dashboards.documents.publication import DRAFT, FROZEN, DocumentRefused, Publication
from dashboards.documents.spoken import Spoken
from dashboards.figures.subscripts import runs
from dashboards.moment import SHANGHAI
from dashboards.phase.content import Content, Table, as_bytes, digest
from dashboards.phase.named import day_words
from dashboards.text import Text

CHAPTERS = (
    (
        "state",
        ("cities", "verdicts", "levels", "primary", "months", "days"),
        ("pm25", "levels", "primary", "path", "calendar"),
    ),
    ("ranking", ("ranking", "change", "same_edition"), ("change",)),
    ("targets", ("targets",), ("targets_pm25", "targets")),
    ("processes", ("episodes", "events", "exceptional"), ()),
    ("trend", ("yearly", "trend"), ("yearly",)),
    ("causes", ("attribution_sectors", "attribution_places", "weather"), ("sectors", "places")),
    ("quality", ("coverage", "revisions", "scores"), ()),
)  # fmt: skip
"""Chapters of the body: key, tables, figures; a chapter without any of them is left out and the numbers close up."""
ROWS_IN_BODY = 12
"""A table of more rows stands in the annex alone."""
ROWS_ON_PAPER = 400
"""A table of more rows (each day of each city) is in the files alone, and the paper says so."""
NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class _Placed:
    """A table, its edition ("" for the one chosen), its number in the annex (0: whole in the body, or not on paper)."""

    table: Table
    edition: str
    annex: int


def report(publication: Publication, content: Content) -> Report:
    """Set an assessment as a document; raise DocumentRefused where the content is not the one whose digest is published."""
    spoken = Spoken(publication.lang, publication.names)
    text = spoken.text
    placed = list(_placed(content, spoken))
    chapters = _Chapters(spoken)
    blocks = [*_summary(content, spoken, chapters), *_body(content, placed, spoken, chapters)]
    blocks += _method(publication, content, placed, spoken, chapters)
    annex = [block for each in placed if each.annex for block in _annexed(each, spoken)]
    marks = [text("document.simulated_mark")] if publication.simulated or content.about.get("simulated") is True else []
    watermark = "" if publication.state == FROZEN else text.of_code("document.state.", publication.state)
    marks += [text("document.state_mark", state=watermark)] if watermark else []
    dated = publication.issued or _last(content)
    return Report(
        lang=publication.lang,
        title=publication.title,
        mark=publication.organ,
        number=publication.number or text("document.no_number"),
        period=text("document.period", period=publication.period),
        marks=text("document.semicolon").join(marks),
        watermark=watermark,
        blocks=tuple(blocks),
        signature=(publication.organ, said_date(publication.issued, publication.lang) or text("document.not_issued")),
        annex_title=text("document.annex") if annex else "",
        annex=tuple(annex),
        sealed_title=text("document.digests"),
        sealed=_sealed(publication, content, spoken),
        dated=dated,
        author=publication.organ,
    )


def said_date(day: dt.date | None, lang: str) -> str:
    """Write a date as official papers do, "" for none."""
    return "" if day is None else day_words(Text(lang), day)


def chapter_heading(number: int, words: str, lang: str) -> Heading:
    """Give the heading of a chapter with its number, counted from 1, as papers of the language write it."""
    return Heading(1, runs((f"{NUMERALS[number - 1]}、" if lang == "zh" else f"{number}. ") + words))


class _Chapters:
    """The numbers of headings, tables and figures, in the order in which they are asked for."""

    def __init__(self, spoken: Spoken) -> None:
        self.spoken = spoken
        self.chapter = self.tables = self.figures = 0

    def heading(self, words: str) -> Heading:
        self.chapter += 1
        return chapter_heading(self.chapter, words, self.spoken.lang)

    def below(self, place: int, words: str) -> Heading:
        number = f"（{NUMERALS[place]}）" if self.spoken.lang == "zh" else f"{self.chapter}.{place + 1} "
        return Heading(2, runs(number + words))

    def table(self, words: str) -> str:
        self.tables += 1
        return self.spoken.text("document.table", number=self.tables, title=words)

    def figure(self, words: str) -> str:
        self.figures += 1
        return self.spoken.text("document.figure_number", number=self.figures, title=words)


def _placed(content: Content, spoken: Spoken) -> Iterator[_Placed]:
    """Say of every table where it stands whole; one that is the same under an edition as under the one chosen stands once."""
    number = 0
    for table in content.tables:
        known = any(table.key in tables for _, tables, _ in CHAPTERS)
        whole = known and _in_body(table) and abridged(table) is table
        whole = whole and len(fitting(table, spoken, UPRIGHT_PT, BODY_SIZE)) == 1
        annexed = not whole and 0 < len(table.rows) <= ROWS_ON_PAPER
        number += annexed
        yield _Placed(table, "", number if annexed else 0)
    for edition, tables in content.by_edition.items():
        for table in tables:
            if 0 < len(table.rows) <= ROWS_ON_PAPER and table not in content.tables:
                number += 1
                yield _Placed(table, edition, number)


def _in_body(table: Table) -> bool:
    return 0 < len(table.rows) <= ROWS_IN_BODY


def _summary(content: Content, spoken: Spoken, chapters: _Chapters) -> Iterator[Any]:
    """Give the sentences as paragraphs, those about one table together; nothing where no sentence can be said."""
    paragraphs: list[list[str]] = []
    about = None
    for sentence in content.summary:
        said = spoken.sentence(sentence, content)
        table = sentence.cells[0][1] if sentence.cells else about
        if not said:
            continue
        if table != about or not paragraphs:
            paragraphs.append([])
            about = table
        paragraphs[-1].append(said)
    yield chapters.heading(spoken.text("document.chapter.summary"))
    between = "" if spoken.lang == "zh" else " "
    for sentences in paragraphs:
        yield Paragraph(runs(between.join(sentences)))
    if not paragraphs:
        yield Paragraph(runs(spoken.text("document.nothing_said")))


def _body(content: Content, placed: list[_Placed], spoken: Spoken, chapters: _Chapters) -> Iterator[Any]:
    drawn = figures_of(content, spoken)
    chosen = {each.table.key: each for each in placed if not each.edition}
    for key, tables, figures in CHAPTERS:
        here = [chosen[name] for name in tables if name in chosen]
        pictures = [drawn[name] for name in figures if name in drawn]
        if not here:
            continue
        yield chapters.heading(spoken.text(f"document.chapter.{key}"))
        for place, each in enumerate(here):
            if len(here) > 1:
                yield chapters.below(place, spoken.title(each.table))
            yield from _shown(each, [f for f in pictures if f.table.key == each.table.key], spoken, chapters)


def _shown(each: _Placed, figures: list[Figure], spoken: Spoken, chapters: _Chapters) -> Iterator[Any]:
    """Show a table in the body with its figures: whole, or its first columns, or where in the annex it stands."""
    table, text = abridged(each.table), spoken.text
    told, blocks = [], []
    if not table.rows:
        told.append(text("document.no_rows"))
    elif not _in_body(table) and not each.annex:
        told.append(text("document.in_files", rows=len(table.rows)))
    elif not _in_body(table):
        told.append(text("document.see_annex", number=each.annex, rows=len(table.rows)))
    else:
        columns = first_fitting(table, spoken, UPRIGHT_PT, BODY_SIZE)
        notes = _notes(table, spoken)
        if each.annex:
            notes = (text("document.more_columns", number=each.annex), *notes)
        blocks.append(
            grid(
                table,
                spoken,
                columns,
                chapters.table(spoken.title(table)),
                room=UPRIGHT_PT,
                size=BODY_SIZE,
                notes=notes,
            )
        )
        told.append(text("document.see_table", number=chapters.tables))
    first = chapters.figures + 1
    blocks += [_picture(figure, spoken, chapters) for figure in figures]
    if len(figures) == 1:
        told.append(text("document.see_figure", number=first))
    elif figures:
        told.append(text("document.see_figures", first=first, last=chapters.figures))
    yield Paragraph(runs(("" if spoken.lang == "zh" else " ").join(told)), "lead" if blocks else "body")
    yield from blocks


def _picture(figure: Figure, spoken: Spoken, chapters: _Chapters) -> Picture:
    caption = chapters.figure(spoken.text(f"document.figure.{figure.key}"))
    source = spoken.sources(figure.table)
    notes = (runs(spoken.text("document.source", source=source)),) if source else ()
    return Picture(runs(caption), figure.svg, caption, notes)


def _notes(table: Table, spoken: Spoken) -> tuple[str, ...]:
    """Give the lines below a table: notes in one, sources in the last."""
    said = spoken.notes(table)
    lines = [spoken.text("document.note", note=spoken.text("document.semicolon").join(said))] if said else []
    source = spoken.sources(table)
    return (*lines, spoken.text("document.source", source=source)) if source else tuple(lines)


def _annexed(each: _Placed, spoken: Spoken) -> Iterator[Any]:
    table, text = each.table, spoken.text
    title = spoken.title(table)
    if each.edition:
        title = text("document.under", title=title, edition=_edition(each.edition, spoken))
    parts = fitting(table, spoken, ACROSS_PT, ANNEX_SIZE)
    for number, columns in enumerate(parts, 1):
        whole = title if len(parts) == 1 else text("document.part", title=title, part=number, parts=len(parts))
        notes = _notes(table, spoken) if number == len(parts) else ()
        caption = text("document.annex_table", number=each.annex, title=whole)
        yield grid(table, spoken, columns, caption, room=ACROSS_PT, size=ANNEX_SIZE, notes=notes)


def _method(
    publication: Publication, content: Content, placed: list[_Placed], spoken: Spoken, chapters: _Chapters
) -> Iterator[Any]:
    text = spoken.text
    chosen = str(content.question.get("edition", ""))
    notes = [text("document.method.standard", edition=_edition(chosen, spoken))] if chosen else []
    if len(content.by_edition) > 1:
        numbers = [each.annex for each in placed if each.edition]
        names = text("list.comma").join(_edition(name, spoken) for name in content.by_edition)
        notes.append(text("document.method.editions", editions=names, chosen=_edition(chosen, spoken)))
        if numbers:
            notes.append(text("document.method.editions_annex", first=min(numbers), last=max(numbers)))
    notes += [text("document.method.validity"), text("document.method.exceptional"), text("document.method.rounding")]
    if publication.simulated or content.about.get("simulated") is True:
        notes.append(text("document.method.simulated"))
    if content.about.get("published") is True:
        notes.append(text("phase.note.published_days"))
    if publication.state == DRAFT:
        notes.append(text("document.method.draft"))
    placed_in_chapters = {key for _, tables, _ in CHAPTERS for key in tables}
    others = [each for each in placed if each.annex and not each.edition and each.table.key not in placed_in_chapters]
    if others:
        told_of = [text("document.method.other", number=e.annex, title=spoken.title(e.table)) for e in others]
        notes.append(text("document.method.others", tables=text("document.semicolon").join(told_of)))
    absent = content.about.get("absent")
    if isinstance(absent, dict) and absent:
        titles = [
            text("document.not_there", title=text.of_code("phase.table.", key), why=spoken.why(str(why)))
            for key, why in absent.items()
        ]
        notes.append(text("document.method.absent", tables=text("document.semicolon").join(titles)))
    yield chapters.heading(text("document.chapter.method"))
    for place, note in enumerate(notes, 1):
        yield Paragraph(runs(f"{place}. {note}"))
    known = {name: value for name, value in content.about.items() if name != "absent"}
    facts = []
    for name, value in _flat(known):
        told = _FACTS[name](value, spoken) if name in _FACTS else value
        facts.append(f"{text.of_code('document.about.', name.replace('.', '_'))}{text('document.colon')}{told}")
    if facts:
        yield Paragraph(runs(f"{len(notes) + 1}. {text('document.method.data')}"), "lead")
        yield from (Paragraph(runs(fact), "note") for fact in facts)


def _edition(name: str, spoken: Spoken) -> str:
    return spoken.text.of_code("document.edition.", name)


def _at_beijing(moment: str, _: Spoken) -> str:
    """Write a moment (UTC, ISO) as every other time of a document: of Beijing, as its word says; another text stands for itself."""
    try:
        return f"{dt.datetime.fromisoformat(moment) + SHANGHAI:%Y-%m-%d %H:%M}"
    except ValueError:
        return moment


_FACTS: dict[str, Callable[[str, Spoken], str]] = {
    "status": lambda value, spoken: spoken.text.of_code("phase.standing.", value),
    "revised_last": _at_beijing,
    "editions_in_force": lambda value, spoken: spoken.text("document.semicolon").join(
        _edition(each, spoken) for each in value.split(", ")
    ),
}
"""What tells where numbers come from and stands as a code in the content: how it is said."""


def _flat(node: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Give what tells where numbers come from as (name, value); what is not known is left out."""
    if isinstance(node, dict):
        for key, value in sorted(node.items()):
            yield from _flat(value, f"{name}.{key}" if name else str(key))
    elif isinstance(node, list | tuple):
        if node:
            yield name, ", ".join(map(str, node))
    elif node not in (None, "") and not isinstance(node, bool):
        yield name, str(node)


def _sealed(publication: Publication, content: Content, spoken: Spoken) -> tuple[tuple[str, str], ...]:
    own = digest(as_bytes(content))
    published = publication.sha256s.get("content", own)
    if published != own:
        raise DocumentRefused(f"the content has the digest {own}, expected {published} as it was published")
    digests = {**publication.sha256s, "content": own}
    return tuple((spoken.text.of_code("document.digest.", name), value) for name, value in sorted(digests.items()))


def _last(content: Content) -> dt.date:
    """The last day of the period: the date inside the file of a draft, which has none of its own."""
    try:
        return dt.date.fromisoformat(str(content.question.get("last")))
    except ValueError:
        return dt.date(1970, 1, 1)
