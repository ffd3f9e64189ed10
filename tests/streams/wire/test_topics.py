"""A topic in a folder: whole segments or none, each key once, in order."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from streams.wire.topics import DirectoryTopic, TopicError, open_topic


def everything(topic: DirectoryTopic) -> list[str]:
    return [line for segment in topic.segments() for line in topic.read(segment)]


class Clock:
    """A clock that tests set."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def topic(tmp_path, clock) -> DirectoryTopic:
    return DirectoryTopic(tmp_path / "air", clock=clock)


def test_lines_come_back_in_the_order_of_their_appends(topic, clock):
    topic.append(["a\t{}", "b\t{}"], key="second.csv")
    clock.now += 1
    topic.append(["c\t{}"], key="first.csv")
    assert everything(topic) == ["a\t{}", "b\t{}", "c\t{}"]
    assert [name.partition("-")[0] for name in topic.segments()] == ["1700000000000", "1700000001000"]


def test_a_key_is_appended_once_even_by_another_process_later(topic, tmp_path):
    topic.append(["a\t1"], key="file 1")
    topic.append(["a\t1"], key="file 1")
    DirectoryTopic(tmp_path / "air").append(["a\t1"], key="file 1")
    assert everything(topic) == ["a\t1"]


def test_nothing_is_written_where_there_are_no_lines(topic):
    topic.append([], key="empty")
    assert topic.segments() == []


def test_only_new_segments_are_given(topic, clock):
    topic.append(["a\t1"], key="1")
    seen = set(topic.segments())
    clock.now += 1
    topic.append(["a\t2"], key="2")
    assert [list(topic.read(name)) for name in topic.segments(seen)] == [["a\t2"]]


def test_a_long_append_is_split_and_keeps_its_order(tmp_path):
    topic = DirectoryTopic(tmp_path, segment_mb=0.001)
    lines = [f"k\t{number:0100d}" for number in range(45)]
    topic.append(lines, key="long")
    assert len(topic.segments()) == 5
    assert everything(topic) == lines


def test_an_interrupted_append_is_finished_by_its_repetition(tmp_path):
    topic = DirectoryTopic(tmp_path, segment_mb=0.001)
    lines = [f"k\t{number:0100d}" for number in range(45)]

    def broken():
        yield from lines[:25]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        topic.append(broken(), key="long")
    assert 0 < len(topic.segments()) < 5
    assert not list(tmp_path.glob(".tmp-*"))
    before = topic.segments()
    DirectoryTopic(tmp_path, segment_mb=0.001).append(lines, key="long")
    assert everything(topic) == lines
    assert topic.segments()[: len(before)] == before


def test_an_interrupted_append_refuses_other_lines(tmp_path):
    topic = DirectoryTopic(tmp_path, segment_mb=0.001)

    def broken():
        yield from [f"k\t{number:0100d}" for number in range(25)]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        topic.append(broken(), key="long")
    with pytest.raises(TopicError, match="already there with other lines, expected the same lines"):
        topic.append(["k\tshort", *(f"k\t{number:0100d}" for number in range(25))], key="long")


def test_a_line_break_inside_a_line_is_refused_and_leaves_nothing(topic):
    with pytest.raises(TopicError, match="line break"):
        topic.append(["a\t1", "b\t1\n2"], key="1")
    assert topic.segments() == []


def _append_all(folder, start) -> None:
    topic = DirectoryTopic(folder)
    start.wait()
    for number in range(20):
        topic.append([f"k\t{number}"], key=f"{number}")


def test_processes_that_append_the_same_keys_write_each_once(tmp_path):
    start = multiprocessing.get_context("fork").Event()
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_append_all, args=(tmp_path, start)) for _ in range(3)]
    for writer in writers:
        writer.start()
    start.set()
    for writer in writers:
        writer.join(60)
    assert sorted(everything(DirectoryTopic(tmp_path))) == sorted(f"k\t{number}" for number in range(20))


def test_retention_removes_old_segments_but_none_that_is_still_needed(topic, clock):
    for number in range(3):
        topic.append([f"k\t{number}"], key=f"{number}")
        path = topic.folder / topic.segments()[-1]
        os.utime(path, (clock.now, clock.now))
        clock.now += 100
    needed = topic.segments()[0]
    removed = topic.retain(150, keep={needed})
    assert len(removed) == 1
    assert everything(topic) == ["k\t0", "k\t2"]


def test_a_key_stays_known_after_its_segments_are_gone(topic, clock):
    topic.append(["k\t1"], key="1")
    (topic.folder / ".keys").write_text(f"{int(clock.now * 1000)} 1 begun\n")  # killed before it could note the end
    later = DirectoryTopic(topic.folder, clock=lambda: clock.now + 1e9)
    assert len(later.retain(60)) == 1
    later.append(["k\t1"], key="1")
    assert everything(later) == []


def test_a_torn_entry_of_the_journal_is_passed_over(topic):
    topic.append(["k\t1"], key="1")
    with open(topic.folder / ".keys", "ab") as journal:
        journal.write(b"17000000000")
    fresh = DirectoryTopic(topic.folder)
    fresh.append(["k\t1"], key="1")
    fresh.append(["k\t2"], key="2")
    DirectoryTopic(topic.folder).append(["k\t2"], key="2")
    assert sorted(everything(fresh)) == ["k\t1", "k\t2"]


