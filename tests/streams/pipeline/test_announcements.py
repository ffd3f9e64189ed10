"""What the engine is told to read: every line of every segment, in pieces, in their order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.pipeline import announcements
from streams.pipeline.announcements import UNDATED, Announcement, Piece, day_of, lines_of, pieces_of

LINE = st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b" ").replace(b"\0", b"0"))
SEGMENT = "1700000000000-abc.jsonl"


def _segment(folder, content: bytes):
    (folder / "obs").mkdir(exist_ok=True)
    (folder / "obs" / SEGMENT).write_bytes(content)
    return pieces_of(folder, "obs", SEGMENT)


@given(lines=st.lists(LINE, max_size=30), ended=st.booleans(), size=st.integers(1, 60))
def test_the_pieces_of_a_segment_hold_each_of_its_lines_once_and_in_order(tmp_path_factory, lines, ended, size):
    folder, before = tmp_path_factory.mktemp("topics"), announcements.PIECE_BYTES
    if lines and not ended:
        lines[-1] += b"}"  # an end without which it would be a line that was cut
    content = b"\n".join(lines) + (b"\n" if ended and lines else b"")
    announcements.PIECE_BYTES = size
    try:
        pieces = _segment(folder, content)
    finally:
        announcements.PIECE_BYTES = before
    found = [line.text for piece in pieces for line in lines_of(folder, piece) if content]
    expected = content.decode("utf-8", errors="backslashreplace").split("\n")
    assert found == (expected[:-1] if not expected[-1] else expected)
    assert [piece.start for piece in pieces[1:]] == [piece.end for piece in pieces[:-1]]
    longest = max((len(line) + 1 for line in lines), default=0)
    assert all(piece.size < size + longest for piece in pieces)


def test_a_segment_that_has_gone_has_no_pieces(tmp_path):
    assert pieces_of(tmp_path, "obs", SEGMENT) == []


def test_bytes_that_are_no_text_do_not_hide_the_lines_beside_them(tmp_path):
    (piece,) = _segment(tmp_path, b"a\n\xff\xfe\nb\n")
    assert [line.text for line in lines_of(tmp_path, piece)] == ["a", "\\xff\\xfe", "b"]


def test_an_announcement_is_read_as_it_was_written():
    pieces = (Piece("obs.station_hour", '1700000000000-é "x".jsonl', 0, 12),)
    said = Announcement(3, {"obs.station_hour": 19_675}, pieces)
    assert Announcement.parse(said.line()) == said
    assert said.line().isascii() and "\n" not in said.line()


@given(sizes=st.lists(st.integers(1, 2 * announcements.PIECE_BYTES), max_size=300))
def test_every_piece_is_announced_once_and_in_order_and_no_announcement_is_long(sizes):
    pieces = [Piece("obs", f"{number:013d}-x.jsonl", 0, size) for number, size in enumerate(sizes)]
    said = list(announcements.announcements(pieces, session=1, oldest={}))
    assert [piece for each in said for piece in each.pieces] == pieces
    for each in said:
        assert len(each.pieces) <= announcements.MOST_PIECES
        assert each.size - each.pieces[-1].size < announcements.PIECE_BYTES


def test_the_day_of_a_segment_is_that_of_its_time_stamp():
    # 1700000000000 ms are 2023-11-14T22:13:20Z, 19675 days after 1970-01-01 (date -u -d @1700000000; 1700000000 // 86400).
    assert day_of(SEGMENT) == day_of(f"folder/{SEGMENT}") == 19_675
    assert day_of("by-hand.jsonl") == day_of("123-x.jsonl") == UNDATED
