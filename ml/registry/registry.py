"""The registry of models: train, evaluate, compare, approve, serve, roll back; each step is an event that stays.

The folder (`models/` of the data directory):

    objects/ab/abcd…   content by its SHA-256: parts and manifests of artefacts, cards, evaluations
    journal/00000001.json, …   one event each, in order, each with the digest of the one before

Nothing is ever changed in place. An event is a file that is written under a hidden name, forced to disk and linked to
the next free number: of two writers one gets it, and the other decides again on what is then there. A kill leaves the
event or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ml.gates.evaluation import Evaluation
from ml.gates.results import GateResult
from ml.registry.artefact import Artefact
from ml.registry.card import Card

Announce = Callable[[str, str, str], None]


class Registry:
    """The registry in a folder. All methods raise RegistryError with what was found and what was expected."""

    def __init__(self, root: Path, *, announce: Announce | None = None) -> None:
        """root: the folder. announce: tells the running job of (name, version, digest); None: nobody is told."""
        raise NotImplementedError

    def train(self, card: Card, artefact: Artefact, *, why: str = "") -> str:
        """Enter a model that was trained; give the digest of its artefact. The same again changes nothing."""
        raise NotImplementedError

    def evaluate(
        self, name: str, version: str, evaluations: Sequence[Evaluation], gates: Sequence[GateResult], *, by: str
    ) -> Card:
        """Score a model on pairs and judge it by the gates; give its card with scores and gates.

        gates: what ml.gates.leakage, ml.gates.training and the random-split warning found; chronology, skill,
        completeness and calibration are worked out here from the pairs, and never taken from outside.
        """
        raise NotImplementedError

    def compare(self, name: str, version: str, other: str, *, by: str) -> object:
        """Compare a version with another one on the hours that both were evaluated on (ml.registry.compare)."""
        raise NotImplementedError

    def approve(self, name: str, version: str, *, by: str, why: str = "") -> None:
        """Approve and serve a version. Raises NotApproved where a required gate is not passed; there is no way around."""
        raise NotImplementedError

    def refuse(self, name: str, version: str, *, by: str, why: str) -> None:
        """Refuse a version: it can no longer be approved, and stops serving where it did."""
        raise NotImplementedError

    def roll_back(self, name: str, *, by: str, why: str) -> str:
        """Serve the version that served before the present one; give it."""
        raise NotImplementedError

    def retire(self, name: str, *, by: str, why: str) -> None:
        """Let a model serve no longer, without another in its place."""
        raise NotImplementedError
