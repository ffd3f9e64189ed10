"""Compiled kernels lie where they can be written and nobody else can change them, apart for each state of their source."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from research import kernel_cache
from research.chemistry import rosenbrock
from research.kernel_cache import SEAL, cache_folder, compiler, is_cold, kernel_folder
from research.receptor import compiled

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def no_folder_told(monkeypatch):
    monkeypatch.delenv("AIRSHED_CACHE", raising=False)


def test_the_folder_is_the_users_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = kernel_folder(compiled.SOURCES)
    assert folder.parent == tmp_path / "airshed" / "kernels" and folder.is_dir()
    assert folder.stat().st_mode & 0o077 == 0


def test_a_folder_that_is_told_is_the_only_one(tmp_path, monkeypatch):
    monkeypatch.setenv("AIRSHED_CACHE", str(tmp_path / "told"))
    assert cache_folder("lists-2") == tmp_path / "told" / "lists-2"
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("AIRSHED_CACHE", str(tmp_path / "file"))
    assert cache_folder("lists-2") is None


def test_where_the_cache_cannot_be_written_the_temporary_folder_serves(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    assert cache_folder("kernels/x").parents[1] == tmp_path / f"airshed-{os.getuid()}"


def test_a_folder_that_others_may_write_is_not_used(tmp_path, monkeypatch):
    for name in ("cache", "tmp"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    for place in (tmp_path / "cache" / "airshed", tmp_path / "tmp" / f"airshed-{os.getuid()}"):
        place.mkdir()
        place.chmod(0o777)
    assert cache_folder("kernels/x") is None and is_cold(compiled.SOURCES)
    doubled = compiler(compiled.SOURCES)(lambda x: 2 * x)  # compiled all the same, and kept nowhere
    assert doubled(21) == 42


def test_the_folder_follows_the_source_of_every_kernel(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for sources, mark in ((compiled.SOURCES, "@compiled"), (rosenbrock.SOURCES, "@_kernel")):
        folder = sources[0].parent
        assert {path for path in folder.glob("*.py") if mark in path.read_text(encoding="utf-8")} <= set(sources)
    source = tmp_path / "a.py"
    source.write_text("1", encoding="utf-8")
    before = kernel_folder([source])
    source.write_text("2", encoding="utf-8")
    assert kernel_folder([source]) != before


def run_products(cache: Path) -> int:
    """Run a kernel in a process of its own; give how often it came out of the cache."""
    program = ("import numpy as np; from research.receptor.rows import products as p; a = np.empty((1, 3)); "
               "p(np.array([[2.0, 3.0]]), a); print(a[0].tolist(), sum(p.stats.cache_hits.values()))")  # fmt: skip
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env={**os.environ, "XDG_CACHE_HOME": str(cache)},
                         capture_output=True, text=True, timeout=120, check=True)  # fmt: skip
    *values, hits = run.stdout.split()
    assert values == ["[4.0,", "6.0,", "9.0]"]
    return int(hits)


def test_a_second_process_takes_what_the_first_has_compiled(tmp_path):
    assert [run_products(tmp_path) for _ in range(2)] == [0, 1]


@pytest.mark.parametrize("suffix", [".nbi", ".nbc", SEAL])
def test_a_damaged_file_is_made_anew(tmp_path, suffix):
    run_products(tmp_path)
    for path in tmp_path.rglob(f"*{suffix}"):
        held = bytearray(path.read_bytes())
        held[len(held) // 2] ^= 1
        path.write_bytes(bytes(held))
    assert [run_products(tmp_path) for _ in range(2)] == [0, 1]


def test_what_numba_gives_to_be_sealed_is_there():
    # the cache of numba is not a part of its promises: another version may need other words here
    assert {"_load_index", "_load_data", "_open_for_write"} <= set(vars(kernel_cache.IndexDataCacheFile))
