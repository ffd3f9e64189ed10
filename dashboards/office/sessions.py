"""Sessions of people who signed in: the browser holds a random token, the database only its digest."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from dashboards.office.guard import Officer
from dashboards.office.office_tables import session as table
from dashboards.office.office_tables import used_form, user

IDLE, LONGEST = dt.timedelta(minutes=30), dt.timedelta(hours=12)
SEEN_EVERY = dt.timedelta(minutes=1)
"""So fine is it known when a session was last used: not every look at a page writes."""


@dataclass(frozen=True)
class Session:
    """A session as a page shows it. label: by which it can be ended; place: whence, coarse."""

    label: str
    name: str
    begun: dt.datetime
    seen: dt.datetime
    place: str

    def holds(self, at: dt.datetime) -> bool:
        """Tell whether it has neither been idle nor lasted too long."""
        return at - self.seen < IDLE and at - self.begun < LONGEST


def new_token() -> str:
    """Give 256 random bits as text."""
    return secrets.token_urlsafe(32)


def begin(connection: sa.Connection, name: str, at: dt.datetime, place: str) -> str:
    """Begin a session and give its token; sessions that are over are swept out."""
    over = sa.or_(table.c.seen <= at - IDLE, table.c.begun <= at - LONGEST)
    connection.execute(sa.delete(table).where(over))
    connection.execute(sa.delete(used_form).where(used_form.c.at <= at - 2 * LONGEST))
    token = new_token()
    row = {
        "token": _digest(token),
        "label": secrets.token_hex(8),
        "name": name,
        "begun": at,
        "seen": at,
        "place": place,
    }
    connection.execute(sa.insert(table).values(**row))
    return token


def find(connection: sa.Connection, token: str, at: dt.datetime) -> tuple[Session, Officer] | None:
    """Give the session of a token with its officer; None where there is none, or it is over, or the account is locked."""
    u, s = user.c, table.c
    query = (
        sa.select(s.label, s.name, s.begun, s.seen, s.place, u.display, u.role, u.city, u.must_change)
        .join(user, u.name == s.name)
        .where(s.token == _digest(token), u.active, u.removed.is_(None))
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    found = Session(*row[:5])
    return (found, Officer(found.name, *row[5:])) if found.holds(at) else None


def touch(connection: sa.Connection, label: str, at: dt.datetime) -> None:
    """Note that a session was used."""
    connection.execute(sa.update(table).where(table.c.label == label, table.c.seen < at).values(seen=at))


def of(connection: sa.Connection, name: str, at: dt.datetime) -> list[Session]:
    """Give the sessions of an account that hold, the newest first."""
    columns = (table.c.label, table.c.name, table.c.begun, table.c.seen, table.c.place)
    query = sa.select(*columns).where(table.c.name == name).order_by(table.c.begun.desc())
    return [each for each in (Session(*row) for row in connection.execute(query)) if each.holds(at)]


def end(connection: sa.Connection, name: str, label: str | None = None) -> int:
    """End a session of an account, or all of them; give how many ended."""
    query = sa.delete(table).where(table.c.name == name)
    if label is not None:
        query = query.where(table.c.label == label)
    return connection.execute(query).rowcount


def form_token(secret: str, path: str) -> str:
    """Give what a form must bring back: a nonce for one use, and its MAC by the session's token and where the form leads."""
    nonce = secrets.token_urlsafe(18)
    return f"{nonce}.{_mac(secret, nonce, path)}"


def nonce_of(secret: str, path: str, given: str) -> str | None:
    """Give the nonce of a form that was made for this session and this path, None for any other."""
    nonce, _, mac = given.partition(".")
    right = _mac(secret, nonce, path)
    return nonce if secret and nonce and hmac.compare_digest(mac.encode(), right.encode()) else None


def use(connection: sa.Connection, nonce: str, at: dt.datetime) -> bool:
    """Use up the nonce of a form; False where it was used before."""
    key = _digest(nonce)
    if connection.scalar(sa.select(used_form.c.nonce).where(used_form.c.nonce == key)):
        return False
    connection.execute(sa.insert(used_form).values(nonce=key, at=at))
    return True


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _mac(secret: str, nonce: str, path: str) -> str:
    text = f"form\0{nonce}\0{path}".encode("utf-8", "replace")
    return hmac.new(secret.encode("utf-8", "replace"), text, hashlib.sha256).hexdigest()
