"""The command that lays a whole run down in a folder: parses what is asked, tells how far it is, says what is wrong."""

from __future__ import annotations

import argparse
import datetime as dt
import logging
from collections.abc import Callable
from pathlib import Path

from research.virtual_airshed.forecasts.tag_files import TAG_HOURS
from research.virtual_airshed.forecasts.twin_table import NAMES
from research.virtual_airshed.forecasts.write import LAYOUTS
from research.virtual_airshed.observe.laying import OutboxError
from research.virtual_airshed.produce import OUTBOX, TRUTH, Wanted, produce
from research.virtual_airshed.scenarios import SCENARIOS, scenario
from research.virtual_airshed.world import shipped_world

LOG = logging.getLogger(__name__)
PARTS = ("truth", "observations", "forecasts")
FREE: dict[str, Callable[[str], object]] = {
    "start": dt.date.fromisoformat, "days": int, "seed": int, "hidden": str, "told": str, "basin_excess": float,
    "micro_stations": int, "forecast_every_h": int, "forecast_hours": int, "faults": float,
}  # fmt: skip
"""Parameters of a scenario that can be given here; tilts and factors are tables, for programs (`scenario(...)`)."""
TELL_EVERY_DAYS, MOST_TAG_HOURS = 10, 240


def add(commands: argparse._SubParsersAction) -> None:
    """Add the command to a parser's commands."""
    parser = commands.add_parser("run", help="运行一个情景，写出全部文件 run a scenario and lay down all its files")
    parser.add_argument("scenario", help=", ".join(SCENARIOS))
    parser.add_argument("folder", type=Path, help="新建或未完成的文件夹 new, or of the same run")
    for name, kind in FREE.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind)
    for part in PARTS:
        parser.add_argument(f"--no-{part}", dest=part, action="store_false", help=f"不要 without {part}")
    parser.add_argument(
        "--sector-city", action="store_true", help="真值和标签分到各市各行业 tell the sectors of each city apart"
    )
    parser.add_argument(
        "--truth-stations", action="store_true", help="真值也给到站点 keep the truth at each station too"
    )
    parser.add_argument("--forecast-layout", choices=LAYOUTS, default=LAYOUTS[0])
    parser.add_argument(
        "--tags", type=int, choices=range(len(NAMES) + 1), default=0, help="几个带标签的模型 how many tagged twins"
    )
    parser.add_argument("--tag-hours", type=_tag_hours, default=TAG_HOURS, help="标签文件的时效 how far they reach [h]")
    parser.add_argument("--tag-removal", action="store_true", help="也给去除量 the removal beside the allocation")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Make the run; give the exit code, 1 where the folder holds something else. Errors: ScenarioError."""
    chosen = scenario(asked.scenario, **{name: n for name in FREE if (n := getattr(asked, name)) is not None})
    parts = {part: getattr(asked, part) for part in PARTS}
    LOG.info("模拟 SIMULATED: %s, %d d, seed %d -> %s", chosen.name, chosen.days, chosen.seed, asked.folder)
    try:
        produce(
            chosen, shipped_world(), asked.folder,
            wanted=Wanted(
                **parts, forecast_layout=asked.forecast_layout, sector_city=asked.sector_city,
                truth_stations=asked.truth_stations, tags=asked.tags, tag_hours=asked.tag_hours, tag_removal=asked.tag_removal,
            ), progress=_tell,
        )  # fmt: skip
    except OutboxError as error:
        LOG.error("%s", error)
        return 1
    LOG.info(
        "平台可读 for the platform: %s; 仅供评判 for judging only: %s", asked.folder / OUTBOX, asked.folder / TRUTH
    )
    return 0


def _tag_hours(text: str) -> int:
    """Read how far tag files reach [h]."""
    if text.isdecimal() and 1 <= int(text) <= MOST_TAG_HOURS:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r}, expected 1 to {MOST_TAG_HOURS}")


def _tell(done: int, of: int) -> None:
    if done % TELL_EVERY_DAYS == 0 or done == of:
        LOG.info("%d / %d 天 days", done, of)
