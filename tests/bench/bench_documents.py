"""Measures how long documents take: PDF, Word and all files of a year of eight cities, and of a long assessment.

Prints JSON: seconds of CPU and of the wall, bytes, pages, memory. Run from the root:
    python tests/bench/bench_documents.py
"""

from __future__ import annotations

import io
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import orjson
import pypdf

sys.path.insert(0, str(Path(__file__).parents[2]))

import dashboards.phase.told as told
import dashboards.text as words
from dashboards.documents import made
from dashboards.phase.content import Content
from tests.dashboards.documents import example


def timed(work: Callable[[], bytes]) -> tuple[bytes, dict[str, float]]:
    """Do work once and say how long it took."""
    cpu, wall = _cpu(), time.perf_counter()
    found = work()
    spent = {"cpu_s": round(_cpu() - cpu, 3), "wall_s": round(time.perf_counter() - wall, 3)}
    return found, spent | {"bytes": len(found)}


def _cpu() -> float:
    """Seconds of this process and of those that it has waited for: PDFs are set in their own."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def measured(content: Content) -> dict[str, object]:
    """Make every kind of file of an assessment."""
    given = example.publication(of=content)
    found: dict[str, object] = {"tables": len(content.tables)}
    for kind in made.KINDS:
        body, spent = timed(lambda kind=kind: made.files(given, content, [kind])[kind])
        found[kind] = spent
        if kind == made.PDF:
            found["pages"] = len(pypdf.PdfReader(io.BytesIO(body)).pages)
    return found


def main() -> None:
    """Measure and print."""
    both = {**words.catalogue(), **example.entries()}
    words.catalogue = told.catalogue = lambda: both
    made.files(example.publication(), example.missing_content(), ["pdf", "docx"])  # fonts and forms are read once
    figures = {"year": measured(example.content()), "long": measured(example.long_content())}
    for name, who in (("peak_mb", resource.RUSAGE_SELF), ("peak_mb_of_setting", resource.RUSAGE_CHILDREN)):
        figures[name] = round(resource.getrusage(who).ru_maxrss / 1024)
    print(orjson.dumps(figures, option=orjson.OPT_INDENT_2).decode())


if __name__ == "__main__":
    main()
