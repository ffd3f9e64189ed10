"""What a request says, as the environment of a WSGI application (PEP 3333), from what the server has read of it."""

from __future__ import annotations

import sys
from typing import Any

_OF_ALL = {
    "GATEWAY_INTERFACE": "CGI/1.1",
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "Granian",
    "wsgi.version": (1, 0),
    "wsgi.input_terminated": True,
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}
_OWN = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def environ_of(scope: Any) -> dict[str, Any]:
    """Give the environment of a request but its body, from a scope of RSGI.

    It is what granian's own WSGI gives: a header that came twice is joined by commas (cookies by semicolons), one whose value is
    no ASCII is empty. But for three: a header with an underscore in its name is left out; what the process has in its
    environment is not in it, as a request needs nothing of that, and it may hold a password; a query that was sent in Chinese as
    it was typed is bytes as Latin-1, as PEP 3333 wants it (of granian's letters werkzeug makes a failure). The path comes
    decoded: where it was no UTF-8 the server has put U+FFFD already, as werkzeug does later.
    """
    server, _, port = scope.server.rpartition(":")
    environ = _OF_ALL | {
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
    }
    headers = scope.headers
    for name, value in headers.items():
        key = _key(name)
        if "_" in name:  # X_Forwarded_For would be taken for X-Forwarded-For, which only a proxy may say
            continue
        if key not in environ:
            environ[key] = value
        elif name not in _OWN:
            environ[key] += f";{value}" if name == "cookie" else f",{value}"
    for name in headers.keys():  # noqa: SIM118 (RSGIHeaders is no mapping; items() leaves out what is no ASCII)
        if "_" not in name:
            environ.setdefault(_key(name), "")
    if "HTTP_HOST" not in environ:
        environ["HTTP_HOST"] = scope.authority or ""
    return environ


def _key(name: str) -> str:
    return _OWN.get(name) or f"HTTP_{name.replace('-', '_').upper()}"
