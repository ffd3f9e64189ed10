"""What a program has in hand outlives it: who is blamed for a death, and when a thing is set aside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.in_hand import KEPT, MOST_DEATHS, InHand, counted, is_poison, short

ROOT = Path(__file__).resolve().parents[2]
NAMES = st.text(min_size=1, max_size=2000) | st.text(st.sampled_from('\0\x1f\U0010ffff\ud800"\\'), min_size=1)
TALLY = st.dictionaries(st.text(min_size=1, max_size=5), st.integers(1, 9), max_size=120)
WORKER = """
import ctypes, os, signal, sys
from pathlib import Path
from streams.in_hand import InHand
hand = InHand(Path(sys.argv[1]) / "note", sys.argv[2])
for name in sys.argv[3:]:
    if hand.poison(name):
        print("aside", name, flush=True)
        continue
    with hand.hold(name):
        if name.startswith("segfault"):
            os.kill(os.getpid(), signal.SIGSEGV)
        if name.startswith("killed"):
            os.kill(os.getpid(), signal.SIGKILL)
        if name.startswith("loop"):
            from streams.pipeline.in_hand import processor_limit
            with processor_limit(0.3):
                while True:
                    pass
    print("done", name, flush=True)
"""


def work(folder: Path, run: str, *names: str) -> list[str]:
    """Let a process take things one after another, and give what it said of them before it ended."""
    command = [sys.executable, "-c", WORKER, str(folder), run, *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    return done.stdout.splitlines()


@pytest.mark.parametrize("poison", ["segfault in a library", "killed for its memory", "loop without an end"])
def test_what_ends_its_reader_twice_is_set_aside_and_the_next_is_taken(tmp_path, poison):
    assert work(tmp_path, "run", "first", poison, "next") == ["done first"]
    assert work(tmp_path, "run", poison, "next") == []
    assert work(tmp_path, "run", poison, "next") == [f"aside {poison}", "done next"]


def test_a_death_with_the_whole_platform_blames_nothing(tmp_path):
    for run in ("monday", "tuesday", "wednesday", "thursday"):
        assert work(tmp_path, run, "killed by a power cut") == []


def test_one_death_by_chance_is_forgiven_when_the_thing_is_taken_after_all(tmp_path):
    assert work(tmp_path, "run", "killed") == []
    hand = InHand(tmp_path / "note", "run")
    assert hand.deaths == {"killed": 1}
    with hand.hold("killed"):
        pass
    assert hand.deaths == {} and InHand(tmp_path / "note", "run").deaths == {}


def test_an_exception_is_no_death(tmp_path):
    hand = InHand(tmp_path / "note", "run")
    with pytest.raises(ZeroDivisionError), hand.hold("x"):
        raise ZeroDivisionError
    assert InHand(tmp_path / "note", "run").deaths == {}


@given(NAMES, TALLY, st.text(max_size=3), st.text(max_size=3))
def test_a_death_is_counted_once_and_only_in_its_own_run(name, deaths, run, other):
    after = counted({"run": run, "name": name}, deaths, other)
    kept = dict(list(deaths.items())[-KEPT:])
    if run == other:
        assert after[name] == deaths.get(name, 0) + 1 and len(after) <= KEPT
    else:
        assert after == kept
    assert counted(None, deaths, run) == kept


@given(NAMES, st.integers(0, 9))
def test_a_thing_is_set_aside_from_the_second_death_on(name, deaths):
    assert is_poison(name, {short(name): deaths}) == (deaths >= MOST_DEATHS)


@given(NAMES, NAMES)
def test_names_stay_apart_however_long_they_are(one, other):
    assert (short(one) == short(other)) == (one == other)
    assert len(short(one)) <= 250


@given(NAMES)
def test_a_note_holds_any_name(tmp_path_factory, name):
    note = tmp_path_factory.mktemp("hands") / "note"
    InHand(note, "run")._write(short(name))  # and the process is gone
    assert InHand(note, "run").deaths == {short(name): 1}


@given(st.binary(max_size=3000))
def test_a_note_may_hold_anything(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("hands")
    (folder / "note").write_bytes(content)
    (folder / "note.deaths").write_bytes(content)
    InHand(folder / "note", "run").close()


def test_without_a_place_for_the_note_the_work_goes_on(tmp_path):
    (tmp_path / "file").write_text("in the place of a folder")
    hand = InHand(tmp_path / "file" / "note", "run")
    with hand.hold("x"):
        pass
    assert not hand.poison("x")
