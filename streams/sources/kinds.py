"""What kind of thing a file is, by its first bytes: to answer for one that no feed reads without showing its content."""

from __future__ import annotations

ZIP, GZIP, TAR_AT, TAR = b"PK\x03\x04", b"\x1f\x8b", 257, b"ustar"
_MAGICS = (
    (ZIP, "an archive (zip)"), (b"PK\x05\x06", "an empty archive (zip)"), (GZIP, "an archive (gzip)"),
    (b"7z\xbc\xaf\x27\x1c", "an archive (7z)"), (b"Rar!\x1a\x07", "an archive (rar)"), (b"\xfd7zXZ\x00", "an archive (xz)"),
    (b"BZh", "an archive (bzip2)"), (b"\x28\xb5\x2f\xfd", "an archive (zstd)"), (b"MSCF", "an archive (cab)"),
    (b"CDF", "NetCDF"), (b"\x89HDF", "HDF5"), (b"GRIB", "GRIB"), (b"BUFR", "BUFR"), (b"PAR1", "Parquet"),
    (b"SQLite format 3", "SQLite"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of Office before 2007 (.xls, .doc)"),
    (b"%PDF", "PDF"), (b"\x89PNG", "an image (PNG)"), (b"\xff\xd8\xff", "an image (JPEG)"), (b"GIF8", "an image (GIF)"),
    (b"II*\x00", "an image (TIFF)"), (b"MM\x00*", "an image (TIFF)"),
    (b"\x7fELF", "a program"), (b"MZ", "a program"), (b"#!", "a program"),
    (b"\xff\xfe\x00\x00", "text in UTF-32"), (b"\x00\x00\xfe\xff", "text in UTF-32"),
    (b"\xff\xfe", "text in UTF-16"), (b"\xfe\xff", "text in UTF-16"),
    (b"<!DOCTYPE html", "HTML"), (b"<!doctype html", "HTML"), (b"<html", "HTML"), (b"<?xml", "XML"), (b"{", "JSON"), (b"[", "JSON"),
)  # fmt: skip
"""Sources: the file(1) database of magic numbers."""
ARCHIVE = "an archive"
"""How the names of archives begin."""


def kind_of(head: bytes) -> str:
    """Name the kind of a file by its first bytes, for people."""
    if not head:
        return "nothing"
    if head[TAR_AT:].startswith(TAR):
        return "an archive (tar)"
    found = next((name for magic, name in _MAGICS if head.startswith(magic)), "")
    if found:
        return found
    if head[1::2].count(0) > len(head) // 3 or head[::2].count(0) > len(head) // 3:
        return "binary, or text in UTF-16 without a byte-order mark"
    return "binary" if b"\0" in head else "text"
