"""What an assessment says first: the key figures of a place as tiles, then its sentences in paragraphs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from dash import html

from dashboards.components.phase_tables import Told, lowered, unit_of
from dashboards.phase.content import Content, Sentence
from dashboards.phase.measures import COMPARED, HEAVY, Measure
from dashboards.phase.summary import direction

KEYS = ("pm25_mean_ugm3", "o3_mda8_p90_ugm3", "good_ratio_pct", "heavy_days", "ranking_index", "pm10_mean_ugm3")
"""Measures that are shown as tiles, in this order; what is NA has none."""
TILES = 5
MEASURED = ("phase.say.level", "phase.say.same", "phase.say.changed")
UP, DOWN, SAME = "▲", "▼", "＝"
_TOPICS = {
    "best": "rank", "worst": "rank", "improved": "moved", "worsened": "moved", "complies": "verdict", "exceeds": "verdict",
    "pm25": "extremes", "good": "extremes", "targets": "target",
}  # fmt: skip
"""Topic of a sentence by how its key begins; the others are of the topic that they are named by."""


def tiles(told: Told, content: Content, place: str) -> html.Dl | None:
    """Show the key figures of a place with how each moved: an arrow, words, and whether that is for the better."""
    row = content.table("cities").row_of(place) if any(t.key == "cities" for t in content.tables) else None
    if row is None:
        return None
    by_key = {measure.key: measure for measure in COMPARED}
    shown = [by_key[key] for key in KEYS if row.get(key) is not None][:TILES]
    return html.Dl([_tile(told, content, place, measure) for measure in shown], className="tiles") if shown else None


def _tile(told: Told, content: Content, place: str, measure: Measure) -> html.Div:
    table = content.table("cities")
    column = table.columns[table.index(measure.key)]
    value = table.row_of(place)[measure.key]  # type: ignore[index]  # there, or the tile is not asked for
    found = sentence_of(content, place, measure.key)
    unit = told.text(found.words["unit"]).strip() if measure is HEAVY and found else unit_of(told, column)
    number = [html.B(told.cell(value, column)), *([html.Small(f" {unit}")] if unit else [])]
    name = told.text(f"phase_page.key_{measure.key}")
    return html.Div([html.Dt(lowered(name)), html.Dd(number), *_moved(told, content, place, measure)])


def _moved(told: Told, content: Content, place: str, measure: Measure) -> list[html.Dd]:
    """Say how a measure moved, as the sentence about it does; nothing where that is NA."""
    found = sentence_of(content, place, measure.key)
    if found is None or found.key == "phase.say.level":
        return []
    text, against = told.text, told.text(found.words["against"])
    if found.key == "phase.say.same":
        return [html.Dd([html.Span(SAME, **{"aria-hidden": "true"}), " ", text("phase_page.same", against=against)])]
    change = content.table("change")
    column = change.columns[change.index(measure.change)]
    by = change.row_of(place)[measure.change]  # type: ignore[index]  # there, as the sentence says
    better = (by < 0) == measure.lower_is_better  # type: ignore[operator]  # a number, as the sentence says
    said = text(
        "phase_page.moved", against=against, direction=text(direction(measure, by)),  # type: ignore[arg-type]
        size=told.cell(abs(by), column), unit=text(found.words["change_unit"]),  # type: ignore[arg-type]
    )  # fmt: skip
    arrow = html.Span(DOWN if by < 0 else UP, **{"aria-hidden": "true"})  # type: ignore[operator]
    word = text("phase_page.better" if better else "phase_page.worse")
    return [html.Dd([arrow, " ", said, " ", html.B(word)], className="better" if better else "worse")]


def sentence_of(content: Content, place: str, key: str) -> Sentence | None:
    """Give the sentence about a measure of a place; None where nothing is said of it."""
    wanted = ("cities", place, key)
    of = (s for s in content.summary if s.key in MEASURED and s.cells and tuple(s.cells[0][1:]) == wanted)
    return next(of, None)


def paragraphs(told: Told, content: Content) -> list[html.P]:
    """Give the sentences in paragraphs, those of one topic together."""
    between = "" if told.text.lang == "zh" else " "
    alone = len(content.question["cities"]) == 1  # nobody is best or worst of one
    told_all = zip(content.summary, told.summary(content), strict=True)
    said = [(each, words) for each, words in told_all if not alone or _topic(each) not in ("moved", "rank")]
    grouped: Iterable[Any] = groupby(said, key=lambda pair: _topic(pair[0]))
    return [html.P(lowered(between.join(each for _, each in group)), className=topic) for topic, group in grouped]


def _topic(sentence: Sentence) -> str:
    stem = sentence.key.removeprefix("phase.say.").partition("_")[0]
    return "measured" if sentence.key in MEASURED else _TOPICS.get(stem, stem)
