"""Minutes of a meeting and the report on it to the province, as documents: what the book holds, in the form of a bureau. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.documents.blocks import LEFT, MIDDLE, Grid, Heading, Paragraph, Report
from dashboards.documents.report import chapter_heading, said_date
from dashboards.figures.subscripts import runs
from dashboards.meetings.book import Action, Meeting
from dashboards.meetings.office_tables import CLOSED
from dashboards.meetings.quarters import quarter_words
from dashboards.text import Text

MINUTES, REPORT = "minutes", "report"
KINDS = (MINUTES, REPORT)


@dataclass(frozen=True, slots=True)
class Paper:
    """A publication that lay before a meeting: its name, its title, and its summary in sentences of the language."""

    name: str
    title: str
    summary: tuple[str, ...]
    simulated: bool = False


def minutes(
    found: Meeting, papers: Sequence[Paper], text: Text, city: Callable[[str], str], *, today: dt.date
) -> Report:  # fmt: skip
    """Set the minutes of a meeting: facts, agenda, what was said, decisions, actions, what was carried over, papers.

    city: gives the name of a city by its code. today: a day in Beijing, by which actions are overdue.
    """
    chapters = _Chapters(text)
    blocks = [
        *_facts(found, text, city), *_lines(chapters, "agenda", found.items),
        *_lines(chapters, "review", _paragraphs(found.review)),
        *_lines(chapters, "decisions", [said for _, said in found.decisions]),
        *_actions(chapters, "actions", found.actions, text, city, today),
        *_actions(chapters, "carried", found.carried, text, city, today),
        *_lines(chapters, "papers", [_named(each, text) for each in papers]),
    ]  # fmt: skip
    return _document(MINUTES, found, blocks, papers, text, city)


def report_up(
    found: Meeting, papers: Sequence[Paper], text: Text, city: Callable[[str], str], *, today: dt.date
) -> Report:  # fmt: skip
    """Set the report on a meeting to the province: that it was held, what the assessments say, decisions, how actions stand."""
    chapters = _Chapters(text)
    opening = text(
        "meetings.paper_opening", quarter=quarter_words(text, found.quarter),
        day=said_date(found.day, text.lang), place=found.place or text("meetings.paper_no_place"), host=city(found.host),
    )  # fmt: skip
    blocks: list[Any] = [Paragraph(runs(text("meetings.paper_to_province")), "lead"), Paragraph(runs(opening))]
    for each in papers:
        blocks += _lines(chapters, "", each.summary, title=each.title)
    blocks += _lines(chapters, "decisions", [said for _, said in found.decisions])
    blocks += _actions(chapters, "actions", found.actions, text, city, today)
    blocks += _actions(chapters, "carried", found.carried, text, city, today)
    blocks += _lines(chapters, "papers", [_named(each, text) for each in papers])
    return _document(REPORT, found, blocks, papers, text, city)


class _Chapters:
    """Headings by number, in the order in which they are asked for."""

    def __init__(self, text: Text) -> None:
        self.text, self.count = text, 0

    def heading(self, words: str) -> Heading:
        self.count += 1
        return chapter_heading(self.count, words, self.text.lang)


def _document(
    kind: str, found: Meeting, blocks: Sequence[Any], papers: Sequence[Paper], text: Text, city: Callable[[str], str]
) -> Report:  # fmt: skip
    organ = text("meetings.paper_organ", city=city(found.host))
    quarter = quarter_words(text, found.quarter)
    marks = [text("document.simulated_mark")] if any(each.simulated for each in papers) else []
    draft = "" if found.state == CLOSED else text("meetings.paper_draft")
    marks += [text("document.state_mark", state=draft)] if draft else []
    day = found.reported_on if kind == REPORT else found.day
    return Report(
        lang=text.lang, title=text(f"meetings.paper_{kind}", quarter=quarter), mark=organ,
        number=text("document.no_number"), period=text("document.period", period=quarter),
        marks=text("document.semicolon").join(marks), watermark=draft, blocks=tuple(blocks),
        signature=(organ, said_date(day, text.lang) or text("document.not_issued")), annex_title="", annex=(),
        sealed_title="", sealed=(), dated=day or found.changed_at.date(), author=organ,
    )  # fmt: skip


def _facts(found: Meeting, text: Text, city: Callable[[str], str]) -> Iterator[Paragraph]:
    told = (
        ("day", said_date(found.day, text.lang)), ("place", found.place), ("host", city(found.host)),
        ("chair", found.chair), ("attended", text("list.comma").join(_paragraphs(found.attended))),
    )  # fmt: skip
    for name, value in told:
        if value:
            yield Paragraph(runs(f"{text(f'meetings.{name}')}{text('document.colon')}{value}"))


def _lines(chapters: _Chapters, key: str, lines: Sequence[str], *, title: str = "") -> Iterator[Any]:
    """Give a chapter of numbered lines; one without a line is left out, and the numbers close up."""
    if not lines:
        return
    yield chapters.heading(title or chapters.text(f"meetings.{key}"))
    for n, line in enumerate(lines, 1):
        yield Paragraph(runs(f"{n}. {line}" if len(lines) > 1 and not title else line))


def _actions(
    chapters: _Chapters, key: str, actions: Sequence[Action], text: Text, city: Callable[[str], str], today: dt.date
) -> Iterator[Any]:  # fmt: skip
    if not actions:
        return
    yield chapters.heading(text(f"meetings.{key}"))
    heads = tuple(
        ((runs(text(f"meetings.{name}")),), "") for name in ("number", "action", "owner", "due_day", "state", "note")
    )
    rows = tuple(
        tuple(
            map(
                runs,
                (str(each.id), each.text, city(each.owner), str(each.due), _state(each, text, today), each.note or "—"),
            )
        )
        for each in actions
    )
    yield Grid(
        runs(text(f"meetings.{key}")), heads, rows, (3, 14, 4, 6, 4, 9), (MIDDLE, LEFT, MIDDLE, MIDDLE, MIDDLE, LEFT),
        (0,) * 6, together=len(rows) <= 8,
    )  # fmt: skip


def _state(each: Action, text: Text, today: dt.date) -> str:
    state = "overdue" if each.is_overdue(today) else each.state
    return text(f"meetings.action_{state}")


def _named(each: Paper, text: Text) -> str:
    return text("meetings.paper_named", title=each.title, name=each.name)


def _paragraphs(said: str) -> list[str]:
    return [line.strip() for line in said.splitlines() if line.strip()]
