"""The supervisor with small children instead of the platform's: restarts without an end, Ctrl-C, kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from infra import orphans
from infra.children import LARGEST_LOG, Program, trim
from infra.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[2]
SLEEPER = "import time; print('up', flush=True); time.sleep(300)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(300)"
)
WITH_A_FOLDER = (
    "from standards.temporary import own_folder; print(own_folder('test'), flush=True);"
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"
)
"""It has to be forced, and then clears nothing away."""
PARENT_OF_A_RUNAWAY = (
    "import subprocess, sys, time;"
    f"subprocess.Popen([sys.executable, '-c', {STUBBORN!r}], start_new_session=True); time.sleep(300)"
)
"""Its child leaves the session and does not listen to SIGTERM, as a Java in a bad hour."""

HOST = """
import sys
from pathlib import Path
from infra.children import Program
from infra.restarts import RestartPolicy
from infra.supervisor import Supervisor
logs, codes = Path(sys.argv[1]), sys.argv[2:]
programs = [Program(f"p{i}", (sys.executable, "-c", code), 0.5) for i, code in enumerate(codes)]
policy = RestartPolicy(first_wait_s=0.05, longest_wait_s=0.3, steady_s=0.8)
tell = lambda key, **values: print(key, *values.values(), flush=True)
sys.exit(Supervisor(programs, logs, mark=str(logs), tell=tell, policy=policy).run())
"""


def host(logs: Path, *codes: str) -> subprocess.Popen:
    """Start a supervisor of such Python programs in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", HOST, str(logs), *codes],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(condition, seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def processes_of(logs: Path) -> list[psutil.Process]:
    return orphans.marked(str(logs))


def guards_of(logs: Path) -> list[int]:
    found = []
    for process in psutil.process_iter():
        try:
            command = process.cmdline()
        except psutil.Error:
            continue
        if "infra.orphans" in command and command[-1].startswith(str(logs)):
            found.append(process.pid)
    return found


@pytest.fixture
def logs(tmp_path):
    yield tmp_path
    orphans.sweep(str(tmp_path), grace_s=0.2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_and_leaves_no_process(logs, number):
    supervisor = host(logs, SLEEPER, STUBBORN, PARENT_OF_A_RUNAWAY)
    wait_for(lambda: len(processes_of(logs)) == 4)
    start = time.monotonic()
    os.kill(supervisor.pid, number)
    assert supervisor.wait(15) == 0
    assert time.monotonic() - start < 15
    assert processes_of(logs) == []
    assert guards_of(logs) == []


def test_processes_stop_in_the_reverse_order(logs):
    note = (
        "import signal, sys, time;"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(open({!r}, 'a').write({!r}) and 0));"
    )
    codes = [note.format(str(logs / "order"), name) + "print('up', flush=True); time.sleep(300)" for name in "abc"]
    supervisor = host(logs, *codes)
    wait_for(lambda: all((logs / f"p{i}.log").exists() and (logs / f"p{i}.log").read_text() for i in range(3)))
    supervisor.send_signal(signal.SIGINT)
    supervisor.wait(15)
    assert (logs / "order").read_text() == "cba"


def test_kill_nine_of_the_supervisor_leaves_nothing(logs):
    supervisor = host(logs, SLEEPER, STUBBORN, PARENT_OF_A_RUNAWAY)
    wait_for(lambda: len(processes_of(logs)) == 4)
    supervisor.kill()
    supervisor.wait(5)
    wait_for(lambda: not processes_of(logs))
    wait_for(lambda: not guards_of(logs))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_temporary_folder_of_a_program_that_was_forced_goes_with_the_run(
    logs, tmp_path_factory, monkeypatch, number
):
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setenv("TMPDIR", str(folder))
    supervisor = host(logs, WITH_A_FOLDER)
    wait_for(lambda: (logs / "p0.log").exists() and str(folder) in (logs / "p0.log").read_text())
    supervisor.send_signal(number)
    supervisor.wait(15)
    wait_for(lambda: not guards_of(logs))
    assert list(folder.iterdir()) == []


def test_the_next_start_sweeps_when_guard_and_supervisor_were_both_killed(logs):
    supervisor = host(logs, STUBBORN)
    wait_for(lambda: (logs / "p0.log").exists() and "up" in (logs / "p0.log").read_text())
    for pid in guards_of(logs):
        os.kill(pid, signal.SIGKILL)
    supervisor.kill()
    supervisor.wait(5)
    assert orphans.sweep(str(logs), grace_s=0.2) == 1
    assert processes_of(logs) == []


def test_a_program_that_ends_is_started_again(logs):
    once = (
        f"import pathlib, time; p = pathlib.Path({str(logs / 'seen')!r})\n"
        "if not p.exists(): p.touch(); raise SystemExit(3)\n"
    )
    supervisor = host(logs, once + "time.sleep(300)")
    lines = [supervisor.stdout.readline().split()[0] for _ in range(3)]
    supervisor.send_signal(signal.SIGTERM)
    assert lines == ["started", "ended", "started"]
    assert supervisor.wait(15) == 0


