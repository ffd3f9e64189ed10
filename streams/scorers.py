"""Models that score joined hours inside the job: what a scorer is, how it is announced, and how it is run without harm.

streams knows no model. Whoever builds the job hands in a loader, a function that makes a Scorer of an announcement; the package
of the models has one. An announcement is a message on a topic of its own, so that a new version is taken up while the job runs.
A scorer that fails, answers too late or with something else than it promised gives no rows for the hours in question: they are
named as rejects, everything else goes on, and after some failures in a row the scorer rests until it is announced anew.
"""

from __future__ import annotations

import concurrent.futures
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from standards.errors import AirshedError
from streams.assess.joined import COLUMNS, JoinedHours
from streams.records import RecordError, Rejected, ScorerNotice, iso_hour
from streams.wire.messages import SCORER_TOPIC, scorer_line
from streams.wire.topics import open_topic

LOADING_S = 30.0
"""So long [s] the loading of a model may take."""
PATIENCE_S = 2.0
"""So long [s] a scorer may take for one block; the cities' rows wait no longer for it."""
LARGEST = 1e12
"""No quantity is larger than this, whatever its unit."""
FAILURES = 3
"""So many failures on end put a scorer to rest."""


@dataclass(frozen=True, slots=True)
class Scorer:
    """A model that scores joined hours.

    needs: columns of streams.assess.joined.COLUMNS. lookback_h [h]: how many hours before those wanted it looks back on. score: a
    pure function of JoinedHours that gives, by quantity (named with its unit), float64 (hour,) for the hours after the context.
    of_runs, of_hours: whether it scores the hours of forecast runs, and the hours without a forecast.
    """

    name: str
    version: str
    needs: tuple[str, ...]
    score: Callable[[JoinedHours], Mapping[str, np.ndarray]]
    lookback_h: int = 0
    of_runs: bool = True
    of_hours: bool = False

    def __post_init__(self) -> None:
        if unknown := [name for name in self.needs if name not in COLUMNS]:
            raise RecordError(f"scorer {self.name} needs {', '.join(unknown)}, expected some of {', '.join(COLUMNS)}")
        if not 0 <= self.lookback_h <= 240:
            raise RecordError(f"scorer {self.name} looks back {self.lookback_h} h, expected 0 to 240")


def announce(topics: Path, notice: ScorerNotice) -> None:
    """Tell a running job that a model is to score from now on, in this version; said again, one that rests works again."""
    now = time.time()
    topic = open_topic(topics / SCORER_TOPIC)
    topic.append([scorer_line(replace(notice, announced_at=now))], key=f"{notice.name}-{notice.version}-{now:.6f}")


Loader = Callable[[ScorerNotice], Scorer]


class ScorerFailed(AirshedError):
    """A scorer gave no usable answer; the message says why."""


@dataclass(slots=True)
class _Held:
    notice: ScorerNotice
    scorer: Scorer | None
    failures: int = 0
    busy: concurrent.futures.Future | None = None


