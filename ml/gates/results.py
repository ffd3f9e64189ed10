"""What a gate says: passed, failed or warned, with its reason in words of both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ml.gates.errors import GateError

PASSED, FAILED, WARNED = "passed", "failed", "warned"
OUTCOMES = (PASSED, FAILED, WARNED)
CHRONOLOGY, SKILL, COMPLETENESS = "chronology", "skill", "completeness"
LEAKAGE, REPRODUCIBLE, BLIND = "leakage", "reproducible", "blind"
CALIBRATION, MONOTONE, RANDOM_GAP = "calibration", "monotone", "random_gap"
ALWAYS = (CHRONOLOGY, SKILL, COMPLETENESS, LEAKAGE, REPRODUCIBLE, BLIND)
"""The gates that every model has to take; calibration where it gives quantiles, monotone where it declares it."""
GATES = (*ALWAYS, CALIBRATION, MONOTONE, RANDOM_GAP)
LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class GateResult:
    """What one gate found.

    gate: one of GATES. outcome: one of OUTCOMES. reason: key of the sentence in catalogue.toml; values: what is
    filled into it, texts and numbers alone. Errors: GateError where the catalogue has no such gate or sentence, or
    where a value is missing.
    """

    gate: str
    outcome: str
    reason: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.gate not in GATES:
            raise GateError(f"there is no gate {self.gate!r}, expected one of {', '.join(GATES)}")
        if self.outcome not in OUTCOMES:
            raise GateError(f"the gate {self.gate} says {self.outcome!r}, expected one of {', '.join(OUTCOMES)}")
        self.words("en")

    @property
    def allows(self) -> bool:
        """Tell whether a model may be approved as far as this gate goes: a warning is shown and does not stop it."""
        return self.outcome != FAILED

    def words(self, language: str) -> str:
        """Give the reason as a sentence in "zh" or "en"."""
        try:
            values = {name: _spoken(value, language) for name, value in self.values.items()}
            return catalogue()[self.reason][language].format(**values)
        except (KeyError, ValueError, IndexError) as error:
            raise GateError(
                f"the gate {self.gate} gives a reason {self.reason!r} without its words: {error}"
            ) from error

    def plain(self) -> dict[str, object]:
        """Give the result as plain values for JSON."""
        return {"gate": self.gate, "outcome": self.outcome, "reason": self.reason, "values": dict(self.values)}


def title(gate: str, language: str) -> str:
    """Give the name of a gate in "zh" or "en"."""
    return catalogue()[f"gate_{gate}"][language]


def required(*, quantiles: bool, monotone: bool) -> tuple[str, ...]:
    """Give the gates that a model must have taken, none of them failed, before it can be approved."""
    return (*ALWAYS, *((CALIBRATION,) if quantiles else ()), *((MONOTONE,) if monotone else ()))


def _spoken(value: str | int | float, language: str) -> str | int | float:
    entry = catalogue().get(f"word_{value}") if isinstance(value, str) else None
    return entry[language] if entry else value


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Read the catalogue: key to language to text."""
    return tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8"))


def result_from(plain: Mapping[str, object]) -> GateResult:
    """Give the result that was written with GateResult.plain."""
    return GateResult(plain["gate"], plain["outcome"], plain["reason"], plain["values"])
