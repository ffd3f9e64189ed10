"""Accounts: who there is, how he signs in, and how an account changes; every change and every failure is in the log."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dashboards.office import attempts, audit, passwords, sessions
from dashboards.office.errors import NotThere, Refused
from dashboards.office.guard import ADMINISTRATOR, CITY_OFFICER, ROLES
from dashboards.office.office_tables import user as table
from dashboards.office.records import transaction

SHORTEST_NAME, LONGEST_NAME, LONGEST_DISPLAY = 2, 40, 80
UNKNOWN = "?"
"""Stands in the log for a name that nobody has: people type their password there by mistake."""


@dataclass(frozen=True)
class Caller:
    """Who asks, when and whence. who: an account, or the console; address: that failures count by; place: the same, coarse."""

    who: str
    at: dt.datetime
    address: str
    place: str


@dataclass(frozen=True)
class Account:
    """An account as a page shows it: without its hash."""

    name: str
    display: str
    role: str
    city: str | None
    active: bool
    created: dt.datetime
    changed: dt.datetime
    must_change: bool


def name_of(text: str) -> str:
    """Give a name as it is kept: NFKC, lower case, letters and digits of any script with . _ - between; "" for no name."""
    plain = unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode()).casefold().strip()
    fits = SHORTEST_NAME <= len(plain) <= LONGEST_NAME and plain[0].isalnum()
    return plain if fits and all(c.isalnum() or c in "._-" or unicodedata.combining(c) for c in plain) else ""


def listed(connection: sa.Connection) -> list[Account]:
    """Give all accounts that are not removed, by name."""
    query = sa.select(*_SHOWN).where(table.c.removed.is_(None)).order_by(table.c.name)
    return [Account(*row) for row in connection.execute(query)]


def account(connection: sa.Connection, name: str) -> Account:
    """Give an account; raise Refused where there is none."""
    row = connection.execute(sa.select(*_SHOWN).where(table.c.name == name, table.c.removed.is_(None))).first()
    if row is None:
        raise NotThere("office.no_such_user")
    return Account(*row)


def sign_in(engine: sa.Engine, name: str, password: str, caller: Caller) -> str:
    """Sign in and give the token of a new session.

    Raises Refused: in the same words and after the same work whether the name, the password or the account is wrong, and in
    the same words too where account or address must wait.
    """
    name = name_of(name)
    with transaction(engine) as connection:
        keys = attempts.keys_of(name, caller.address)
        until = attempts.reserve(connection, keys, caller.at)
        row = None if until else connection.execute(sa.select(table).where(table.c.name == name)).first()
    if until is not None:
        raise _wait(until, caller.at)
    right = passwords.fits(row.hash if row else "", password)
    new = passwords.kept(_as_kept(password)) if right and passwords.is_old(row.hash) else None
    with transaction(engine) as connection:
        # The account may have been locked, or its password changed, while the password was being looked at.
        now = connection.execute(sa.select(table).where(table.c.name == name)).first()
        if right and now.active and now.hash == row.hash:
            attempts.passed(connection, name, caller.address)
            if new:
                connection.execute(sa.update(table).where(table.c.name == name).values(hash=new))
            audit.append(connection, caller.at, name, caller.place, "login", name)
            return sessions.begin(connection, name, caller.at, caller.place)
        why = "unknown" if now is None else "locked" if not now.active else "password"
        _failed(connection, name if now else UNKNOWN, caller, "login.failed", why, keys)
    raise Refused("office.login_wrong")


def change_password(engine: sa.Engine, name: str, old: str, new: str, caller: Caller) -> str:
    """Change one's own password, end every session of the account and give the token of a new one; raise Refused."""
    keys = attempts.keys_of(name, caller.address)
    with transaction(engine) as connection:
        until = attempts.reserve(connection, keys, caller.at)
        row = connection.execute(sa.select(table).where(table.c.name == name)).first()
    if until is not None:
        raise _wait(until, caller.at)
    if not passwords.fits(row.hash if row else "", old):
        with transaction(engine) as connection:
            _failed(connection, name, caller, "password.failed", "password", keys)
        raise Refused("office.password_wrong")
    with transaction(engine) as connection:
        attempts.passed(connection, name, caller.address)
    plain = passwords.accepted(new, (name, row.display))
    if passwords.fits(row.hash, new):
        raise Refused("office.password_same")
    hashed = passwords.kept(plain)
    with transaction(engine) as connection:
        known = _known(connection, name)
        if not known.active or known.hash != row.hash:
            raise Refused("office.password_wrong")
        _change(connection, name, {"hash": hashed, "must_change": False}, caller, "password", {})
        return sessions.begin(connection, name, caller.at, caller.place)


