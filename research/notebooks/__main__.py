"""`python -m research.notebooks FOLDER [NUMBER ...]`: execute notebooks without an editor, and write them with their outputs."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError

from research.notebooks.execute import executed, notebooks

LOG = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Execute the notebooks that are asked for; give the exit code, 1 where a cell fails, 2 for what was asked wrongly."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(
        prog="python -m research.notebooks", description="执行笔记本 Execute the notebooks."
    )
    parser.add_argument("folder", type=Path, help="写到这里 where they are written with their outputs")
    parser.add_argument("number", type=int, nargs="*", help="哪几本，默认全部 which of them, all by default")
    asked = parser.parse_args(arguments)
    known = {int(path.stem.partition("_")[0]): path for path in notebooks()}
    if unknown := sorted(set(asked.number) - set(known)):
        parser.error(f"没有第 {unknown[0]} 本 there is no notebook {unknown[0]}, {', '.join(map(str, known))}")
    asked.folder.mkdir(parents=True, exist_ok=True)
    return max(_one(known[number], asked.folder) for number in asked.number or known)


def _one(path: Path, folder: Path) -> int:
    begin = time.monotonic()
    try:
        with tempfile.TemporaryDirectory() as working:
            made = executed(path, folder=Path(working))
    except CellExecutionError as error:
        LOG.error("%s: %s", path.name, error)
        return 1
    nbformat.write(made, folder / path.name)
    LOG.info("%s  %.0f s", folder / path.name, time.monotonic() - begin)
    return 0


if __name__ == "__main__":
    sys.exit(main())
