"""How the engine is closed where it has no network of its own."""

from __future__ import annotations

import os
import re
import socket
import stat
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from shutil import which

import pytest

from streams.pipeline import announcer, doors, java
from streams.pipeline.engine import EngineSettings, options
from tests.streams.pipeline.test_secluded import AS_ROOT, NOBODY, in_a_child

WORKER = Path(announcer.__file__).with_name("worker")


def test_an_engine_that_would_stay_open_is_refused_in_words(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(doors.OpenPorts, match=r"Beam.*AIRSHED_OPEN_PORTS=allow"):
        doors.close({}, tmp_path / "doors")
    assert not (tmp_path / "doors").exists()


def test_an_engine_that_may_stay_open_says_what_does(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    closed = doors.close({doors.OPEN: doors.ALLOWED}, tmp_path / "doors")
    assert closed.left == (doors.BEAM, doors.TOPICS)


@pytest.mark.parametrize(
    ("system", "processor", "left"),
    [
        ("linux", "x86_64", ()),
        ("linux", "aarch64", ()),
        ("linux", "riscv64", (doors.BEAM,)),
        ("darwin", "arm64", (doors.BEAM, doors.TOPICS)),
    ],
)
def test_what_stays_open_depends_on_the_system(system, processor, left) -> None:
    assert doors.left_open(system, processor) == left


def test_the_folder_of_keys_is_private_whatever_the_umask_and_the_one_before_goes(tmp_path) -> None:
    before = os.umask(0)
    try:
        first = doors.close({doors.NETWORK: doors.MACHINE}, tmp_path / "doors").folder
        second = doors.close({doors.NETWORK: doors.MACHINE}, tmp_path / "doors").folder
    finally:
        os.umask(before)
    assert not first.exists() and second.is_dir()
    assert stat.S_IMODE(second.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "doors").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "name", ["plain-1_2.tmp", "成都" * 20, "a b", "100%20", "a#b?c", "it's", 'a"b', "a$b", "a\tb", "x" * 80]
)
def test_sockets_and_keys_lie_where_each_reader_finds_them_whatever_the_folder_for_temporary_files(
    monkeypatch, tmp_path, name
) -> None:
    """A socket's name has 107 bytes (unix(7)); gRPC decodes percent codes in it, and Java's options are cut at blanks."""
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        parent = Path(short, name)
        parent.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(parent))
        note = tmp_path / "成都 数据 100%" / "run" / "doors"
        folder = doors.close({doors.NETWORK: doors.MACHINE}, note).folder
        assert len(os.fsencode(folder / "beam999")) <= 107
        assert re.fullmatch(r"[\w/.+-]+", str(folder), re.ASCII)
        assert (folder.parent == parent) == (name == "plain-1_2.tmp")
        assert doors.close({doors.NETWORK: doors.MACHINE}, note).folder != folder
        assert not folder.exists()


def test_java_knows_its_own_machine_by_name_where_nobody_else_does(tmp_path) -> None:
    environment = {"JVM_ARGS": "-Xmx1m"}
    assert doors.prepare(doors.Doors(tmp_path), environment) == {}
    hosts = tmp_path / "hosts"
    assert environment["JVM_ARGS"] == f"-Xmx1m -Djdk.net.hosts.file={hosts}"
    assert hosts.read_text().split() == ["127.0.0.1", "localhost", socket.gethostname()]


def test_flink_takes_no_jars_and_cancels_nothing(tmp_path) -> None:
    chosen = options(EngineSettings(tmp_path / "c", tmp_path / "l"), on_demand=True)
    assert chosen["web.submit.enable"] == chosen["web.cancel.enable"] == "false"
    hosts = {key: value for key, value in chosen.items() if key.endswith(("bind-host", "bind-address"))}
    assert len(hosts) == 3 and set(hosts.values()) == {"127.0.0.1"}


def listed(here: socket.socket, user: int) -> str:
    """Give a line of /proc/net/tcp (proc_pid_net(5)): the addresses of either end and, at field 8, the user."""
    ends = [announcer._as_listed(address) for address in (here.getpeername(), here.getsockname())]
    return f"   0: {ends[0]} {ends[1]} 01 00000000:00000000 00:00000000 00000000 {user:5} 0 12345 1\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the lists of Linux")
def test_who_asks_for_the_topics_must_be_of_this_user(tmp_path) -> None:
    with socket.create_server((announcer.LOOPBACK, 0)) as server, socket.create_connection(server.getsockname()):
        here, _ = server.accept()
        assert announcer.of_this_user(here)
        table = tmp_path / "tcp"
        for user, ours in ((os.geteuid(), True), (0, True), (os.geteuid() + 1, False)):
            table.write_text("  sl  local_address ...\n" + listed(here, user))
            assert announcer.of_this_user(here, (table,)) is ours
        table.write_text("  sl  local_address ...\n")
        assert not announcer.of_this_user(here, (table,))
        here.close()


@AS_ROOT
def test_another_user_hears_nothing_of_the_topics(tmp_path) -> None:
    announcing = announcer.Announcer(tmp_path, (), bounded=False)
    announcing.start()

    def ask() -> str:
        with socket.create_connection((announcer.LOOPBACK, announcing.port), 5) as connection:
            connection.settimeout(5)
            return repr(connection.recv(1))

    assert in_a_child(ask, user=NOBODY) == "b''"
    announcing.close()


def run_as_module(tmp_path: Path, name: str) -> list[str]:
    """Give the arguments that a module of a name sees in the engine's workers."""
    module = tmp_path.joinpath(*name.split(".")).with_suffix(".py")
    module.parent.mkdir(parents=True)
    for folder in module.relative_to(tmp_path).parents[:-1]:
        (tmp_path / folder / "__init__.py").touch()
    module.write_text("import sys; print(sys.argv[1:])")
    environment = {**os.environ, "PYTHONPATH": f"{WORKER}{os.pathsep}{tmp_path}"}
    command = (sys.executable, "-m", name, "--id=1-1")
    return eval(subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout)


def test_the_workers_run_nothing_that_others_put_into_tmp(tmp_path) -> None:
    """apache_beam.runners.worker.sdk_worker_main runs DIR/staged/pickled_main_session unless DIR is empty."""
    assert run_as_module(tmp_path, "pyflink.fn_execution.beam.beam_boot") == ["--id=1-1", "--semi_persist_dir="]


def test_other_programs_start_with_the_arguments_they_were_given(tmp_path) -> None:
    assert run_as_module(tmp_path, "some.program") == ["--id=1-1"]


def test_a_module_that_stands_behind_the_workers_own_is_run_too(tmp_path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('second')")
    environment = {**os.environ, "PYTHONPATH": f"{WORKER}{os.pathsep}{tmp_path}"}
    said = subprocess.run((sys.executable, "-c", ""), env=environment, capture_output=True, check=True, text=True)
    assert said.stdout == "second\n"


@pytest.mark.skipif(which("javac") is None, reason="wants javac")
def test_the_jar_holds_what_its_sources_say(tmp_path) -> None:
    java.build(tmp_path / "made.jar")
    made, kept = (zipfile.ZipFile(jar) for jar in (tmp_path / "made.jar", java.JAR))
    assert made.namelist() == kept.namelist()
    assert all(made.read(name) == kept.read(name) for name in made.namelist())
