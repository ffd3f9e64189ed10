"""The command that makes the page: runs a scenario and writes one HTML file. Only this reads files and writes."""

from __future__ import annotations

import argparse
import logging
import tomllib
from importlib import metadata
from pathlib import Path

from research.virtual_airshed.reference.judge import judge
from research.virtual_airshed.report.gather import Gathered, gather
from research.virtual_airshed.report.maps import Stage
from research.virtual_airshed.report.page import page
from research.virtual_airshed.report.subject import Subject, Versions
from research.virtual_airshed.report.words import LANGUAGES, words
from research.virtual_airshed.scenarios import SCENARIOS, scenario
from research.virtual_airshed.sources import INVENTORY
from research.virtual_airshed.world import World, shipped_world

LOG = logging.getLogger(__name__)
FORECASTS = 24
"""Forecast runs that are scored unless told otherwise; one takes as long as a week without tags."""
TELL_EVERY = {"days": 30, "forecasts": 8}
"""How much is done between two words of progress."""


def add(commands: argparse._SubParsersAction) -> None:
    """Add the command to a parser's commands."""
    parser = commands.add_parser("report", help="运行一个情景并写成一页报告 run a scenario and write its page")
    parser.add_argument("--scenario", default="full_year", help=", ".join(SCENARIOS))
    parser.add_argument("--seed", type=int)
    parser.add_argument("--days", type=int)
    parser.add_argument("--out", type=Path, default=Path("virtual_airshed.html"))
    parser.add_argument("--lang", choices=LANGUAGES, default=LANGUAGES[0])
    parser.add_argument("--forecasts", type=int, default=FORECASTS, help="预报运行数 forecast runs to score, 0: none")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Make the page; give the exit code. Errors: ScenarioError."""
    changes = {name: value for name in ("seed", "days") if (value := getattr(asked, name)) is not None}
    chosen = scenario(asked.scenario, **changes)
    LOG.info("%s", words("shell.begin", scenario=chosen.name, days=chosen.days, seed=chosen.seed).of(asked.lang))
    world = shipped_world()
    gathered = gather(chosen, world, forecasts=asked.forecasts, flags=True, progress=lambda *n: _tell(*n, asked.lang))
    text = write(gathered, world, lang=asked.lang)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(text, encoding="utf-8")
    size_mb = f"{len(text.encode()) / 1e6:.1f}"
    LOG.info("%s", words("shell.wrote", file=asked.out, size_mb=size_mb).of(asked.lang))
    return 0


def write(gathered: Gathered, world: World, *, lang: str) -> str:
    """Write the page of a gathered run over the world it was run in. lang: "zh" or "en", what is shown first."""
    versions = Versions(_own_version(), _mechanism(world), _inventory())
    subject = Subject(gathered, Stage(world.registry, world.grid), judge(gathered.days), versions)
    return page(subject, lang=lang)


def _tell(what: str, done: int, of: int, lang: str) -> None:
    if done % TELL_EVERY[what] == 0 or done == of:
        LOG.info("%s", words(f"shell.{what}", done=done, of=of).of(lang))


def _own_version() -> str:
    try:
        return metadata.version("airshed")
    except metadata.PackageNotFoundError:
        pyproject = Path(__file__).parents[3] / "pyproject.toml"
        return tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]["version"] if pyproject.exists() else "–"


def _mechanism(world: World) -> str:
    about = world.surface.provenance
    return f"{str(about['mechanism']).partition(',')[0]}; {about['software']}"


def _inventory() -> str:
    return str(tomllib.loads((INVENTORY / "meta.toml").read_text(encoding="utf-8"))["version"])
