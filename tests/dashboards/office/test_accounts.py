"""Accounts in both databases: signing in, waiting after failures, changing, and what the log says of it."""

from __future__ import annotations

import datetime as dt
import json
import threading

import argon2
import pytest
import sqlalchemy as sa

from dashboards.office import accounts, attempts, audit, passwords, sessions
from dashboards.office.accounts import Caller
from dashboards.office.errors import Refused
from dashboards.office.office_tables import attempt, session, user
from dashboards.office.records import transaction
from streams import registry
from tests.dashboards.office.conftest import NOON, RIGHT, entries

CITIES = registry.load().cities
CHENGDU, DEYANG = list(CITIES)[:2]
SECOND = dt.timedelta(seconds=1)


def caller(after_s: float = 0, who: str = "root", address: str = "192.0.2.7") -> Caller:
    return Caller(who, NOON + after_s * SECOND, address, "192.0.2.0/24")


@pytest.fixture
def staffed(office, quick):
    """An office with an administrator, and a city officer of Chengdu."""
    accounts.add(office, "root", "administrator", RIGHT, caller(who="console"), cities=CITIES, must_change=False)
    accounts.add(
        office, "wang", "city_officer", RIGHT, caller(), city=CHENGDU, display="王工", cities=CITIES, must_change=False
    )
    return office


def tried(engine, password=RIGHT, name="wang", **when) -> str:
    """Give what an attempt comes to: "in", or the key of the refusal."""
    try:
        return "in" if accounts.sign_in(engine, name, password, caller(who="?", **when)) else ""
    except Refused as refused:
        return refused.key.removeprefix("office.")


def found(engine, token, after_s=0.0):
    with engine.connect() as connection:
        return sessions.find(connection, token, NOON + after_s * SECOND)


def test_who_signs_in_is_known_by_a_token_that_the_database_does_not_hold(staffed):
    token = accounts.sign_in(staffed, " WANG ", RIGHT, caller(who="?"))
    of, officer = found(staffed, token)
    assert (officer.name, officer.display, officer.role, officer.city) == ("wang", "王工", "city_officer", CHENGDU)
    assert of.place == "192.0.2.0/24" and len(token) >= 43  # 256 bits are 43 characters of base64
    with staffed.connect() as connection:
        everything = str(connection.execute(sa.select(session)).all() + connection.execute(sa.select(user)).all())
    assert token not in everything and RIGHT not in everything


@pytest.mark.parametrize("token", ["", "forged", "0" * 43, "' OR 1=1 --", "\x00", "成" * 100])
def test_a_forged_token_is_nobody(staffed, token):
    accounts.sign_in(staffed, "wang", RIGHT, caller(who="?"))
    assert found(staffed, token) is None


def test_a_session_ends_after_thirty_idle_minutes_and_after_twelve_hours(staffed):
    token = accounts.sign_in(staffed, "wang", RIGHT, caller(who="?"))
    assert found(staffed, token, 30 * 60 - 1) and not found(staffed, token, 30 * 60)
    label = found(staffed, token)[0].label
    for minutes in range(20, 12 * 60, 20):
        with transaction(staffed) as connection:
            sessions.touch(connection, label, NOON + dt.timedelta(minutes=minutes))
    assert found(staffed, token, 12 * 3600 - 1) and not found(staffed, token, 12 * 3600)


def test_a_wrong_name_a_wrong_password_and_a_locked_account_get_one_answer(staffed):
    accounts.add(staffed, "li", "researcher", RIGHT, caller(), cities=CITIES)
    accounts.set_active(staffed, "li", False, caller())
    wrong = [
        ("nobody", RIGHT),
        ("wang", "wrong password here"),
        ("li", RIGHT),
        ("' OR 1=1 --", RIGHT),
        ("", ""),
        ("王" * 500, "x" * 9999),
    ]
    assert {tried(staffed, password, name, address=f"198.51.100.{n}") for n, (name, password) in enumerate(wrong)} == {
        "login_wrong"
    }
    told = [(e.subject, json.loads(e.detail)["why"]) for e in entries(staffed, "login.failed")]
    # A name that nobody has is not written down: it may be a password.
    assert told == [("?", "unknown"), ("wang", "password"), ("li", "locked"), *3 * [("?", "unknown")]]


def test_each_attempt_looks_at_one_hash_whoever_it_names(staffed, monkeypatch):
    looked = []
    real = passwords.HASHER.verify
    monkeypatch.setattr(passwords, "HASHER", _Counting(passwords.HASHER, looked, real))
    for number, name in enumerate(("nobody", "wang", "root")):
        tried(staffed, "wrong password here", name, address=f"198.51.100.{number}")
    assert len(looked) == 3


