"""When a checkpoint is asked for, on a clock and a cluster that the tests move."""

from __future__ import annotations

import logging
import random

import pytest

from streams.pipeline.asking import ATTENTIVE_S, CALM_LOOK_S, COMMIT_S, COMPLAIN_S, LOOK_S, Asker, HiddenResults

PAUSE_S = 0.2


class FakeCheckpoint:
    """A checkpoint that ends at a moment."""

    def __init__(self, world: World) -> None:
        self.world, self.ends = world, world.now + world.lasts_s
        self.why = world.fails

    def outcome(self) -> str | None:
        if self.world.now < self.ends:
            return None
        if not self.why:
            self.world.complete(self)
        return self.why


class World:
    """A job: what is announced is read after read_s [s] and gives results after processed_s [s] more.

    A checkpoint shows the results that lie there when it is asked for. steps: how often it was looked.
    """

    def __init__(self) -> None:
        self.now, self.announced, self.lasts_s, self.read_s, self.processed_s, self.fails = (
            1000.0,
            0,
            0.05,
            0.0,
            0.01,
            "",
        )
        self.asked: list[float] = []
        self.unread_until: list[float] = []
        self.under_way: list[tuple[float, str]] = []
        self.hidden: set[str] = set()
        self.visible: set[str] = set()
        self.steps = 0

    def ask(self) -> FakeCheckpoint:
        self.asked.append(self.now)
        self.covers = set(self.hidden)
        return FakeCheckpoint(self)

    def complete(self, checkpoint: FakeCheckpoint) -> None:
        self.visible |= self.covers
        self.hidden -= self.covers

    def announce(self) -> None:
        self.announced += 1
        self.unread_until.append(self.now + self.read_s)
        self.under_way.append((self.now + self.read_s + self.processed_s, f"day/.part-{self.announced}"))

    def count(self) -> int:
        return self.announced

    def unread(self) -> bool:
        return any(self.now < until for until in self.unread_until)

    def results(self) -> frozenset[str]:
        return frozenset(self.hidden)

    def go_on(self, asker: Asker, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now += min(asker.look(), end - self.now + LOOK_S)
            self.steps += 1
            for due, name in list(self.under_way):
                if self.now >= due:
                    self.under_way.remove((due, name))
                    self.hidden.add(name)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def asker(world) -> Asker:
    return Asker(world, world, world.results, pause_s=PAUSE_S, clock=lambda: world.now)


def test_nothing_is_asked_for_while_nothing_comes(world, asker):
    world.go_on(asker, 3600)
    assert world.asked == []
    assert world.steps <= 3600 / CALM_LOOK_S + ATTENTIVE_S / LOOK_S + 2


def test_an_announcement_is_followed_by_a_checkpoint_at_once(world, asker):
    world.go_on(asker, 100)
    world.processed_s = 0.0
    world.announce()
    asker.look()
    assert world.asked == [world.now]


def test_it_is_calm_once_all_that_was_announced_is_visible_and_not_before(world, asker):
    world.go_on(asker, 5)
    assert not asker.calm, "nothing was completed yet"
    world.read_s, world.processed_s = 3.0, 2.0
    world.announce()
    world.go_on(asker, 2.9)
    assert not asker.calm, "unread"
    world.go_on(asker, 10)
    assert asker.calm and len(world.visible) == 1
    world.fails = "no"
    world.announce()
    world.go_on(asker, 30)
    assert not asker.calm, "no checkpoint holds it"


def test_results_that_the_checkpoint_overtook_are_shown_by_the_next_one(world, asker):
    world.processed_s = 0.08
    world.announce()
    world.go_on(asker, 1.0)
    assert world.visible == {"day/.part-1"}
    assert len(world.asked) == 2
    world.go_on(asker, 60.0)
    assert len(world.asked) == 2


def test_what_is_still_unread_when_the_checkpoint_is_complete_is_shown_by_a_later_one(world, asker):
    world.read_s, world.processed_s = 3.0, 0.0
    world.announce()
    world.go_on(asker, 4.0)
    assert world.visible == {"day/.part-1"}


def test_results_that_come_long_after_the_announcement_are_shown_too(world, asker):
    world.processed_s = 10 * ATTENTIVE_S
    world.announce()
    world.go_on(asker, world.processed_s + CALM_LOOK_S + 1.0)
    assert world.visible == {"day/.part-1"}


@pytest.mark.parametrize("seed", range(20))
def test_everything_becomes_visible_soon_however_it_comes(world, asker, seed):
    chance = random.Random(seed)
    for _ in range(200):
        world.processed_s, world.lasts_s = chance.choice((0.0, 0.03, 0.2)), chance.choice((0.02, 0.1, 0.7))
        world.read_s = chance.choice((0.0, 0.0, 0.5))
        if chance.random() < 0.5:
            world.announce()
        world.go_on(asker, chance.choice((LOOK_S, 0.1, 1.0)))
    world.go_on(asker, 5.0)
    assert len(world.visible) == world.announced
    before = len(world.asked)
    world.go_on(asker, 60.0)
    assert len(world.asked) == before


def test_one_checkpoint_runs_at_a_time_and_the_machine_has_a_pause_between_two(world, asker):
    world.lasts_s = 0.5
    for _ in range(100):
        world.announce()
        world.go_on(asker, 0.1)
    spans = [later - earlier for earlier, later in zip(world.asked, world.asked[1:], strict=False)]
    assert min(spans) >= 0.5 + max(COMMIT_S, PAUSE_S / 2)


def test_a_checkpoint_that_fails_is_asked_for_again_until_one_is_complete(world, asker):
    world.fails = "not all parts of the job run yet"
    world.announce()
    world.go_on(asker, 5.0)
    assert 5 <= len(world.asked) <= 30 and not world.visible
    world.fails = ""
    world.go_on(asker, 1.0)
    assert world.visible == {"day/.part-1"}


def test_it_is_said_when_checkpoints_go_on_failing_but_not_at_every_one(world, asker, caplog):
    world.fails = "the disk is full"
    world.announce()
    with caplog.at_level(logging.WARNING):
        world.go_on(asker, 0.5 * COMPLAIN_S)
        assert not caplog.records
        world.go_on(asker, 2.0 * COMPLAIN_S)
    assert [("the disk is full" in record.message) for record in caplog.records] == [True, True]


def test_a_cluster_that_cannot_be_asked_is_asked_again(world, asker):
    answers = iter((RuntimeError("no leader"), None))
    ask = world.ask

    def faulty():
        if error := next(answers, None):
            raise error
        return ask()

    world.ask = faulty
    world.announce()
    world.go_on(asker, 2.0)
    assert world.visible == {"day/.part-1"}


def test_what_a_killed_engine_left_hidden_is_asked_for_once(world, asker):
    world.hidden.add("day/.part-left")
    world.complete = lambda checkpoint: None
    world.go_on(asker, 3600)
    assert len(world.asked) == 1


def test_hidden_results_are_found_in_the_folder_of_each_day(tmp_path):
    hidden = HiddenResults(tmp_path / "air")
    assert hidden() == frozenset()
    day = tmp_path / "air" / "2026-03-01"
    day.mkdir(parents=True)
    (day / ".part-1-0.inprogress.x").touch()
    (day / "part-0-0").touch()
    assert hidden() == {"2026-03-01/.part-1-0.inprogress.x"}
    (day / ".part-1-0.inprogress.x").rename(day / "part-1-0")
    assert hidden() == frozenset()
