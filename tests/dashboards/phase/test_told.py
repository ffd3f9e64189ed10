"""Every word of an assessment stands in the catalogue, and every sentence says what the tables say."""

import dataclasses
import datetime as dt
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboards.phase import told
from dashboards.phase.assess import EXPECTED, assess
from dashboards.phase.content import CODE, VERDICT, Content, Sentence
from dashboards.phase.gathered import Days, Gathered, no_days
from dashboards.phase.question import REGION, question_of
from dashboards.text import Text, catalogue
from standards.days import day_of_date
from tests.dashboards.phase import made

QUESTION = question_of({"period": "2026-Q3"}, made.CITIES)
FIRST, BASE = dt.date(2026, 7, 1), dt.date(2025, 7, 1)
NAMES = {lang: told.names_of(made.KNOWN, Text(lang)) for lang in ("zh", "en")}
_NUMBER = re.compile(r"(?<![\d₀-₉])−?\d+(?:\.\d+)?")


def days(values: np.ndarray, first: dt.date) -> Days:
    there = np.isfinite(values).any(axis=0)
    return Days(day_of_date(first), values, there.astype(np.int8) * 2, np.zeros_like(there), np.zeros_like(there))


def gathered(now: np.ndarray, base: np.ndarray, question=QUESTION, **more) -> Gathered:
    first, before = question.period.first_day, question.base.first_day
    return Gathered(
        question=question, known_to=question.period.last_day, version=1, registry="", cities=question.cities, stations=(),
        now=days(now, question.period.first_date), base=days(base, question.base.first_date),
        station_now=no_days(0, first, now.shape[-1]), station_base=no_days(0, before, base.shape[-1]), **more,
    )  # fmt: skip


@st.composite
def contents(draw) -> Content:
    """An assessment of few days with many ties, gaps and cities without a value."""
    period = draw(st.sampled_from(["2026-07-01..2026-07-04", "2025-12-30..2026-01-02"]))
    question = question_of(
        {"period": period, "places": draw(st.sampled_from(["", ",".join(made.CITIES)]))}, made.CITIES
    )
    values = [draw(_values()) for _ in range(2)]
    return assess(gathered(*values, question))


def _values():
    numbers = st.lists(
        st.sampled_from([10.0, 20.0, 20.4, 35.0, 75.0, 80.0, 160.0, 161.0, 260.0]), min_size=192, max_size=192
    )
    gone = st.sets(st.integers(0, 7), max_size=5)
    return st.builds(_laid, numbers, gone, st.booleans())


def _laid(numbers: list[float], gone: set[int], whole: bool) -> np.ndarray:
    found = np.array(numbers).reshape(6, 8, 4).copy()
    found[2] /= 50
    if not whole:
        found[:, sorted(gone)] = np.nan
    return found


# The little reader: it knows the two languages, and nothing of how sentences are made.
DOWN, UP = ("下降", "减少", "down"), ("上升", "增加", "up")
UNIT_WORDS = {
    "µg/m³": ("微克/立方米", "µg/m³"), "mg/m³": ("毫克/立方米", "mg/m³"), "%": ("%", "%"),
    "pp": ("个百分点", "percentage points"), "d": ("天", "days"), "": ("", ""),
}  # fmt: skip


def faults(content: Content, sentence: Sentence, written: str, lang: str) -> list[str]:
    """Read a written sentence again and say what in it is not as in the tables."""
    body = _without(written, [NAMES[lang](code) for code in (*made.CITIES, REGION)], sentence, lang)
    found, at = [], 0
    for name, key, row, column in sentence.cells:
        table = content.table(key)
        value, spec = table.row_of(row)[column], table.columns[table.index(column)]
        sized = name.partition(".")[0].endswith("_size")
        expected = f"{abs(value) if sized else value:.{spec.decimals}f}"
        place = body.find(expected, at)
        if place < 0:
            return [f"{expected} of {column} does not stand in: {body}"]
        before, after = body[at:place], body[place + len(expected) :]
        at = place + len(expected)
        if sized and "." not in name and not any(word in before for word in (DOWN if value < 0 else UP)):
            found.append(f"the direction of {value} is not told in: {before}")
        if sized and value == 0:
            found.append("nothing has changed, and a direction is told")
        if "." not in name and not after.strip().startswith(UNIT_WORDS[spec.unit][lang == "en"]):
            found.append(f"the unit {spec.unit} does not follow: {after}")
    values = [content.table(key).row_of(row)[column] for _, key, row, column in sentence.cells]
    if sentence.key in ("phase.say.improved", "phase.say.worsened"):
        sign = -1 if sentence.key == "phase.say.improved" else 1
        found += ["a city moved the other way"] if any(v * sign <= 0 for v in values) else []
        words = DOWN if sign < 0 else UP
        found += [] if any(word in body for word in words) else ["the way is not told"]
        found += [] if [abs(v) for v in values] == sorted(map(abs, values), reverse=True) else ["not the largest first"]
    return found + _ranks(content, sentence, values)


