"""The journal of releases under damage: an entry is as it was written, or counts as none."""

from __future__ import annotations

from streams.intake.releases import Moments, Releases

FIRST, LATER = Moments(1_700_000_000.5, 1_700_000_100.25), Moments(1_800_000_000.0, 1_800_000_000.0)
DIGEST = "0123456789abcdef" * 4


def test_any_flipped_bit_leaves_the_moment_that_was_first_or_none(tmp_path):
    path = tmp_path / ".releases"
    Releases(path).first(DIGEST, "cnemc", FIRST)
    content = path.read_bytes()
    for place in range(len(content)):
        for bit in range(8):
            damaged = bytearray(content)
            damaged[place] ^= 1 << bit
            path.write_bytes(damaged)
            assert Releases(path).first(DIGEST, "cnemc", LATER) in (FIRST, LATER), (place, bit)


def test_an_entry_of_the_time_before_there_were_checksums_is_read(tmp_path):
    path = tmp_path / ".releases"
    path.write_text(f"{DIGEST[:32]} cnemc 1700000000.5 1700000100.25\n")
    assert Releases(path).first(DIGEST, "cnemc", LATER) == FIRST
