"""Data health: sources that add up, the files and refused rows of one, the statutory clocks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dash import html

from dashboards.components import marks
from dashboards.components.judged_words import number
from dashboards.components.origin import DIGITS
from dashboards.components.tables import plain_table, scrolling
from dashboards.context import Scene
from dashboards.moment import beijing
from dashboards.text import signed
from streams.store.clocks import Clock
from streams.store.health import Books, File, OpenHour, Reject
from streams.store.reasons import expected_in, position_in, reason_in
from streams.store.schema import COUNTS
from streams.store.verifying import OVERDUE_H, Round

_SPAN, _OF_RUN = re.compile(r"(\S+) to (\S+)"), re.compile(r"(\d+) days from the run of (.+)")
SIGNS = {"ok": "✓", "late": "△", "missing": "✗"}


def source_table(scene: Scene, sources: Sequence[Books]) -> html.Div | html.P:
    """List the sources: in = accepted + duplicate + late + rejected, freshest hour and its age."""
    if not sources:
        words = "health.no_sources_past" if scene.moment.is_past else "health.no_sources"
        return html.P(scene.text(words), className="quiet")
    text = scene.text
    heads = [
        text("health.source"),
        *(text.of_code("count.", n) for n in COUNTS),
        text("health.sum"),
        text("health.freshest"),
    ]
    return scrolling(plain_table(heads, [_source(scene, each) for each in sources], "sources"))


def file_table(scene: Scene, files: Sequence[File]) -> html.Div | html.P:
    """List files of a source: what came in of each, of which hours, when, and the digest by which it is known."""
    text = scene.text
    if not files:
        return html.P(text("origin.no_files"), className="quiet")
    heads = [text("health.file"), text("health.hours"), *(text.of_code("count.", name) for name in COUNTS)]
    return scrolling(plain_table(heads, [_file(scene, each) for each in files], "files"))


def clock_table(scene: Scene, clocks: dict[str, dict[str, Clock]]) -> html.Div:
    """Show which of the three clocks each city keeps; a sign and a word, with what was due and found on hovering."""
    cities = list(scene.registry.cities)
    heads = [scene.text("health.clock"), *(scene.city_name(code) for code in cities)]
    rows = [
        html.Tr(
            [html.Th(scene.text.of_code("clock.", name), scope="row"), *(_clock(scene, found.get(c)) for c in cities)]
        )
        for name, found in clocks.items()
    ]
    return scrolling(plain_table(heads, rows, "clocks"))


def open_table(scene: Scene, hours: Sequence[OpenHour], damaged: int = 0) -> html.Div | html.P:
    """List hours whose books do not balance: of which source, and how many rows are not accounted for.

    damaged: places of the topics that could not be read; while there are any, nothing says that the books balance.
    """
    text = scene.text
    if not hours and damaged:
        return html.P(text("health.damaged", count=damaged), className="bad")
    if not hours:
        return html.P(text("data.all_balance"), className="quiet")
    heads = [text("health.source"), text("data.hour"), text("data.unaccounted"), text("data.received")]
    body = [
        html.Tr([
            html.Th(each.source, scope="row"), html.Td(text("data.no_hour") if each.hour_end is None else beijing(each.hour_end)),
            html.Td(number(float(each.difference), 0, signed=True), className="number"),
            html.Td("NA" if each.last_received_at is None else beijing(each.last_received_at)),
        ])
        for each in hours
    ]  # fmt: skip
    return scrolling(plain_table(heads, body, "open-hours"))


def verified_words(scene: Scene, found: Round | None) -> str:
    """Tell when all segments of the topics were last read from end to end: what was damaged since, nobody knows."""
    if found is None:
        return scene.text("data.never_verified")
    age_h = found.age_h(scene.moment.now)
    words = "data.verified" if age_h < OVERDUE_H else "data.verified_before"
    return scene.text(
        words, begun=beijing(found.begun), ended=beijing(found.ended), segments=found.segments,
        size=f"{found.size / 1e6:.1f}", age=round(age_h),
    )  # fmt: skip


def reject_list(scene: Scene, rejects: Sequence[Reject]) -> html.Ul | html.P:
    """List refused rows with reason, value and what was expected."""
    if not rejects:
        words = "health.no_rejects_past" if scene.moment.is_past else "health.no_rejects"
        return html.P(scene.text(words), className="quiet")
    return html.Ul([_reject(scene, row) for row in rejects], className="rejects")


def _source(scene: Scene, books: Books) -> html.Tr:
    counts = [html.Td(f"{getattr(books, name):,}", className="number") for name in COUNTS]
    hour = books.newest_hour
    shown = ["NA"] if hour is None else [beijing(hour), " ", marks.age(scene.moment, hour, scene.text)]
    is_open = books.source == scene.view.source
    link = html.A(books.source, href=scene.view.link(source="" if is_open else books.source), className="of-source",
                  title=scene.text("health.of_source"),
                  **{"data-state": "", "aria-expanded": "true" if is_open else "false"})  # fmt: skip
    return html.Tr([html.Th(link, scope="row"), *counts, html.Td(_sum(scene, books)), html.Td(shown)])


def _file(scene: Scene, file: File) -> html.Tr:
    first, last = file.first_hour, file.last_hour
    hours = ["NA"] if first is None else [beijing(first), html.Br(), "– ", beijing(last)]
    known = [getattr(file, name) for name in COUNTS]
    counts = [html.Td("—" if count is None else f"{count:,}", className="number") for count in known]
    told = scene.text("origin.file", digest=file.digest[:DIGITS], received=beijing(file.received_at))
    mark = marks.simulated({"simulated": file.simulated}, scene.text)
    name = html.Th([file.file, mark, html.Small(told, title=file.digest)], scope="row")
    return html.Tr([name, html.Td(hours), *counts])


def _sum(scene: Scene, books: Books) -> list[html.Span]:
    """Tell whether the books balance, and of what is open how much is lost and how much is under way."""
    text, difference = scene.text, books.difference
    if difference < 0:
        return [html.Span(text("health.differs", count=-difference), className="bad")]
    parts = []
    if books.lost:
        parts.append(html.Span(text("health.lost", count=books.lost), className="bad"))
    if difference > books.lost:
        parts.append(html.Span(text("health.under_way", count=difference - books.lost), className="doubtful"))
    if not parts and books.damaged:
        return [html.Span(text("health.damaged", count=books.damaged), className="doubtful")]
    return parts or [html.Span(text("health.adds_up"), className="good")]


def _clock(scene: Scene, clock: Clock | None) -> html.Td:
    if clock is None:
        return html.Td("—")
    words = scene.text.of_code("verdict.", clock.verdict)
    clause = scene.text(f"health.clause_{clock.clock}")
    note = scene.text(
        "health.clock_note", due=_said(scene, clock.due), found=_said(scene, clock.found or "—"), clause=clause
    )
    kind = {"ok": "good", "late": "doubtful"}.get(clock.verdict, "bad")
    return html.Td(f"{SIGNS.get(clock.verdict, '')} {words}", className=kind, title=note)


def _said(scene: Scene, told: str) -> str:
    """Write what a clock tells of, a moment, "day to day" or "n days from the run of moment", in the reader's language."""
    if span := _SPAN.fullmatch(told):
        return scene.text("health.clock_days", first=span[1], last=span[2])
    if run := _OF_RUN.fullmatch(told):
        return scene.text("health.clock_run", count=run[1], run=run[2])
    return told


def _reject(scene: Scene, row: Reject) -> html.Li:
    lang = scene.text.lang
    where = " · ".join(part for part in (row.source, row.file, position_in(lang, row.position)) if part)
    said = scene.text("health.reject", value=row.value or "—", expected=signed(expected_in(lang, row.expected)) or "—")
    mark = [html.Span(scene.text("health.set_aside"), className="set-aside")] if row.set_aside else []
    return html.Li([*mark, html.B(signed(reason_in(lang, row.reason)) or "—"), html.Span(said), html.Small(where)])
