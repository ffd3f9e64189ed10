"""Ports on the loopback address: which are free, and who holds one."""

from __future__ import annotations

import socket

import psutil

from infra.messages import say

LOOPBACK = "127.0.0.1"
PRIVILEGED = 1024
"""Ports below this one are kept for the administrator on most systems."""


def is_forbidden(port: int) -> bool:
    """Tell whether this user may not listen on a port at all, whoever else does."""
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError:
            return True
        except OSError:
            return False
    return False


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def next_free(port: int, *, tries: int = 50) -> int | None:
    """Give the first free port from one on; None where none of so many is free."""
    return next((p for p in range(port, min(port + tries, 65_536)) if is_free(p)), None)


def holder(port: int) -> str:
    """Say which process listens on a port, in words where that may not be seen."""
    try:
        listening = [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
        pid = next((c.pid for c in listening if c.laddr.port == port and c.pid), None)
        return f"{psutil.Process(pid).name()} (pid {pid})" if pid else say("another_program")
    except psutil.Error:
        return say("another_program")
