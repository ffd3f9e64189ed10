"""Where the forms of documents are found: a bureau's own before the shipped ones, file by file; and our fonts."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pylopdf_fonts_zh_cn as chinese

from dashboards.release import release

SHIPPED = Path(__file__).with_name("templates")
OWN = "AIRSHED_TEMPLATES"
"""The variable that names a folder of forms; without it they may lie in "templates" of the portal's folder."""
PDF_FORM, WORD_FORM = "assessment.typ", "assessment.docx"


def form(name: str, portal: Path | None = None) -> Path:
    """Give the file of a form: of the folder that AIRSHED_TEMPLATES names, of the portal's folder, or the shipped one."""
    named = os.environ.get(OWN)
    folders = [Path(named)] if named else []
    folders += [portal / "templates"] if portal is not None else []
    return next((path for folder in folders if (path := folder / name).is_file()), SHIPPED / name)


def font_files() -> list[str]:
    """Give the fonts that documents are set in, and no others: those of the machine would make another document on each."""
    return [str(chinese.sans_path()), str(chinese.serif_path())]


def font_folder() -> Path:
    """Give the folder that they lie in."""
    return chinese.serif_path().parent


def form_digest(portal: Path | None = None) -> str:
    """Give a text that changes when a form that is in force does, or the program that fills it in."""
    whole = hashlib.sha256(release().encode())
    for name in (PDF_FORM, WORD_FORM):
        whole.update(form(name, portal).read_bytes())
    return whole.hexdigest()
