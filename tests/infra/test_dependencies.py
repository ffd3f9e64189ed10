"""What the platform stands on: every package locked by digest, its age and known faults told, and what it is for."""

from __future__ import annotations

import datetime as dt
import http.server
import json
import re
import threading
import tomllib
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra import dependencies, package_index
from infra.cli import app
from infra.dependencies import asked_for, java, third_tuesday, updates_between
from infra.doctor import canonical
from infra.locked import INSTALLER, LOCKED, NOTEBOOKS, PLATFORM, SETS, TEST, locked, requirements
from infra.package_index import Told, asker, configured, faults_of
from infra.relock import Package, written

ROOT = Path(__file__).resolve().parents[2]


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    return {canonical(name): version for name, _, version in (line.partition("==") for line in lines)}


def test_every_pinned_package_is_locked_in_its_version_with_the_digests_of_its_files():
    held = locked()
    assert {name: held[name].version for name in pinned()} == pinned()
    everywhere = {name for name, each in held.items() if not each.marker}
    assert everywhere == set(pinned()), "what is needed on some machines alone has a marker"
    for name, each in held.items():
        assert each.sha256 and all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in each.sha256), name
        assert each.sets <= set(SETS) and each.released > dt.date(2008, 1, 1), name


def test_what_pyproject_asks_for_is_in_the_sets_that_need_it():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for set_, lines in {PLATFORM: project["dependencies"], TEST: project["optional-dependencies"]["test"],
                        NOTEBOOKS: project["optional-dependencies"]["notebooks"]}.items():  # fmt: skip
        assert {dependencies.name_of(line) for line in lines} <= {n for n, e in locked().items() if set_ in e.sets}
    assert {name for name, each in locked().items() if INSTALLER in each.sets} == {"uv", "setuptools"}


def test_no_address_of_where_files_came_from_is_kept():
    text = LOCKED.read_text(encoding="utf-8")
    assert "://" not in text and not re.search(r"\.(whl|tar\.gz|com|org|cn|net)\b", text)


def test_native_packages_are_locked_for_every_supported_machine():
    """NumPy has a wheel of its own for Linux on Intel and on ARM and for macOS, and its source: four files at least."""
    for name in ("numpy", "pyarrow", "scipy", "lxml", "granian", "orjson"):
        assert len(locked()[name].sha256) >= 3, name


def test_requirements_are_pinned_lines_with_digests_as_pip_reads_them():
    text = requirements((INSTALLER,))
    lines = text.replace("\\\n", "").splitlines()
    assert len(lines) == 2
    for line in lines:
        assert re.fullmatch(r"[\w.-]+==\S+( +--hash=sha256:[0-9a-f]{64})+", line), line
    everything = requirements((PLATFORM, TEST, NOTEBOOKS)).replace("\\\n", "").splitlines()
    names = [line.partition("==")[0] for line in everything]
    assert len(names) == len(set(names)), "twice is an error to pip"
    mac = next(line for line in everything if line.startswith("appnope"))
    assert mac.partition(" ; ")[2].startswith("sys_platform == 'darwin'")


def test_what_is_locked_is_written_so_that_it_reads_back(tmp_path):
    where = (
        ("x86_64-manylinux_2_28", "3.11.9"),
        ("aarch64-manylinux_2_28", "3.11.9"),
        ("aarch64-apple-darwin", "3.11.9"),
    )
    every = Package("1.0", "2024-05-06", {TEST}, set(where), {"b" * 64, "a" * 64})
    mac = Package("2", "2020-01-02", {TEST, PLATFORM}, {where[2]}, {"c" * 64})
    told = tomllib.loads(written({"one": every, "mac": mac}))
    assert told["one"] == {
        "version": "1.0", "released": dt.date(2024, 5, 6), "sets": [TEST], "sha256": ["a" * 64, "b" * 64],
    }  # fmt: skip
    assert told["mac"]["marker"] == "sys_platform == 'darwin'" and list(told) == ["mac", "one"]


def test_every_requirement_has_a_reason_in_both_languages_and_no_reason_is_left_over():
    reasons = dependencies.reasons()
    assert set(reasons) == asked_for() | {"uv"}
    assert all(set(each) == {"zh", "en"} and all(each.values()) for each in reasons.values())


def test_java_is_told_with_its_patch_level_and_the_security_updates_it_lacks():
    """The updates of 2025-10 and 2026-01, -04, -07 and -10 came out on 21, 20, 21, 21 and 20 (third Tuesdays)."""
    said = 'openjdk version "21.0.8" 2025-07-15 LTS'
    assert [third_tuesday(2025, 10), third_tuesday(2026, 1)] == [dt.date(2025, 10, 21), dt.date(2026, 1, 20)]
    for today, missed in (
        ("2025-07-16", 0),
        ("2025-10-20", 0),
        ("2025-10-21", 1),
        ("2026-01-20", 2),
        ("2026-11-30", 5),
    ):
        found = java(said, dt.date.fromisoformat(today))
        assert (found.version, found.released, found.missed) == ("21.0.8", dt.date(2025, 7, 15), missed)
    assert java(None, dt.date(2026, 1, 1)) is None
    assert java('openjdk version "17"', dt.date(2026, 1, 1)).missed is None
    assert updates_between(dt.date(2025, 7, 17), dt.date(2025, 7, 31)) == 0


