"""A WSGI application whose threads wait for no client: a body is there whole before one is given, an answer leaves without one."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import queue
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wsgi import FileWrapper

from dashboards.requested import environ_of
from dashboards.spool import Spool
from standards.errors import AirshedError

REFUSED = "airshed.refused"
"""Where the application finds the status with which a request is to be refused, as its body has not come."""
THREADS = 8
WITHIN_S = 10.0
"""A body that is not there by then is not waited for."""
HELD_BYTES = 64 * 2**20
"""Bytes of all bodies that are held at once; who would bring more is told to come again."""
SLICE = 64 * 2**10
"""Bytes of an answer beyond which it is sent out of a file, in slices: it is not held for each who reads slowly."""
HEARD_BYTES, HEARD_S = 2**20, 2.0
"""So much is still read of a body that is too large: who is cut off while sending does not see the answer."""
_LOG = logging.getLogger(__name__)
_PART = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_IN_TROUBLE = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("X-Content-Type-Options", "nosniff"),
    ("Server", "airshed"),
]
_TROUBLE = "此页暂时无法显示，故障已记录。 This page cannot be shown just now; the fault is logged.\n".encode()


class Unanswered(AirshedError):
    """An application that breaks the rules of PEP 3333."""


@dataclass
class Buffered:
    """An application of RSGI around a WSGI application. largest: bytes of a body. always: headers that no answer is without."""

    behind: Callable[..., Iterable[bytes]]
    spool: Spool
    largest: int
    within_s: float = WITHIN_S
    held_bytes: int = HELD_BYTES
    always: Sequence[tuple[str, str]] = ()
    _held: int = field(default=0, repr=False)

    def __post_init__(self) -> None:
        self._asked: queue.SimpleQueue[tuple[dict[str, Any], Any, asyncio.Future[None]]] = queue.SimpleQueue()
        for number in range(THREADS):
            threading.Thread(target=self._work, name=f"portal-{number}", daemon=True).start()

    async def __call__(self, scope: Any, protocol: Any) -> None:
        """Receive a request, have it answered by a thread, send the answer."""
        environ = environ_of(scope)
        body, status = bytearray(), 0
        try:
            if _brings_a_body(environ):
                status = await self._receive(environ, protocol, body)
            if status:
                environ[REFUSED] = status
                self._held -= len(body)
                body.clear()
            environ["wsgi.input"] = io.BytesIO(body)
            sent = asyncio.get_running_loop().create_future()
            self._asked.put((environ, protocol, sent))
            await sent
        finally:
            self._held -= len(body)
        if status == 413 and "HTTP_EXPECT" not in environ:
            await _hear_out(protocol, begun="CONTENT_LENGTH" not in environ)

    async def _receive(self, environ: dict[str, Any], protocol: Any, body: bytearray) -> int:
        """Fill a body; give 0, or the status with which the request is to be refused."""
        length = environ.get("CONTENT_LENGTH", "")
        if length and int(length) > self.largest:
            return 413
        empty = 0
        try:
            async with asyncio.timeout(self.within_s):
                async for chunk in protocol:
                    empty += not chunk
                    body += chunk
                    self._held += len(chunk)
                    if len(body) > self.largest:
                        return 413
                    if self._held > self.held_bytes:
                        return 503
        except TimeoutError:
            return 408
        # A body that broke off ends as a whole one does, but for its length, and in chunks for one more empty piece.
        whole = len(body) == int(length) if length else empty < 2
        return 0 if whole else 400

    def _work(self) -> None:
        while True:
            environ, protocol, sent = self._asked.get()
            try:
                self._answer(environ, protocol)
            except BaseException:  # the server panics at a header that cannot be sent, and then says 500 itself
                _LOG.exception("an answer cannot be sent")
            with contextlib.suppress(RuntimeError):  # the loop has ended
                sent.get_loop().call_soon_threadsafe(_done, sent)
            del environ, protocol, sent  # nothing is held while there is nothing to do

    def _answer(self, environ: dict[str, Any], protocol: Any) -> None:
        opened = environ["wsgi.file_wrapper"] = _Opened()
        try:
            status, headers, content = called(self.behind, environ, opened)
        except Exception:  # one answer that fails takes nobody with it
            _LOG.exception("no answer by %s", type(self.behind).__name__)
            status, headers, content = 500, _IN_TROUBLE, _TROUBLE
        said = {name.lower() for name, _ in headers}
        headers = [*headers, *(each for each in self.always if each[0].lower() not in said)]
        if isinstance(content, bytes) and len(content) > SLICE and environ["REQUEST_METHOD"] != "HEAD":
            content = self._spooled(content)
        if isinstance(content, bytes):
            protocol.response_bytes(status, headers, content)
            return
        if content.start is not None:
            protocol.response_file_range(status, headers, content.path, content.start, content.start + content.length)
            return
        if not any(name.lower() == "content-length" for name, _ in headers):
            headers = [*headers, ("Content-Length", str(content.length))]
        protocol.response_file(status, headers, content.path)

    def _spooled(self, content: bytes) -> bytes | Part:
        try:
            return Part(str(self.spool.path(content)), len(content))
        except OSError as error:
            _LOG.warning("a large answer is sent from memory, as it cannot be kept in a file: %s", error)
            return content


@dataclass(frozen=True)
class Part:
    """So many bytes of a file from start; None: the whole file."""

    path: str
    length: int
    start: int | None = None


class _Opened:
    """What the application calls to hand over a file (PEP 3333, optional platform-specific file handling)."""

    body: FileWrapper | None = None

    def __call__(self, file: Any, size: int = 8192) -> FileWrapper:
        self.body = FileWrapper(file, size)
        return self.body


class _Started:
    """What an application says before its body."""

    def __init__(self) -> None:
        self.status, self.headers, self.written = 0, [], []

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        if self.status and exc_info is None:
            raise Unanswered("the application begins an answer twice")
        self.status, self.headers = int(status.split(None, 1)[0]), list(headers)
        return self.written.append


def called(
    application: Callable[..., Iterable[bytes]], environ: dict[str, Any], opened: _Opened
) -> tuple[int, list[tuple[str, str]], bytes | Part]:
    """Call a WSGI application; give (status, headers, the whole body or the part of a file that is to be sent).

    Nothing leaves before the end, so that an application in trouble can always take back what it has begun.
    """
    started = _Started()
    chunks = application(environ, started)
    try:
        part = _part(started, chunks, opened)
        content = part or b"".join([*started.written, *chunks])
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    if not started.status:
        raise Unanswered("the application ends without a status")
    return started.status, started.headers, content


def _part(started: _Started, chunks: Any, opened: _Opened) -> Part | None:
    """Give what is to be sent of a file that the application has handed over, None where it sends something else."""
    whole = chunks is opened.body
    if opened.body is None or not (whole or getattr(chunks, "iterable", None) is opened.body):
        return None
    path = getattr(opened.body.file, "name", None)
    told = {name.lower(): value for name, value in started.headers}
    if not isinstance(path, str) or not told.get("content-length", "").isdecimal():
        return None
    if started.status == 200 and whole:
        part = Part(path, int(told["content-length"]))
    elif started.status == 206 and (found := _PART.fullmatch(told.get("content-range", ""))):
        part = Part(path, int(found[2]) + 1 - int(found[1]), int(found[1]))
    else:
        return None
    return part if part.length > SLICE else None


def _done(sent: asyncio.Future[None]) -> None:
    if not sent.done():  # a request that the server has given up meanwhile
        sent.set_result(None)


def _brings_a_body(environ: dict[str, Any]) -> bool:
    return environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ


async def _hear_out(protocol: Any, *, begun: bool) -> None:
    """Read on for a moment, so that a client which is still sending comes to see why it is refused. begun: reading has."""
    heard = 0
    with contextlib.suppress(TimeoutError, StopAsyncIteration):
        async with asyncio.timeout(HEARD_S):
            if not begun:
                protocol.__aiter__()
            while heard <= HEARD_BYTES and (chunk := await protocol.__anext__()):
                heard += len(chunk)
