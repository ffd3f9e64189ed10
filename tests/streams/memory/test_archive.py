"""The archive and the shelf before it: what is kept comes back or is named, nothing that a checkpoint may ask for goes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from streams.memory import book as books
from streams.memory.archive import SUPERSEDED_S, Archive, ArchiveError, verified
from streams.memory.shelf import Draft, Shelf
from tests.streams.replaying import Pieces

VALUE = {"made": {"stations": ("A",), "rank": np.arange(5)}}


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def archive(tmp_path, clock) -> Archive:
    return Archive(tmp_path, layout=6, clock=clock)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_what_is_kept_comes_back_under_its_digest_and_no_other(archive, tmp_path) -> None:
    digest = archive.keep("510100", "o1937", VALUE)
    found = archive.load("510100", "o1937", digest)
    assert found.keys() == VALUE.keys() and found["made"]["stations"] == ("A",)
    np.testing.assert_array_equal(found["made"]["rank"], VALUE["made"]["rank"])
    for other in (("510100", "o1938", digest), ("510600", "o1937", digest), ("510100", "o1937", "0" * 32)):
        with pytest.raises(ArchiveError, match="cannot read it"):
            archive.load(*other)
    with pytest.raises(ArchiveError):
        Archive(tmp_path, layout=7).load("510100", "o1937", digest)


@pytest.mark.parametrize(
    "harm", [lambda b: b[:-1], lambda b: b"", lambda b: b[:20] + bytes([b[20] ^ 1]) + b[21:], lambda b: b + b"x"]
)
def test_a_file_that_is_not_what_was_written_is_refused_before_it_is_unpacked(archive, tmp_path, harm) -> None:
    digest = archive.keep("510100", "o1937", VALUE)
    (path,) = _files(tmp_path)
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(ArchiveError, match="damaged") as found:
        archive.load("510100", "o1937", digest)
    assert (tmp_path / found.value.file) == path
    assert archive.keep("510100", "o1937", VALUE) == digest, "whoever keeps it again mends it"
    assert archive.load("510100", "o1937", digest)["made"]["stations"] == ("A",)


def test_an_old_version_stays_as_long_as_a_checkpoint_may_name_it_and_then_goes(archive, clock, tmp_path) -> None:
    first = archive.keep("510100", "o1937", 1)
    clock.now += 400 * 86_400  # never written since: only from when it is let go of does its time count
    archive.let_go("510100", "o1937", first)
    second = archive.keep("510100", "o1937", 2)
    clock.now += SUPERSEDED_S - 60
    archive.let_go("510100", "o1937", second)
    third = archive.keep("510100", "o1937", 3)
    assert [archive.load("510100", "o1937", digest) for digest in (first, second, third)] == [1, 2, 3]
    clock.now += 3600
    fourth = archive.keep("510100", "o1937", 4)
    assert [archive.load("510100", "o1937", digest) for digest in (second, third, fourth)] == [2, 3, 4]
    with pytest.raises(ArchiveError):
        archive.load("510100", "o1937", first)
    assert len(_files(tmp_path)) == 3


def test_only_versions_of_the_same_piece_go(archive, clock) -> None:
    names = ["o193", "o1937", "fCDAQS/2023-01-18T12Z", "fCDAQS_2023-01-18T12Z", "f模式/2023-01-18T12Z" * 3]
    digests = {name: archive.keep("510100", name, name) for name in names}
    clock.now += 10 * SUPERSEDED_S
    for name in names:
        archive.keep("510100", name, name + "!")
    for name in names:
        kept = digests[name]
        if name == names[-1]:
            archive.let_go("510100", name, kept)
        with pytest.raises(ArchiveError):
            archive.load("510100", name, kept)
    assert all(archive.load("510100", name, archive.keep("510100", name, name + "!")) == name + "!" for name in names)


def test_nothing_half_written_can_be_read_or_is_left(archive, tmp_path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            archive.keep("510100", "o1937", VALUE)
    assert _files(tmp_path) == []


def test_without_lasting_only_what_a_state_may_name_stays(tmp_path) -> None:
    archive = Archive(tmp_path, layout=6, lasting=False)
    for value in (1, 2, 3):
        digest = archive.keep("510100", "o1937", value)
        archive.let_go("510100", "o1937", digest)
    assert _files(tmp_path) == []
    settled = archive.keep("510100", "o1937", 4)
    archive.settle()
    archive.let_go("510100", "o1937", settled)
    assert archive.load("510100", "o1937", settled) == 4


def test_the_pieces_written_last_lie_in_the_state_and_all_can_be_asked_for(archive, monkeypatch) -> None:
    monkeypatch.setattr(books, "CAPACITY", 2)
    state = Pieces()
    shelf, hot = Shelf(state, archive, "510100"), {}
    for key in ("o1", "o2", "f1", "o99999", "o3", "o2"):
        draft = Draft(shelf)
        draft.put(key, {"is": key})
        hot = draft.apply(hot)
    assert hot == {"o": ["o3", "o2"], "f": ["f1"]}
    assert {key for key, value in state.items() if isinstance(value, str)} == {"o1", "o99999"}
    assert all(shelf.get(key) == {"is": key} for key in ("o1", "o2", "o3", "o99999", "f1"))
    assert shelf.get("o4") is None


def test_a_full_disk_costs_room_and_nothing_else(archive, monkeypatch) -> None:
    monkeypatch.setattr(books, "CAPACITY", 1)
    state, hot = Pieces(), {}
    shelf = Shelf(state, archive, "510100")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(archive, "_write", full)
        for number in range(3):
            draft = Draft(shelf)
            draft.put(f"o{number}", {"is": number})
            hot = draft.apply(hot)
    assert hot == {"o": ["o0", "o1", "o2"]} and state == {f"o{n}": {"is": n} for n in range(3)}
    draft = Draft(shelf)
    draft.put("o3", {"is": 3})
    assert draft.apply(hot) == {"o": ["o3"]}
    assert [shelf.get(f"o{n}") for n in range(4)] == [{"is": n} for n in range(4)]


def test_all_that_is_damaged_in_an_archive_is_named(tmp_path):
    archive = Archive(tmp_path, layout=1)
    digests = {key: archive.keep("510100", key, {"of": key * 40}) for key in ("o1", "o2", "o3", "o4")}
    assert list(verified(tmp_path)) == []
    paths = {key: next(tmp_path.rglob(f"*.{digest}")) for key, digest in digests.items()}
    content = bytearray(paths["o1"].read_bytes())
    content[7] ^= 1
    paths["o1"].write_bytes(content)
    paths["o2"].write_bytes(paths["o2"].read_bytes()[:-1])
    paths["o3"].write_bytes(b"")
    assert {each.file for each in verified(tmp_path)} == {str(paths[key]) for key in ("o1", "o2", "o3")}
