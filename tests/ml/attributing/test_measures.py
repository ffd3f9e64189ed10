"""What measures would change, beside the attribution: which windows, which rows, by what, and what becomes of a fault."""

from __future__ import annotations

import numpy as np
import pytest
import sqlalchemy as sa

from ml.attributing import measures
from ml.attributing.measures import Foreseer, Window, window_ahead, window_rows, window_since
from ml.attributing.work import Worker
from ml.scenario.effect import effect_of, shown_for
from ml.scenario.free import CUTTABLE, SHARES
from ml.scenario.measures import averaged_hours, distances_km, standing_measures
from ml.scenario.response import ages_of, respond
from ml.scenario.stored import stored_tags
from ml.scenario.warned import Warned
from standards.days import natural_day
from standards.warning.plan import WarningState
from standards.warning.plan_files import plan_named
from streams.store.scenarios import rows_of_window, unpacked_free
from streams.store.schema import attribution, rejected, scenario
from tests.ml.attributing.made import hour_of, keep_observed, keep_tags, registry, tell
from tests.ml.attributing.test_work import lines, taken
from tests.ml.attribution.made import CITIES, FIRST_HOUR

NEWEST = FIRST_HOUR + 47
"""The end of the second day; the run that starts with it tells of the third."""
AHEAD = Window("ahead", FIRST_HOUR + 48, FIRST_HOUR + 71, NEWEST)
PLAN = plan_named("sichuan_2024")


@pytest.fixture
def full(store, tags, seen):
    keep_tags(store, tags)
    keep_observed(store, seen, until=NEWEST + 1)
    return store


def worked(store, data, seen):
    """Let a worker that has new tags take two hours, and the store what it sends."""
    tell(store, data, lines(seen, range(46, 48)), name="a")
    at_work = Worker(store, registry(), data)
    at_work.tagged = True
    at_work.step()
    taken(store, data)


def warned(in_force: dict[int, int]) -> Warned:
    day = max(in_force)
    return Warned(PLAN, day, WarningState(in_force[day], day, min(in_force)), (), in_force, "", False)


def test_the_window_is_of_the_whole_days_that_the_newest_run_tells_after_its_own(full):
    assert window_ahead(full, CITIES, NEWEST) == AHEAD
    # An hour before, the newest run is that of twelve hours earlier: it tells of no whole day, only of its own hours.
    assert window_ahead(full, CITIES, NEWEST - 1) == Window("ahead", FIRST_HOUR + 36, FIRST_HOUR + 59, FIRST_HOUR + 35)


def test_a_run_that_has_not_started_is_not_seen(full):
    assert window_ahead(full, CITIES, FIRST_HOUR - 30) is None


def test_rows_say_what_the_tags_answer(full):
    rows = window_rows(full, registry(), AHEAD, {})
    assert len(rows) == len(CITIES) * (4 * 2 + 1)
    read = stored_tags(full, CITIES, AHEAD.first, AHEAD.last + 1, at=NEWEST)
    cuts = standing_measures(PLAN, CITIES, (AHEAD.first, AHEAD.last))["level:2"]
    response = respond(read.tags, cuts, ages=ages_of(distances_km(registry())))
    hours = averaged_hours("pm25", AHEAD.first, AHEAD.last)
    wanted = effect_of(response, "pm25", hours - AHEAD.first, shown=shown_for("pm25", 1))
    mine = [row for row in rows if row["measure"] == "level:2" and row["quantity"] == "pm25"]
    assert [row["city"] for row in mine] == list(CITIES)
    for name in ("level", "change", "low", "high"):
        assert [row[name] for row in mine] == pytest.approx(getattr(wanted, name).tolist())
    assert all(row["change"] < 0 and row["definition"] == "removal" and row["simulated"] for row in mine)
    assert {(row["unanswered"], row["change"]) for row in rows if row["quantity"] == "o3"} == {("no_removal", None)}
    free = next(row for row in rows if row["measure"] == "free")
    middle, _ = unpacked_free(free["packed"], (len(SHARES), len(CUTTABLE), 1 + len(CITIES)))
    assert middle[-1, 0, 0] < middle[0, 0, 0] < 0, "all of it helps more than a third of it"


def test_a_warning_is_checked_over_the_days_that_it_has_lasted():
    day = int(natural_day(NEWEST))
    asked = {"a": warned({day - 2: 0, day - 1: 2, day: 2}), "b": warned({day - 2: 1, day - 1: 0, day: 0}), "c": None}
    found = window_since(asked, day)
    assert found == Window("since", NEWEST - 71, NEWEST, NEWEST), "from the first day on which a city was warned"
    assert window_since({"a": warned({day - 1: 2, day: 0})}, day) is None, "it has ended before"


def test_the_level_of_a_check_is_the_highest_that_was_in_force(full):
    day = int(natural_day(NEWEST))
    asked = {CITIES[0]: warned({day - 1: 3, day: 1}), CITIES[1]: None}
    rows = window_rows(full, registry(), Window("since", FIRST_HOUR, NEWEST, NEWEST), asked)
    levels = {row["city"]: row["asked"] for row in rows}
    assert levels == {CITIES[0]: 3, CITIES[1]: None, CITIES[2]: None}
    assert {row["kind"] for row in rows} == {"since"} and not [row for row in rows if row["measure"] == "free"]


def test_a_worker_answers_once_for_a_run_and_the_store_has_it(full, tmp_path, seen):
    worked(full, tmp_path, seen)
    with full.connect() as connection:
        found = rows_of_window(connection, CITIES, (hour_of(AHEAD.last), hour_of(AHEAD.at)), free_of=CITIES[1])
        held = connection.scalar(sa.select(sa.func.count()).select_from(scenario))
        refused = connection.scalar(sa.select(sa.func.count()).select_from(rejected))
    assert held == len(CITIES) * 9 and not refused
    assert len(found) == len(CITIES) * 8 + 1, "free cuts are long and read for one city"
    assert Foreseer(full, registry()).step(NEWEST, tagged=False) == ([], []), "a start finds it in the store"


def test_a_fault_is_a_reject_in_words_and_costs_no_attribution(full, tmp_path, seen, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise ValueError("numbers that cannot be")

    monkeypatch.setattr(measures, "respond", broken)
    worked(full, tmp_path, seen)
    with full.connect() as connection:
        told = connection.execute(sa.select(rejected.c.source, rejected.c.value)).all()
        attributed = connection.scalar(sa.select(sa.func.count()).select_from(attribution))
    assert told == [("scenario", "ValueError: numbers that cannot be")] and attributed > 0
    assert Foreseer(full, registry()).step(NEWEST, tagged=True)[1], "the next run is asked again"


def test_what_comes_later_changes_no_answer(store, tags, seen):
    """The answer of a run is the same where later runs and observations are in the store."""
    keep_tags(store, tags)
    keep_observed(store, seen, until=NEWEST + 1)
    earlier = Window("ahead", FIRST_HOUR + 24, FIRST_HOUR + 47, FIRST_HOUR + 23)
    found = window_rows(store, registry(), earlier, {})
    keep_observed(store, seen)
    keep_tags(store, tags, factor=1.0)
    assert found == window_rows(store, registry(), earlier, {})
    assert {row["run_init"] for row in found} == {FIRST_HOUR + 23}
    assert np.isfinite([row["change"] for row in found if row["quantity"] == "pm25" and row["measure"] != "free"]).all()
