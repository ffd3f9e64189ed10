"""The process that reads, with a feed that does what no feed should, as the name of its file says."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path

from streams.intake import child
from streams.sources.stations import station_csv

_parse = station_csv.parse
SPOILT: list[int] = []


def _misbehave(path: Path, *given: object, **how: object) -> None:
    deed = Path(path).name.split("-")[0].split(".")[0]
    if deed == "crash":
        ctypes.string_at(0)
    if deed == "spoil":
        SPOILT.append(1)
    elif SPOILT:
        os.abort()  # as a library that has written where it should not
    if deed == "abort":
        os.abort()
    if deed == "leave":
        os._exit(3)
    if deed == "hang":
        time.sleep(600)
    if deed == "slow":
        time.sleep(5)
    if deed == "print":
        print("\x1b[31mno answer", flush=True)
        os.write(1, b"\x00" * 100)
    if deed == "grow":
        held = []
        while True:
            held.append(bytearray(10_000_000))
    if deed == "grow_small":
        held = []
        while True:
            held.append([0] * 10_000)
    _parse(path, *given, **how)


station_csv.parse = _misbehave
if __name__ == "__main__":
    sys.exit(child.main())
