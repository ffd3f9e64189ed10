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
from dashboards.phase.question import question_of
from dashboards.text import Text, catalogue
from standards.days import day_of_date
from tests.dashboards.phase import made, rich
from tests.dashboards.phase.reader import NAMES, faults

QUESTION = question_of({"period": "2026-Q3"}, made.CITIES)
FIRST, BASE = dt.date(2026, 7, 1), dt.date(2025, 7, 1)
_NUMBER = re.compile(r"(?<![\d₀-₉])−?\d+(?:\.\d+)?")


def days(values: np.ndarray, first: dt.date) -> Days:
    there = np.isfinite(values).any(axis=0)
    return Days(day_of_date(first), values, there.astype(np.int8) * 2, np.zeros_like(there), np.zeros_like(there))


def gathered(now: np.ndarray, base: np.ndarray, question=QUESTION, **more) -> Gathered:
    first = question.period.first_day
    return Gathered(
        question=question, known_to=question.period.last_day, version=1, registry="", cities=question.cities, stations=(),
        now=days(now, question.period.first_date), base=days(base, question.base.first_date),
        station_now=no_days(0, first, now.shape[-1]), **more,
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


@pytest.mark.parametrize("cities", [1, 3])
def test_of_few_cities_none_is_said_to_have_improved_or_worsened_most(cities):
    question = question_of({"period": "2026-Q3", "places": ",".join(made.CITIES[:cities])}, made.CITIES)
    now, base = (made.daily(cities, first, last, seed=seed) for first, last, seed in (
        (FIRST, dt.date(2026, 9, 30), 1), (BASE, dt.date(2025, 9, 30), 2)))  # fmt: skip
    said = {sentence.key for sentence in assess(gathered(now, base, question)).summary}
    assert not {key for key in said if "improved" in key or "worsened" in key} and "phase.say.changed" in said


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """Assessments in which every table says something: of all cities, of one, of a quarter, a month and a half-year."""
    folder = tmp_path_factory.mktemp("rich")
    engine = rich.fill(folder)
    asked = ({"period": "2026-Q1"}, {"period": "2026-H1"}, {"period": "2026-03", "places": "510100"})
    return [rich.ask(engine, folder, **each) for each in asked]


FURTHER = ("target", "target_left", "targets_kept", "targets_behind", "without_events", "trend_falling_named",
           "trend_rising_named", "trend_falling_one",
           "episodes", "episodes_one", "sources_outside", "outside_high", "weather_lowered", "weather_raised")  # fmt: skip


def test_targets_events_trends_episodes_sources_and_weather_are_said_as_the_tables_have_them(everything):
    said = set()
    for content in everything:
        for lang in ("zh", "en"):
            for sentence in content.summary:
                written = told.said(Text(lang), content, sentence, NAMES[lang])
                assert faults(content, sentence, written, lang) == [], written
                said.add(sentence.key.removeprefix("phase.say."))
    assert said >= set(FURTHER)


LIES = {
    "side": (("target",), lambda w: {"direction": _swapped(w["direction"], "above", "below")}),
    "state": (("target",), lambda w: {"state": "phase.target_state.met" if "met" not in w["state"] else "phase.target_state.lost"}),
    "unit of a gap": (("target",), lambda w: {"gap_unit": "phase.unit.mgm3"}),
    "unit of a value": (("target", "without_events"), lambda w: {"unit": "phase.unit.mgm3"}),
    "unit of a rest": (("target_left",), lambda w: {"left_unit": "phase.unit.percent"}),
    "unit of a slope": (("trend_falling_one", "trend_rising_one"), lambda w: {"unit": "phase.unit.percent"}),
    "unit of a share": (("sources_outside",), lambda w: {"values_unit": "phase.unit.points"}),
    "a city left out": (("targets_kept", "targets_behind", "trend_falling_named", "trend_rising_named", "weather_lowered",
                         "outside_high"),
                        lambda w: {"cities": w["cities"][1:]}),
    "another number of episodes": (("episodes", "episodes_one"), lambda w: {"count": str(int(w["count"]) + 3)}),
    "another place of the peak": (("episodes",), lambda w: {"place": "city.511800"}),
    "another kind of episode": (("episodes",), lambda w: {"kind": "phase.episode.ozone"}),
    "another sector": (("sources_outside",), lambda w: {"sectors": ["sector.solvent", *w["sectors"][1:]]}),
}  # fmt: skip


def _swapped(word: str, one: str, other: str) -> str:
    return word.replace(one, other) if one in word else word.replace(other, one)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("lie", list(LIES))
def test_the_reader_finds_a_wrong_side_state_unit_place_and_number(everything, lang, lie):
    keys, change = LIES[lie]
    told_of = 0
    for content in everything:
        for sentence in content.summary:
            if sentence.key.removeprefix("phase.say.") in keys:
                changed = dataclasses.replace(sentence, words=sentence.words | change(sentence.words))
                written = told.said(Text(lang), content, changed, NAMES[lang])
                judged = sentence if lie.startswith(("side", "state", "unit")) else changed
                assert faults(content, judged, written, lang), written
                told_of += 1
    assert told_of


def test_the_reader_finds_a_trend_and_a_weather_told_the_other_way(everything):
    other = {"trend_falling_one": "trend_rising_one", "trend_rising_one": "trend_falling_one",
             "weather_lowered": "weather_raised", "weather_raised": "weather_lowered"}  # fmt: skip
    for content in everything:
        for sentence in content.summary:
            turned = other.get(sentence.key.removeprefix("phase.say."))
            if turned:
                changed = dataclasses.replace(sentence, key=f"phase.say.{turned}")
                written = told.said(Text("zh"), content, changed, NAMES["zh"])
                assert faults(content, sentence, written, "zh"), written


def test_every_table_column_note_reason_code_and_unit_has_words(everything):
    text = Text("zh")
    for table in (table for content in (*everything, whole()) for table in content.tables):
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
    for each in whole().about["absent"].values():
        told.why(text, each)
    assert {key for key in EXPECTED if key != "item"} <= {
        key.rpartition(".")[2] for key in catalogue() if key.startswith("phase.table.")
    }
