"""Archives are opened within limits: their files are read under their names, and all that is not is named, soon and harmlessly."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import struct
import tarfile
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from streams.ingest import ingest_path
from streams.intake import archives
from streams.intake.publisher import Summary
from tests.streams.intake.test_publisher import HOURS, blocks, told
from tests.streams.intake.watching import REGISTRY
from tests.streams.real_data import REPOSITORY

INVENTORY = REPOSITORY / "tests" / "data" / "emissions"
OTHER = HOURS.replace("T00", "T01")


@pytest.fixture
def inbox(tmp_path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def ingest(inbox: Path) -> Summary:
    """Publish all that lies there, and see that nothing unpacked is left and that it took no time to speak of."""
    scratch, begun = inbox.parent / "scratch", time.perf_counter()
    scratch.mkdir(exist_ok=True)
    summary = ingest_path(inbox, inbox.parent / "topics", REGISTRY)
    assert time.perf_counter() - begun < 5
    return summary


@pytest.fixture(autouse=True)
def clean(tmp_path, monkeypatch):
    """See that whatever was unpacked is gone."""
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    yield
    assert not list((tmp_path / "scratch").iterdir())


def zipped(path: Path, **members: str | bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return path


def reasons(inbox: Path) -> dict[str, str]:
    return {each.file: each.reason for each in told(inbox.parent / "topics")[1]}


def files(inbox: Path) -> list[str]:
    return sorted(each.file for each in told(inbox.parent / "topics")[0])


def test_the_files_of_an_archive_are_read_as_files_of_their_own(inbox) -> None:
    zipped(inbox / "a.zip", **{"one.csv": HOURS, "deep__two.csv": OTHER, "deep__notes.md": "x"})
    summary = ingest(inbox)
    assert files(inbox) == ["a.zip/deep/two.csv", "a.zip/one.csv"] and len(blocks(inbox.parent / "topics")) == 2
    assert reasons(inbox) == {"a.zip/deep/notes.md": "notes, settings and programs are not read"}
    assert (summary.rows, summary.rejected) == (4, 0) and ingest(inbox).rows == 0, "read once"


def test_gzip_tar_and_both_are_opened_whatever_they_are_called(inbox) -> None:
    (inbox / "hours.csv.gz").write_bytes(gzip.compress(HOURS.encode()))
    (inbox / "really").write_bytes(gzip.compress(OTHER.encode()))
    for name, mode in (("t.tar", "w:"), ("t.tgz", "w:gz")):
        with tarfile.open(inbox / name, mode) as archive:
            member = tarfile.TarInfo("x/hours.csv")
            member.size = len(HOURS)
            archive.addfile(member, io.BytesIO(HOURS.encode()))
    ingest(inbox)
    assert files(inbox) == ["hours.csv.gz/hours.csv", "really/really", "t.tar/x/hours.csv", "t.tgz/x/hours.csv"]
    assert len(blocks(inbox.parent / "topics")) == 4 and not reasons(inbox)


@pytest.mark.parametrize("folder", ["", "inv__"])
def test_an_inventory_in_an_archive_is_one(inbox, folder) -> None:
    parts = {p.relative_to(INVENTORY).as_posix(): p.read_bytes() for p in INVENTORY.rglob("*") if p.is_file()}
    zipped(inbox / "a.zip", **{f"{folder}{name.replace('/', '__')}": content for name, content in parts.items()})
    ingest(inbox)
    assert files(inbox) == [f"a.zip/{folder.replace('__', '/')}inventory.csv"]
    assert len(blocks(inbox.parent / "topics", "emission.city_hour")) == 8
    assert not [each for each in told(inbox.parent / "topics")[1] if not each.set_aside]


def test_an_archive_in_an_archive_is_opened_and_one_in_that_is_named(inbox) -> None:
    third = zipped(inbox.parent / "c.zip", **{"c.csv": HOURS}).read_bytes()
    second = zipped(inbox.parent / "b.zip", **{"b.csv": HOURS, "c.zip": third}).read_bytes()
    zipped(inbox / "a.zip", **{"a.csv": OTHER, "b.zip": second, "d.csv.gz": gzip.compress(HOURS.encode())})
    ingest(inbox)
    assert files(inbox) == ["a.zip/a.csv", "a.zip/b.zip/b.csv", "a.zip/d.csv.gz/d.csv"]
    assert reasons(inbox) == {"a.zip/b.zip/c.zip": "an archive in an archive in an archive is not opened"}


@pytest.mark.parametrize(
    "name",
    ["/etc/x.csv", "../x.csv", "a/../../x.csv", "..\\x.csv", "\\x.csv", "C:\\x.csv", "C:x.csv", "a/" * 70 + "x", "/"],
)
def test_names_that_lead_out_are_named_and_the_others_are_read(inbox, name) -> None:
    with zipfile.ZipFile(inbox / "a.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), HOURS)
        archive.writestr("good.csv", HOURS)
    with tarfile.open(inbox / "a.tar", "w") as archive:
        for called in (name.rstrip("/") or "/x", "good.csv"):
            member = tarfile.TarInfo(called)
            member.size = len(HOURS)
            archive.addfile(member, io.BytesIO(HOURS.encode()))
    before = sorted(inbox.parent.rglob("*.csv"))
    ingest(inbox)
    assert files(inbox) == ["a.tar/good.csv", "a.zip/good.csv"] and sorted(inbox.parent.rglob("*.csv")) == before
    assert all("its name" in reason for reason in reasons(inbox).values())
    assert len(reasons(inbox)) == 1 + (name != "/")


def test_links_devices_and_locked_files_are_named_and_not_read(inbox) -> None:
    with zipfile.ZipFile(inbox / "a.zip", "w") as archive:
        for name, mode in (("link.csv", 0o120777), ("pipe.csv", 0o010644), ("good.csv", 0o100644)):
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, "/etc/passwd" if mode == 0o120777 else HOURS)
        locked = zipfile.ZipInfo("locked.csv")
        archive.writestr(locked, HOURS)
        locked.flag_bits |= 1
        archive.writestr(zipfile.ZipInfo("good.csv"), OTHER)
        packed = zipfile.ZipInfo("packed.csv")
        packed.compress_type = zipfile.ZIP_BZIP2
        archive.writestr(packed, HOURS)
    with tarfile.open(inbox / "a.tar", "w") as archive:
        for name, kind in (("link.csv", tarfile.SYMTYPE), ("hard.csv", tarfile.LNKTYPE), ("null", tarfile.CHRTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
    ingest(inbox)
    assert files(inbox) == ["a.zip/good.csv"]
    assert {name: reason[:24] for name, reason in reasons(inbox).items()} == {
        "a.zip/link.csv": "links in archives are no", "a.zip/pipe.csv": "it is a device or a pipe", "a.zip/locked.csv":
        "the file is locked by a ", "a.zip/packed.csv": "it is packed in another ", "a.zip/good.csv": "it cannot be unpacked: F",
        "a.tar/link.csv": "links in archives are no", "a.tar/hard.csv": "links in archives are no",
        "a.tar/null": "it is no plain file",
    }  # fmt: skip


def bomb(size: int) -> bytes:
    """Zip some zero bytes, with what unzip would write told truly."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros.csv", "w") as member:
        for _ in range(size // 10_000_000):
            member.write(bytes(10_000_000))
    return packed.getvalue()


def lying(size: int) -> bytes:
    """Zip some zero bytes that are said to be ten."""
    whole = bytearray(bomb(size))
    told_size = struct.pack("<I", size)
    return bytes(whole.replace(told_size, struct.pack("<I", 10)))


def overlapping(count: int) -> bytes:
    """Zip one file of zero bytes, with many entries that stand for it, as in the bomb of D. Fifield."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x0.csv", bytes(100_000))
        first = archive.infolist()[0]
        for n in range(1, count):
            again = zipfile.ZipInfo(f"x{n}.csv")
            for field in ("CRC", "compress_size", "file_size", "header_offset", "compress_type"):
                setattr(again, field, getattr(first, field))
            archive.filelist.append(again)
            archive.NameToInfo[again.filename] = again
        archive._didModify = True
    return packed.getvalue()


def many(count: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for n in range(count):
            archive.writestr(f"{n}", b"")
    return packed.getvalue()


def sparse_tar() -> bytes:
    member = tarfile.TarInfo("huge.csv")
    member.size = 10**12
    return member.tobuf() + bytes(1024)


def long_index() -> bytes:
    return b"PK\x03\x04" + bytes(100) + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, 2_000_000_000, 0, 0)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.zip", lambda: bomb(300_000_000), "unpacks to more than 300 times its size"),
        ("a.gz", lambda: gzip.compress(bytes(100_000_000)), "unpacks to more than 300 times its size"),
        ("a.zip", lambda: overlapping(50), "files of the archive overlap"),
        ("a.zip", lambda: many(20_001), "holds more than 20000 files"),
        ("a.zip", long_index, "holds more than 20000 files"),
        ("a.tar", sparse_tar, "holds more than 2000 MB"),
        ("a.zip", lambda: zipfile_of_hours()[:-30], "broken, or not whole"),
        ("a.gz", lambda: gzip.compress(HOURS.encode())[:-9], "broken, or not whole"),
        ("a.gz", lambda: b"\x1f\x8b" + bytes(50), "broken, or not whole"),
        ("a.zip", lambda: b"PK\x03\x04" + bytes(50), "broken, or not whole"),
    ],
    ids=["bomb", "gzip bomb", "overlap", "many", "index", "tar", "cut zip", "cut gzip", "no gzip", "no zip"],
)  # fmt: skip
def test_an_archive_beyond_the_limits_is_refused_whole_in_words_and_soon(inbox, name, content, reason) -> None:
    (inbox / name).write_bytes(content())
    (inbox / "z.csv").write_text(HOURS)
    summary = ingest(inbox)
    assert files(inbox) == [name, "z.csv"] and reason in reasons(inbox)[name]
    assert len(blocks(inbox.parent / "topics")) == 1 and any(name in each for each in summary.complaints)


def zipfile_of_hours() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", HOURS)
    return packed.getvalue()


def test_a_size_that_is_a_lie_costs_its_file_alone(inbox) -> None:
    (inbox / "a.zip").write_bytes(lying(100_000_000))
    ingest(inbox)
    assert "cannot be unpacked" in reasons(inbox)["a.zip/zeros.csv"]


def test_other_kinds_of_archives_are_named_with_what_is_opened(inbox) -> None:
    for name, content in (
        ("a.7z", b"7z\xbc\xaf\x27\x1c1234"), ("a.rar", b"Rar!\x1a\x07\x00123"), ("a.xz", b"\xfd7zXZ\x00123"), 
        ("a.bz2", bz2.compress(b"x")),
    ):  # fmt: skip
        (inbox / name).write_bytes(content)
    ingest(inbox)
    for each in told(inbox.parent / "topics")[1]:
        assert each.value.startswith("an archive (") and ".zip, .gz, .tar and .tgz are opened" in each.expected


def test_a_document_that_is_packed_alike_is_no_archive(inbox) -> None:
    zipped(inbox / "a.xlsx", **{"[Content_Types].xml": "<x/>", "xl__workbook.xml": "<x/>"})
    assert not archives.is_archive(inbox / "a.xlsx") and archives.is_archive(zipped(inbox / "b.zip", x="y"))


def test_names_of_any_bytes_are_read_as_people_can_read_them(inbox) -> None:
    raw = zipfile_of_hours().replace(b"a.csv", "绵.c".encode("gb18030") + b"s")
    (inbox / "a.zip").write_bytes(raw)
    ingest(inbox)
    assert files(inbox) == ["a.zip/绵.cs"]


def test_a_file_keeps_the_time_that_the_archive_tells(inbox) -> None:
    zipped(inbox / "a.zip", x=HOURS)
    with zipfile.ZipFile(inbox / "b.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("x.csv", (2024, 5, 1, 12, 0, 0)), HOURS)
    with (inbox / "b.zip").open("rb") as file, archives.opened_archive(file, None, "b.zip") as found:
        ((path, name),) = found.units
        # 12:00 in Shanghai is 04:00 UTC.
        assert name == "b.zip/x.csv" and os.stat(path).st_mtime == 1_714_536_000


def test_a_full_disk_is_no_fault_of_the_archive(inbox, monkeypatch) -> None:
    zipped(inbox / "a.zip", x=HOURS)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(archives._Room, "copy", full)
        summary = ingest(inbox)
    assert summary.complaints == ("a.zip: the file cannot be read: No space left on device",)
    assert ingest(inbox).blocks == 1


def test_no_bytes_of_an_archive_are_too_odd(inbox) -> None:
    whole, noise = zipped(inbox.parent / "w.zip", **{"a.csv": HOURS, "b.csv": OTHER}).read_bytes(), zlib.crc32
    for n in range(60):
        at = noise(str(n).encode()) % len(whole)
        (inbox / f"{n}.zip").write_bytes(whole[:at] + bytes([noise(b"%d" % at) % 256]) + whole[at + 1 :])
    ingest(inbox)
    assert {each.partition("/")[0] for each in (*files(inbox), *reasons(inbox))} == {f"{n}.zip" for n in range(60)}
