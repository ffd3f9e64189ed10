"""That Java is gone is one line that says how it ended, and no trace of the bridge."""

from __future__ import annotations

import io
import logging
import subprocess
import sys

import pytest

from standards import logged
from streams.pipeline.java_end import JavaEnd

SLEEPS = (sys.executable, "-c", "import time; time.sleep(60)")


@pytest.fixture
def said(monkeypatch):
    """The log of a process, as it begins it, with the filter at its handler."""
    stream, end = io.StringIO(), JavaEnd()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logged.Told("en"))
    handler.addFilter(end)
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [handler])
    return stream, end


def bridge_breaks() -> None:
    """Log as py4j 0.10.9 does: by the root, from a file of its own, with a trace."""
    from py4j import java_gateway
    from py4j.java_gateway import GatewayParameters

    try:
        java_gateway.GatewayConnection(GatewayParameters(port=1)).start()
    except Exception:
        logging.getLogger("airshed.pipeline").exception("could not look whether a checkpoint is needed")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (9, "by the signal 9 (SIGKILL), not by the platform"),
        (15, "by the signal 15 (SIGTERM)"),
        (11, "by the signal 11 (SIGSEGV)"),
    ],
)
def test_a_java_that_was_killed_is_one_line_with_its_signal(said, number, words):
    stream, end = said
    end.process = subprocess.Popen(SLEEPS)
    end.process.send_signal(number)
    bridge_breaks()
    bridge_breaks()
    assert end.tell()
    (line,) = stream.getvalue().splitlines()
    assert words in line


def test_a_java_that_ended_by_itself_is_told_with_its_code(said):
    stream, end = said
    end.process = subprocess.Popen((sys.executable, "-c", "raise SystemExit(3)"))
    bridge_breaks()
    assert end.tell() and "by itself with the code 3" in stream.getvalue() and "Traceback" not in stream.getvalue()


def test_what_the_bridge_says_of_a_java_that_runs_stays(said, monkeypatch):
    monkeypatch.setattr("streams.pipeline.java_end.SEEN_S", 0.05)
    stream, end = said
    end.process = subprocess.Popen(SLEEPS)
    try:
        bridge_breaks()
        assert not end.tell() and "Traceback" in stream.getvalue()
    finally:
        end.process.kill()
        end.process.wait()


def test_other_lines_pass_whatever_java_does(said):
    stream, end = said
    end.process = subprocess.Popen((sys.executable, "-c", ""))
    logging.getLogger("airshed.pipeline").error("something else")
    assert "something else" in stream.getvalue()
