"""A document as PDF, set by Typst after the form; the same document gives the same bytes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import orjson

from dashboards.documents.blocks import Report
from dashboards.documents.forms import PDF_FORM, font_folder, form
from dashboards.documents.publication import DocumentRefused
from dashboards.documents.setting import BROKEN

LONGEST_S = 120
"""A form that takes longer does not end: ours takes less than a second."""
_SETTING = Path(__file__).with_name("setting.py")
_PLACE = re.compile(r"┌─ .*?:(\d+):\d+")
_ERROR = re.compile(r"^error: ", re.M)


def pdf_of(document: Report, portal: Path | None = None, *, longest_s: float = LONGEST_S) -> bytes:
    """Set a document as PDF (PDF/A-2b) in a process of its own.

    Errors: DocumentRefused naming file and line where the form is broken, or the time where it does not end.
    """
    path, day = form(PDF_FORM, portal).resolve(), document.dated
    data = orjson.dumps(orjson.loads(orjson.dumps(document)) | {"dated": [day.year, day.month, day.day]})
    command = [sys.executable, "-P", str(_SETTING), str(path), str(font_folder())]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=longest_s, check=False)
    except subprocess.TimeoutExpired as error:
        raise DocumentRefused(f"the form {path} is broken: it was not set within {longest_s:g} s") from error
    if done.returncode == BROKEN:
        message, diagnostic = orjson.loads(done.stderr)
        raise DocumentRefused(f"the form {path.name} is broken: {_where(message, diagnostic, path)}")
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        told = done.stderr.decode(errors="replace").strip().splitlines()
        raise DocumentRefused(f"the form {path} could not be set: {told[-1] if told else f'status {done.returncode}'}")
    return done.stdout


def _where(message: str, diagnostic: str, path: Path) -> str:
    """Tell file, line and what is wrong of the first error; warnings stand before it in the same text."""
    begun = _ERROR.search(diagnostic)
    place = _PLACE.search(diagnostic, begun.start() if begun else 0)
    line = f", line {place[1]}" if place else ""
    return f"{path}{line}: {message}"
