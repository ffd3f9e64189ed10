"""The announcer and whoever connects to it: everything is told to everyone, and never more than can be read."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from streams.pipeline import announcements
from streams.pipeline.announcements import Announcement, lines_of
from streams.pipeline.announcer import LOOPBACK, Announcer, News, Window
from streams.wire.mended import note_mended
from streams.wire.seals import LENGTH
from streams.wire.topics import open_topic

NAMES = ("obs", "forecast")


@pytest.fixture
def topics(tmp_path):
    return tmp_path / "topics"


@pytest.fixture
def announcing(topics):
    made = []

    def start(**settings) -> Announcer:
        made.append(Announcer(topics, NAMES, **{"bounded": False, **settings}))
        made[-1].start()
        return made[-1]

    yield start
    for each in made:
        each.close()


class Listener:
    """A connection as the job opens it."""

    def __init__(self, announcer: Announcer) -> None:
        self.topics = announcer.topics
        self.socket = socket.create_connection((LOOPBACK, announcer.port), timeout=5)
        self.file = self.socket.makefile("r", encoding="ascii")

    def hear(self) -> Announcement:
        line = self.file.readline()
        assert line, "the announcer closed the connection"
        return Announcement.parse(line.rstrip("\n"))

    def lines(self, count: int) -> set[str]:
        found: set[str] = set()
        while len(found) < count:
            found |= {line.text for piece in self.hear().pieces for line in lines_of(self.topics, piece)}
        return found

    def hears_nothing(self, within_s: float = 0.2) -> bool:
        self.socket.settimeout(within_s)
        try:
            return self.socket.recv(1, socket.MSG_PEEK) == b""
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(5)

    def close(self) -> None:
        self.file.close()
        self.socket.close()


def _fill(topics, count: int, *, start: int = 0) -> set[str]:
    for number in range(start, start + count):
        open_topic(topics / NAMES[number % 2]).append([f"line {number}"], key=str(number))
    return {f"line {number}" for number in range(start, start + count)}


def test_all_that_is_there_is_announced_and_then_what_comes(topics, announcing):
    expected, announcer = _fill(topics, 8), announcing()
    listener = Listener(announcer)
    assert listener.lines(8) == expected
    assert listener.hears_nothing()
    more = _fill(topics, 3, start=8)
    assert listener.lines(3) == more
    assert announcer.count() > 0


def test_a_connection_that_comes_later_hears_everything_again(topics, announcing):
    expected, announcer = _fill(topics, 8), announcing()
    first = Listener(announcer)
    assert first.lines(8) == expected
    first.close()
    assert Listener(announcer).lines(8) == expected


def test_who_only_tells_what_is_there_closes_the_connection(topics, announcing):
    _fill(topics, 2)
    listener = Listener(announcing(bounded=True))
    assert listener.lines(2) == {"line 0", "line 1"}
    assert listener.file.readline() == ""


def test_no_more_is_announced_than_the_window_holds_until_an_answer_comes(topics, announcing):
    for number in range(6):
        open_topic(topics / "obs").append(["x" * announcements.PIECE_BYTES], key=str(number))
    announcer = announcing(window=2 * (announcements.PIECE_BYTES + LENGTH) + 10)
    listener = Listener(announcer)
    first, _ = listener.hear(), listener.hear()
    assert listener.hears_nothing()
    with socket.create_connection((LOOPBACK, announcer.answers)) as answers:
        answers.sendall(f"{first.session + 1} {first.size}\n".encode())
        assert listener.hears_nothing()  # the answer of another connection
        for _ in range(4):
            answers.sendall(f"{first.session} {first.size}\n".encode())
            listener.hear()
        assert announcer.unread()
        answers.sendall(2 * f"{first.session} {first.size}\n".encode())
        assert listener.hears_nothing() and not announcer.unread()


def test_a_listener_that_leaves_while_the_window_is_full_leaves_no_thread_behind(topics, announcing):
    for number in range(3):
        open_topic(topics / "obs").append(["x" * announcements.PIECE_BYTES], key=str(number))
    announcer, before = announcing(window=1), threading.active_count()
    listener = Listener(announcer)
    listener.hear()
    listener.close()
    end = time.monotonic() + 5
    while threading.active_count() > before:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_listener_is_told_of_the_oldest_day_that_each_topic_holds(topics, announcing):
    """One of them may keep what it has for ever, and none of the others may be remembered for its sake."""
    for name in (
        "obs/1700000000000-a.jsonl",
        "obs/1700172800000-b.jsonl",
        "obs/by-hand.jsonl",
        "forecast/1600000000000-c.jsonl",
    ):
        (topics / name).parent.mkdir(parents=True, exist_ok=True)
        (topics / name).write_text("x\n")
    for _ in range(2):
        assert Listener(announcing()).hear().oldest == {"obs": 19_675, "forecast": 18_518}


def test_the_oldest_day_follows_what_is_removed_and_what_comes(topics):
    (topics / "obs" / "2023-11-14").mkdir(parents=True)
    news, names = News(topics, NAMES), [f"{day * 86_400_000:013d}-x.jsonl" for day in (19_000, 19_001, 19_002)]
    seen = []
    for name, there in ((names[1], True), (names[2], True), (names[0], True), (names[0], False), (names[1], False)):
        path = topics / "obs" / name
        path.write_text("x\n") if there else path.unlink()
        news.pieces()
        seen.append(news.oldest["obs"])
    assert seen == [19_001, 19_001, 19_000, 19_001, 19_002]


def test_segments_of_sub_folders_are_news_too_and_folders_are_none(topics):
    news = News(topics, NAMES)
    for name in ("obs/2023-11-14/part-1", "obs/2023-11-14/.part-2", "obs/_hidden"):
        (topics / name).parent.mkdir(parents=True, exist_ok=True)
        (topics / name).write_text("x\n")
    assert [piece.segment for piece in news.pieces()] == ["2023-11-14/part-1"]
    (topics / "obs/2023-11-14/part-3").write_text("x\n")
    assert [piece.segment for piece in news.pieces()] == ["2023-11-14/part-3"]


def test_news_are_given_once_oldest_first_and_what_was_removed_is_forgotten(topics):
    (topics / "obs").mkdir(parents=True)
    (topics / "forecast").mkdir()
    for path in ("obs/1700000000003-c.jsonl", "forecast/1700000000002-b.jsonl", "obs/1700000000001-a.jsonl"):
        (topics / path).write_text("x\n")
    news = News(topics, NAMES)
    assert [piece.segment[13:15] for piece in news.pieces()] == ["-a", "-b", "-c"]
    (topics / "obs" / "1700000000001-a.jsonl").unlink()
    assert list(news.pieces()) == []
    (topics / "obs" / "1700000000001-a.jsonl").write_text("x\n")
    assert [piece.segment[13:15] for piece in news.pieces()] == ["-a"]


def test_a_piece_larger_than_the_window_passes_alone():
    window = Window(10)
    assert window.take(50, within_s=0)
    assert not window.take(1, within_s=0)
    window.give_back(50)
    assert window.take(10, within_s=0) and not window.take(1, within_s=0)


def test_a_segment_that_is_whole_again_is_announced_once_more_under_another_name(topics):
    _fill(topics, 4)
    news = News(topics, NAMES)
    first = {piece.name: piece for piece in news.pieces()}
    damaged = next(piece for piece in first.values() if piece.topic == "obs")
    note_mended(topics / "obs", damaged.segment)
    (again,) = news.pieces()
    assert (again.segment, again.start, again.end) == (damaged.segment, damaged.start, damaged.end)
    assert again.name not in first and news.pieces() == []
    # Who connects anew hears of each segment once: of the mended one under its later name.
    assert {piece.name for piece in News(topics, NAMES).pieces()} == {*first} - {damaged.name} | {again.name}
    note_mended(topics / "obs", damaged.segment)
    assert [piece.name != again.name for piece in news.pieces()] == [True]


def test_a_segment_that_comes_when_it_is_noted_is_announced_once(topics):
    _fill(topics, 2)
    news = News(topics, NAMES)
    assert news.pieces()
    path = next((topics / "obs").glob("*.jsonl"))
    later = path.with_name("9" + path.name[1:])
    later.write_bytes(path.read_bytes())
    note_mended(topics / "obs", later.name)
    assert [piece.segment for piece in news.pieces()] == [later.name]
