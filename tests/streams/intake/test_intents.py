"""A retraction that is killed on the way is finished by whoever starts next, once, and books balance."""

from __future__ import annotations

import pytest

from streams.intake import intents
from streams.intake.intents import IntentError, finish
from streams.intake.retraction import Wrong, plan, publish
from streams.store.schema import air_station_hour
from tests.streams.test_releases import FIRST, SEEN, Platform
from tests.streams.test_retraction import SAID


@pytest.fixture
def platform(store, tmp_path) -> Platform:
    return Platform(tmp_path, store)


class Killed(BaseException):
    """What a kill is to the code that it meets."""


def retract_killed(platform: Platform, monkeypatch, step: int) -> None:
    """Publish a retraction that ends at the append, or the note that a file may come again, of a number."""
    left = step

    def count(make):
        def counted(*given, **named):
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            return make(*given, **named)

        return counted

    topics = platform.folder / "topics"
    found = plan(topics, Wrong(file="b.csv"), SAID)
    with monkeypatch.context() as patched:
        patched.setattr(intents, "open_topic", count(intents.open_topic))
        patched.setattr(intents.Releases, "retract", count(intents.Releases.retract))
        with pytest.raises(Killed):
            publish(topics, found, SAID)


@pytest.mark.parametrize("step", range(4))
def test_whatever_append_it_was_killed_at_the_rest_is_done_at_the_next_start(platform, monkeypatch, step):
    platform.bring("b.csv", FIRST, SEEN)
    platform.assess()
    retract_killed(platform, monkeypatch, step)
    platform.assess()
    assert finish(platform.folder / "topics") == 1 and finish(platform.folder / "topics") == 0
    platform.assess()
    rows = platform.rows(air_station_hour)
    assert len(rows) == 3 and all(row["pm25_ugm3"] is None for row in rows)
    book = platform.files()["retraction of b.csv, by wang: wrong units"]
    assert (book["rows_in"], book["accepted"]) == (3, 3)
    platform.require_balance()
    # Its file may come again, as after one that nobody killed.
    platform.bring("b.csv", FIRST, SEEN + 1)
    platform.assess()
    assert platform.station()["pm25_ugm3"] == 940.0


def test_what_was_not_written_down_to_its_end_is_forgotten(platform):
    topics = platform.folder / "topics"
    folder = topics.parent / intents.FOLDER
    folder.mkdir(parents=True)
    (folder / ".half-retraction-1").write_text('{"key": "retrac', encoding="utf-8")
    assert finish(topics) == 0 and not [*folder.glob(".half-*")]


def test_one_that_is_damaged_is_named_with_what_to_do(platform):
    folder = platform.folder / intents.FOLDER
    folder.mkdir(parents=True)
    (folder / "retraction-1.json").write_text("{}", encoding="utf-8")
    with pytest.raises(IntentError, match=r"retraction-1\.json is damaged.*move the file away and retract again"):
        finish(platform.folder / "topics")
