"""Zip files that are the same for the same content: sorted as given, one fixed date, no marks of the machine."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable

FIXED = (1980, 1, 1, 0, 0, 0)
_WHEN = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_CORE = "docProps/core.xml"


def packed(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Pack files, each with its name, in the order given."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, body in files:
            entry = zipfile.ZipInfo(name, FIXED)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 0, 0
            archive.writestr(entry, body)
    return buffer.getvalue()


def sealed_office(form: bytes, when: str = "2000-01-01T00:00:00Z") -> bytes:
    """Pack an Office file again with fixed dates, outside and in what it tells of itself."""
    with zipfile.ZipFile(io.BytesIO(form)) as archive:
        files = [(name, archive.read(name)) for name in archive.namelist()]
    return packed((name, _WHEN.sub(rb"\g<1>" + when.encode(), body) if name == _CORE else body) for name, body in files)
