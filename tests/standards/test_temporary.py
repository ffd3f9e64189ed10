"""Folders for temporary files go with their process, however it ends; those of living ones stay."""

from __future__ import annotations

import ast
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from standards import temporary
from tests.integration.processes import ROOT

HOLDS = """
import sys, time
from pathlib import Path
from standards.temporary import own_folder
folder = own_folder("test", Path(sys.argv[1]))
(folder / "deep").mkdir()
(folder / "deep" / "file").write_text("x")
print(folder, flush=True)
if sys.argv[2:]:
    time.sleep(60)
"""


def held(within: Path, *words: str) -> tuple[subprocess.Popen, Path]:
    command = (sys.executable, "-c", HOLDS, str(within), *words)
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    return process, Path(process.stdout.readline().strip())


def test_a_process_that_ends_leaves_nothing(tmp_path):
    process, folder = held(tmp_path)
    assert folder.parent == tmp_path and process.wait(20) == 0
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_goes_with_the_next_and_what_a_living_one_holds_stays(tmp_path):
    living, here = held(tmp_path, "stay")
    killed, left = held(tmp_path, "stay")
    try:
        killed.send_signal(signal.SIGKILL)
        killed.wait(20)
        assert left.is_dir() and here.is_dir()
        held(tmp_path)
        assert not left.exists() and (here / "deep" / "file").is_file()
        assert here.stat().st_mode & 0o777 == 0o700
    finally:
        living.kill()
        living.wait(20)
    assert temporary.sweep(tmp_path) == 1 and list(tmp_path.iterdir()) == []


def test_a_link_and_what_others_have_made_are_left_alone(tmp_path):
    (tmp_path / "target").mkdir()
    (tmp_path / f"{temporary.PREFIX}link").symlink_to(tmp_path / "target")
    (tmp_path / f"{temporary.PREFIX}file").write_text("x")
    (tmp_path / "airshed-other").mkdir()
    assert temporary.sweep(tmp_path) == 0 and len(list(tmp_path.iterdir())) == 4


PASSING = {"standards/temporary.py"}
"""Where a folder may be made that outlives a block: all others ask for one here, or name a place of their own."""


@pytest.mark.parametrize("package", ["standards", "streams", "dashboards", "infra", "ml", "research"])
def test_nobody_makes_a_temporary_folder_that_a_kill_would_leave_for_ever(package):
    """mkdtemp is allowed below a folder that is named (dir=), whose owner clears it; blocks end."""
    found = []
    for path in sorted((ROOT / package).rglob("*.py")):
        if str(path.relative_to(ROOT)) in PASSING:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
            if name in ("mkdtemp", "mkstemp") and "dir" not in {word.arg for word in node.keywords}:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not found, found
