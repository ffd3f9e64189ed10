"""Make the project's own environment with nothing but the standard library, then go on inside it."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from infra import terminal
from infra.environment import Facts, Means, choose, command_of, extras_wanted, fingerprint, is_current, requirement
from infra.locked import INSTALLER, LOCKED, PLATFORM, requirements
from infra.messages import say

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "constraints.txt"
STAMP, LOCK = "airshed-stamp.json", "airshed-install.lock"
LOG_TAIL = 15


class InstallError(RuntimeError):
    """The environment cannot be made; the message says what to do."""


def run(arguments: Sequence[str]) -> int:
    """Run a command of the platform inside its environment, making that first where it is missing or out of date."""
    terminal.prepare()
    if os.environ.get("AIRSHED_BOOTSTRAP") == "off":
        return _command_line(arguments)
    venv = Path(os.environ.get("AIRSHED_VENV") or ROOT / ".venv").absolute()
    extras = extras_wanted(command_of(arguments))
    try:
        prepare(venv, extras)
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(say("stopped_by_user"), file=sys.stderr)
        return 130
    if Path(sys.prefix) == venv:
        return _command_line(arguments)
    python = str(venv / "bin" / "python")
    sys.stdout.flush()
    os.execve(python, [python, "-m", "infra", *arguments], _inside(venv))


def prepare(venv: Path, extras: tuple[str, ...]) -> None:
    """See to it that the environment holds what is wanted; return at once where its stamp says so."""
    wanted = fingerprint((ROOT / "pyproject.toml", CONSTRAINTS, LOCKED), ROOT)
    if is_current(read_stamp(venv), wanted, extras):
        return
    with _only_one(venv):
        stamp = read_stamp(venv)  # another start may have made it while this one waited
        if is_current(stamp, wanted, extras):
            return
        extras = tuple(sorted({*extras, *stamp.get("extras", ())}))
        start = time.monotonic()
        (venv / STAMP).unlink(missing_ok=True)
        _install(venv, extras, Steps(start))
        (venv / STAMP).write_text(json.dumps({"fingerprint": wanted, "extras": extras}), encoding="utf-8")
        print(say("environment_ready", seconds=f"{time.monotonic() - start:.0f}"), flush=True)


def read_stamp(venv: Path) -> dict:
    """Read what an environment says it holds; empty where it says nothing or cannot run."""
    try:
        stamp = json.loads((venv / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    # A link to a Python that is gone (an upgrade of the system) makes the stamp worthless.
    return stamp if isinstance(stamp, dict) and (venv / "bin" / "python").exists() else {}


class Steps:
    """Runs the steps of an installation: one line each for the person, everything else into the log."""

    def __init__(self, start: float) -> None:
        self.start = start
        self.log = _data_folder() / "logs" / "install.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_text("", encoding="utf-8")

    def tell(self, key: str, **values: str) -> None:
        """Say a line with the time that has passed."""
        print(f"[{time.monotonic() - self.start:5.1f} s] {say(key, **values)}", flush=True)

    def attempt(self, key: str, *command: str | Path) -> bool:
        """Say what is done, do it, and tell whether it worked."""
        self.tell(key)
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(map(str, command))}\n")
            log.flush()
            done = subprocess.run(
                [str(part) for part in command], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
            )
        return done.returncode == 0

    def must(self, key: str, *command: str | Path) -> None:
        """Do a step that there is no way around; raise InstallError with the tail of the log where it fails."""
        if not self.attempt(key, *command):
            tail = "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_TAIL:])
            raise InstallError(say("install_failed", log=str(self.log), tail=tail))


def _install(venv: Path, extras: tuple[str, ...], steps: Steps) -> None:
    facts = gather()
    means = choose(facts)
    if means.name == "none":
        raise InstallError(say("install_by_hand", command=f"apt-get install {' '.join(_debian_packages())}"))
    steps.tell("making_environment", folder=str(venv))
    if means.name == "apt":
        _apt_install(steps)
        means = Means("venv", fast=True)
    _clear(venv)
    uv, pip = _create(venv, means, facts, steps)
    python = venv / "bin" / "python"
    tools, packages = _asked(venv, (INSTALLER,)), _asked(venv, (PLATFORM, *extras))
    project = ("--no-deps", "--no-build-isolation", "-e", requirement(extras))
    if not uv and means.fast and steps.attempt("fetching_installer", *pip, "install", *tools):
        uv = str(venv / "bin" / "uv")
    if uv:
        into = (uv, "pip", "install", "--python", python)
        if steps.attempt("installing_tools", *into, *tools):
            if steps.attempt("installing_packages", *into, *packages):
                steps.must("linking_project", *into, *project)
                return
            steps.tell("falling_back_to_pip")
    if not pip:
        steps.must("making_environment_with_pip", sys.executable, "-m", "venv", venv)
        pip = (python, "-m", "pip")
    steps.must("installing_tools", *pip, "install", *tools)
    steps.must("installing_packages_slowly", *pip, "install", *packages)
    steps.must("linking_project", *pip, "install", *project)


def _asked(venv: Path, sets: tuple[str, ...]) -> tuple[str | Path, ...]:
    """Write what some sets need for an installer, and give its arguments: a file whose digest is not ours is refused.

    Nothing but what is written there is fetched, also to build what has no wheel.
    """
    asked = venv / f"airshed-{sets[0]}.txt"
    asked.write_text(requirements(sets), encoding="utf-8")
    return "--require-hashes", "--no-build-isolation", "-r", asked


def _create(venv: Path, means: Means, facts: Facts, steps: Steps) -> tuple[str | None, tuple[str | Path, ...]]:
    """Make the bare environment; give uv where it is used, and the command that is pip for this environment."""
    if means.name == "uv":
        steps.must("using_uv", facts.uv, "venv", "--allow-existing", "--python", sys.executable, venv)
        return facts.uv, ()
    if means.name == "system-pip":
        steps.must("using_system_pip", sys.executable, "-m", "venv", "--without-pip", venv)
        return None, (sys.executable, "-m", "pip", "--python", venv / "bin" / "python")
    steps.must("using_venv", sys.executable, "-m", "venv", venv)
    return None, (venv / "bin" / "python", "-m", "pip")


def gather() -> Facts:
    """Look at what this machine offers."""
    root = os.geteuid() == 0
    return Facts(
        uv=shutil.which("uv"),
        ensurepip=bool(importlib.util.find_spec("ensurepip")),
        system_pip=_system_pip(),
        apt_get=shutil.which("apt-get"),
        may_be_root=root or _silent("sudo", "-n", "true") == 0,
        own_index=_pip_has_own_index(),
    )


def _system_pip() -> tuple[int, ...]:
    if not importlib.util.find_spec("pip"):
        return ()
    done = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"pip (\d+)\.(\d+)", done.stdout)
    return tuple(int(part) for part in found.groups()) if found else ()


def _pip_has_own_index() -> bool:
    if any(os.environ.get(name) for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX")):
        return True
    config = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    places = ("/etc/pip.conf", os.path.expanduser("~/.pip/pip.conf"), os.path.join(config, "pip", "pip.conf"))
    return any(re.search(r"(?m)^\s*(extra-)?index-url|^\s*no-index", _text(place)) for place in places)


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _apt_install(steps: Steps) -> None:
    prefix = () if os.geteuid() == 0 else ("sudo", "-n")
    steps.must("apt_update", *prefix, "apt-get", "update", "-q")
    steps.must("apt_install", *prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-q",
               *_debian_packages())  # fmt: skip


def _debian_packages() -> tuple[str, ...]:
    return ("python3.11-venv", "python3-pip")


def _clear(venv: Path) -> None:
    """Empty the folder of an environment that no longer runs; the lock stays, for another start may wait on it."""
    if (venv / "bin" / "python").exists() and (venv / "pyvenv.cfg").exists():
        return
    for entry in venv.iterdir():
        if entry.name != LOCK:
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()


@contextlib.contextmanager
def _only_one(venv: Path) -> Iterator[None]:
    try:
        venv.mkdir(parents=True, exist_ok=True)
        lock = (venv / LOCK).open("w")
    except OSError as error:
        raise InstallError(say("cannot_write", path=str(venv), error=str(error))) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(say("another_install"), flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _inside(venv: Path) -> dict[str, str]:
    """Give the environment variables with the environment's commands first, for `airshed` and `ruff` to be found."""
    path = os.pathsep.join((str(venv / "bin"), os.environ.get("PATH", os.defpath)))
    return {**os.environ, "VIRTUAL_ENV": str(venv), "PATH": path}


def _data_folder() -> Path:
    return Path(os.environ.get("AIRSHED_HOME") or ".airshed").absolute()


def _silent(*command: str) -> int:
    try:
        return subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, check=False, timeout=10
        ).returncode
    except (OSError, subprocess.TimeoutExpired):
        return 1


def _command_line(arguments: Sequence[str]) -> int:
    from infra.cli import main

    return terminal.to_the_end(lambda: main(arguments))
