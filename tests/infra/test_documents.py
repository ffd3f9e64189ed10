"""The documents keep up with the project: columns are named, links lead somewhere, commands are those that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from infra.cli import app
from streams.store.schema import metadata, views

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "NOMENCLATURE.md", "CHANGELOG.md")
NOT_YET = ("docs/images/portal.png",)
"""Made from the running portal."""


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(heading: str) -> str:
    """Give what stands below a heading of the README."""
    return re.split(rf"(?m)^##+ +{heading}\b.*$", text("README.md"), maxsplit=1)[1]


TABLES = {**metadata.tables, **views.tables}


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_column_of_the_store_is_named_in_the_nomenclature(table):
    known = set(re.findall(r"`(\w+)`", text("NOMENCLATURE.md").partition("## Columns of the store")[2]))
    assert {c.name for c in TABLES[table].columns} - known == set()


def test_the_nomenclature_names_no_column_that_is_gone():
    tables = text("NOMENCLATURE.md").partition("## Columns of the store")[2].split("\n\n")
    cells = [
        cell
        for table in tables
        if table.startswith("| column |")
        for cell in re.findall(r"(?m)^\| (`\w+`(?:, `\w+`)*) \|", table)
    ]
    named = {name for cell in cells for name in re.findall(r"\w+", cell)}
    assert len(named) > 50 and named - {c.name for t in TABLES.values() for c in t.columns} == set()


@pytest.mark.parametrize(("heading", "command"), [("Run", "python3 -m infra up"), ("Test", "python3 -m infra test")])
def test_the_first_code_below_a_heading_is_the_command(heading, command):
    assert re.search(r"```[a-z]*\n(.*?)```", section(heading), re.S).group(1).strip() == command


def test_the_ci_runs_the_command_of_the_readme():
    assert "exec python3 -m infra test" in text(".ci/run")


def test_every_command_is_in_the_readme():
    for name in typer.main.get_command(app).commands:
        assert f"`{name}" in section("命令"), name


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#:]+)\)", text(document)):
        assert target in NOT_YET or (ROOT / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS)
def test_paths_in_code_marks_exist(document):
    for path in re.findall(r"`((?:standards|streams|ml|dashboards|infra|tests|docs)/[\w/.]+)`", text(document)):
        assert (ROOT / path).exists() or path.rstrip("/") in ("streams/topics", "streams/store"), path


def test_every_fault_of_robustness_is_held_by_a_test_that_exists():
    document, held = text("docs/robustness.md"), []
    for row in re.findall(r"(?m)^\| .* \| (`tests/.*) \|$", document):
        path = None
        for mark in re.findall(r"`([^`]+)`", row):
            path, _, name = mark.partition("::") if mark.startswith("tests/") else (path, "", mark.removeprefix("::"))
            held.append((path, name))
    assert len(held) > 20
    for path, name in held:
        assert re.search(rf"(?m)^ *def {name}\(", text(path)), f"{path}::{name}"
    rows = [line for line in document.splitlines() if line.startswith("| ") and "held by" not in line]
    assert all("`tests/" in row for row in rows)