@contextmanager
def index(answers: dict[str, object]):
    """A package index on this machine; give its address and the requests that it heard."""
    heard = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append((self.path, self.headers.get("Authorization")))
            answer = answers.get(self.path)
            self.send_response(200 if answer is not None else 404)
            self.end_headers()
            self.wfile.write(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


FAULT = {"id": "PYSEC-1", "fixed_in": ["1.1", "1.2"], "withdrawn": None}


def test_an_index_is_asked_for_the_newest_version_and_for_faults_of_the_one_that_is_installed():
    answers = {
        "/pypi/old/json": {"info": {"version": "2"}, "vulnerabilities": []},
        "/pypi/old/1/json": {
            "info": {"version": "1"},
            "vulnerabilities": [FAULT, {**FAULT, "withdrawn": "2026-01-01"}],
        },
        "/pypi/new/json": {"info": {"version": "3"}, "vulnerabilities": []},
        "/pypi/untold/json": {"info": {"version": "3"}},
        "/pypi/half/json": {"info": {"version": "9"}},
        "/pypi/odd/json": b"<html>",
        "/pypi/list/json": [],
    }
    with index(answers) as (port, heard):
        ask = asker(f"http://me:p%40ss@127.0.0.1:{port}/simple/")
        assert ask("old", "1") == Told("2", ("PYSEC-1 (1.1, 1.2)",))
        assert ask("new", "3") == Told("3", ())
        assert ask("untold", "3") == Told("3", None), "what the index does not say is unknown, and not none"
        assert ask("half", "1") == Told("9", None, "HTTP 404")
        assert ask("none", "1") == Told("", None, "HTTP 404")
        assert ask("odd", "1").trouble == "JSONDecodeError" and ask("list", "1").trouble == "TypeError"
    # RFC 7617: base64 of me:p@ss
    assert {credentials for _, credentials in heard} == {"Basic bWU6cEBzcw=="}
    assert asker(f"http://127.0.0.1:{port}/simple")("gone", "1").trouble == "URLError"
    assert faults_of({"vulnerabilities": [5]}) == () and faults_of({"vulnerabilities": "x"}) is None


def test_the_index_is_the_one_that_pip_is_set_up_with(tmp_path):
    first, second = tmp_path / "a.conf", tmp_path / "b.conf"
    first.write_text("[global]\nindex-url = https://one.example/simple\ncert = /ca.pem\n")
    second.write_text("[install]\nindex-url = https://two.example/simple\n")
    broken = tmp_path / "c.conf"
    broken.write_text("index-url = x")
    assert configured({}, [first, broken]) == ("https://one.example/simple", "/ca.pem")
    assert configured({}, [first, second]) == ("https://two.example/simple", "/ca.pem")
    assert configured({"PIP_INDEX_URL": "https://three.example/s"}, [first])[0] == "https://three.example/s"
    assert configured({}, []) == (package_index.DEFAULT, "")


def test_the_command_lists_every_package_and_says_what_it_cannot_know_offline(monkeypatch):
    monkeypatch.setattr(package_index, "asker", lambda *_: pytest.fail("asked, though nobody wanted it"))
    shown = CliRunner().invoke(app, ["--lang", "en", "dependencies"])
    assert shown.exit_code == 0, shown.output
    for said in ("numpy", pinned()["numpy"], str(locked()["numpy"].released), "all arithmetic", "java", "offline"):
        assert said in shown.output, said
    assert "quarterly security updates since" in shown.output


def test_a_known_fault_ends_the_command_with_1_and_stands_beside_its_package(monkeypatch):
    version = pinned()["numpy"]
    with index({"/pypi/numpy/json": {"info": {"version": version}, "vulnerabilities": [FAULT]}}) as (port, heard):
        monkeypatch.setattr(package_index, "configured", lambda: (f"http://127.0.0.1:{port}/simple", ""))
        shown = CliRunner().invoke(app, ["--lang", "en", "dependencies", "--online", "numpy"])
        assert shown.exit_code == 1 and "PYSEC-1 (1.1, 1.2)" in shown.output
        assert [path for path, _ in heard] == ["/pypi/numpy/json"], "nothing but what was asked for"
        calm = CliRunner().invoke(app, ["--lang", "zh", "dependencies", "--online", "scipy"])
        assert calm.exit_code == 0 and "HTTP 404" in calm.output and "不表示没有" in calm.output
