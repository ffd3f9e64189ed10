"""The frozen method, and the record of all that was judged.

Fresh seeds judge a method once it is frozen: frozen.toml holds its digest and the day. What is judged leaves a line in
ledger.jsonl, so that variants are counted.
"""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Iterable
from pathlib import Path

from research.attribution_bench.digests import method_digest
from research.attribution_bench.plan import FRESH
from standards.errors import AirshedError

HERE = Path(__file__).parent
FROZEN, LEDGER = HERE / "frozen.toml", HERE / "ledger.jsonl"


class FreezeError(AirshedError, ValueError):
    """Something may not be judged now; the message says why and what is expected."""


def freeze(path: Path = FROZEN, *, now: dt.datetime | None = None) -> str:
    """Write the digest of the method as it stands; give it."""
    digest, when = method_digest(), now or dt.datetime.now(dt.UTC)
    path.write_text(
        "# The method that fresh seeds judge: digest of what ml/attribution does, and when it was frozen.\n"
        f'digest = "{digest}"\nfrozen = {when.isoformat(timespec="seconds").replace("+00:00", "Z")}\n',
        encoding="utf-8",
    )
    return digest


def frozen(path: Path = FROZEN) -> tuple[str, str] | None:
    """Give the frozen digest and when it was frozen, None where nothing is."""
    if not path.exists():
        return None
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    return told["digest"], str(told["frozen"])


def require_permitted(
    seeds: Iterable[int], *, development: bool, path: Path = FROZEN, digest: str | None = None
) -> None:
    """Permit development on any seeds but the fresh ones, and all seeds to the frozen method alone.

    Errors: FreezeError.
    """
    fresh = sorted(set(seeds) & set(FRESH))
    if development:
        if fresh:
            raise FreezeError(
                f"seed {fresh[0]} is fresh, expected others than {FRESH[0]} to {FRESH[-1]} in development"
            )
        return
    known, own = frozen(path), digest or method_digest()
    if known is None:
        raise FreezeError("no method is frozen, expected `freeze` first, or --development with other seeds")
    if known[0] != own:
        raise FreezeError(
            f"the method is {own}, frozen is {known[0]} of {known[1]}; expected the same, or --development with other seeds"
        )


def record(entry: dict, path: Path = LEDGER) -> None:
    """Add a line to the ledger."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n")


def recorded(path: Path = LEDGER) -> list[dict]:
    """Read the ledger."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def variants(path: Path = LEDGER) -> tuple[int, int]:
    """Count what was judged: different methods in all, and on fresh seeds."""
    lines = recorded(path)
    fresh = [line for line in lines if set(line["seeds"]) & set(FRESH)]
    return len({line["digest"] for line in lines}), len({line["digest"] for line in fresh})
