"""A private PostgreSQL for the tests: in a temporary folder, on a free port of this machine, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


class NoPostgres(RuntimeError):
    """PostgreSQL cannot be started here; the message says why."""


@contextlib.contextmanager
def private_cluster() -> Iterator[str]:
    """Start a cluster and give the URL of its database; raise NoPostgres where that is impossible."""
    binaries = _binaries()
    user = _other_user() if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="airshed-postgres-"))
    try:
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
        run = _runner(user, folder)
        run([binaries / "initdb", "-D", folder / "data", "-U", "airshed", "-A", "trust", "-E", "UTF8", "--no-sync"])
        port = _free_port()
        settings = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off -c shared_buffers=64MB"
        run([binaries / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", settings, "start"])
        try:
            yield f"postgresql+psycopg://airshed@127.0.0.1:{port}/postgres"
        finally:
            run([binaries / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "pg_ctl").exists():
            return place
    raise NoPostgres("no PostgreSQL server is installed (initdb, pg_ctl)")


def _other_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise NoPostgres("PostgreSQL does not run as root and there is no user postgres or nobody")


def _runner(user: pwd.struct_passwd | None, folder: Path):
    identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}

    def run(command: list[object]) -> None:
        with open(folder / "commands.log", "ab") as log:
            done = subprocess.run([str(c) for c in command], stdout=log, stderr=log, cwd=folder, timeout=60, **identity)
        if done.returncode:
            raise NoPostgres(f"{command[0]} failed: {(folder / 'commands.log').read_text()[-500:]}")

    return run


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
