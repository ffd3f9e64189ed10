"""`python3 -m infra test`: the style first, for it is quick, then the tests even where the style fails."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.messages import say

ROOT = Path(__file__).resolve().parent.parent


def run_tests(arguments: Sequence[str]) -> int:
    """Run ruff and pytest in the project; give pytest's exit code, or 1 where only the style fails."""
    print(say("test_style"), flush=True)
    style = _run("ruff", "check", ".") or _run("ruff", "format", "--check", "-q", ".")
    tests = _run("pytest", *arguments)
    if style:
        print(say("test_style_failed"), file=sys.stderr)
    return tests or style


def _run(module: str, *arguments: str) -> int:
    return subprocess.run((sys.executable, "-m", module, *arguments), cwd=ROOT, check=False).returncode
