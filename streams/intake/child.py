"""The process that reads files for another one, so that a file can harm nothing but this process: `python -m streams.intake.child`.

It is given a registry and then one file after another by its standard input, and answers in frames: eight bytes that say how long
the frame is, and JSON. Nothing but text and numbers goes back. It ends when its input ends.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import os
import pickle
import resource
import signal
import struct
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

from standards import logged
from streams.intake.archives import MOST_MB
from streams.intake.reading import Asked, Begun, read
from streams.registry import Registry

LENGTH = struct.Struct(">Q")
LARGEST_FILE_MB = MOST_MB + 100
"""What may be written to one file [MB]: an archive that is unpacked."""
_LOG = logging.getLogger("airshed.ingest")


def packed_registry(registry: Registry) -> bytes:
    """Write a registry down for the process that reads, which gets it from nobody else."""
    values = {each.name: getattr(registry, each.name) for each in dataclasses.fields(registry)}
    plain = {name: dict(value) if isinstance(value, MappingProxyType) else value for name, value in values.items()}
    return pickle.dumps(plain)


def frame(content: bytes) -> bytes:
    """Put the length of some bytes before them."""
    return LENGTH.pack(len(content)) + content


def main() -> int:
    """Serve until the input ends."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints is no answer
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # meant for the one that asks, which ends the input then
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE_MB * 1_000_000,) * 2)
    logging.captureWarnings(True)
    told = _Told(answers)
    told.setFormatter(logged.Told(logged.language_of(os.environ), form="%(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[told])
    plain = pickle.loads(_received(sys.stdin.buffer))
    registry = Registry(**{name: _read_only(value) for name, value in plain.items()})
    _send(answers, {"kind": "ready"})
    while asked := _received(sys.stdin.buffer):
        _serve(Asked(**_asked(json.loads(asked))), registry, answers)
    return 0


def _read_only(value: Any) -> Any:
    return MappingProxyType(value) if isinstance(value, dict) else value


def _asked(plain: dict[str, Any]) -> dict[str, Any]:
    return {**plain, "roots": tuple(plain["roots"])}


def _serve(asked: Asked, registry: Registry, answers: BinaryIO) -> None:
    signal.alarm(asked.alarm_s)
    try:
        with _memory(asked.memory_mb):
            for event in read(asked, registry):
                kind = "begun" if isinstance(event, Begun) else "brought"
                fields = {"file": event.file, "source": event.source} if kind == "begun" else event.as_plain()
                signal.alarm(0)  # how long the other one takes to listen is not the file's fault
                _send(answers, {"kind": kind, **fields})
                signal.alarm(asked.alarm_s)
        end: dict[str, Any] = {"kind": "done"}
    except MemoryError:
        end = {"kind": "memory"}
    except OSError as error:
        end = {"kind": "failed", "number": error.errno or 0, "text": error.strerror or str(error)}
    except Exception as error:
        _LOG.exception("reading failed")
        end = {"kind": "fault", "text": f"{type(error).__name__}: {error}"[:200]}
    signal.alarm(0)
    _send(answers, {**end, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024})


@contextlib.contextmanager
def _memory(room_mb: int) -> Iterator[None]:
    """Let no more be taken while the block runs than this beyond what there is [MB]; no limit where the system tells nothing."""
    held = _address_space()
    if not room_mb or not held:
        yield
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (held + room_mb * 1_000_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def _address_space() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return 0
    return pages * resource.getpagesize()


def _send(answers: BinaryIO, message: Mapping[str, Any]) -> None:
    left = memoryview(frame(json.dumps(message).encode()))
    while left:
        left = left[answers.write(left) :]


def _received(source: BinaryIO) -> bytes:
    head = source.read(LENGTH.size)
    return source.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""


class _Told(logging.Handler):
    """Hands on what is logged."""

    def __init__(self, answers: BinaryIO) -> None:
        super().__init__()
        self._answers = answers
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        _send(self._answers, {"kind": "log", "level": record.levelno, "name": record.name, "text": self.format(record)})


if __name__ == "__main__":
    raise SystemExit(main())
