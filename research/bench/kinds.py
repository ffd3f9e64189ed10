"""What the bench can work out, by kind: how the rows are read, and a function of them that tells its progress.

A kind is imported when it is worked on: what solves chemistry or factorises takes seconds and memory to load.
"""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from standards.days import HOURS_PER_DAY, day_of_date, first_hour_of_day
from standards.errors import AirshedError
from streams.registry import Registry
from streams.store import bench_kinds as asked
from streams.store.lines import EPOCH


class Cancelled(AirshedError):
    """Somebody wants the work to end; it is raised by `tell` and ends the work where it stands."""


Tell = Callable[[float, str], None]
"""tell(progress 0 to 1, step): note how far the work is, and raise Cancelled where it is to end."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a question is answered from. digest: SHA-256 of the rows that were read; data: what `work` takes."""

    digest: str
    simulated: bool
    data: Any


class Working(Protocol):
    """A module that works a kind out."""

    SOFTWARE: str

    def read(self, engine: sa.Engine, registry: Registry, question: Mapping[str, Any]) -> Inputs:
        """Read what the question is answered from; AirshedError, in words, where there is too little."""

    def work(self, question: Mapping[str, Any], data: Any, tell: Tell) -> dict[str, Any]:
        """Work the answer out: plain values; AirshedError, in words, where it cannot be."""


def period_asked(question: Mapping[str, Any]) -> tuple[dt.datetime, dt.datetime]:
    """Give the first and the last hour of the natural days asked for, each by its end [naive UTC]."""
    first, last = (day_of_date(dt.date.fromisoformat(question[name])) for name in ("first", "last"))
    hours = (first_hour_of_day(first), first_hour_of_day(last) + HOURS_PER_DAY - 1)
    begin, end = (EPOCH + dt.timedelta(hours=hour) for hour in hours)
    return begin, end


MODULES: dict[str, str] = {
    asked.COMPOSITION: "research.bench.of_composition", asked.RECEPTOR: "research.bench.of_receptor",
    asked.OZONE_DAY: "research.bench.of_ozone_day", asked.EKMA: "research.bench.of_ekma", asked.RIR: "research.bench.of_rir",
    asked.REGIME: "research.bench.of_regime", asked.SOURCE_OZONE: "research.bench.of_source_ozone",
}  # fmt: skip


def working(kind: str) -> Working:
    """Give the module that works a kind out; KeyError for a kind without one."""
    return importlib.import_module(MODULES[kind])
