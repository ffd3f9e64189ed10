"""The doctor: what it finds good enough, and that it tells how to mend everything else."""

from __future__ import annotations

import datetime as dt
import os
import stat

import pytest

from infra import cli, doctor
from infra.datadir import DataDirectory
from infra.doctor import FAIL, GIB, OK, WARN, Machine, judge, wrong_packages
from infra.messages import catalogue
from infra.tables import findings_table

GOOD = {
    "python": (3, 11), "java": "openjdk 21", "port": 8050, "disk_free": 9 * GIB, "memory_free": 9 * GIB,
    "store": "sqlite:///x", "shanghai_offset_h": 8.0, "now": dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
    "chinese_font": "Noto", "chromium": "/usr/bin/chromium", "postgres": "/usr/lib/postgresql/15/bin",
}  # fmt: skip


def results(**changed: object) -> dict[str, str]:
    return {f.check: f.result for f in judge(Machine(**{**GOOD, **changed}))}


def test_a_good_machine_passes_every_check():
    assert set(results().values()) == {OK}


@pytest.mark.parametrize(
    ("check", "changed"),
    [
        ("python", {"python": (3, 12)}),
        ("java", {"java": None}),
        ("packages", {"packages_wrong": ("numpy 1 ≠ 2",)}),
        ("doors", {"not_secluded": "darwin", "ways_open": "Apache Beam"}),
        ("disk", {"disk_free": GIB}),
        ("data", {"data_problem": "read-only"}),
        ("store", {"store_problem": "no route"}),
        ("zone", {"shanghai_offset_h": None}),
        ("zone", {"shanghai_offset_h": 0.0}),
        ("clock", {"now": dt.datetime(1970, 1, 1, tzinfo=dt.UTC)}),
    ],
)
def test_what_the_platform_needs_fails(check, changed):
    found = results(**changed)
    assert found.pop(check) == FAIL and set(found.values()) == {OK}


@pytest.mark.parametrize(
    ("check", "changed"),
    [
        ("port", {"port_holder": "nginx (pid 7)"}),
        ("memory", {"memory_free": GIB}),
        ("font", {"chinese_font": None}),
        ("chromium", {"chromium": None}),
        ("postgres", {"postgres": None}),
    ],
)
def test_what_it_can_do_without_is_only_noted(check, changed):
    found = results(**changed)
    assert found.pop(check) == WARN and set(found.values()) == {OK}


def test_every_check_has_a_name_and_a_way_to_mend_it():
    for finding in judge(Machine(**GOOD)):
        assert {f"doctor_{finding.check}", f"mend_{finding.check}"} <= set(catalogue())


def test_the_table_tells_how_to_mend_only_what_is_not_well(monkeypatch):
    monkeypatch.setenv("AIRSHED_LANG", "en")
    table = findings_table(judge(Machine(**{**GOOD, "java": None, "store": "postgresql://u@h/[x]"})))
    mends = list(table.columns[3].cells)
    assert [m for m in mends if m] == [catalogue()["mend_java"]["en"]]


def test_pinned_packages_are_compared_by_their_canonical_names():
    constraints = ["numpy==2.1.3", "ruamel-yaml==0.19.1", "ruff==1", "flask==3"]
    installed = {"numpy": "2.0.0", "ruamel-yaml": "0.19.1"}
    assert wrong_packages(constraints, installed, ["Flask", "NumPy"]) == ["numpy 2.0.0 ≠ 2.1.3", "flask - ≠ 3"]
    assert doctor.canonical("Ruamel.YAML_x") == "ruamel-yaml-x"


def test_this_machine_can_be_looked_at(tmp_path):
    machine = doctor.look(DataDirectory(tmp_path / "new"), f"sqlite:///{tmp_path}/none.db", 8050)
    found = {f.check: f.result for f in judge(machine)}
    assert found["java"] == OK and found["zone"] == OK and found["data"] == OK and found["store"] == OK


def test_a_store_of_another_schema_is_told(tmp_path):
    path = tmp_path / "other.db"
    path.touch()
    assert "schema" in doctor._store_problem(f"sqlite:///{path}")


def test_a_database_that_cannot_be_reached_is_told_without_its_password():
    problem = doctor._store_problem("postgresql+psycopg://u:secret@127.0.0.1:1/x")
    assert problem and "secret" not in problem


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert doctor._data_problem(DataDirectory(tmp_path / "x"))


def test_a_file_in_the_way_of_the_data_directory_is_told(tmp_path):
    (tmp_path / "x").touch()
    assert doctor._data_problem(DataDirectory(tmp_path / "x"))


def test_the_command_exits_with_one_when_something_needed_fails(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("AIRSHED_HOME", str(tmp_path))
    monkeypatch.setenv("AIRSHED_LANG", "en")
    monkeypatch.setattr(doctor, "look", lambda *_: Machine(**GOOD))
    assert cli.main(["doctor"]) == 0
    monkeypatch.setattr(doctor, "look", lambda *_: Machine(**{**GOOD, "java": None}))
    assert cli.main(["doctor"]) == 1
    assert "Java runtime" in capsys.readouterr().out
