"""How long the store's process keeps what may go, as the environment sets it; what is no such number is told and not obeyed."""

from __future__ import annotations

import logging
from collections.abc import Mapping

LOG = logging.getLogger("airshed.store")
RESULT_DAYS = "AIRSHED_RESULT_DAYS"
"""Setting: after how many days a segment of results that is stored goes from its topic (1 or more)."""
KEPT_RESULT_DAYS = 3
"""Longer than a weekend in which nobody looks at a store that was put back from the day before; the rows are in the store."""


def result_days(environment: Mapping[str, str]) -> int:
    """Read after how many days stored results leave their topic."""
    return whole_number(environment, RESULT_DAYS, KEPT_RESULT_DAYS, least=1)


def whole_number(environment: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    """Read a setting that is a whole number of at least so much; where it is not, that is told and the default is taken."""
    said = environment.get(name, "").strip() or str(default)
    if said.isascii() and said.isdigit() and len(said) < 7 and int(said) >= least:
        return int(said)
    LOG.warning("%s is '%s', expected a whole number of at least %d; %d is taken", name, said, least, default)
    return default
