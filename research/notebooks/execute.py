"""Execute a notebook in a fresh kernel, from any working directory."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LONGEST_S = 900
"""A cell that takes longer than this is given up [s]."""


def notebooks() -> tuple[Path, ...]:
    """Give the notebooks in their order."""
    return tuple(sorted(HERE.glob("*.ipynb")))


def read(path: Path) -> nbformat.NotebookNode:
    """Read a notebook. Errors: ValidationError where it is none by the format."""
    found = nbformat.read(path, as_version=4)
    nbformat.validate(found)
    return found


def executed(path: Path, *, folder: Path, environment: dict[str, str] | None = None) -> nbformat.NotebookNode:
    """Execute a notebook and give it with its outputs; the file stays as it is.

    folder: the kernel's working directory. environment: variables on top of the present ones. The repository's root comes first
    where the kernel looks for modules. Errors: CellExecutionError names the cell that fails.
    """
    variables = {**os.environ, **(environment or {})}
    searched = [str(ROOT), *filter(None, [variables.get("PYTHONPATH", "")])]
    variables["PYTHONPATH"] = os.pathsep.join(searched)
    client = NotebookClient(
        read(path), timeout=LONGEST_S, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    return client.execute(env=variables)
