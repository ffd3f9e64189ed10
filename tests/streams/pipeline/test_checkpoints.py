"""What stays of the folders of checkpoints, and what is done to one that has moved; their files are written as Java writes them."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from streams.pipeline import checkpoints

F0, F1, F2, F3, F4 = (f"{i}c4bef47-1cff-496e-a1e8-a02f852e2917" for i in range(5))
JOB, LATER = "14a9f0ff6fed6402597be47e812f40b3", "81b5fcc3d2f933db6c9aedeebf18ea4a"


def utf(text: str) -> bytes:
    """Write as java.io.DataOutput.writeUTF says: two bytes of length, and UTF-8 but for signs beyond U+FFFF."""
    coded = b"".join(
        (sign if ord(sign) < 0x10000 else "".join(_pair(ord(sign)))).encode("utf-8", "surrogatepass") for sign in text
    )
    return struct.pack(">H", len(coded)) + coded


def _pair(point: int) -> tuple[str, str]:
    """Give the two surrogates of a sign (Unicode 15, section 3.9, table 3-5)."""
    return chr(0xD7C0 + (point >> 10)), chr(0xDC00 + (point & 0x3FF))


def made(
    folder: Path, job: str, number: int, shared: tuple[str, ...], *, was: Path | None = None, own: str = "one"
) -> Path:
    """Lay a checkpoint down: its metadata names a file of its own and shared ones, by where the folder was."""
    place = folder / job / f"chk-{number}"
    place.mkdir(parents=True)
    (folder / job / "shared").mkdir(exist_ok=True)
    (place / own).write_text("own")
    for name in shared:
        *_, there = name.split("/")
        target = folder / name if "/" in name else folder / job / "shared" / there
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(there)
    whole = [f"file:{was or folder}/{name if '/' in name else f'{job}/shared/{name}'}" for name in shared]
    head = struct.pack(">iiq", 0x4960672D, 6, number)
    (place / "_metadata").write_bytes(head + b"\x06" + utf(own) + b"\x07".join(utf(name) for name in whole) + b"\0end")
    return place


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_newest_three_stay_with_all_they_name_and_nothing_else(tmp_path):
    made(tmp_path, JOB, 1, (F1,))
    made(tmp_path, JOB, 2, (F1, F2))
    made(tmp_path, LATER, 3, (f"{JOB}/shared/{F2}", F3))
    made(tmp_path, LATER, 4, (F3, F4))
    (tmp_path / LATER / "shared" / "of-one-not-completed").write_text("x")
    (tmp_path / LATER / "chk-5").mkdir()
    (tmp_path / LATER / "chk-5" / "half").write_text("x")
    checkpoints.sweep(tmp_path, 3)
    kept = {f"{JOB}/chk-2/one", f"{JOB}/chk-2/_metadata", f"{JOB}/shared/{F1}", f"{JOB}/shared/{F2}"}
    for number in (3, 4):
        kept |= {f"{LATER}/chk-{number}/{name}" for name in ("one", "_metadata")}
    kept |= {f"{LATER}/shared/{F3}", f"{LATER}/shared/{F4}"}
    assert files(tmp_path) == kept


def test_a_job_of_which_nothing_stays_leaves_no_folder(tmp_path):
    made(tmp_path, JOB, 1, (F1,))
    for number in (2, 3, 4):
        made(tmp_path, LATER, number, (F2,))
    checkpoints.sweep(tmp_path, 3)
    assert [path.name for path in tmp_path.iterdir()] == [LATER]


@pytest.mark.parametrize("name", ["数据 100%", "long " * 40, "𠮷野", "a"])
def test_a_checkpoint_that_has_moved_names_its_files_where_they_are(tmp_path, name):
    was, now = Path("/somewhere/else/checkpoints"), tmp_path / name / "checkpoints"
    moved = made(now, LATER, 7, (F1, f"{JOB}/shared/{F0}"), was=was)
    assert checkpoints.readdress(moved, now)
    at_home = made(tmp_path / "again", LATER, 7, (F1, f"{JOB}/shared/{F0}"), was=now)
    assert (moved / "_metadata").read_bytes() == (at_home / "_metadata").read_bytes()
    assert not checkpoints.readdress(moved, now)


def test_addresses_of_other_files_stay_as_they_are(tmp_path):
    place = made(tmp_path, JOB, 1, ())
    content = (
        (place / "_metadata").read_bytes() + utf("file:/elsewhere/topics/air_result/2026-11-30/.part-1") + b"file:"
    )
    (place / "_metadata").write_bytes(content)
    assert not checkpoints.readdress(place, tmp_path)
    assert (place / "_metadata").read_bytes() == content


def test_the_number_within_is_that_of_the_folder(tmp_path):
    assert checkpoints.number_in(made(tmp_path, JOB, 4711, ())) == 4711
