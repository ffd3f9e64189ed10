"""`python -m tests.bench.attacks [--short] [--only GROUP,...] [--seed N] [--names WORD,...] --json`: prints JSON, tells as it goes.

Exit code 0: all held; 1: something did not; 2: something could not be played.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tests.bench.attacks.suite import GROUPS, Suite
from tests.bench.attacks.verdicts import exit_code, summary


def main() -> int:
    """Play what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.attacks", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a handful of each")
    parser.add_argument("--only", default=",".join(GROUPS), help=f"of {','.join(GROUPS)}")
    parser.add_argument("--names", default="", help="attacks whose name holds one of these words, commas between")
    parser.add_argument("--seed", type=int, default=15)
    parser.add_argument("--json", action="store_true", help="the JSON alone, nothing on the way")
    given = parser.parse_args()
    if unknown := set(given.only.split(",")) - set(GROUPS):
        parser.error(f"unknown: {sorted(unknown)}, expected of {GROUPS}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped all the same
    folder = Path(tempfile.mkdtemp(prefix="airshed-attacks-"))
    try:
        tell = (lambda line: None) if given.json else (lambda line: print(line, file=sys.stderr, flush=True))
        suite = Suite(folder, short=given.short, seed=given.seed, names=given.names, tell=tell)
        found = suite.play(given.only.split(","))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps({"seed": given.seed, "short": given.short, **summary(found)}, indent=1, ensure_ascii=False))
    return exit_code(found)


if __name__ == "__main__":
    raise SystemExit(main())