def add(
    engine: sa.Engine, name: str, role: str, password: str, caller: Caller, *, city: str | None = None, display: str = "",
    must_change: bool = True, cities: Mapping[str, Any],
) -> str:  # fmt: skip
    """Make an account and give its name as it is kept; cities: those there are, by code. Raises Refused.

    The name of a removed account is not given again: what the log says of it would be said of another.
    """
    kept_name, display = name_of(name), _display(display or name)
    if not kept_name:
        raise Refused("office.bad_name", least=SHORTEST_NAME, most=LONGEST_NAME)
    city = _city_for(role, city, cities)
    hashed = passwords.kept(passwords.accepted(password, (kept_name, display)))
    with transaction(engine) as connection:
        if connection.scalar(sa.select(table.c.name).where(table.c.name == kept_name)):
            raise Refused("office.name_taken")
        row = {"name": kept_name, "display": display, "role": role, "city": city, "must_change": must_change}
        more = {"hash": hashed, "active": True, "created": caller.at, "changed": caller.at}
        connection.execute(sa.insert(table).values(**row, **more))
        told = {"role": role, "city": city, "display": display}
        audit.append(connection, caller.at, caller.who, caller.place, "user.add", kept_name, told)
    return kept_name


def set_role(
    engine: sa.Engine, name: str, role: str, caller: Caller, *, city: str | None = None, cities: Mapping[str, Any]
) -> None:
    """Give an account another role or city; its sessions end. Raises Refused."""
    city = _city_for(role, city, cities)
    with transaction(engine) as connection:
        before = _known(connection, name)
        if role != ADMINISTRATOR:
            _leave_one(connection, before)
        told = {"before": [before.role, before.city], "after": [role, city]}
        _change(connection, before.name, {"role": role, "city": city}, caller, "user.role", told)


def set_password(engine: sa.Engine, name: str, password: str, caller: Caller, *, must_change: bool = True) -> None:
    """Give an account a password that its owner must change at once; its sessions end. Raises Refused."""
    with engine.connect() as connection:
        before = _known(connection, name)
    hashed = passwords.kept(passwords.accepted(password, (before.name, before.display)))
    with transaction(engine) as connection:
        before = _known(connection, name)
        attempts.forget(connection, before.name)
        _change(connection, before.name, {"hash": hashed, "must_change": must_change}, caller, "user.password", {})


def set_active(engine: sa.Engine, name: str, active: bool, caller: Caller) -> None:
    """Lock an account, which ends its sessions, or unlock it, also where it must wait after failures. Raises Refused."""
    with transaction(engine) as connection:
        before = _known(connection, name)
        if active:
            attempts.forget(connection, before.name)
        else:
            _leave_one(connection, before)
        _change(connection, before.name, {"active": active}, caller, "user.unlock" if active else "user.lock", {})


def remove(engine: sa.Engine, name: str, caller: Caller) -> None:
    """Remove an account for good; its name stays taken. Raises Refused."""
    with transaction(engine) as connection:
        before = _known(connection, name)
        _leave_one(connection, before)
        values = {"active": False, "removed": caller.at, "hash": ""}
        _change(connection, before.name, values, caller, "user.remove", {})


def is_empty(connection: sa.Connection) -> bool:
    """Tell whether there is no account at all."""
    return connection.scalar(sa.select(table.c.name).limit(1)) is None


_SHOWN = tuple(table.c[each] for each in Account.__dataclass_fields__)


def _change(
    connection: sa.Connection, name: str, values: Mapping[str, Any], caller: Caller, what: str, told: Mapping[str, Any]
) -> None:
    """Change an account: whatever changes, who is signed in by it must sign in again."""
    connection.execute(sa.update(table).where(table.c.name == name).values(**values, changed=caller.at))
    ended = sessions.end(connection, name)
    audit.append(connection, caller.at, caller.who, caller.place, what, name, {**told, "sessions_ended": ended})


def _failed(connection: sa.Connection, subject: str, caller: Caller, what: str, why: str, keys: dict[str, int]) -> None:
    told = {"why": why, **attempts.told(connection, keys)}
    audit.append(connection, caller.at, caller.who, caller.place, what, subject, told)


def _known(connection: sa.Connection, name: str) -> sa.Row[Any]:
    query = sa.select(table).where(table.c.name == name_of(name), table.c.removed.is_(None))
    row = connection.execute(query).first()
    if row is None:
        raise NotThere("office.no_such_user")
    return row


def _leave_one(connection: sa.Connection, before: sa.Row[Any]) -> None:
    """Refuse what would leave nobody who can look after the accounts."""
    c = table.c
    others = sa.select(c.name).where(c.role == ADMINISTRATOR, c.active, c.name != before.name).limit(1)
    if before.role == ADMINISTRATOR and before.active and connection.scalar(others) is None:
        raise Refused("office.last_administrator")


def _city_for(role: str, city: str | None, cities: Mapping[str, Any]) -> str | None:
    if role not in ROLES:
        raise Refused("office.no_such_role", roles=", ".join(ROLES))
    if role != CITY_OFFICER:
        return None
    if city not in cities:
        raise Refused("office.needs_a_city", cities=", ".join(cities))
    return city


def _display(text: str) -> str:
    whole = unicodedata.normalize("NFC", " ".join(text.encode("utf-8", "replace").decode().split()))
    if (
        not whole
        or len(whole) > LONGEST_DISPLAY
        or any(unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") for c in whole)
    ):
        raise Refused("office.bad_display", most=LONGEST_DISPLAY)
    # Marks of direction could make one name look like another.
    return "".join(c for c in whole if unicodedata.category(c) != "Cf")


def _as_kept(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _wait(until: dt.datetime, at: dt.datetime) -> Refused:
    seconds = max(1, int((until - at).total_seconds() + 0.999))
    return Refused("office.login_wait", seconds=seconds)
