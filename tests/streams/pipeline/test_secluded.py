"""A network of one's own: what is left of the machine's, for root and for a user, and what cannot have one."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
import threading
from collections.abc import Callable

import pytest

from streams.pipeline import secluded

NOBODY, PR_SET_DUMPABLE = 65_534, 4
IN_NAMESPACE = pytest.mark.skipif(bool(secluded.refusal()), reason="no network namespaces on this machine")
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")


def in_a_child(work: Callable[[], str], *, user: int | None = None) -> str:
    """Give what work says in a process of its own with one thread, as a user."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            if user is not None:
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)
                # Who becomes another user without starting a program anew may not write what is its own in /proc.
                ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1)
            os.write(writing, work().encode())
        except BaseException as error:
            os.write(writing, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as said:
        answer = said.read().decode()
    os.waitpid(child, 0)
    return answer


def moved() -> str:
    before = os.readlink("/proc/self/ns/net")
    secluded.enter()
    assert os.readlink("/proc/self/ns/net") != before
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 2) as one:
        other, _ = server.accept()
        one.sendall(b"heard")
        assert other.recv(5) == b"heard"
        other.close()
    with socket.socket() as away:
        away.settimeout(2)
        assert away.connect_ex(("192.0.2.1", 80)) != 0  # TEST-NET-1 (RFC 5737); no route leads there
    return f"{[name for _, name in socket.if_nameindex()]} {os.geteuid()} {os.getegid()}"


@IN_NAMESPACE
def test_a_process_has_loopback_alone_and_remains_who_it_is() -> None:
    assert in_a_child(moved) == f"['lo'] {os.geteuid()} {os.getegid()}"


@IN_NAMESPACE
@AS_ROOT
def test_a_plain_user_has_a_network_of_its_own_too() -> None:
    said = in_a_child(moved, user=NOBODY)
    if "NotSecluded" in said:
        pytest.skip(f"this machine keeps it from users: {said}")
    assert said == f"['lo'] {NOBODY} {NOBODY}"


@IN_NAMESPACE
def test_who_is_outside_does_not_reach_what_listens_inside() -> None:
    port_in, port_out = os.pipe()
    over_in, over_out = os.pipe()
    child = os.fork()
    if not child:
        secluded.enter()
        with socket.create_server(("127.0.0.1", 0)) as server:
            os.write(port_out, str(server.getsockname()[1]).encode())
            os.read(over_in, 1)
        os._exit(0)
    port = int(os.read(port_in, 10))
    with socket.socket() as outside:
        refused = outside.connect_ex(("127.0.0.1", port))
    os.write(over_out, b".")
    os.waitpid(child, 0)
    assert refused != 0


@IN_NAMESPACE
def test_a_process_with_two_threads_is_refused_and_left_as_it_was() -> None:
    def with_a_thread() -> str:
        before, end = os.readlink("/proc/self/ns/net"), threading.Event()
        threading.Thread(target=end.wait, daemon=True).start()
        with pytest.raises(secluded.NotSecluded, match="2 threads"):
            secluded.enter()
        return str(os.readlink("/proc/self/ns/net") == before)

    assert in_a_child(with_a_thread) == "True"


def test_a_step_that_the_machine_refuses_leaves_the_process_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(interface: str) -> None:
        raise PermissionError(1, "not allowed")

    monkeypatch.setattr(secluded, "_switch_on", refuse)
    monkeypatch.setattr(sys, "platform", "linux")
    before = os.readlink("/proc/self/ns/net")
    assert secluded.refusal()
    with pytest.raises(secluded.NotSecluded):
        secluded.enter()
    assert os.readlink("/proc/self/ns/net") == before


def test_other_systems_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "darwin" in secluded.refusal()
