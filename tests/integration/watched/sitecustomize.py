"""Read by Python at its start where this folder is in PYTHONPATH: writes down who is connected to and what names are looked up."""

import os
import sys

_FILE = os.environ.get("AIRSHED_TEST_CALLS", "")
_EVENTS = ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")


def _hear(event: str, args: tuple) -> None:
    if event not in _EVENTS:
        return
    whom = args[1] if event in ("socket.connect", "socket.sendto") else args[0]
    place = whom[0] if isinstance(whom, tuple) else whom
    if isinstance(whom, str | bytes) and event in ("socket.connect", "socket.sendto"):
        return  # a socket of this machine, named by its file
    line = f"{sys.orig_argv[:4]!r}\t{event}\t{place}\n"
    handle = os.open(_FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    os.write(handle, line.encode("utf-8", "replace"))
    os.close(handle)


if _FILE:
    sys.addaudithook(_hear)
