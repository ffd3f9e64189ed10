"""Valid files of every feed, damaged as files are damaged on their way and as nobody would think of: for the test and the bench."""

from __future__ import annotations

import contextlib
import random
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import netCDF4

Files = dict[str, bytes]
"""The files of an example by their paths."""
ODD_CELLS = (
    b"", b"-", b"nan", b"inf", b"-1", b"0", b"1e308", b"1e400", b"9" * 400, b"9" * 5_000, b"-0.0", b"1_000", b"0x1f",
    b"1,5", b"NULL", b"24:00", b"2023-02-30", b"2024-13-01T00:00Z", b"2099-01-01T00:00Z", b"0001-01-01T00:00Z",
    b"2024-01-01T00:00:00+25:00", b"=1+1", b"\x00", b"\x1b[31m", "１２".encode(), "²".encode(), "\u202e5".encode(),
    "成都".encode(), "成都".encode("gb18030"), b"\xff\xfe", b'"', b'"a,b"', b"x" * 140_000, b"true",
)  # fmt: skip
ODD_ATTRIBUTES = (
    "", "x", "hours since yesterday", "hours since 0000-00-00", "days since 1e9-01-01", "K", "ug/m3", "1", "10^-9",
    "ppb ppb", "s-1" * 50, "m" * 5_000, "noleap", "360_day", "down", "\x00", "\x1b[31m", "成都",
    "time: mean (interval: -1 hour)", -1, 0, 1e308, float("nan"), float("inf"), 2**31 - 1, [1.0, 2.0],
)  # fmt: skip
ATTRIBUTES = (
    "units", "calendar", "scale_factor", "add_offset", "_FillValue", "missing_value", "valid_range", "valid_min",
    "standard_name", "long_name", "positive", "axis", "bounds", "coordinates", "cell_methods", "grid_mapping", "GDTYP",
    "P_ALP", "XCELL", "SDATE", "TSTEP", "NCOLS", "MAP_PROJ", "DX", "TRUELAT1", "START_DATE", "run_init", "model", "simulated",
    "history",
)  # fmt: skip


def mutated(example: Files, chance: random.Random, *, any_bytes: bool = False) -> Files:
    """Give an example with one to four things wrong in it.

    any_bytes: damage the bytes of HDF5 too, over which its library may crash or go round for ever: for a process that can be lost.
    """
    found = {place: _named_oddly(raw, chance) if _is_netcdf(raw) else raw for place, raw in example.items()}
    for _ in range(chance.randint(1, 4)):
        place = chance.choice(sorted(found))
        raw = found[place]
        if not _is_netcdf(raw) and raw[:2] != b"PK":
            found[place] = chance.choice(TEXT)(raw, chance)[:20_000_000]
        elif (any_bytes or raw[:3] == b"CDF") and chance.random() < 0.2:
            found[place] = chance.choice(BYTES)(raw, chance)
    return found


def _is_netcdf(raw: bytes) -> bool:
    return raw.startswith((b"CDF", b"\x89HDF"))


def _named_oddly(raw: bytes, chance: random.Random) -> bytes:
    """Change what a whole NetCDF file says of itself, once to three times; the library that writes must not meet a broken one."""
    for _ in range(chance.randint(1, 3) if chance.random() < 0.8 else 0):
        raw = _attribute(raw, chance)
    return raw


def _flip(raw: bytes, chance: random.Random) -> bytes:
    found = bytearray(raw)
    for _ in range(chance.randint(1, 20) if raw else 0):
        found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    return bytes(found)


def _cut(raw: bytes, chance: random.Random) -> bytes:
    return raw[: chance.randrange(len(raw) + 1)]


def _splice(raw: bytes, chance: random.Random) -> bytes:
    a, b, c = sorted(chance.randrange(len(raw) + 1) for _ in range(3))
    return chance.choice((raw[:a] + raw[b:], raw[:b] + raw[a:], raw[:a] + raw[b:c] + raw[a:b] + raw[c:]))


def _noise(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw) + 1)
    return raw[:at] + chance.randbytes(chance.randint(1, 50)) + raw[at + chance.randint(0, 50) :]


def _by_lines(change: Callable[[list[bytes], random.Random], object]) -> Callable[[bytes, random.Random], bytes]:
    def of_file(raw: bytes, chance: random.Random) -> bytes:
        lines = raw.splitlines(keepends=True)
        if lines:
            change(lines, chance)
        return b"".join(lines)

    return of_file