def test_a_program_that_keeps_ending_takes_nobody_down_and_is_told_once(logs):
    supervisor = host(logs, SLEEPER, "raise SystemExit('the disk is on fire')")
    wait_for(lambda: (logs / "p1.log").exists() and (logs / "p1.log").read_text().count("on fire") >= 6)
    assert supervisor.poll() is None and len(processes_of(logs)) >= 1
    said = stopped(supervisor)
    assert said.count("ended p1 1") == 1 and said.count("missing p1 1") == 1
    assert "the disk is on fire" in said and str(logs / "p1.log") in said
    assert said.count("started p1") == 2, "of one that is missing, its return is told and no try"
    assert "ended p0" not in said


def test_the_return_of_a_program_that_was_missing_is_told_once(logs):
    mended = logs / "mended"
    code = f"import pathlib, time\nif not pathlib.Path({str(mended)!r}).exists(): raise SystemExit(4)\ntime.sleep(300)"
    supervisor = host(logs, code)
    lines: list[str] = []
    while not lines or not lines[-1].startswith("missing"):
        lines.append(supervisor.stdout.readline())
    mended.touch()
    while not lines[-1].startswith("back p0"):
        lines.append(supervisor.stdout.readline())
    time.sleep(1.2)
    assert "back" not in stopped(supervisor)
    assert [line.split()[0] for line in lines if line.split()[:1] in (["missing"], ["back"])] == ["missing", "back"]


def test_what_goes_wrong_in_watching_ends_nothing_and_is_told_once(tmp_path):
    said, looks = [], []
    supervisor = Supervisor([], tmp_path, mark="m", tell=lambda key, **values: said.append(key))

    def tick() -> None:
        looks.append(1)
        if len(looks) == 4:
            supervisor.signals = 1
        raise ValueError("a card that cannot be read")

    assert supervisor.run(tick) == 0
    assert len(looks) == 4 and said.count("watching_failed") == 1


def test_what_a_dead_program_left_behind_ends_before_its_restart(logs):
    leave = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); raise SystemExit(1)"
    supervisor = host(logs, leave)
    for _ in range(4):
        supervisor.stdout.readline()
    assert len(processes_of(logs)) <= 2, "one that starts now, and what it starts"
    stopped(supervisor)
    assert processes_of(logs) == []


def test_a_log_that_grows_too_large_is_put_aside(tmp_path):
    log = tmp_path / "x.log"
    with log.open("wb") as file:
        file.truncate(LARGEST_LOG + 1)
    trim(log)
    assert log.stat().st_size == 0 and (tmp_path / "x.log.1").stat().st_size == LARGEST_LOG + 1


def test_the_mark_differs_from_run_to_run(tmp_path):
    program = Program("p", ("true",))
    runs = [Supervisor([program], tmp_path, mark="m", tell=lambda *_, **__: None) for _ in range(2)]
    assert runs[0].mark != runs[1].mark and all(r.mark.startswith("m#") for r in runs)


ENDING_HOST = HOST.replace(
    'Program(f"p{i}", (sys.executable, "-c", code), 0.5)',
    'Program(f"p{i}", (sys.executable, "-c", code), 0.5, ends=i == 1)',
)


def ending_host(logs: Path, *codes: str) -> subprocess.Popen:
    """Start a supervisor whose second program has an end of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", ENDING_HOST, str(logs), *codes],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def stopped(supervisor: subprocess.Popen) -> str:
    supervisor.send_signal(signal.SIGINT)
    said, _ = supervisor.communicate(timeout=20)
    assert supervisor.returncode == 0
    return said


def test_a_program_with_an_end_of_its_own_is_not_started_again(tmp_path):
    assert ENDING_HOST != HOST
    supervisor = ending_host(tmp_path, SLEEPER, "print('done', flush=True)")
    wait_for(lambda: (tmp_path / "p1.log").exists() and "done" in (tmp_path / "p1.log").read_text())
    time.sleep(1.0)
    said = stopped(supervisor)
    assert said.count("started p1") == 1
    assert "ended p1" not in said
    assert (tmp_path / "p1.log").read_text().count("done") == 1


def test_a_program_with_an_end_that_keeps_failing_is_tried_again_until_it_comes_to_its_end(tmp_path):
    times = tmp_path / "times"
    code = (
        f"import pathlib; p = pathlib.Path({str(times)!r}); n = len(p.read_text()) if p.exists() else 0;"
        "p.write_text('x' * (n + 1)); raise SystemExit(3 if n < 5 else 0)"
    )
    supervisor = ending_host(tmp_path, SLEEPER, code)
    wait_for(lambda: times.exists() and len(times.read_text()) == 6)
    time.sleep(1.0)
    said = stopped(supervisor)
    assert said.count("missing p1 3") == 1
    assert len(times.read_text()) == 6
