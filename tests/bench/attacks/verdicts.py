"""What became of each attack, and what the suite says of all: counts, seconds, verdicts."""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

HELD, FAILED, ERROR, SKIPPED = "held", "failed", "error", "skipped"
LONGEST = 400
"""So much is told of one complaint [signs]."""


class NotPlayed(Exception):
    """An attack did not happen: no such process, nothing written, no room to fill. It proves nothing."""


class Skipped(Exception):
    """An attack cannot be played on this machine; the text says why."""


@dataclass
class Attack:
    """One attack as it is played: events counts what really happened, complaints what did not hold."""

    group: str
    name: str
    events: Counter = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    told: dict = field(default_factory=dict)
    seconds: float = 0.0
    stopped: str = ""

    def happened(self, kind: str, count: int = 1) -> None:
        """Note that something was done to the platform."""
        self.events[kind] += count

    def must(self, holds: bool, complaint: str) -> None:
        """Note a complaint where something does not hold."""
        if not holds:
            self.complaints.append(complaint[:LONGEST])

    @property
    def verdict(self) -> str:
        """Give held, failed, error or skipped; without one event nothing was attacked, and that is an error."""
        if self.stopped.startswith(SKIPPED):
            return SKIPPED
        if self.stopped or not sum(self.events.values()):
            return ERROR
        return FAILED if self.complaints else HELD

    def row(self) -> dict:
        """Give it as it stands in the JSON."""
        said = {"group": self.group, "name": self.name, "verdict": self.verdict, "seconds": round(self.seconds, 1)}
        said["events"] = dict(self.events)
        why = [*self.complaints, *([self.stopped] if self.stopped else [])]
        return {**said, **({"why": why} if why else {}), **self.told}


@contextmanager
def played(
    found: list[Attack], group: str, name: str, tell: Callable[[str], None] = lambda line: None
) -> Iterator[Attack]:
    """Play an attack: its time is taken, and whatever it raises is told with it and ends no other."""
    attack, begun = Attack(group, name), time.monotonic()
    found.append(attack)
    try:
        yield attack
    except Skipped as why:
        attack.stopped = f"{SKIPPED}: {why}"
    except NotPlayed as why:
        attack.stopped = f"did not happen: {why}"
    except AssertionError as why:
        attack.complaints.append(str(why)[:LONGEST])
    except Exception:
        attack.stopped = traceback.format_exc()[-LONGEST:]
    except BaseException:
        attack.stopped = "broken off"
        raise
    finally:
        attack.seconds = time.monotonic() - begun
        tell(f"{attack.verdict:8} {group}: {name} ({attack.seconds:.0f} s) {'; '.join(attack.row().get('why', ()))}")


def summary(found: list[Attack]) -> dict:
    """Give the JSON of the suite: each group's counts of verdicts and of what happened, and all attacks."""
    groups = {}
    for attack in found:
        said = groups.setdefault(attack.group, {"verdicts": Counter(), "events": Counter(), "seconds": 0.0})
        said["verdicts"][attack.verdict] += 1
        said["events"] += attack.events
        said["seconds"] = round(said["seconds"] + attack.seconds, 1)
    rows = [attack.row() for attack in found]
    verdicts = dict(Counter(attack.verdict for attack in found))
    return {"verdicts": verdicts, "groups": groups, "attacks": rows}


def exit_code(found: list[Attack]) -> int:
    """Give 0 where all held or were skipped with a reason, 1 where something did not hold, 2 where something was not played."""
    verdicts = {attack.verdict for attack in found}
    if ERROR in verdicts or not verdicts - {SKIPPED}:
        return 2
    return int(FAILED in verdicts)