def _by_cells(change: Callable[[list[bytes], random.Random], object]) -> Callable[[bytes, random.Random], bytes]:
    def of_lines(lines: list[bytes], chance: random.Random) -> None:
        # The header as often as all the rest: what is wrong there goes further.
        n = 0 if chance.random() < 0.3 else chance.randrange(len(lines))
        cells = lines[n].rstrip(b"\r\n").split(b",")
        change(cells, chance)
        lines[n] = b",".join(cells) + b"\n"

    return _by_lines(of_lines)


def _odd(cells: list[bytes], chance: random.Random) -> None:
    cells[chance.randrange(len(cells))] = chance.choice(ODD_CELLS)


def _swap(things: list[bytes], chance: random.Random) -> None:
    a, b = chance.randrange(len(things)), chance.randrange(len(things))
    things[a], things[b] = things[b], things[a]


def _again(things: list[bytes], chance: random.Random) -> None:
    things.insert(chance.randrange(len(things) + 1), chance.choice(things))


def _without(things: list[bytes], chance: random.Random) -> None:
    del things[chance.randrange(len(things))]


def _many(things: list[bytes], chance: random.Random) -> None:
    things += [chance.choice(things)] * chance.choice((10, 100, 3_000))


def _column(lines: list[bytes], chance: random.Random) -> None:
    """Put an odd value into one column of all lines, or take the column away."""
    at, odd = chance.randrange(lines[0].count(b",") + 1), chance.choice((*ODD_CELLS[:20], None))
    for n in range(chance.randint(0, 1), len(lines)):
        cells = lines[n].rstrip(b"\r\n").split(b",")
        if at < len(cells):
            cells[at : at + 1] = [] if odd is None else [odd]
        lines[n] = b",".join(cells) + b"\n"


def _digits(raw: bytes, chance: random.Random) -> bytes:
    """Change some number of the file by orders of magnitude, sign or digits."""
    found = list(re.finditer(rb"[0-9]+", raw))
    if not found:
        return raw
    at = chance.choice(found)
    number = at[0]
    other = chance.choice(
        (b"-" + number, number + b"000000", number[::-1], b"0", number + b".5", b"9" * len(number), number[:-1])
    )
    return raw[: at.start()] + other + raw[at.end() :]


def _encoded(raw: bytes, chance: random.Random) -> bytes:
    text = raw.decode("utf-8", "replace")
    encoding = chance.choice(("utf-16", "utf-16-le", "utf-16-be", "gb18030", "utf-8-sig", "utf-32", "latin-1", "cp437"))
    return text.encode(encoding, "replace")


def _ends(raw: bytes, chance: random.Random) -> bytes:
    return raw.replace(b"\n", chance.choice((b"\r", b"\r\n", b"\n\n", b"\x0b", b"\x00\n", b"\n,,,\n", b"")))


def _attribute(raw: bytes, chance: random.Random) -> bytes:
    """Write an odd attribute into a NetCDF file, or give a thing in it another name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.nc"
        path.write_bytes(raw)
        # What the library refuses to write, no file that it has written can hold.
        with contextlib.suppress(Exception), netCDF4.Dataset(path, "a") as dataset:
            variables = list(dataset.variables.values())
            where = chance.choice([dataset, *variables])
            # The library breaks its memory where it renames in an HDF5 file.
            may_rename = dataset.data_model.startswith("NETCDF3")
            if may_rename and chance.random() < 0.4:
                thing = chance.choice(variables)
                dataset.renameVariable(
                    thing.name, chance.choice((*dataset.dimensions, "o3", "lat", "time", "TFLAG", "Times", "XLAT"))
                )
            elif may_rename and chance.random() < 0.4:
                name = chance.choice(list(dataset.dimensions))
                dataset.renameDimension(name, chance.choice(("time", "lev", "bnds", "ensemble", "TSTEP", "step")))
            elif chance.random() < 0.3 and where is not dataset:
                where[:] = chance.choice((0, -1, 1e30, float("nan"), 2**31 - 1, 1e-30))
            else:
                where.setncattr(chance.choice((*ATTRIBUTES, *where.ncattrs())), chance.choice(ODD_ATTRIBUTES))
        return path.read_bytes()


TEXT: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip, _cut, _splice, _noise, _digits, _encoded, _ends, *map(_by_lines, (_swap, _again, _without, _many, _column)),
    *map(_by_cells, (_odd, _odd, _swap, _again, _without, _many)),
)  # fmt: skip
BYTES = (_flip, _cut, _splice, _noise)
