"""The commands of the scorecard: `python -m research.attribution_bench COMMAND`, SIMULATED."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import logging
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import sklearn

from research.attribution_bench.digests import ROOT, method_digest
from research.attribution_bench.freezing import (
    FROZEN,
    LEDGER,
    FreezeError,
    freeze,
    frozen,
    record,
    require_permitted,
    variants,
)
from research.attribution_bench.judging import Card, judge
from research.attribution_bench.page import About, json_of, page_of
from research.attribution_bench.plan import DAYS, FRESH, SEASONS, TIERS, Case, cases, seeds_in, units_of
from research.attribution_bench.worlds import Worlds, make_all

LOG = logging.getLogger(__name__)
PAGE = ROOT / "docs" / "attribution_scorecard.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; give its exit code, 2 for what was asked wrongly or may not be judged."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    asked = _parser().parse_args(arguments)
    try:
        return int(asked.run(asked) or 0)
    except (FreezeError, FileNotFoundError, ValueError) as error:
        LOG.error("%s", error)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m research.attribution_bench",
        description="归因评分（模拟） The scorecard of the attribution. SIMULATED.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, help_ in (
        ("worlds", _worlds, "生成世界 make the worlds"), ("judge", _judge, "评分 judge what has been made"),
        ("scorecard", _scorecard, "生成并评分 make and judge"), ("status", _status, "已生成多少 how many are made"),
    ):  # fmt: skip
        own = commands.add_parser(name, help=help_)
        _of_worlds(own)
        if name in ("judge", "scorecard"):
            _of_judging(own)
        own.set_defaults(run=run)
    own = commands.add_parser("freeze", help="冻结方法 freeze the method")
    own.add_argument("--frozen", type=Path, default=FROZEN)
    own.set_defaults(run=_freeze)
    return parser


def _of_worlds(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="where worlds are kept")
    parser.add_argument("--seeds", type=seeds_in, default=FRESH, help="101-110 or 31,33; the fresh ones unless told")
    parser.add_argument("--seasons", nargs="+", choices=SEASONS, default=SEASONS)
    parser.add_argument("--tiers", nargs="+", choices=tuple(TIERS), default=tuple(TIERS))
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument(
        "--faults", type=float, default=0.0, help="faults of instruments, 1 for as many as networks have"
    )
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--revision", help="of the worlds, if not that of the working tree")


def _of_judging(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--development", action="store_true", help="the method is not frozen; seeds must not be fresh")
    parser.add_argument("--json", type=Path, help="where all figures go")
    parser.add_argument(
        "--page", type=Path, nargs="?", const=PAGE, help="where the page goes, docs unless told; else it is printed"
    )
    parser.add_argument("--ledger", type=Path, default=LEDGER)
    parser.add_argument("--frozen", type=Path, default=FROZEN)


def _cases(asked: argparse.Namespace) -> tuple[Case, ...]:
    return tuple(cases(asked.seeds, seasons=asked.seasons, tiers=asked.tiers, days=asked.days, faults=asked.faults))


def _worlds(asked: argparse.Namespace) -> None:
    make_all(Worlds(asked.folder, asked.revision), units_of(_cases(asked)), workers=asked.workers)


def _status(asked: argparse.Namespace) -> None:
    worlds, units = Worlds(asked.folder, asked.revision), units_of(_cases(asked))
    LOG.info("%d of %d runs are in %s", sum(map(worlds.has, units)), len(units), worlds.folder)


def _scorecard(asked: argparse.Namespace) -> None:
    # Asked before hours of making: may it be judged at all?
    require_permitted(asked.seeds, development=asked.development, path=asked.frozen)
    _worlds(asked)
    _judge(asked)


def _judge(asked: argparse.Namespace) -> None:
    require_permitted(asked.seeds, development=asked.development, path=asked.frozen)
    worlds, digest, now = Worlds(asked.folder, asked.revision), method_digest(), dt.datetime.now(dt.UTC)
    card = judge(worlds, _cases(asked), workers=asked.workers)
    known = None if asked.development else frozen(asked.frozen)
    since = known[1] if known else None
    record(_entry(asked, digest, worlds.folder.name, now, card) | {"frozen": since}, asked.ledger)
    about = About(
        digest=digest, frozen=since, revision=worlds.folder.name, date=f"{now:%Y-%m-%d}",
        variants=variants(asked.ledger),
    )  # fmt: skip
    if asked.json:
        asked.json.write_text(json.dumps(json_of(card, about), ensure_ascii=False, indent=1), encoding="utf-8")
    text = page_of(card, about)
    if asked.page:
        asked.page.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


def _entry(asked: argparse.Namespace, digest: str, revision: str, now: dt.datetime, card: Card) -> dict:
    """Give the ledger's line: what was judged, on what, by which libraries, with which result."""
    asked_for = {name: list(getattr(asked, name)) for name in ("seeds", "seasons", "tiers")}
    libraries = {"python": platform.python_version(), "numpy": np.__version__, "sklearn": sklearn.__version__}
    result = [
        [v.mark.quantity, v.mark.tier, v.mark.season, v.mark.metric, _rounded(v.figure.value), v.said]
        for v in card.verdicts()
    ]
    return asked_for | {
        "date": now.isoformat(timespec="seconds"), "digest": digest, "revision": revision, "development": asked.development,
        "days": asked.days, "faults": asked.faults, "versions": libraries, "result": result,
    }  # fmt: skip


def _freeze(asked: argparse.Namespace) -> None:
    LOG.info("frozen %s in %s", freeze(asked.frozen), asked.frozen)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


if __name__ == "__main__":
    sys.exit(main())
