"""Is a NetCDF file complete? Told from its header and size, because the library reads zeros where a classic file is cut
off.

Sources: NetCDF classic format specification (CDF-1, CDF-2, CDF-5), HDF5 file format specification 3.0 section II.A
(superblock).
"""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path
from typing import BinaryIO

from streams.records import Rejected
from streams.sources.files import opened

MAGICS = (b"CDF\x01", b"CDF\x02", b"CDF\x05", b"\x89HDF")
SETTLE_S = 5.0
GIVE_UP_S = 600.0
_TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 8, 7: 1, 8: 2, 9: 4, 10: 8, 11: 8}
_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_MOST = 100_000
"""More dimensions, attributes and variables than this are a broken header; the library takes 8,192 of each."""


def readiness(
    path: str | Path, *, now: float, settle_s: float = SETTLE_S, give_up_s: float = GIVE_UP_S, source: str = "cdaqs"
) -> str | Rejected:
    """Tell whether a file can be parsed: "ready", "wait" (still being written), or why it never will be.

    now [epoch s] is compared with the file's last change: younger than settle_s is waited for; incomplete or
    unreadable is waited for until nothing has changed for give_up_s. A file that vanished meanwhile is waited for.
    """
    try:
        changed = Path(path).stat().st_mtime
        if now - changed < settle_s:
            return "wait"
        why = fault(path)
    except FileNotFoundError:
        return "wait"
    except OSError as error:
        changed, why = 0.0, f"cannot be read: {error.strerror}"
    if not why:
        return "ready"
    if now - changed < give_up_s:
        return "wait"
    expected = f"a complete NetCDF file; nothing was written to it for {give_up_s:g} s"
    return Rejected(source, "file", f"the file is not complete: {why}", Path(path).name, expected, file=Path(path).name)


def fault(path: str | Path) -> str:
    """Say what is wrong with the structure of a file, empty where nothing is; raise OSError where none can be read."""
    size = Path(path).stat().st_size
    with opened(path) as file:
        head = file.read(64)
        if not head.startswith(MAGICS):
            return "the first bytes are of another kind, expected CDF or HDF"
        needed = _hdf5_end(head, size) if head[:1] == b"\x89" else _classic_end(file, size)
    if isinstance(needed, str):
        return needed
    return f"{size} bytes, the header promises {needed}" if size < needed else ""


def largest_attribute(path: str | Path) -> int:
    """Give the length [bytes] of the longest attribute of a classic file; 0 for HDF5, which holds them apart from the header."""
    with opened(path) as file:
        if file.read(1) != b"C":
            return 0
        header = _Header(file, Path(path).stat().st_size)
        with contextlib.suppress(EOFError):
            _walk(header)
        return header.longest


def _hdf5_end(head: bytes, size: int) -> int | str:
    """Give the end-of-file address in the superblock of an HDF5 file."""
    if not head.startswith(_HDF5_MAGIC) or len(head) < 48:
        return f"{size} bytes, too few for the header of an HDF5 file"
    version, offset_size = head[8], head[13] if head[8] < 2 else head[9]
    if offset_size != 8 or version > 3:
        return 0  # an unusual file: the library will say when it opens it
    at = (40 if version == 0 else 44) if version < 2 else 28
    end = struct.unpack_from("<Q", head, at)[0]
    # A writer fills the address in when it closes the file.
    return "the writer has not closed the file" if end == 0xFFFF_FFFF_FFFF_FFFF else int(end)


class _Header:
    """Reads the numbers of a classic header; a short read raises EOFError."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.size, self.left = file, size, _MOST
        file.seek(0)
        self.version, self.longest = self.bytes(4)[3], 0

    def bytes(self, count: int) -> bytes:
        if not 0 <= count <= self.size:
            raise EOFError
        data = self.file.read(count)
        if len(data) < count:
            raise EOFError
        return data

    def int4(self) -> int:
        return int(struct.unpack(">I", self.bytes(4))[0])

    def count(self) -> int:
        """A non-negative number: 8 bytes in CDF-5, else 4; all ones is a stream whose length is not known."""
        number = int(struct.unpack(">Q", self.bytes(8))[0]) if self.version == 5 else self.int4()
        return -1 if number in (0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF) else number

    def offset(self) -> int:
        return self.int4() if self.version == 1 else int(struct.unpack(">Q", self.bytes(8))[0])

    def pass_over(self, count: int) -> None:
        """Pass over bytes that are padded to a multiple of four; a header may promise any number of them, so none is read."""
        at = self.file.tell() + (count + 3) // 4 * 4
        if count < 0 or at > self.size:
            raise EOFError
        self.file.seek(at)

    def items(self) -> range:
        self.int4()  # the tag of the list, 0 where it is absent
        count = self.count()
        self.left -= max(count, 0)
        if count < 0 or self.left < 0:
            raise EOFError
        return range(count)

    def attributes(self) -> None:
        for _ in self.items():
            self.pass_over(self.count())
            kind = self.int4()
            if kind not in _TYPE_SIZES:
                raise EOFError
            length = self.count() * _TYPE_SIZES[kind]
            self.longest = max(self.longest, length)
            self.pass_over(length)


def _classic_end(file: BinaryIO, size: int) -> int | str:
    """Give how long a classic file must be: the end of its last variable, or of its last record."""
    try:
        records, variables = _walk(_Header(file, size))
    except EOFError:
        return f"{size} bytes, the header itself is cut off or broken"
    fixed = [begin + length for record, begin, length in variables if not record]
    rows = [(begin, length) for record, begin, length in variables if record]
    # A single record variable is not padded between records.
    row_size = rows[0][1] if len(rows) == 1 else sum((length + 3) // 4 * 4 for _, length in rows)
    last = [begin + max(records - 1, 0) * row_size + length for begin, length in rows] if records > 0 else []
    return max([*fixed, *last], default=0)


def _walk(header: _Header) -> tuple[int, list[tuple[bool, int, int]]]:
    """Read a classic header from end to end: the number of records, and its variables."""
    records = header.count()
    lengths = [(header.pass_over(header.count()), header.count())[1] for _ in header.items()]
    header.attributes()
    return records, [_variable(header, lengths) for _ in header.items()]


def _variable(header: _Header, lengths: list[int]) -> tuple[bool, int, int]:
    """Read one variable: whether it has records, where it begins, and its length [bytes] (of one record)."""
    header.pass_over(header.count())
    count = header.count()
    if not 0 <= count < 1024:
        raise EOFError
    dimensions = [header.count() for _ in range(count)]
    header.attributes()
    kind = header.int4()
    header.count()  # vsize, which overflows for large variables: computed from the dimensions instead
    if kind not in _TYPE_SIZES or any(not 0 <= d < len(lengths) for d in dimensions):
        raise EOFError
    begin, sizes = header.offset(), [lengths[d] for d in dimensions]
    record = bool(sizes) and sizes[0] == 0
    length = _TYPE_SIZES[kind]
    for size in sizes[1:] if record else sizes:
        length *= size
    return record, begin, length
