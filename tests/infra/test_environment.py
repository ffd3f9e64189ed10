"""Which means make the environment, and when it is made again."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import typer

from infra import bootstrap
from infra.environment import (
    OPTIONS_WITH_VALUE,
    Facts,
    choose,
    command_of,
    extras_wanted,
    fingerprint,
    is_current,
    requirement,
)

ROOT = Path(__file__).resolve().parents[2]
BARE = Facts(ensurepip=False)


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        (Facts(uv="/bin/uv"), "uv"),
        (Facts(), "venv"),
        (Facts(uv="/bin/uv", own_index=True), "venv"),
        (Facts(ensurepip=False, system_pip=(23, 0)), "system-pip"),
        (Facts(ensurepip=False, system_pip=(22, 2), apt_get="/usr/bin/apt-get", may_be_root=True), "apt"),
        (Facts(ensurepip=False, apt_get="/usr/bin/apt-get", may_be_root=True), "apt"),
        (Facts(ensurepip=False, apt_get="/usr/bin/apt-get"), "none"),
        (Facts(ensurepip=False, may_be_root=True), "none"),
        (BARE, "none"),
        (Facts(ensurepip=False, uv="/bin/uv"), "uv"),
    ],
)
def test_the_first_of_the_means_that_the_machine_has_is_chosen(facts, name):
    assert choose(facts).name == name


def test_uv_is_not_fetched_where_the_user_has_an_index_that_only_pip_knows():
    assert choose(Facts()).fast
    assert not choose(Facts(own_index=True)).fast


def test_only_tests_and_notebooks_need_more_than_the_platform():
    assert extras_wanted("test") == ("test",)
    assert extras_wanted("notebooks") == ("notebooks",)
    assert extras_wanted("up") == () == extras_wanted(None)
    assert requirement(()) == "." and requirement(("test",)) == ".[test]"


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["test"], "test"),
        (["--lang", "en", "test"], "test"),
        (["--lang=en", "--debug", "test", "-k", "up"], "test"),
        (["--debug", "up", "--port", "8051"], "up"),
        (["--lang", "test"], None),
        (["--help"], None),
        ([], None),
    ],
)
def test_the_command_is_told_from_the_options_before_it_and_their_values(arguments, command):
    assert command_of(arguments) == command


def test_every_option_that_takes_a_value_before_the_command_is_known():
    from infra.cli import app

    before = typer.main.get_command(app).params
    assert {name for option in before if not option.is_flag for name in option.opts} == set(OPTIONS_WITH_VALUE)


def test_a_command_behind_an_option_gets_what_it_needs_installed(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setenv("AIRSHED_VENV", str(tmp_path))
    monkeypatch.delenv("AIRSHED_BOOTSTRAP", raising=False)
    monkeypatch.setattr(bootstrap, "prepare", lambda venv, extras: asked.append(extras))
    monkeypatch.setattr(bootstrap.os, "execve", lambda *_: None)
    bootstrap.run(["--lang", "en", "test"])
    assert asked == [("test",)]


def test_an_environment_is_current_when_it_holds_as_much_and_the_same():
    assert is_current({"fingerprint": "a", "extras": ["test"]}, "a", ())
    assert not is_current({"fingerprint": "a", "extras": []}, "a", ("test",))
    assert not is_current({"fingerprint": "b", "extras": ["test"]}, "a", ())
    assert not is_current({}, "a", ())


def test_the_fingerprint_follows_every_file_and_the_place(tmp_path):
    one, other = tmp_path / "a", tmp_path / "b"
    one.write_text("1")
    other.write_text("2")
    first = fingerprint((one, other), tmp_path)
    assert fingerprint((one, other), tmp_path) == first
    assert fingerprint((one, other), tmp_path / "moved") != first
    other.write_text("3")
    assert fingerprint((one, other), tmp_path) != first


def test_a_stamp_without_a_python_is_worth_nothing(tmp_path):
    (tmp_path / bootstrap.STAMP).write_text(json.dumps({"fingerprint": "a", "extras": []}))
    assert bootstrap.read_stamp(tmp_path) == {}
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    assert bootstrap.read_stamp(tmp_path)["fingerprint"] == "a"
    (tmp_path / bootstrap.STAMP).write_text("{half")
    assert bootstrap.read_stamp(tmp_path) == {}


def test_two_starts_at_once_install_once(tmp_path, monkeypatch):
    installs = []

    def install(venv, extras, steps):
        installs.append(extras)
        (venv / "bin").mkdir(exist_ok=True)
        (venv / "bin" / "python").symlink_to(sys.executable)

    monkeypatch.setenv("AIRSHED_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(bootstrap, "_install", install)
    starts = [threading.Thread(target=bootstrap.prepare, args=(tmp_path / "venv", ())) for _ in range(4)]
    for start in starts:
        start.start()
    for start in starts:
        start.join(10)
    assert installs == [()]


def test_the_test_extra_stays_once_it_is_installed(tmp_path, monkeypatch):
    installs = []

    def install(venv, extras, steps):
        installs.append(extras)
        (venv / "bin").mkdir(exist_ok=True)
        (venv / "bin" / "python").touch()

    monkeypatch.setenv("AIRSHED_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(bootstrap, "_install", install)
    for extras in ((), ("test",), ()):
        bootstrap.prepare(tmp_path / "venv", extras)
    assert installs == [(), ("test",)]


def test_a_machine_without_means_is_told_the_command(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("AIRSHED_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AIRSHED_VENV", str(tmp_path / "venv"))
    monkeypatch.delenv("AIRSHED_BOOTSTRAP", raising=False)
    monkeypatch.setattr(bootstrap, "gather", lambda: BARE)
    assert bootstrap.run(["up"]) == 1
    assert "apt-get install python3.11-venv python3-pip" in capsys.readouterr().err


def test_a_failed_step_shows_the_end_of_its_log(tmp_path, monkeypatch):
    monkeypatch.setenv("AIRSHED_HOME", str(tmp_path))
    steps = bootstrap.Steps(0.0)
    with pytest.raises(bootstrap.InstallError, match="no such luck") as failed:
        steps.must("installing_tools", sys.executable, "-c", "raise SystemExit('no such luck')")
    assert str(tmp_path / "logs" / "install.log") in str(failed.value)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(bootstrap.InstallError, match="file"):
        bootstrap.prepare(tmp_path / "file" / "venv", ())


def test_an_environment_that_no_longer_runs_is_emptied(tmp_path):
    for name in ("pyvenv.cfg", bootstrap.LOCK):
        (tmp_path / name).touch()
    (tmp_path / "lib").mkdir()
    bootstrap._clear(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [bootstrap.LOCK]


def test_pip_settings_of_the_user_are_seen(tmp_path, monkeypatch):
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    before = bootstrap._pip_has_own_index()
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip" / "pip.conf").write_text("[global]\nindex-url = mirror\n")
    assert bootstrap._pip_has_own_index() and not before


def test_what_runs_before_the_environment_exists_imports_only_the_standard_library():
    """What a module of ours imports at its top is looked at in turn, with the packages above it."""
    waiting, seen = ["infra.__main__", "infra.bootstrap"], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        path = ROOT.joinpath(*name.split("."))
        source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        for node in ast.parse(source.read_text(encoding="utf-8")).body:
            if not isinstance(node, (ast.Import, ast.ImportFrom)):
                continue
            targets = [node.module] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
            if isinstance(node, ast.ImportFrom):
                inner = [f"{node.module}.{each.name}" for each in node.names]
                targets += [each for each in inner if ROOT.joinpath(*each.split(".")).with_suffix(".py").is_file()]
            for target in targets:
                package = target.partition(".")[0]
                if (ROOT / package).is_dir():
                    waiting += [package, target]
                else:
                    assert package in sys.stdlib_module_names, f"{name}: {target}"
    assert {"infra.messages", "infra.terminal", "standards.shown", "dashboards.text"} <= seen


def test_an_old_python_can_read_the_entry():
    source = (ROOT / "infra" / "__main__.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 7))
    assert "f'" not in source and 'f"' not in source


def test_every_pinned_package_is_a_plain_line():
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        name, _, version = line.partition("==")
        assert name and version and "/" not in line and " " not in line, line


def test_a_command_runs_in_the_environment_named_by_the_user(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "infra", "store", "path"],
        cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "AIRSHED_BOOTSTRAP": "off", "AIRSHED_HOME": str(tmp_path), "AIRSHED_STORE": ""},
    )  # fmt: skip
    assert done.stdout.strip() == f"sqlite:///{tmp_path}/store.sqlite"