@dataclass(slots=True)
class Scorers:
    """The scorers at work in one process, by name: loaded when they are announced, run on a thread of their own."""

    load: Loader
    patience_s: float = PATIENCE_S
    held: dict[str, _Held] = field(default_factory=dict)

    def take(self, notices: Mapping[str, ScorerNotice]) -> list[Rejected]:
        """See to it that just the announced versions are at work; name those that cannot be loaded."""
        faults = []
        self.held = {name: each for name, each in self.held.items() if name in notices}
        for name, notice in notices.items():
            known = self.held.get(name)
            if known is not None and known.notice == notice:
                continue
            scorer = None
            try:
                scorer = self._loaded(notice)
            except Exception as error:
                # Whatever the code of a model raises is its own fault and must not stop the rows.
                faults.append(_fault(notice.name, notice.version, "cannot be loaded", error))
            self.held[name] = _Held(notice, scorer)
        return faults

    def _loaded(self, notice: ScorerNotice) -> Scorer:
        scorer = _in_thread(self.load, notice).result(LOADING_S)
        if not isinstance(scorer, Scorer) or scorer.name != notice.name:
            raise ScorerFailed(f"the loader gave {scorer!r:.80}, expected a Scorer named {notice.name}")
        return scorer

    def at_work(self) -> list[Scorer]:
        """Give the scorers that are neither unloadable nor at rest."""
        return [h.scorer for h in self.held.values() if h.scorer is not None and h.failures < FAILURES]

    def run(self, scorer: Scorer, hours: JoinedHours) -> dict[str, np.ndarray]:
        """Let a scorer score; raise ScorerFailed where it fails, is late, or answers in another shape than it should."""
        held = self.held[scorer.name]
        try:
            found = self._answer(held, scorer, hours)
        except ScorerFailed:
            held.failures += 1
            raise
        held.failures = 0
        return found

    def _answer(self, held: _Held, scorer: Scorer, hours: JoinedHours) -> dict[str, np.ndarray]:
        if held.busy is not None and not held.busy.done():
            raise ScorerFailed("is still busy with an earlier block")
        # A thread for each call: one that never ends must not keep the next version from its turn, nor the process from ending.
        held.busy = _in_thread(scorer.score, hours)
        try:
            answer = held.busy.result(self.patience_s)
        except concurrent.futures.TimeoutError as error:
            raise ScorerFailed(f"took longer than {self.patience_s:g} s") from error
        except Exception as error:
            raise ScorerFailed(f"failed: {type(error).__name__} {error}") from error
        try:
            return _checked(answer, len(hours.simulated) - hours.context)
        except ScorerFailed:
            raise
        except Exception as error:
            raise ScorerFailed(f"gave what cannot be read: {type(error).__name__} {error}") from error


def _in_thread(call: Callable, argument: object) -> concurrent.futures.Future:
    future: concurrent.futures.Future = concurrent.futures.Future()

    def work() -> None:
        try:
            future.set_result(call(argument))
        except Exception as error:
            future.set_exception(error)
        except BaseException as error:  # a model that wants to end the process ends only its own call
            future.set_exception(RuntimeError(f"{type(error).__name__} {error}"))

    threading.Thread(target=work, name="scorer", daemon=True).start()
    return future


def _checked(answer: Mapping[str, np.ndarray], hours: int) -> dict[str, np.ndarray]:
    if not isinstance(answer, Mapping):
        raise ScorerFailed(f"gave a {type(answer).__name__}, expected a mapping of quantity to array")
    found = {}
    for name, values in answer.items():
        array = np.ma.filled(values, np.nan) if np.ma.isMaskedArray(values) else np.asarray(values)
        if not isinstance(name, str) or not 0 < len(name) <= 40:
            raise ScorerFailed(f"names a quantity {name!r}, expected a text of 1 to 40 characters")
        if array.shape != (hours,) or array.dtype.kind not in "fiu":
            raise ScorerFailed(f"gave {name} as {array.dtype}{array.shape}, expected numbers, NaN for none, ({hours},)")
        if (np.abs(array) > LARGEST).any():
            raise ScorerFailed(f"gave {name} up to {np.nanmax(np.abs(array)):g}, expected at most {LARGEST:g}")
        found[name] = array.astype(float)
    return found


def unscored(scorer: Scorer, hours: JoinedHours, error: Exception) -> Rejected:
    """Name hours that a scorer gave nothing for."""
    fault = _fault(scorer.name, scorer.version, "", error)
    first = hours.first_hour + hours.context
    where = f"{hours.city} {hours.run or 'hours'} from {iso_hour(first)}"
    return Rejected(fault.source, where[:200], str(error)[:200], fault.value, fault.expected, rows=0)


def _fault(name: str, version: str, what: str, error: Exception) -> Rejected:
    reason = f"{what} {type(error).__name__}: {error}".strip()[:200]
    return Rejected(f"scorer {name}"[:40], "model", reason, version, "a number for each hour in good time", rows=0)