def test_folders_of_a_flink_sink_are_read_without_what_is_in_progress(tmp_path):
    topic = open_topic(tmp_path)
    for name, age in (
        ("2026-01-01--05/part-ab-0", 1),
        ("2026-01-01--04/part-ab-0", 2),
        ("2026-01-01--04/part-cd-1", 3),
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"k\t{age}\n")
        os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    (tmp_path / "2026-01-01--05" / ".part-ab-1.inprogress.99").write_text("k\thalf")
    (tmp_path / "_metadata").write_text("x")
    assert everything(topic) == ["k\t3", "k\t2", "k\t1"]


def test_a_new_file_in_a_known_folder_is_seen(tmp_path):
    topic = open_topic(tmp_path)
    (tmp_path / "hour").mkdir()
    (tmp_path / "hour" / "part-a-0").write_text("k\t1\n")
    assert len(topic.segments()) == 1
    (tmp_path / "hour" / "part-a-1").write_text("k\t2\n")
    assert len(topic.segments()) == 2


def test_bytes_that_are_no_text_do_not_hide_the_other_lines(topic):
    (topic.folder / "part-x-0").write_bytes(b"k\t1\nk\t\xff\xfe\nk\t3\n")
    assert everything(topic) == ["k\t1", "k\t\\xff\\xfe", "k\t3"]


@pytest.mark.parametrize(
    ("location", "message"),
    [("kafka://broker:9092/air", "no adapter.*expected a folder"), ("s3://bucket/air", "unknown kind of topic 's3'")],
)
def test_a_topic_elsewhere_is_refused_with_what_is_missing(location, message):
    with pytest.raises(TopicError, match=message):
        open_topic(location)


def test_a_file_url_is_a_folder(tmp_path):
    open_topic(f"file://{tmp_path}/a%20b").append(["k\t1"], key="1")
    assert everything(open_topic(tmp_path / "a b")) == ["k\t1"]


@pytest.mark.parametrize("key", ["观测/2026.csv", "x" * 400, "a.0000", "../up"])
def test_any_text_may_be_a_key(topic, key):
    topic.append(["k\t1"], key=key)
    topic.append(["k\t1"], key=key)
    assert everything(topic) == ["k\t1"]


def test_an_empty_key_is_refused(topic):
    with pytest.raises(TopicError, match="the key is empty"):
        topic.append(["k\t1"], key="")


def _journal_entries(folder) -> list[str]:
    return (folder / ".keys").read_text(encoding="ascii").splitlines()


def test_any_flipped_bit_of_the_journal_appends_nothing_twice(tmp_path):
    topic = DirectoryTopic(tmp_path)
    for number in range(3):
        topic.append([f"k\t{number}"], key=f"file {number}")
    before, content = everything(topic), (tmp_path / ".keys").read_bytes()
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 1 << place % 8
        (tmp_path / ".keys").write_bytes(damaged)
        again = DirectoryTopic(tmp_path)
        for number in range(3):
            again.append([f"k\t{number}"], key=f"file {number}")
        assert everything(again) == before, place


@pytest.mark.parametrize("left", [0, 1, 30, 61])
def test_a_journal_that_is_cut_or_lost_appends_nothing_twice_while_the_segments_are_there(tmp_path, left):
    topic = DirectoryTopic(tmp_path, segment_mb=0.001)
    lines = [f"k\t{number:0100d}" for number in range(45)]
    topic.append(lines, key="long")
    topic.append(["k\t1"], key="short")
    before = everything(topic)
    os.truncate(tmp_path / ".keys", left)
    for again in (DirectoryTopic(tmp_path, segment_mb=0.001), topic):
        assert again.holds("long") and again.holds("short") and not again.holds("other")
        again.append(["k\t1"], key="short")
        again.append(lines, key="long")
    assert everything(DirectoryTopic(tmp_path)) == before


def test_a_journal_cut_between_two_entries_is_made_whole_from_the_names_and_says_so_once(tmp_path, caplog):
    topic = DirectoryTopic(tmp_path)
    for number in range(4):
        topic.append([f"k\t{number}"], key=f"file {number}")
    before, entries = everything(topic), _journal_entries(tmp_path)
    (tmp_path / ".keys").write_text("".join(f"{entry}\n" for entry in entries[:4]), encoding="ascii")
    for _ in range(2):
        again = DirectoryTopic(tmp_path)
        for number in range(4):
            again.append([f"k\t{number}"], key=f"file {number}")
    assert everything(again) == before
    assert [record.levelname for record in caplog.records] == ["WARNING"] and ".keys" in caplog.text
    for path in tmp_path.glob("*.jsonl"):
        path.unlink()
    assert all(DirectoryTopic(tmp_path).holds(f"file {number}") for number in range(4)), "the names were written down"


def test_a_journal_that_is_noise_is_named_once_and_stays_usable(tmp_path, caplog):
    topic = DirectoryTopic(tmp_path)
    topic.append(["k\t1"], key="a")
    (tmp_path / ".keys").write_bytes(bytes(range(256)) * 8)
    again = DirectoryTopic(tmp_path)
    again.append(["k\t1"], key="a")
    again.append(["k\t2"], key="b")
    assert sorted(everything(DirectoryTopic(tmp_path))) == ["k\t1", "k\t2"] and DirectoryTopic(tmp_path).holds("b")
    assert len(caplog.records) == 1


def test_entries_of_the_time_before_they_had_checksums_are_read(tmp_path):
    topic = DirectoryTopic(tmp_path)
    topic.append(["k\t1"], key="a")
    old = "".join(f"{line.rpartition(' ')[0]}\n" for line in _journal_entries(tmp_path))
    assert [len(line.split()) for line in old.splitlines()] == [3, 3]
    (tmp_path / ".keys").write_text(old, encoding="ascii")
    for path in tmp_path.glob("*.jsonl"):
        path.unlink()
    assert DirectoryTopic(tmp_path).holds("a")
