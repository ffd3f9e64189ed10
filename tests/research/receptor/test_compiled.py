"""Compiled kernels lie where they can be written and nobody else can change them, apart for each state of their source."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from research.receptor import compiled
from research.receptor.compiled import KERNELS, kernel_folder

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def looked_anew():
    kernel_folder.cache_clear()
    yield
    kernel_folder.cache_clear()


def test_the_folder_is_the_users_cache(tmp_path, monkeypatch, looked_anew):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = kernel_folder()
    assert folder.parent == tmp_path / "airshed" / "kernels" and folder.is_dir()
    assert folder.stat().st_mode & 0o077 == 0


def test_where_the_cache_cannot_be_written_the_temporary_folder_serves(tmp_path, monkeypatch, looked_anew):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(compiled.tempfile, "gettempdir", lambda: str(tmp_path))
    assert kernel_folder().parents[1] == tmp_path / f"airshed-{os.getuid()}"


def test_a_folder_that_others_may_write_is_not_used(tmp_path, monkeypatch, looked_anew):
    for name in ("cache", "tmp"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(compiled.tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    for place in (tmp_path / "cache" / "airshed", tmp_path / "tmp" / f"airshed-{os.getuid()}"):
        place.mkdir()
        place.chmod(0o777)
    assert kernel_folder() is None
    doubled = compiled.compiled(lambda x: 2 * x)  # compiled all the same, and kept nowhere
    assert doubled(21) == 42


def test_the_folder_follows_the_source_of_every_kernel():
    held = {
        path.name
        for path in (ROOT / "research" / "receptor").glob("*.py")
        if "@compiled" in path.read_text(encoding="utf-8")
    }
    assert held <= set(KERNELS)


def test_a_second_process_takes_what_the_first_has_compiled(tmp_path):
    program = ("import numpy as np; from research.receptor.rows import products as p; a = np.empty((1, 3)); "
               "p(np.array([[2.0, 3.0]]), a); print(a[0].tolist(), sum(p.stats.cache_hits.values()))")  # fmt: skip
    for hits in (0, 1):
        run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
                             capture_output=True, text=True, timeout=120, check=True)  # fmt: skip
        assert run.stdout.split() == ["[4.0,", "6.0,", "9.0]", str(hits)]
