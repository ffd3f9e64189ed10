"""Lines bear seals: whatever happens to a segment at rest, every line comes back as it was written or its place is named."""

from __future__ import annotations

import errno
import io
import itertools
import os
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.wire.seals import CUT, FLIPPED, GONE, Damage, Line, bare, checked, sealed, sealed_together, verified
from streams.wire.topics import DirectoryTopic

LINES = ['510100\t{"a":[1,2,3]}', 'x\t{"b":"ÄÖ 成都"}', '510600\t{"c":{"d":0.25}}']


def written(folder, content: bytes):
    path = folder / "1700000000000-x.jsonl"
    path.write_bytes(content)
    return path


def read(path) -> tuple[list[str], list[Damage]]:
    with open(path, "rb") as file:
        found = list(checked(file, path.name))
    return [e.text for e in found if isinstance(e, Line)], [e for e in found if isinstance(e, Damage)]


def whole() -> bytes:
    return (sealed_together(LINES) + "\n").encode()


def test_a_seal_is_the_crc_32_of_the_line_that_gzip_and_zip_use():
    # The check value of CRC-32/ISO-HDLC for "123456789": https://reveng.sourceforge.io/crc-catalogue/17plus.htm
    assert sealed(b"123456789", last=False) == b"123456789\t~cbf43926"
    assert sealed(b"123456789", last=True) == b"123456789\t=cbf43926"


def test_what_is_appended_is_read_as_it_was_and_lies_sealed_on_the_disk(tmp_path):
    topic = DirectoryTopic(tmp_path)
    topic.append(LINES, key="x")
    (segment,) = topic.segments()
    assert list(topic.read(segment)) == LINES
    raw = (tmp_path / segment).read_text(encoding="utf-8").splitlines()
    assert [line[-10:-8] for line in raw] == ["\t~", "\t~", "\t="]
    assert [bare(line) for line in raw] == LINES
    assert [bare(line) for line in LINES] == LINES


@pytest.mark.skipif(not shutil.which("cut"), reason="no cut")
def test_the_second_field_of_a_line_on_the_disk_is_still_the_message(tmp_path):
    path = written(tmp_path, whole())
    said = subprocess.run(["cut", "-f2", str(path)], capture_output=True, check=True, text=True).stdout
    assert said.splitlines() == [line.partition("\t")[2] for line in LINES]


def test_each_flipped_bit_of_a_segment_costs_one_line_at_most_and_is_named(tmp_path):
    content = whole()
    for place, bit in itertools.product(range(len(content)), range(8)):
        damaged = bytearray(content)
        damaged[place] ^= 1 << bit
        lines, found = read(written(tmp_path, bytes(damaged)))
        lost = [line for line in LINES if line not in lines]
        assert all(line in LINES for line in lines), (place, bit, lines)
        assert len(lost) <= 1 and (found or not lost), (place, bit, lines, found)
        assert not found or found[0].start <= place <= found[0].start + found[0].size, (place, bit, found)


def test_a_flipped_line_end_loses_no_line(tmp_path):
    content = bytearray(whole())
    content[content.index(b"\n")] ^= 4
    assert read(written(tmp_path, bytes(content))) == (LINES, [])


def test_each_length_to_which_a_segment_is_cut_is_told_as_a_cut_and_keeps_what_was_whole(tmp_path):
    content = whole()
    ends = [i for i, byte in enumerate(content) if byte == 10]
    for length in range(len(content) - 1):
        lines, found = read(written(tmp_path, content[:length]))
        kept = sum(end <= length for end in ends)
        assert lines[:kept] == LINES[:kept], length
        assert [each.kind for each in found] == [CUT] or lines == LINES[: kept + 1], (length, lines, found)
        if length > ends[0]:
            assert [each.kind for each in found] == [CUT], (length, lines, found)


def test_a_cut_between_two_lines_is_found_because_the_last_one_bears_a_mark_of_its_own(tmp_path):
    content = whole()
    lines, found = read(written(tmp_path, content[: content.index(b"\n") + 1]))
    assert lines == LINES[:1]
    assert [(each.kind, each.size) for each in found] == [(CUT, 0)]


def test_a_segment_of_the_time_before_there_were_seals_is_read_as_it_is(tmp_path):
    assert read(written(tmp_path, ("\n".join(LINES) + "\n").encode())) == (LINES, [])
    assert read(written(tmp_path, "\n".join(LINES).encode())) == (LINES, [])
    assert read(written(tmp_path, b"k\t{\xff}\n")) == (["k\t{\\xff}"], [])


@pytest.mark.parametrize("damage", [b"k\t{}\n\0\0\0\0", b"k\t{}\nk\t{\0}\n", b'k\t{}\nk\t{"a'])
def test_what_an_unsealed_segment_can_show_of_damage_is_named(tmp_path, damage):
    lines, found = read(written(tmp_path, damage))
    assert lines == ["k\t{}"]
    assert len(found) == 1


def test_an_empty_segment_and_one_that_is_gone_are_damage(tmp_path):
    assert [each.kind for each in verified(written(tmp_path, b""))] == [CUT]
    assert [each.kind for each in verified(tmp_path / "gone.jsonl")] == [GONE]


def test_a_lost_sector_costs_only_the_lines_it_touches(tmp_path):
    lines = [f'k{n}\t{{"n":"{"x" * 100}"}}' for n in range(30)]
    content = bytearray((sealed_together(lines) + "\n").encode())
    content[512:1024] = bytes(512)
    kept, found = read(written(tmp_path, bytes(content)))
    length = len(sealed(lines[0].encode(), last=False)) + 1
    assert kept == [line for n, line in enumerate(lines) if (n + 1) * length <= 512 or n * length >= 1024]
    assert {each.kind for each in found} == {FLIPPED}


@given(st.binary(min_size=1, max_size=400), st.integers(0, 300))
def test_whatever_is_written_over_lines_none_comes_back_that_was_not_written(tmp_path_factory, over, at):
    content = whole()
    stands = content.index(b"510600")  # the last line stays, so that the segment shows that it was sealed
    over = over[: max(stands - at, 0)]
    path = written(tmp_path_factory.getbasetemp(), content[:at] + over + content[at + len(over) :])
    lines, found = read(path)
    assert set(lines) <= set(LINES)
    assert found or lines == LINES


class Disk(io.BytesIO):
    """A file of which the disk gives back only a part."""

    def __init__(self, path, until: int, code: int) -> None:
        super().__init__(path.read_bytes())
        self._descriptor, self._until, self._code = os.open(path, os.O_RDONLY), until, code

    def fileno(self) -> int:
        return self._descriptor

    def readline(self, *_) -> bytes:
        if self.tell() >= self._until:
            raise OSError(self._code, os.strerror(self._code))
        return super().readline()


def test_what_the_disk_does_not_give_back_is_damage_and_what_it_gave_before_is_kept(tmp_path):
    path = written(tmp_path, whole())
    found = list(checked(Disk(path, 40, errno.EIO), "x"))
    assert [each.text for each in found[:-1]] == LINES[: len(found) - 1] and len(found) > 1
    assert found[-1].kind == GONE
    with pytest.raises(PermissionError):
        list(checked(Disk(path, 40, errno.EACCES), "x"))


def test_what_the_disk_does_not_give_back_is_named_from_the_line_on_that_was_not_read(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"\n".join(sealed(b"k\t{}", last=n == 9) for n in range(10)) + b"\n")
    found = list(checked(Disk(path, 40, errno.EIO), "x"))
    lines = [each for each in found if isinstance(each, Line)]
    assert found[-1].start == len(lines) * len(sealed(b"k\t{}", last=True) + b"\n")
