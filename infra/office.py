"""The office on the command line: where it is, who asks, and what of it a terminal shows."""

from __future__ import annotations

import contextlib
import datetime as dt
import getpass
import os
import sys
from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa
from rich.markup import escape
from rich.table import Table

from dashboards.office import accounts
from dashboards.office.accounts import Account, Caller
from dashboards.office.audit import Entry
from dashboards.office.errors import OfficeError, Refused
from dashboards.office.records import office_url, open_office
from dashboards.text import Text
from infra.datadir import DataDirectory
from infra.messages import language, say
from infra.store_url import choose_store
from standards.shown import harmless

PASSWORD = "AIRSHED_PASSWORD"
CONSOLE = "console"


@contextlib.contextmanager
def office(data: DataDirectory, store: str | None) -> Iterator[sa.Engine]:
    """Open the office that belongs to a store, as the portal finds it; a refusal becomes an error in words."""
    engine = open_office(office_url(data.portal, choose_store(store, data)), data.portal)
    try:
        yield engine
    except Refused as refused:
        raise OfficeError(Text(language())(refused.key, **refused.values)) from refused
    finally:
        engine.dispose()


def caller() -> Caller:
    """Give who works at this terminal: whoever can write the data directory is trusted, and named in the log."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # a container may have no name for its user
        name = str(os.getuid())
    return Caller(f"{CONSOLE}:{name}", dt.datetime.now(dt.UTC).replace(tzinfo=None), "", CONSOLE)


def password(environment: Mapping[str, str] = os.environ) -> str:
    """Ask for a new password: of the environment, twice on the terminal, or one line of the input where there is none."""
    if PASSWORD in environment:
        return environment[PASSWORD]
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass(say("users_password"))
    if getpass.getpass(say("users_password_again")) != first:
        raise OfficeError(Text(language())("office.password_differs"))
    return first


def is_first(engine: sa.Engine) -> bool:
    """Tell whether the office has no account yet."""
    with engine.connect() as connection:
        return accounts.is_empty(connection)


def accounts_table(found: Sequence[Account], cities: Mapping[str, str]) -> Table:
    """Lay out accounts; cities: their names by code."""
    text = Text(language())
    table = Table(*say("users_columns").split("|"))
    for each in found:
        state = text("office.active" if each.active else "office.locked")
        first = say("users_must_change") if each.must_change else ""
        role = text.of_code("office.role_of.", each.role)
        city = cities.get(each.city or "", each.city or "")
        table.add_row(
            *map(escape, (each.name, each.display, role, city, state, first, f"{each.changed:%Y-%m-%d %H:%MZ}"))
        )
    return table


def log_table(entries: Sequence[Entry]) -> Table:
    """Lay out entries of the log, the oldest first."""
    table = Table(*say("audit_columns").split("|"))
    for each in entries:
        row = (str(each.sequence), each.at, each.who, each.place, each.what, each.subject, each.detail)
        table.add_row(*(escape(harmless(cell)) for cell in row))
    return table
