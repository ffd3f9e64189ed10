"""The commands of the virtual airshed: `python -m research.virtual_airshed COMMAND`, SIMULATED.

To add one, write a function that adds its parser to the commands and sets `run`, and name it in COMMANDS.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence

from research.virtual_airshed import flag_scores, run_command
from research.virtual_airshed.report import shell as report
from research.virtual_airshed.scenarios import SCENARIOS, ScenarioError

LOG = logging.getLogger(__name__)
Commands = argparse._SubParsersAction  # argparse gives its type no public name


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; give its exit code, 2 for what was asked wrongly."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    asked = _parser().parse_args(arguments)
    try:
        return int(asked.run(asked))
    except ScenarioError as error:
        LOG.error("%s", error)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m research.virtual_airshed", description="虚拟大气流域（模拟） The virtual airshed. SIMULATED."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in COMMANDS:
        add(commands)
    return parser


def _add_scenarios(commands: Commands) -> None:
    parser = commands.add_parser("scenarios", help="列出情景 list the scenarios")
    parser.set_defaults(run=_list_scenarios)


def _list_scenarios(_: argparse.Namespace) -> int:
    for each in SCENARIOS.values():
        LOG.info("%-14s %s %4d d  %s · %s", each.name, each.start, each.days, each.title_zh, each.title_en)
    return 0


COMMANDS: tuple[Callable[[Commands], None], ...] = (_add_scenarios, run_command.add, report.add, flag_scores.add)

if __name__ == "__main__":
    sys.exit(main())
