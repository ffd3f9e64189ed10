"""Passwords in addresses of databases: read as they were meant, however they were written, and never shown."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

HIDDEN = "***"
_PASSWORD = re.compile(r"(?P<before>://[^:/\s]*:)\S*(?=@)")
"""Up to the last @ before a space: a password may hold @ / : and what else there is, and too much is better hidden."""
_NAMED = re.compile(r"(?i)(?P<before>(?<![\w-])(?:ssl)?password\s*=\s*)(?!\s)(?:'(?:[^'\\]|\\.)*'|[^&\s]*)")
"""In the query of an address, and in what PostgreSQL's client calls a connection string."""
_WHOLE = re.compile(
    r"(?P<before>[\w+]+://[^:/]*:)(?P<password>.*?)(?P<rest>@(?:\[[^\]]*\]|[^@/:?]*)(?::\d*)?(?:/[^@?]*)?(?:\?[^=@]+=.*)?)"
)
"""An address with a password: it ends at the first @ behind which all is a host, a port, a database and a query."""


def masked(text: str) -> str:
    """Hide the passwords of all addresses in a text; what has none is left as it is."""
    return _NAMED.sub(rf"\g<before>{HIDDEN}", _PASSWORD.sub(rf"\g<before>{HIDDEN}", text))


def well_formed(url: str) -> str:
    """Write the password of an address as addresses have it, with / @ : and % as percent codes; others stay as they are."""
    whole = _WHOLE.fullmatch(url)
    if not whole:
        return url
    return f"{whole['before']}{quote(unquote(whole['password']), safe='')}{whole['rest']}"