class _Counting:
    def __init__(self, hasher, looked, real) -> None:
        self.hasher, self.looked, self.real = hasher, looked, real

    def verify(self, stored, password):
        self.looked.append(stored)
        return self.real(stored, password)

    def __getattr__(self, name):
        return getattr(self.hasher, name)


@pytest.mark.parametrize("name", ["wang", "nobody"])
def test_failures_of_an_account_double_the_wait_whether_there_is_one_or_not(staffed, name):
    """Five are free, then 1, 2, 4, ... s, at most 15 min; until then not even the right password is looked at."""
    at, waits = 0.0, []
    for number in range(18):
        address = f"198.51.100.{number}"
        assert tried(staffed, "wrong password here", name, after_s=at, address=address) == "login_wrong"
        with staffed.connect() as connection:
            until = connection.scalar(sa.select(attempt.c.until).where(attempt.c.key == f"account {name}"))
        wait = (until - NOON).total_seconds() - at
        if wait:
            assert tried(staffed, RIGHT, name, after_s=at + wait - 0.5, address="203.0.113.1") == "login_wait"
        waits.append(wait)
        at += wait
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]
    assert tried(staffed, RIGHT, "wang", after_s=at, address="203.0.113.1") == "in"


def test_failures_from_an_address_double_the_wait_whichever_name_is_tried(staffed):
    for number in range(20):
        assert tried(staffed, "wrong password here", f"guess{number}") == "login_wrong"
    assert tried(staffed, RIGHT) == "login_wait"
    assert tried(staffed, RIGHT, address="203.0.113.1") == "in"
    assert tried(staffed, RIGHT, after_s=1) == "in"


def test_own_success_does_not_clear_an_address_from_which_others_are_tried(staffed):
    for number in range(19):
        tried(staffed, "wrong password here", f"guess{number}")
    for second in range(3):
        assert tried(staffed, RIGHT, after_s=second) == "in"
    tried(staffed, "wrong password here", "guess", after_s=4)
    assert tried(staffed, RIGHT, after_s=4) == "login_wait"


def test_a_day_of_guessing_is_a_hundred_guesses(staffed):
    """Every second another guess from another address: what is looked at is bounded by the waits, 5 + 10 + 86400/900."""
    looked, key = 0, {"account wang": attempts.FREE_OF_ACCOUNT}
    for second in range(0, 86_400, 15):
        with transaction(staffed) as connection:
            looked += attempts.reserve(connection, key, NOON + second * SECOND) is None
    assert 90 <= looked <= 111


