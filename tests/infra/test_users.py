"""Accounts and the log of changes on the command line."""

from __future__ import annotations

import io
import re
import sqlite3

import pytest
from click import unstyle

from dashboards.office import accounts
from dashboards.office.accounts import Caller
from dashboards.office.errors import Refused
from dashboards.office.records import open_office
from infra import cli
from tests.dashboards.office.conftest import NOON, RIGHT, quick  # noqa: F401 - a fixture


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch, quick):  # noqa: F811
    for name in ("AIRSHED_STORE", "AIRSHED_OFFICE", "AIRSHED_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AIRSHED_HOME", str(tmp_path))
    monkeypatch.setenv("AIRSHED_LANG", "en")
    monkeypatch.setenv("AIRSHED_PASSWORD", RIGHT)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def said(capsys, *arguments: str, code: int = 0) -> str:
    assert cli.main([*arguments]) == code
    found = capsys.readouterr()
    return unstyle(found.out + found.err)


def signs_in(home, name: str, password: str = RIGHT) -> bool:
    engine = open_office(f"sqlite:///{home}/portal/office/office.db")
    try:
        return bool(accounts.sign_in(engine, name, password, Caller("?", NOON, "", "")))
    except Refused:
        return False
    finally:
        engine.dispose()


def test_a_person_looks_after_accounts(home, capsys):
    assert "make the first administrator" in said(capsys, "users", "list")
    assert said(capsys, "users", "add", "root", "--role", "administrator") == "account root is made\n"
    made = said(capsys, "users", "add", "王工", "--role", "city_officer", "--city", "510100", "--display", "王 工")
    assert "must be changed at the first sign-in" in made and signs_in(home, "王工")
    listed = said(capsys, "users", "list")
    assert re.search(r"王工 *│ 王 工 *│ City officer *│ Chengdu *│ active *│ to be changed", listed)
    said(capsys, "users", "lock", "王工")
    assert not signs_in(home, "王工")
    said(capsys, "users", "unlock", "王工")
    said(capsys, "users", "role", "王工", "researcher")
    assert "Researcher" in said(capsys, "users", "list") and signs_in(home, "王工")
    said(capsys, "users", "remove", "王工")
    assert "王工" not in said(capsys, "users", "list")
    told = said(capsys, "audit", "show")
    whats = ("user.add", "login", "user.lock", "login.failed", "user.unlock", "user.role", "user.remove")
    assert [what for what in whats if what not in told] == [] and "console:" in told


def test_a_password_comes_from_the_input_where_there_is_no_terminal(home, capsys, monkeypatch):
    monkeypatch.delenv("AIRSHED_PASSWORD")
    monkeypatch.setattr("sys.stdin", io.StringIO("violet-ladder-spoon\n"))
    said(capsys, "users", "add", "root", "--role", "administrator")
    assert signs_in(home, "root", "violet-ladder-spoon")


def test_a_password_is_asked_for_twice_on_a_terminal(home, capsys, monkeypatch):
    monkeypatch.delenv("AIRSHED_PASSWORD")
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin", terminal)
    typed = iter([RIGHT, "another", RIGHT, RIGHT])
    monkeypatch.setattr("getpass.getpass", lambda _: next(typed))
    assert "The two new passwords differ" in said(capsys, "users", "add", "root", "--role", "administrator", code=1)
    said(capsys, "users", "add", "root", "--role", "administrator")
    assert signs_in(home, "root")


def test_no_command_takes_a_password_as_an_argument(capsys):
    for command in ("add", "password"):
        assert "--password" not in said(capsys, "users", command, "--help")


@pytest.mark.parametrize(("arguments", "words"), [
    (("add", "x", "--role", "administrator"), "A name has 2 to 40"),
    (("add", "ok", "--role", "city_officer"), "needs a city, one of 510100"),
    (("lock", "nobody"), "no such account"), (("remove", "root"), "last active administrator"),
    (("add", "root", "--role", "researcher"), "is or was in use"),
])  # fmt: skip
def test_what_cannot_be_done_is_said_in_words(capsys, arguments, words):
    said(capsys, "users", "add", "root", "--role", "administrator")
    assert words in said(capsys, "users", *arguments, code=1)


def test_a_weak_password_is_refused_here_too(capsys, monkeypatch):
    monkeypatch.setenv("AIRSHED_PASSWORD", "password123456")
    assert "too easy to guess" in said(capsys, "users", "add", "root", "--role", "administrator", code=1)


def test_the_chain_is_verified_against_what_was_noted(home, capsys):
    said(capsys, "users", "add", "root", "--role", "administrator")
    end = re.search(r"1:[0-9a-f]{64}", said(capsys, "audit", "verify"))[0]
    said(capsys, "users", "add", "second", "--role", "researcher")
    assert "2 entries" in said(capsys, "audit", "verify", "--noted", end)
    assert "entry 1 differs" in said(capsys, "audit", "verify", "--noted", "1:" + "f" * 64, code=1)
    said(capsys, "audit", "verify", "--noted", "1", code=2)
    with sqlite3.connect(home / "portal/office/office.db") as plain:
        plain.execute("DROP TRIGGER office_audit_no_update")
        plain.execute("UPDATE office_audit SET who = 'console:other' WHERE sequence = 1")
    assert "entry 1 was changed" in said(capsys, "audit", "verify", code=1)