def _ranks(content: Content, sentence: Sentence, values: list) -> list[str]:
    """Judge a list of the best or the worst anew: nobody who is better (worse) than the last named is left out."""
    kinds = {"best": 1, "worst": -1, "pm25_low": 1, "pm25_high": -1, "good_ratio_low": 1, "good_ratio_high": -1}
    sign = kinds.get(sentence.key.rpartition(".")[2])
    if sign is None:
        return []
    table = content.table(sentence.cells[0][1])
    named = [row for _, _, row, _ in sentence.cells]
    held = {r[0]: r[table.index(sentence.cells[0][3])] for r in table.rows if r[0] != REGION}
    others = [v for code, v in held.items() if v is not None and code not in named]
    found = [] if [v * sign for v in values] == sorted(v * sign for v in values) else ["not in order"]
    if any(v * sign <= values[-1] * sign for v in others):
        found.append("a city that belongs there is left out")
    if [f"city.{code}" for code in named] != list(sentence.words["cities"]):
        found.append("names and numbers are of different cities")
    return found


def _without(written: str, names: list[str], sentence: Sentence, lang: str) -> str:
    """Take names of places and measures out, so that what is left has the numbers of the tables alone."""
    for name in [*names, *(Text(lang)(m) for m in [sentence.words.get("measure")] if m)]:
        written = written.replace(name, "")
    return re.sub(r"PM₂\.₅", "", written)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(contents())
def test_every_sentence_says_the_sign_the_unit_and_the_rank_of_the_tables(content):
    for lang in ("zh", "en"):
        for sentence in content.summary:
            if sentence.key == "phase.say.running":
                continue
            written = told.said(Text(lang), content, sentence, NAMES[lang])
            assert faults(content, sentence, written, lang) == [], written


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(contents())
def test_no_sentence_is_made_for_what_is_not_known(content):
    for sentence in content.summary:
        for _, key, row, column in sentence.cells:
            assert content.table(key).row_of(row)[column] is not None
    known = (
        {row[0] for row in content.tables[0].rows if row[1] is not None} if content.tables[0].key == "cities" else set()
    )
    named = {
        s.words["place"].removeprefix("city.")
        for s in content.summary
        if s.words.get("measure", "").endswith("pm25_mean_ugm3")
    }
    assert named <= known


def whole() -> Content:
    now, base = (made.daily(8, first, last, seed=seed) for first, last, seed in (
        (FIRST, dt.date(2026, 9, 30), 1), (BASE, dt.date(2025, 9, 30), 2)))  # fmt: skip
    return assess(gathered(now, base))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("lie", ["sign", "unit", "rank", "number"])
def test_the_reader_finds_a_wrong_sign_unit_rank_and_number(lang, lie):
    content = whole()
    for sentence in content.summary:
        changed = _lied(sentence, lie)
        if changed is None:
            continue
        if lie == "number":
            written = _NUMBER.sub("777", told.said(Text(lang), content, sentence, NAMES[lang]))
        else:
            written = told.said(Text(lang), content, changed, NAMES[lang])
        assert faults(content, changed if lie == "rank" else sentence, written, lang), written


def _lied(sentence: Sentence, lie: str) -> Sentence | None:
    words = dict(sentence.words)
    if lie == "sign" and "direction" in words:
        other = {"down": "up", "up": "down", "fewer": "more", "more": "fewer"}
        words["direction"] = f"phase.trend.{other[words['direction'].rpartition('.')[2]]}"
    elif lie == "unit" and "change_unit" in words:
        words["change_unit"] = "phase.unit.points" if words["change_unit"].endswith("percent") else "phase.unit.percent"
    elif lie == "rank" and sentence.key == "phase.say.best":
        return dataclasses.replace(
            sentence, cells=sentence.cells[1:], words=words | {"cities": words["cities"][1:]}
        ) if len(sentence.cells) > 1 else None  # fmt: skip
    elif lie == "number" and "measure" in words and "PM" not in words["measure"]:
        return sentence
    else:
        return None
    return dataclasses.replace(sentence, words=words)


def test_every_table_column_note_reason_code_and_unit_has_words():
    content = whole()
    text = Text("zh")
    for table in content.tables:
        told.title(text, table)
        for each in table.notes:
            told.note(text, each)
        for each in table.why_missing.values():
            told.why(text, each)
        for column in table.columns:
            told.head(text, column)
            told.unit(text, column)
            for value in table.column(column.key):
                written = told.cell(text, value, column, NAMES["zh"])
                if column.kind in (CODE, VERDICT) and value is not None and column.family.startswith("phase."):
                    assert written != str(value), (table.key, column.key, value)
    for each in content.about["absent"].values():
        told.why(text, each)
    assert {key for key in EXPECTED if key != "item"} <= {
        key.rpartition(".")[2] for key in catalogue() if key.startswith("phase.table.")
    }
