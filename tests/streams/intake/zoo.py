"""All that may lie in an inbox to stop a platform: one of each, as small on disk as can be."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import socket
import stat
import struct
import tarfile
import zipfile
from pathlib import Path

import netCDF4

from tests.streams.intake.test_archives import bomb, long_index, overlapping

STATION = b"station,hour_end,pm25_ugm3\n"
NAMES = (
    b"\xff\xfe.csv", "绵阳.csv".encode("gb18030"), b"a\nb.csv", b"esc\x1b[31m.csv", b"=cmd|' C'!A0.csv", 
    "rtl\u202ecsv.exe".encode(),
    "zero\u200bwidth.csv".encode(), b"<script>alert(1)<script>.csv", b"[red]x[bold].csv", b"-rf.csv", b"*.csv", 
    b"tab\t.csv", b" .csv",
    b"n" * 250 + b".csv", b"\x01\x02.csv", "＝1.csv".encode(), b"%s%n.csv", b"{0}.csv", b"$(reboot).csv", b"a..csv", b"con.csv",
)  # fmt: skip
"""Names of every kind, of files and of folders."""


def lay_down(inbox: Path) -> None:
    """Fill an inbox."""
    inbox.mkdir(parents=True, exist_ok=True)
    for build in (_texts, _no_files, _links, _names, _archives, _netcdf, _depths):
        build(inbox)


def _texts(inbox: Path) -> None:
    endless = inbox / "endless_line.csv"
    endless.write_bytes(STATION + b"1431A,")
    os.truncate(endless, 2_000_000_000)
    os.truncate(_put(inbox / "terabyte.csv", STATION), 10**12)
    os.truncate(_put(inbox / "terabyte.bin", b""), 10**12)
    os.truncate(_put(inbox / "zeros.csv", STATION), 120_000_000)
    _put(inbox / "columns.csv", b"date,hour,type" + b",x" * 10_000_000)
    _put(inbox / "station_columns.csv", b"station,hour_end" + b",x" * 1_000_000 + b"\n")
    _put(inbox / "cell.csv", STATION + b"1431A,2024-01-01T00:00Z," + b"9" * 1_000_000 + b"\n")
    _put(inbox / "digits.csv", STATION + b"1431A,2024-01-01T00:00Z," + b"9" * 4_000 + b"\n")
    _put(inbox / "nul.csv", STATION + b"\x00" * 1000)
    _put(inbox / "utf16.csv", STATION.decode().encode("utf-16-le"))
    _put(inbox / "random.csv", os.urandom(100_000))
    _put(inbox / "quotes.csv", STATION + b'"' * 500_000)
    _put(inbox / "inv" / "inventory.csv", b"city,sector,species,year,emission_t\n510100,power,so2,2023,5\n")
    _put(inbox / "inv" / "meta.toml", b"version = " + b"[" * 100_000)


def _no_files(inbox: Path) -> None:
    os.mkfifo(inbox / "fifo.csv")
    os.mkfifo(inbox / "fifo.nc")
    home = os.getcwd()
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as server:
        os.chdir(inbox)  # the address of a socket is short
        try:
            server.bind("socket.csv")
        finally:
            os.chdir(home)
    with contextlib.suppress(PermissionError):  # only root may
        os.mknod(inbox / "zero.csv", stat.S_IFCHR | 0o666, os.makedev(1, 5))


def _links(inbox: Path) -> None:
    for name, target in (
        ("root", "/"), ("passwd.csv", "/etc/passwd"), ("loop", "loop"), ("self", "."), ("up", ".."), ("dead.csv", "gone.csv"),
        ("zero_link.csv", "/dev/zero"), ("proc", "/proc/self"), ("stdin.csv", "/dev/stdin"), ("a", "b"), ("b", "a"),
    ):  # fmt: skip
        (inbox / name).symlink_to(target)
    (inbox / "deep" / "in").mkdir(parents=True)
    (inbox / "deep" / "in" / "back").symlink_to(inbox)
    (inbox / "inv" / "profiles").symlink_to("/etc")
    _put(inbox / "hard.csv", STATION + b"1433A,2024-01-01T05:00Z,5\n")
    os.link(inbox / "hard.csv", inbox / "hard2.csv")


def _names(inbox: Path) -> None:
    for n, name in enumerate(NAMES):
        _put(
            Path(os.fsdecode(os.fsencode(inbox) + b"/names/" + name)),
            STATION + b"1431A,2024-01-%02dT00:00Z,5\n" % (n + 1),
        )
        _put(Path(os.fsdecode(os.fsencode(inbox) + b"/folders/" + name)) / "x.csv", b"what is this")


def _archives(inbox: Path) -> None:
    _put(inbox / "bomb.zip", bomb(300_000_000))
    _put(inbox / "bomb.csv.gz", gzip.compress(bytes(50_000_000)))
    _put(inbox / "overlap.zip", overlapping(100))
    _put(inbox / "index.zip", long_index())
    with zipfile.ZipFile(_put(inbox / "slip.zip", b""), "w") as archive:
        archive.writestr("../../../../tmp/slip.csv", STATION)
    member = tarfile.TarInfo("dev")
    member.type = tarfile.CHRTYPE
    with tarfile.open(fileobj=(packed := io.BytesIO()), mode="w") as archive:
        archive.addfile(member)
    _put(inbox / "device.tar", packed.getvalue())


def _netcdf(inbox: Path) -> None:
    with netCDF4.Dataset(inbox / "claims.nc", "w", format="NETCDF4") as claims:  # 1e9 steps that nobody has written
        for name, size in (("time", 1_000_000_000), ("lat", 60), ("lon", 60)):
            claims.createDimension(name, size)
            variable = claims.createVariable(name, "f8", (name,), chunksizes=(min(size, 1_000_000),))
            variable.units = {"time": "hours since 2023-01-17 12:00:00"}.get(
                name, f"degrees_{'north' if name == 'lat' else 'east'}"
            )
        claims["lat"][:], claims["lon"][:] = [28 + i / 10 for i in range(60)], [101 + i / 10 for i in range(60)]
        claims.createVariable("o3", "f4", ("time", "lat", "lon"), chunksizes=(1000, 60, 60)).units = "ppb"
    _put(inbox / "head.nc", b"CDF\x01" + struct.pack(">IIII", 0, 10, 999_999, 2**31 - 1) + bytes(200_000))
    _put(inbox / "noise.nc", b"\x89HDF\r\n\x1a\n" + os.urandom(5_000))
    for path in inbox.glob("*.nc"):
        if path.is_file():
            os.utime(path, (1e9, 1e9))  # nobody is going on with them


def _depths(inbox: Path) -> None:
    here = inbox / "nested"
    for _ in range(500):
        here = here / "d"
    here.mkdir(parents=True)


def _put(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
