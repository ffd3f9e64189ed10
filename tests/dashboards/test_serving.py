"""The portal as a process: it serves, holds many, lets go of those who do not speak, and ends when it is told."""

import http.client
import json
import os
import signal
import socket
import time

import pytest

from tests.dashboards.portals import get, portal, tree_of

MANY = 300


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The address of a portal that runs as under `up`, with its process and folder."""
    with portal(tmp_path_factory.mktemp("served")) as running:
        yield running


def test_pages_as_text_and_dash_come_from_one_server_that_does_not_name_itself(served):
    port, *_ = served
    for path, expected in (("/analysis", 200), ("/nothing", 404), ("/now", 200)):
        status, headers, _ = get(port, path)
        named = {name.lower(): value for name, value in headers.items()}
        assert status == expected and named["server"] == "airshed" and named["x-content-type-options"] == "nosniff"


def test_it_listens_on_this_machine_alone(served):
    port, process, _ = served
    held = [
        c
        for each in tree_of(process.pid)
        for c in each.net_connections("inet")
        if c.status == "LISTEN" and c.laddr.port == port
    ]
    assert {c.laddr.ip for c in held} == {"127.0.0.1"}


def test_hundreds_hold_their_connections_and_the_next_one_is_answered(served):
    """A server that holds a hundred at most let the next one wait until somebody left."""
    port, *_ = served
    held = [http.client.HTTPConnection("127.0.0.1", port, timeout=30) for _ in range(MANY)]
    try:
        for link in held:
            link.request("GET", "/now")
            assert json.loads(link.getresponse().read())["version"]
        began = time.monotonic()
        assert get(port, "/now")[0] == 200 and time.monotonic() - began < 5
    finally:
        for link in held:
            link.close()


def test_a_client_that_does_not_finish_its_headers_is_let_go_and_others_are_served(served):
    port, *_ = served
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]
    try:
        for each in slow:
            each.sendall(b"GET /now HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        assert get(port, "/now")[0] == 200
        slow[0].settimeout(30)
        rest = slow[0].recv(200)
        assert rest == b"" or rest.startswith(b"HTTP/1.1 408")
    finally:
        for each in slow:
            each.close()


FORGED = {
    "long": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "no HTTP": b"\x00\xff\r\n\r\n",
    "path": b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    "huge": b"POST /_dash-update-component HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
}


@pytest.mark.parametrize("raw", FORGED.values(), ids=FORGED.keys())
def test_what_is_forged_harms_nobody_and_learns_nothing(served, raw):
    port, *_ = served
    with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
        link.sendall(raw)
        link.shutdown(socket.SHUT_WR)
        try:
            answer = link.recv(4000)
        except OSError:
            answer = b""
    assert b"root:" not in answer and b"Traceback" not in answer and b" 200 " not in answer[:20]
    assert get(port, "/now")[0] == 200


def test_it_ends_when_it_is_told_and_leaves_nothing(served):
    _, process, folder = served
    tree = tree_of(process.pid)
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(8) in (0, -signal.SIGTERM, 143)
    assert not [each for each in tree if each.is_running() and each.status() != "zombie"]
    assert "Traceback" not in (folder / "log").read_text()
