"""The folder of one start: empty at the start, gone at the end, at a path of plain signs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from streams.pipeline import scratch
from tests.integration.processes import ROOT

STARTED = """
import sys
from pathlib import Path
from streams.pipeline import scratch
link = scratch.prepare(Path(sys.argv[1]), Path(sys.argv[2]))
(link / "working").write_text("x")
print(sorted(path.name for path in Path(sys.argv[1]).iterdir()))
"""


def test_what_a_killed_start_left_is_gone_at_the_next_one(tmp_path):
    (tmp_path / "d").mkdir()
    folder = tmp_path / "data" / "scratch"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "flink-rpc.jar").write_text("x")
    link = scratch.prepare(folder, tmp_path / "d")
    assert list(folder.iterdir()) == []
    assert folder.stat().st_mode & 0o777 == 0o700
    assert link.resolve() == folder


def test_the_path_has_plain_signs_whatever_the_data_directory_is_called_and_the_end_clears_it(tmp_path):
    (tmp_path / "d").mkdir()
    folder = tmp_path / "成都 100%, a:b" / "scratch"
    done = subprocess.run(
        (sys.executable, "-c", STARTED, folder, tmp_path / "d"), cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.strip() == "['working']", done.stderr
    assert not folder.exists()
    assert re.fullmatch(r"[\w/.-]+", str(tmp_path / "d" / scratch.LINK), re.ASCII)


@pytest.mark.skipif(not scratch.NOEXEC, reason="this system does not tell")
def test_where_nothing_may_be_run_from_the_data_directory_the_private_folder_serves(tmp_path, monkeypatch):
    """A file system mounted noexec refuses to map a library's code (mount(8))."""
    (tmp_path / "d").mkdir()
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_flag=os.ST_NOEXEC | os.ST_NOSUID))
    link = scratch.prepare(tmp_path / "data" / "scratch", tmp_path / "d")
    assert link == tmp_path / "d" / scratch.LINK and link.is_dir() and not link.is_symlink()
    assert not (tmp_path / "data" / "scratch").exists()
