"""What a file may hold that is meant to do harm: sizes, encodings, marks and depths, each answered in words and cheaply."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from streams import sources
from streams.records import Rejected
from streams.registry import load
from streams.sources import files, kinds
from streams.sources.tally import Parsed, Unusable

REGISTRY = load()
TEXT = "station,hour_end,pm25_ugm3\n1431A,2024-01-01T00:00Z,5\n1432A,2024-01-01T02:00Z,6\n"


def read(path: Path) -> Parsed:
    return sources.parse_file(path, REGISTRY, received_at=0.0)


def put(folder: Path, content: bytes, name: str = "x.csv") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def only_reject(parsed: Parsed) -> Rejected:
    (reject,) = parsed.rejected
    return reject


def pm25(parsed: Parsed) -> dict[str, float]:
    """Give the one value of each station of TEXT."""
    return {b.stations[i]: float(np.nanmax(b.values[5, i])) for b in parsed.blocks for i in range(len(b.stations))}


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("utf-16"), b"\xfe\xff" + TEXT.encode("utf-16-be"), TEXT.encode("utf-8-sig"),
        TEXT.replace("\n", "\r").encode(), TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r", 1).encode(), TEXT.replace("\n", "\r\n", 1).encode(), TEXT.rstrip("\n").encode(),
    ],
    ids=["utf-16", "utf-16-be", "utf-8-sig", "CR", "CRLF", "CR first", "CRLF first", "no end"],
)  # fmt: skip
def test_a_text_is_understood_however_it_is_encoded_and_its_lines_end(tmp_path, content) -> None:
    parsed = read(put(tmp_path, content))
    assert not parsed.rejected and pm25(parsed) == {"1431A": 5, "1432A": 6}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (TEXT.encode("utf-16-le"), "UTF-16 without a byte-order mark"), (TEXT.encode("utf-32"), "UTF-32"),
        (b"root:x:0:0:root:/root:/bin/bash\n", "text"), (b"7z\xbc\xaf\x27\x1csecret", "archive (7z)"), (b"%PDF-1.7 secret", "PDF"),
        (b"\x00\x01\x02\x00secret", "binary"), (b"<html>secret", "HTML"),
    ],
)  # fmt: skip
def test_of_a_file_that_no_feed_reads_its_kind_and_size_are_said_and_nothing_of_its_content(
    tmp_path, content, kind
) -> None:
    reject = only_reject(read(put(tmp_path, content)))
    assert kind in reject.value and str(len(content)) in reject.value
    assert not any(part in str(reject) for part in ("root", "secret", "1431A", "b'"))


@pytest.mark.parametrize("begin", [b"", TEXT.encode(), b"date,hour,type,1431A\n"])
def test_a_file_larger_than_its_feed_reads_is_refused_before_any_of_it_is_read(tmp_path, begin) -> None:
    path = put(tmp_path, begin)
    os.truncate(path, 10**12)
    begun = time.perf_counter()
    reject = only_reject(read(path))
    assert reject.reason == "the file is too large" and "1000000.0 MB" in reject.value
    assert time.perf_counter() - begun < 1


def test_a_forecast_may_be_larger_than_a_text(tmp_path) -> None:
    path = put(tmp_path, b"\x89HDF\r\n\x1a\n")
    os.truncate(path, 2_000_000_000)
    with pytest.raises(Unusable, match=r"the file is too large.*128 MB"):
        sources._require_sizes(path, None)
    sources._require_sizes(path, sources.feed_of(path))


@pytest.mark.parametrize("sign", ["\x1b[31m", "\u202e", "\u200b", "\u2028", "\x07", "\x00", "\r", "\ue000", "\ufeff"])
def test_signs_that_do_not_print_are_written_out_in_all_that_is_said(tmp_path, sign) -> None:
    text = f"station,hour_end,pm25_ugm3,od{sign}d\n1431A,2024-01-01T00:00Z,{sign}5x,1\nA{sign}B,never,5,1\n"
    for name in ("x.csv", f"a{sign.replace(chr(0), '')}b.csv"):
        parsed = read(put(tmp_path, text.encode(), name))
        assert parsed.rejected
        for each in parsed.rejected:
            said = (each.source, each.file, each.position, each.reason, each.value, each.expected)
            assert all(part.isprintable() and len(part) <= 200 for part in said)


def test_what_is_no_regular_file_is_not_waited_for(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "link.csv").symlink_to(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", tmp_path / "link.csv", Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(OSError, match="not a regular file"):
            files.opened(path)
        with pytest.raises(OSError):
            read(path)


def test_where_certain_files_are_meant_no_other_is_opened_under_their_name(tmp_path) -> None:
    path = put(tmp_path, TEXT.encode())
    known = os.stat(path)
    with files.only({(known.st_dev, known.st_ino)}):
        assert read(path).blocks
        path.rename(tmp_path / "away.csv")
        path.symlink_to("/etc/passwd")
        with pytest.raises(OSError, match="another file has taken its place"):
            read(path)


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ("[" * 5000, ""), ("version = " + "[" * 5000, "nested too deep"), ("a." * 5000 + "b = 1", ""),
        ("year = " + "9" * 5000, ""), ("title = '''" + "x" * 2_000_000 + "'''", "too large"), ("title = \"\0\"", ""),
    ],
    ids=["brackets", "a value of brackets", "dots", "a long number", "megabytes", "a zero byte"],
)  # fmt: skip
def test_settings_that_take_a_reader_too_far_leave_the_inventory_readable(tmp_path, meta, said) -> None:
    put(tmp_path, b"city,sector,species,year,emission_t\n510100,power,so2,2023,50\n", "inventory.csv")
    put(tmp_path, meta.encode(), "meta.toml")
    begun = time.perf_counter()
    parsed = read(tmp_path)
    (reject,) = [each for each in parsed.rejected if each.file == "meta.toml"]
    assert parsed.blocks and said in reject.value and time.perf_counter() - begun < 3


@pytest.mark.parametrize("columns", [20_000, 1_000_000, 10_000_000])
@pytest.mark.parametrize(
    "begin", ["date,hour,type", "date", "Date,Hour,WatchPoint", "station,hour_end", "city,sector,species"]
)
def test_columns_without_end_are_answered_in_words_and_soon(tmp_path, begin, columns) -> None:
    path = tmp_path / "x.csv"
    with path.open("w") as file:
        file.write(begin)
        for _ in range(columns // 10_000):
            file.write(",x" * 10_000)
        file.write("\n" + "1," * 100 + "\n")
    begun = time.perf_counter()
    parsed = read(path)
    assert parsed.rejected and not parsed.blocks and time.perf_counter() - begun < 3


def test_every_kind_of_content_has_a_name() -> None:
    assert kinds.kind_of(b"") == "nothing" and kinds.kind_of("中文".encode()) == "text"
    assert kinds.kind_of(b"x" * 257 + b"ustar\x0000") == "an archive (tar)"


@pytest.mark.parametrize(
    ("proportion", "reason"), [("1e308", "not a proportion"), ("1e-320", "all proportions are zero")]
)
def test_proportions_beyond_all_numbers_are_refused_and_the_spread_is_even(tmp_path, proportion, reason) -> None:
    put(tmp_path, b"city,sector,species,year,emission_t\n510100,traffic,so2,2023,8760\n", "inventory.csv")
    (tmp_path / "profiles").mkdir()
    hours = ",".join(map(str, range(1, 25)))
    put(tmp_path / "profiles", f"sector,{hours}\ntraffic{f',{proportion}' * 24}\n".encode(), "hourly.csv")
    parsed = read(tmp_path)
    assert reason in [each.reason for each in parsed.rejected]
    # 8760 t over the 8760 hours of 2023 are 1000 kg in each.
    assert all(np.nanmin(block.values) == pytest.approx(1000) == np.nanmax(block.values) for block in parsed.blocks)
