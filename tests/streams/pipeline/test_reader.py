"""The operator that reads: each piece once, as its state says, and the state no larger than the topics."""

from __future__ import annotations

import socket

import pytest

from streams.pipeline.announcements import Announcement, Piece, pieces_of
from streams.pipeline.places import parted
from streams.pipeline.reader import PieceReader
from streams.wire import messages
from streams.wire.seals import sealed_together

DAY_MS = 86_400_000


class State(dict):
    """Flink's map state, for one key."""

    put, remove = dict.__setitem__, dict.__delitem__


class Context:
    """What the operator asks the engine for."""

    def __init__(self, state: State) -> None:
        self.state = state

    def get_map_state(self, descriptor) -> State:
        return self.state


@pytest.fixture
def answers():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def reading(tmp_path, answers):
    opened = []

    def start(state: State) -> PieceReader:
        reader = PieceReader(tmp_path, answers.getsockname())
        reader.open(Context(state))
        opened.append(reader)
        return reader

    yield start
    for reader in opened:
        reader.close()


def _pieces(folder, *days: int) -> list[Piece]:
    (folder / "obs").mkdir(exist_ok=True)
    found = []
    for day in days:
        name = f"{day * DAY_MS:013d}-{day}.jsonl"
        (folder / "obs" / name).write_text(f"first of {day}\nsecond of {day}\n")
        found += pieces_of(folder, "obs", name)
    return found


def _said(reader: PieceReader, pieces: list[Piece], oldest: int = 0) -> list[str]:
    held = {"obs": oldest, "model.scorer": 1}
    return list(reader.process_element(Announcement(7, held, tuple(pieces)).line(), None))


def _say(reader: PieceReader, pieces: list[Piece], oldest: int = 0) -> list[str]:
    return [parted(line)[0] for line in _said(reader, pieces, oldest)]


def test_a_piece_is_read_once_however_often_it_is_announced_also_by_a_reader_that_recovered(tmp_path, reading):
    state, pieces = State(), _pieces(tmp_path, 20_000, 20_001)
    reader = reading(state)
    assert _say(reader, pieces[:1]) == ["first of 20000", "second of 20000"]
    assert _say(reader, pieces) == ["first of 20001", "second of 20001"]
    assert _say(reader, pieces) == _say(reading(State(state)), pieces) == []


def test_every_announcement_is_answered_with_its_session_and_size(tmp_path, reading, answers):
    pieces = _pieces(tmp_path, 20_000)
    reader = reading(State())
    _say(reader, pieces)
    _say(reader, pieces)
    connection, _ = answers.accept()
    with connection, connection.makefile() as file:
        size = len("first of 20000\nsecond of 20000\n")
        assert [file.readline(), file.readline()] == [f"7 {size}\n"] * 2


def test_days_that_a_topic_does_not_hold_any_more_are_forgotten_though_another_holds_older_ones(tmp_path, reading):
    state, pieces = State(), _pieces(tmp_path, *range(20_000, 20_040))
    reader = reading(state)
    for number, piece in enumerate(pieces):
        _say(reader, [piece], oldest=20_000 + max(number - 30, 0))
    assert sorted(state.values()) == list(range(20_009, 20_040))


def test_a_segment_that_has_gone_hides_no_other(tmp_path, reading):
    pieces = _pieces(tmp_path, 20_000, 20_001)
    (tmp_path / "obs" / pieces[0].segment).unlink()
    assert _say(reading(State()), pieces) == ["first of 20001", "second of 20001"]


def test_each_line_comes_with_its_place_in_its_topic(tmp_path, reading):
    (piece,) = _pieces(tmp_path, 20_000)
    assert [parted(line) for line in _said(reading(State()), [piece])] == [
        ("first of 20000", f"obs/{piece.segment}@0"),
        ("second of 20000", f"obs/{piece.segment}@{len('first of 20000') + 1}"),
    ]


def test_a_damaged_line_is_told_as_a_reject_and_hides_no_other(tmp_path, reading):
    (piece,) = _pieces(tmp_path, 20_000)
    lines = sealed_together(['k\t{"a":1}', 'k\t{"b":2}', 'k\t{"c":3}']) + "\n"
    (tmp_path / "obs" / piece.segment).write_text(lines.replace('"b":2', '"b":3'))
    first, told, last = _say(reading(State()), pieces_of(tmp_path, "obs", piece.segment))
    assert (first, last) == ('k\t{"a":1}', 'k\t{"c":3}')
    reject, _ = messages.intake_from(told)
    assert (reject.source, reject.file, reject.position) == (
        "damage",
        f"obs/{piece.segment}",
        f"byte {lines.index(chr(10)) + 1}",
    )
    assert (reject.reason, reject.rows) == ("damaged: its checksum is another one", 0)


def test_a_segment_of_which_nothing_is_left_is_told_once(tmp_path, reading):
    (piece,) = _pieces(tmp_path, 20_000)
    (tmp_path / "obs" / piece.segment).write_bytes(b"")
    reader, pieces = reading(State()), pieces_of(tmp_path, "obs", piece.segment)
    (told,) = _say(reader, pieces)
    assert messages.intake_from(told)[0].reason == "damaged: nothing is left of the segment"
    assert _say(reader, pieces) == []


def test_a_segment_that_is_whole_again_is_read_once_more_and_its_lines_keep_their_places(tmp_path, reading):
    (piece,) = _pieces(tmp_path, 20_000)
    whole = sealed_together(['k\t{"a":1}', 'k\t{"b":2}', 'k\t{"c":3}']) + "\n"
    path = tmp_path / "obs" / piece.segment
    path.write_text(whole.replace('"b":2', '"b":3'))
    state = State()
    reader = reading(state)
    before = _said(reader, pieces_of(tmp_path, "obs", piece.segment))
    path.write_text(whole)
    mended = pieces_of(tmp_path, "obs", piece.segment, mended=1_700_000_000_000)
    again = [parted(line) for line in _said(reader, mended)]
    assert [text for text, _ in again] == ['k\t{"a":1}', 'k\t{"b":2}', 'k\t{"c":3}']
    assert {place for _, place in again} > {parted(before[0])[1], parted(before[2])[1]}
    assert _said(reader, mended) == _said(reading(State(state)), mended) == []