def test_attempts_at_once_are_counted_before_they_are_looked_at(staffed):
    threads = [
        threading.Thread(target=tried, args=(staffed, "wrong password here"), kwargs={"address": f"198.51.100.{n}"})
        for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(entries(staffed, "login.failed")) == attempts.FREE_OF_ACCOUNT


def test_what_was_turned_away_is_told_by_the_next_entry(staffed):
    for _ in range(5 + 7):
        tried(staffed, "wrong password here")
    tried(staffed, "wrong password here", after_s=2)
    told = [json.loads(each.detail) for each in entries(staffed, "login.failed")]
    assert [each["failures"] for each in told] == [1, 2, 3, 4, 5, 6] and told[-1]["turned_away"] == 7


def test_a_hash_of_weaker_parameters_is_made_anew_when_its_owner_signs_in(staffed, monkeypatch):
    stronger = argon2.PasswordHasher(time_cost=2, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", stronger)
    assert tried(staffed) == "in"
    with staffed.connect() as connection:
        assert "t=2" in connection.scalar(sa.select(user.c.hash).where(user.c.name == "wang"))
    assert tried(staffed, after_s=1) == "in"


CHANGES = {
    "password": lambda e: accounts.set_password(e, "wang", "violet-ladder-spoon", caller()),
    "role": lambda e: accounts.set_role(e, "wang", "researcher", caller(), cities=CITIES),
    "lock": lambda e: accounts.set_active(e, "wang", False, caller()),
    "remove": lambda e: accounts.remove(e, "wang", caller()),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_changes_an_account_ends_its_sessions_and_is_in_the_log(staffed, what):
    token = accounts.sign_in(staffed, "wang", RIGHT, caller(who="?"))
    CHANGES[what](staffed)
    assert found(staffed, token) is None
    (entry,) = entries(staffed, f"user.{what}")
    assert (entry.who, entry.subject, json.loads(entry.detail)["sessions_ended"]) == ("root", "wang", 1)


def test_ones_own_new_password_ends_all_sessions_but_a_new_one(staffed):
    old, other = (accounts.sign_in(staffed, "wang", RIGHT, caller(who="?")) for _ in range(2))
    new = accounts.change_password(staffed, "wang", RIGHT, "violet-ladder-spoon", caller(who="wang"))
    assert [bool(found(staffed, token)) for token in (old, other, new)] == [False, False, True]
    assert tried(staffed) == "login_wrong" and tried(staffed, "violet-ladder-spoon") == "in"


def test_a_password_change_needs_the_present_one_and_is_slowed_like_signing_in(staffed):
    keys = []
    for new in ("violet-ladder-spoon", "short", RIGHT):
        with pytest.raises(Refused) as refused:
            accounts.change_password(staffed, "wang", RIGHT if new != "violet-ladder-spoon" else "no", new, caller())
        keys.append(refused.value.key)
    assert keys == ["office.password_wrong", "office.password_length", "office.password_same"]
    for _ in range(6):
        with pytest.raises(Refused) as refused:
            accounts.change_password(staffed, "wang", "no", "violet-ladder-spoon", caller())
    assert refused.value.key == "office.login_wait" and len(entries(staffed, "password.failed")) == 1 + 5


def test_the_last_administrator_stays(staffed):
    for change in (
        lambda: accounts.set_active(staffed, "root", False, caller()), lambda: accounts.remove(staffed, "root", caller()),
        lambda: accounts.set_role(staffed, "root", "researcher", caller(), cities=CITIES),
    ):  # fmt: skip
        with pytest.raises(Refused, match="last_administrator"):
            change()
    accounts.add(staffed, "second", "administrator", RIGHT, caller(), cities=CITIES)
    accounts.remove(staffed, "root", caller())


def test_the_name_of_a_removed_account_is_not_given_again(staffed):
    accounts.remove(staffed, "wang", caller())
    with pytest.raises(Refused, match="name_taken"):
        accounts.add(staffed, "Wang", "researcher", RIGHT, caller(), cities=CITIES)
    assert tried(staffed) == "login_wrong"
    with staffed.connect() as connection:
        assert [each.name for each in accounts.listed(connection)] == ["root"]


def test_a_city_officer_has_a_city_and_nobody_else(staffed):
    for city in (None, "", "999999"):
        with pytest.raises(Refused, match="needs_a_city"):
            accounts.add(staffed, "zhao", "city_officer", RIGHT, caller(), city=city, cities=CITIES)
    with pytest.raises(Refused, match="no_such_role"):
        accounts.add(staffed, "zhao", "mayor", RIGHT, caller(), city=DEYANG, cities=CITIES)
    accounts.add(staffed, "zhao", "duty_officer", RIGHT, caller(), city=DEYANG, cities=CITIES)
    with staffed.connect() as connection:
        assert accounts.account(connection, "zhao").city is None


@pytest.mark.parametrize(("written", "kept"), [
    ("王工", "王工"), ("Ｗang.2", "wang.2"), ("o_b-1", "o_b-1"), ("Ñandú", "ñandú"), ("", ""), ("a", ""), ("-ab", ""), ("a b", ""),
    ("a'b", ""), ("a\x00b", ""), ("a\u202eb", ""), ("x" * 41, ""), ("<b>", ""), ("a/b", ""), ("\ud800ab", ""),
])  # fmt: skip
def test_names_are_letters_and_digits_of_any_script(written, kept):
    assert accounts.name_of(written) == kept


@pytest.mark.parametrize("display", ["\x00", "x" * 81, "a\x1b[31m"])
def test_what_is_shown_of_a_person_can_be_shown(staffed, display):
    with pytest.raises(Refused, match="bad_display"):
        accounts.add(staffed, "zhao", "researcher", RIGHT, caller(), display=display, cities=CITIES)


def test_two_who_add_one_name_at_once_make_one_account(staffed):
    keys: list[str] = []

    def adds() -> None:
        try:
            keys.append(accounts.add(staffed, "zhao", "researcher", RIGHT, caller(), cities=CITIES))
        except Refused as refused:
            keys.append(refused.key)

    threads = [threading.Thread(target=adds) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(keys) == ["office.name_taken", "zhao"]


def test_all_that_happened_is_one_chain(staffed):
    tried(staffed)
    tried(staffed, "wrong password here")
    accounts.set_active(staffed, "wang", False, caller())
    accounts.set_active(staffed, "wang", True, caller())
    with staffed.connect() as connection:
        assert audit.verify(connection).broken is None
    whats = [each.what for each in entries(staffed)]
    assert whats == ["user.add", "user.add", "login", "login.failed", "user.lock", "user.unlock"]
