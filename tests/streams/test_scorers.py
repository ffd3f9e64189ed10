"""Models behind the seam: they score joined hours, a new version is taken up at once, and none of them can harm the rows."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from streams.assess.joined import COLUMNS, JoinedHours
from streams.desks import citydesk, routing, scoredesk
from streams.memory import book as books
from streams.memory.archive import Archive
from streams.memory.book import LAYOUT, PIECE_HOURS, Book
from streams.memory.shelf import Shelf
from streams.records import RecordError, ScorerNotice
from streams.scorers import FAILURES, Scorer, ScorerFailed, Scorers
from streams.wire import messages
from tests.streams import replaying as r
from tests.streams.joined_scenario import HOURS, blocks

CITY = "510100"
RUNS = ("CDAQS/2023-01-17T12Z", "CDAQS/2023-01-18T00Z")


def bias(hours: JoinedHours) -> dict[str, np.ndarray]:
    """Correct a forecast by the mean error of the hours before its start: the simplest model that looks back."""
    start = hours.context
    error = hours.columns["pm25_ugm3"] - np.where(np.isnan(hours.columns["pm25_ugm3"]), np.nan, 50.0)
    shift = np.nan_to_num(np.nanmean(error)) if np.isfinite(error).any() else 0.0
    return {"pm25_ugm3": hours.columns["forecast_pm25_ugm3"][start:] + shift}


SCORER = Scorer("bias", "1", ("pm25_ugm3", "forecast_pm25_ugm3"), bias, lookback_h=24)
NOTICE = ScorerNotice("bias", "1")


class Desk:
    """A city's desk with scorers, as the job's operator has it."""

    def __init__(
        self,
        *notices: ScorerNotice,
        load=lambda notice: replace(SCORER, version=notice.version),
        archive: Path | None = None,
        **options,
    ):
        self.book = Book(version=1)
        self.held = Shelf(r.Pieces(), Archive(archive, layout=LAYOUT) if archive else None, CITY)
        self.scorers = Scorers(load, **options)
        self.rows, self.rejected, self.plain = [], [], []
        for notice in notices:
            self.announce(notice)

    def announce(self, notice: ScorerNotice) -> None:
        self.book.scorers[notice.name] = {name: getattr(notice, name) for name in notice.__slots__}

    def take(self, block) -> None:
        for key, line in routing.route(messages.block_line(block), tuple(p.code for p in r.CITIES)):
            if key != CITY:
                continue
            outcome = citydesk.handle(messages.block_from(line), CITY, self.book, self.held, r.ROSTER)
            self.plain += outcome.rows
            for changed in outcome.changed:
                found = scoredesk.score(changed, CITY, self.book, self.held, r.ROSTER, self.scorers)
                self.rows += found.rows
                self.rejected += found.rejected

    def values(self) -> dict[tuple, float]:
        lines = [messages.rows_line(rows, CITY) for rows in self.rows]
        found = r.stored(lines).get("model_hour", {})
        return {key[1:3]: row["value"] for key, row in found.items() if row["value"] is not None}


def test_a_model_scores_every_hour_of_every_run() -> None:
    desk = Desk(NOTICE)
    for block in blocks():
        desk.take(block)
    values = desk.values()
    assert {run for _, run in values} == set(RUNS)
    assert len(values) > HOURS
    assert desk.rejected == []


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_the_feeds_does_not_matter_to_a_score(seed) -> None:
    one, other = Desk(NOTICE), Desk(NOTICE)
    for block in blocks():
        one.take(block)
    for block in r.shuffled(blocks(), seed):
        other.take(block)
    assert one.values() == other.values()


def test_a_revision_reaches_the_scores_of_runs_that_have_left_the_state(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(books, "CAPACITY", 1)
    small, unbounded = Desk(NOTICE, archive=tmp_path), Desk(NOTICE)
    later = [
        block
        for piece in (3, 5)
        for at in [r.FIRST + piece * PIECE_HOURS]
        for block in (
            *r.blocks_of(CITY, r.observations(CITY, 24, piece), first=at),
            *r.forecasts(CITY, 24, piece, first=at),
        )
    ]
    revised = r.blocks_of(CITY, r.observations(CITY, 24, 9) + 30, first=r.FIRST - 24, status="reviewed")
    before: list[dict] = []
    for desk in (small, unbounded):
        for block in (*blocks(), *r.blocks_of(CITY, r.observations(CITY, 24, 8), first=r.FIRST - 24), *later):
            desk.take(block)
        before.append(desk.values())
        desk.take(revised[0])
    assert isinstance(small.held.held[f"f{RUNS[0]}"], str), "it lies in the archive"
    assert small.values() == unbounded.values() != before[1] == before[0]
    assert small.rejected == []


def test_a_score_of_a_run_sees_nothing_that_was_observed_after_its_start() -> None:
    seen = []

    def look(hours: JoinedHours) -> dict[str, np.ndarray]:
        seen.append((hours.run, hours.first_hour, hours.columns["pm25_ugm3"]))
        return {}

    desk = Desk(NOTICE, load=lambda notice: replace(SCORER, score=look))
    for block in blocks():
        desk.take(block)
    inits = dict(zip(RUNS, (r.FIRST - 12, r.FIRST), strict=True))
    assert seen
    for run, first, values in seen:
        known = first + np.flatnonzero(np.isfinite(values))
        assert not len(known) or known.max() <= inits[run]


def test_hours_without_a_forecast_are_scored_where_a_model_wants_them() -> None:
    def same(hours: JoinedHours) -> dict[str, np.ndarray]:
        return {"pm25_ugm3": hours.columns["pm25_ugm3"][hours.context :]}

    scorer = Scorer("echo", "1", ("pm25_ugm3",), same, of_runs=False, of_hours=True)
    desk = Desk(ScorerNotice("echo", "1"), load=lambda notice: scorer)
    for block in blocks():
        desk.take(block)
    stored = r.stored([messages.rows_line(rows, CITY) for rows in desk.plain])["air_city_hour"]
    expected = {(key[1], ""): row["pm25_ugm3"] for key, row in stored.items() if row["pm25_ugm3"] is not None}
    assert desk.values() == expected


def test_every_column_of_the_joined_hour_can_be_asked_for() -> None:
    seen = {}

    def look(hours: JoinedHours) -> dict[str, np.ndarray]:
        seen.update({name: values for name, values in hours.columns.items() if np.isfinite(values).any()})
        return {}

    scorer = Scorer("all", "1", COLUMNS, look, lookback_h=3, of_hours=True)
    desk = Desk(ScorerNotice("all", "1"), load=lambda notice: scorer)
    for block in blocks():
        desk.take(block)
    assert set(seen) == set(COLUMNS)


def test_what_upwind_emits_is_what_the_view_says() -> None:
    name = "upwind_nox_kgh"
    scorer = Scorer("up", "1", (name,), lambda h: {name: h.columns[name][h.context :]})
    desk, desks = Desk(ScorerNotice("up", "1"), load=lambda notice: scorer), r.Desks()
    for block in blocks():
        desk.take(block)
        desks.take(block)
    joined = desks.rows()["air_joined_hour"]
    expected = {
        key[1:]: row[name] for key, row in joined.items() if key[0] == CITY and key[2] and row[name] is not None
    }
    values = desk.values()
    assert set(values) == set(expected) and any(expected.values())
    for key, value in expected.items():
        assert values[key] == pytest.approx(value, abs=0.002)


def test_a_new_version_is_taken_up_with_the_next_block() -> None:
    desk = Desk(NOTICE)
    made = blocks()
    desk.take(made[0])
    (run, *_) = [b for b in made if type(b).__name__ == "ForecastBlock" and b.city == CITY]
    desk.take(run)
    desk.announce(ScorerNotice("bias", "2"))
    desk.take(replace(run, values=run.values + 1, received_at=5.0))
    versions = [dict(rows.columns())["model_version"].value for rows in desk.rows]
    assert versions[0] == "1" and versions[-1] == "2"


@pytest.mark.parametrize(
    "score",
    [
        lambda hours: 1 / 0,
        lambda hours: None,
        lambda hours: {"x": np.zeros(3)},
        lambda hours: {"x": np.full(len(hours.simulated) - hours.context, np.inf)},
        lambda hours: {"x" * 50: np.zeros(len(hours.simulated) - hours.context)},
        lambda hours: {"x": np.array(["a"] * (len(hours.simulated) - hours.context))},
        lambda hours: exec("raise SystemExit"),
        lambda hours: {"x": [[1], [1, 2]]},
        lambda hours: {"x": np.full(len(hours.simulated) - hours.context, 1e308)},
        lambda hours: hours.simulated.__setitem__(0, True),
    ],
)
def test_a_model_that_fails_costs_its_scores_and_nothing_else(score) -> None:
    plain, desk = Desk(), Desk(NOTICE, load=lambda notice: replace(SCORER, score=score))
    for block in blocks():
        plain.take(block)
        desk.take(block)
    lines = [[messages.rows_line(rows, CITY) for rows in each.plain] for each in (plain, desk)]
    assert r.stored(lines[0]) == r.stored(lines[1])
    assert desk.rows == [] and len(desk.rejected) >= FAILURES and not desk.scorers.at_work()
    assert all(each.source == "scorer bias" and each.rows == 0 for each in desk.rejected)


def test_a_model_that_cannot_be_loaded_is_named_once_and_stops_nothing() -> None:
    def load(notice: ScorerNotice) -> Scorer:
        raise FileNotFoundError("no such model")

    desk = Desk(NOTICE, load=load)
    for block in blocks():
        desk.take(block)
    assert len(desk.rejected) == 1 and "no such model" in desk.rejected[0].reason
    assert desk.plain and not desk.rows


def test_a_slow_model_is_not_waited_for_and_comes_to_rest() -> None:
    release = threading.Event()

    def sleepy(hours: JoinedHours) -> dict[str, np.ndarray]:
        release.wait(30)
        return {}

    desk = Desk(NOTICE, load=lambda notice: replace(SCORER, score=sleepy), patience_s=0.05)
    begun = time.monotonic()
    for block in blocks():
        desk.take(block)
    took = time.monotonic() - begun
    release.set()
    assert took < 10
    assert "took longer" in desk.rejected[0].reason and not desk.scorers.at_work()
    assert any("busy" in each.reason for each in desk.rejected)


def test_a_model_at_rest_works_again_under_a_new_version() -> None:
    broken = [True]

    def load(notice: ScorerNotice) -> Scorer:
        return SCORER if not broken[0] else replace(SCORER, score=lambda hours: 1 / 0)

    desk = Desk(NOTICE, load=load)
    for block in blocks():
        desk.take(block)
    assert not desk.rows and not desk.scorers.at_work()
    broken[0] = False
    desk.announce(ScorerNotice("bias", "2"))
    desk.take(replace(blocks()[0], received_at=9.0, values=blocks()[0].values + 1))
    assert desk.scorers.at_work()


def test_scorers_say_what_is_wrong_with_them() -> None:
    with pytest.raises(RecordError, match="needs pm3, expected some of"):
        Scorer("x", "1", ("pm3",), bias)
    with pytest.raises(RecordError, match="looks back 500 h"):
        Scorer("x", "1", (), bias, lookback_h=500)
    with pytest.raises(RecordError, match="name of a scorer is ''"):
        ScorerNotice("", "1")
    with pytest.raises(ScorerFailed, match="still busy"):
        scorers = Scorers(lambda notice: SCORER)
        scorers.take({"bias": NOTICE})
        stuck = threading.Event()
        slow = replace(SCORER, score=lambda hours: stuck.wait(5) and {})
        hours = JoinedHours(CITY, "", r.FIRST, 0, {}, np.zeros(1, bool), np.ones(1, bool))
        scorers.patience_s = 0.01
        try:
            scorers.run(slow, hours)
        except ScorerFailed:
            scorers.run(slow, hours)
        finally:
            stuck.set()


def test_announcements_travel_and_go_to_every_city() -> None:
    notice = ScorerNotice("bias", "2026-11", "models/bias", "ab" * 32)
    line = messages.scorer_line(notice)
    assert messages.scorer_from(line) == notice and routing.is_notice(line)
    cities = tuple(place.code for place in r.CITIES)
    assert list(routing.route(line, cities)) == [(city, line) for city in cities]


@pytest.mark.parametrize("given", [None, "a model", replace(SCORER, name="other")])
def test_a_loader_that_gives_something_else_is_named_and_stops_nothing(given) -> None:
    desk = Desk(NOTICE, load=lambda notice: given)
    for block in blocks():
        desk.take(block)
    assert len(desk.rejected) == 1 and "expected a Scorer named bias" in desk.rejected[0].reason
    assert desk.plain and not desk.rows


def test_one_model_that_fails_takes_no_other_along() -> None:
    def load(notice: ScorerNotice) -> Scorer:
        broken = replace(SCORER, name="broken", score=lambda hours: {"x": [[1], [1, 2]]})
        return broken if notice.name == "broken" else SCORER

    alone, beside = Desk(NOTICE), Desk(ScorerNotice("broken", "1"), NOTICE, load=load)
    for block in blocks():
        alone.take(block)
        beside.take(block)
    assert alone.values() == beside.values() and alone.values()


def test_a_score_of_what_was_withdrawn_goes_with_it() -> None:
    scorer = Scorer(
        "echo", "1", ("pm25_ugm3",), lambda h: {"x": h.columns["pm25_ugm3"][h.context :]}, of_runs=False, of_hours=True
    )
    desk = Desk(ScorerNotice("echo", "1"), load=lambda notice: scorer)
    (first, *_) = r.blocks_of(CITY, np.full((6, 4, 3), 10.0))
    desk.take(first)
    assert set(desk.values().values()) == {10.0}
    desk.take(replace(first, values=first.values * np.nan, received_at=5.0))
    assert desk.values() == {}


def test_missing_is_missing_also_where_a_model_masks_it() -> None:
    masked = replace(SCORER, score=lambda h: {"x": np.ma.masked_all(len(h.simulated) - h.context)})
    desk = Desk(NOTICE, load=lambda notice: masked)
    for block in blocks():
        desk.take(block)
    assert desk.values() == {} and desk.rejected == []


def test_a_model_at_rest_that_is_announced_again_works_again(tmp_path) -> None:
    from streams.scorers import announce
    from streams.wire.topics import open_topic

    for _ in range(2):
        announce(tmp_path, NOTICE)
    topic = open_topic(tmp_path / messages.SCORER_TOPIC)
    notices = [messages.scorer_from(line) for segment in topic.segments() for line in topic.read(segment)]
    assert len(notices) == 2 and notices[0] != notices[1]
    assert [notice.version for notice in notices] == ["1", "1"]
