"""A bench of several parts: what is asked on the command line, and figures as JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Parts = Mapping[str, Callable[[int], Mapping[str, float]]]
"""By name: a part that measures so many times over and gives its figures."""


def measure(parts: Parts, *, program: str, about: str | None) -> None:
    """Measure the parts that are asked for and print their figures; write them to a file too, where one is named."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=about)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--only", nargs="+", choices=parts, default=list(parts))
    parser.add_argument("--repeats", type=int, default=3)
    told = parser.parse_args()
    figures = {name: {k: round(float(v), 6) for k, v in parts[name](told.repeats).items()} for name in told.only}
    tell(figures, told.json)


def tell(figures: Mapping[str, Any], file: Path | None) -> None:
    """Print figures as JSON, and write them to a file where one is named."""
    text = json.dumps(figures, indent=1)
    print(text)
    if file:
        file.write_text(text + "\n", encoding="utf-8")
