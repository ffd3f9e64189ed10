"""The command line in every locale, and where the terminal cannot show Chinese."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra import terminal
from standards import logged

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "成都 数据"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """Run a command with these variables alone."""
    env = {"PATH": os.environ["PATH"], "HOME": "/", "AIRSHED_BOOTSTRAP": "off", **environment}
    return subprocess.run(
        (sys.executable, "-m", "infra", *arguments), env=env, cwd=ROOT, capture_output=True, timeout=120, check=False
    )


LOCALES = (
    {}, {"LANG": "C"}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"LANG": "C.UTF-8"}, {"LC_ALL": "zh_CN.GB18030"},
    {"LC_ALL": "tr_TR.UTF-8"}, {"LC_ALL": "tr_TR.ISO8859-9"}, {"LC_ALL": "zh_CN.UTF-8"}, {"LANG": "no_SUCH"},
    {"LC_ALL": "C", "PYTHONUTF8": "0"}, {"PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"},
)  # fmt: skip


@pytest.mark.parametrize("locale", LOCALES, ids=lambda each: " ".join(f"{k}={v}" for k, v in each.items()) or "none")
def test_a_command_finds_its_folder_and_says_its_words_in_every_locale(tmp_path, locale):
    folder = tmp_path / FOLDER
    folder.mkdir()
    done = run("status", "--data", str(folder), **locale)
    assert done.returncode == 1 and b"Traceback" not in done.stderr, done.stderr
    ascii_only = locale.get("PYTHONIOENCODING") or locale == {"LC_ALL": "C", "PYTHONUTF8": "0"}
    said = done.stderr.decode("ascii" if ascii_only else "utf-8")
    if ascii_only:
        assert "the platform is not running" in said
        assert "\\u6210\\u90fd \\u6570\\u636e" in said
    else:
        assert "平台未在运行" in said and FOLDER in said


def test_a_start_without_a_home_and_with_a_close_umask_makes_its_folders(tmp_path):
    env = {"PATH": os.environ["PATH"], "AIRSHED_BOOTSTRAP": "off", "AIRSHED_LANG": "en"}
    command = (sys.executable, "-m", "infra", "ingest", __file__, "--data", str(tmp_path / FOLDER))
    done = subprocess.run(
        command, env=env, cwd=ROOT, capture_output=True, timeout=120, umask=0o077, check=False, encoding="utf-8"
    )
    assert done.returncode == 1 and "not one row was accepted" in done.stderr.lower(), done.stderr
    assert (tmp_path / FOLDER / "topics").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("arguments", [("doctor",), ("--help",), ("up", "--port", "0"), ("health",)])
def test_no_output_dies_where_the_terminal_has_ascii_alone(tmp_path, arguments):
    done = run(*arguments, PYTHONIOENCODING="ascii", AIRSHED_HOME=str(tmp_path / FOLDER), AIRSHED_LANG="zh")
    assert done.returncode in (0, 1, 2), done.stderr
    assert (done.stdout + done.stderr).isascii() and b"Traceback" not in done.stderr


def test_the_language_asked_for_goes_before_what_the_terminal_can_show(tmp_path):
    done = run("status", "--data", str(tmp_path), PYTHONIOENCODING="ascii", AIRSHED_LANG="zh")
    assert done.stderr.startswith(b"\\u5e73\\u53f0")


def test_names_of_files_are_utf_8_and_the_output_keeps_its_encoding():
    """PEP 540: PYTHONUTF8=1 is the mode in which Python takes names of files as UTF-8 whatever the locale."""
    command = ["python", "-m", "infra", "up"]
    found = terminal.restart("gb18030", "gb18030", command, {"LANG": "zh_CN.GB18030"})
    assert found == (
        [sys.executable, "-m", "infra", "up"],
        {"LANG": "zh_CN.GB18030", "PYTHONUTF8": "1", "PYTHONIOENCODING": "gb18030"},
    )
    assert terminal.restart("utf-8", "ascii", command, {}) is None
    assert terminal.restart("ascii", "ascii", command, {"PYTHONUTF8": "1"}) is None


class Seen(io.TextIOWrapper):
    """A stream at which a person looks."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("encoding", "term", "shown"),
    [("utf-8", "xterm", True), ("gb18030", "xterm", True), ("utf-8", "linux", False), ("latin-1", "xterm", False)],
)
def test_chinese_is_chosen_where_it_can_be_seen(encoding, term, shown):
    assert terminal.shows_chinese(Seen(io.BytesIO(), encoding=encoding), {"TERM": term}) is shown


def test_a_line_of_a_log_with_a_sign_that_its_stream_lacks_is_written(capsys):
    import logging

    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    before = logging.root.handlers[:]
    logging.root.handlers[:] = []
    try:
        logged.begin({"AIRSHED_LANG": "en"}, stream)
        logging.getLogger("airshed.test").warning("a file 数据 came")
        stream.flush()
        assert b"a file \\u6570\\u636e came" in stream.buffer.getvalue()
    finally:
        logging.root.handlers[:] = before


@pytest.mark.parametrize(
    "command", ["infra.handbook --find disk-full", "infra --help", "infra x", "infra.standards_page --check"]
)
def test_who_closes_the_output_early_is_shown_no_traceback(command):
    env = {"PATH": os.environ["PATH"], "HOME": "/", "AIRSHED_BOOTSTRAP": "off", "AIRSHED_LANG": "en"}
    reading, writing = os.pipe()
    os.close(reading)  # nobody reads, as behind `| head` once it has its lines
    with os.fdopen(writing, "wb") as gone:
        done = subprocess.run(
            (sys.executable, "-m", *command.split()), env=env, cwd=ROOT, stdout=gone, stderr=subprocess.PIPE, timeout=120,
            check=False,
        )  # fmt: skip
    assert b"Traceback" not in done.stderr and b"BrokenPipe" not in done.stderr and b"Broken pipe" not in done.stderr
    assert done.returncode in (0, 1, 2)


def test_every_program_of_the_command_line_ends_where_nobody_reads():
    """That of `python -m infra` hands on to infra.bootstrap, which is held by the test above."""
    ends = {path: path.read_text("utf-8") for path in (ROOT / "infra").rglob("*.py")}
    assert sum("terminal.to_the_end(main)" in text for text in ends.values()) >= 4
    assert [path.name for path, text in ends.items() if "exit(main())" in text.lower()] == ["__main__.py"]
