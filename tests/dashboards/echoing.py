"""A small application behind each of two interfaces: `python -m tests.dashboards.echoing wsgi|buffered PORT FOLDER`."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from werkzeug.exceptions import HTTPException
from werkzeug.utils import send_file
from werkzeug.wrappers import Request, Response

from dashboards import serving
from dashboards.buffered import REFUSED, Buffered
from dashboards.serving import LOG, Server
from dashboards.spool import Spool

ROOT = Path(__file__).parents[2]
LARGE = bytes(range(256)) * 4096
"""A megabyte of which each place can be told from its neighbours."""
LARGEST, WITHIN_S, HELD, TAKEN_WITHIN_MS = 100_000, 1.5, 300_000, 2000


def application(environ, start_response):
    """Answer by the path."""
    if REFUSED in environ:
        start_response(f"{environ[REFUSED]} Refused", [("Connection", "close"), ("Content-Type", "text/plain")])
        return [b"refused"]
    path = environ["PATH_INFO"]
    known = {"/large": large, "/parts": parts, "/twice": twice, "/raises": raises, "/mended": mended, "/silent": silent,
             "/written": written, "/late": late, "/unsendable": unsendable,
             "/split": split}  # fmt: skip
    if path in known:
        return known[path](environ, start_response)
    if path == "/file":
        file = Path(os.environ["ECHOING"]) / "file.bin"
        try:
            made = send_file(file, environ, mimetype="application/octet-stream", conditional=True, etag="one")
        except HTTPException as error:
            made = error.get_response(environ)
        return made(environ, start_response)
    request, told = Request(environ), dict(environ)
    body = request.get_data()
    said = {key: value for key, value in told.items() if isinstance(value, str | int | bool) and key not in os.environ}
    return Response(json.dumps({"environ": said, "body": body.hex()}))(environ, start_response)


def large(environ, start_response):
    """A megabyte as a list."""
    start_response("200 OK", [("Content-Length", str(len(LARGE)))])
    return [LARGE]


def parts(environ, start_response):
    """Pieces without a length."""
    start_response("200 OK", [])
    return (b"%d " % number for number in range(5))


def twice(environ, start_response):
    """Begin twice, which no application may (PEP 3333)."""
    start_response("200 OK", [])
    start_response("201 Created", [])
    return [b"unseen"]


def mended(environ, start_response):
    """Begin, fail, and begin again as the rules allow it."""
    start_response("200 OK", [("X-First", "1")])
    start_response("503 Service Unavailable", [("X-Second", "1")], (None, None, None))
    return [b"mended"]


def raises(environ, start_response):
    """Fail."""
    raise ValueError("a secret of the inside")


def late(environ, start_response):
    """Fail in the middle of the body."""

    def pieces():
        yield b"the first half"
        raise ValueError("a secret of the inside")

    start_response("200 OK", [])
    return pieces()


def unsendable(environ, start_response):
    """Give a status that HTTP cannot carry."""
    start_response("70000 Odd", [])
    return [b"unseen"]


def split(environ, start_response):
    """Give a header that would be two."""
    start_response("200 OK", [("X-One", "1\r\nX-Two: 2")])
    return [b"one"]


def silent(environ, start_response):
    """End without having begun."""
    return []


def written(environ, start_response):
    """Write by the old way (PEP 3333, the write callable)."""
    start_response("200 OK", [])(b"written, ")
    return [b"returned"]


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def echoing(interface: str, folder: Path) -> Iterator[int]:
    """Run the application behind an interface; give its port."""
    port = free_port()
    own = [sys.executable, "-m", "tests.dashboards.echoing", interface, str(port), str(folder)]
    (folder / "file.bin").write_bytes(LARGE)
    log = (folder / f"{interface}.log").open("w")
    process = subprocess.Popen(own, cwd=ROOT, env=os.environ | {"ECHOING": str(folder)}, stdout=log, stderr=log)
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def main() -> None:
    """Serve."""
    interface, port, folder = sys.argv[1:]
    common = {"address": "127.0.0.1", "port": int(port), "workers": 1, "websockets": False, "log_dictconfig": LOG}
    if interface == "wsgi":
        server = Granian("echoing", interface=Interfaces.WSGI, blocking_threads=2, **common)
        server.serve(target_loader=lambda: application, wrap_loader=False)
        return
    serving.TAKEN_WITHIN_MS = TAKEN_WITHIN_MS
    server = Server("echoing", interface=Interfaces.RSGI, http=HTTPModes.http1, **common)
    server.serve(
        target_loader=lambda: Buffered(application, Spool(Path(folder) / "spool"), LARGEST, WITHIN_S, HELD),
        wrap_loader=False,
    )


if __name__ == "__main__":
    main()
