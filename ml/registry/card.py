"""The model card: what a model is, what it was trained on, what it has shown, and what it must not be used for."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from ml.gates.features import Feature
from ml.gates.results import GateResult
from ml.gates.scores import LeadScore
from ml.registry.errors import RegistryError

SCHEMA = "card/1"
_NAME, VERSION = re.compile(r"[a-z][a-z0-9-]{0,29}"), re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    zh: str
    en: str

    def __post_init__(self) -> None:
        if not self.zh.strip() or not self.en.strip():
            raise RegistryError(f"a text of a card is {self.zh!r} and {self.en!r}, expected Chinese and English")


@dataclass(frozen=True, slots=True)
class Reference:
    """How a feature lay in training, for drift: edges between bins (k - 1,), shares of the bins (k,), share that was missing."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]
    missing: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A model card. What trains a model fills the first part; the registry adds scores and gates, and says who
    approved.

    name: at most 30 of a-z, 0-9, "-"; it stays from version to version and is the model of model_hour. version: at
    most 40 characters. kind: how the artefact becomes a scorer, one of ml.registry.kinds. title: what it is called on
    pages. quantities: what it is judged by, named with units; what its scorer gives may be more (quantiles as
    pm25_ugm3_q10). trained_from, trained_until [epoch h]: its window. edition: of the standards. features: with when
    each is known. revision: of the code. data: digests of what it was trained on, by name. seeds. horizon_h, lookback_h
    [h]: the longest of each. quantiles: levels in order, where it gives them. monotone: by feature +1 or -1, where it is
    declared. references: by feature, for drift. limits: what is known not to work; not_for: what it must not be used
    for; one or more of each. simulated: whether anything that it was trained on is. trained_by, trained_at [epoch s].
    Errors: RegistryError.
    """

    name: str
    version: str
    kind: str
    title: Words
    quantities: tuple[str, ...]
    trained_from: int
    trained_until: int
    edition: str
    features: tuple[Feature, ...]
    revision: str
    data: Mapping[str, str]
    seeds: tuple[int, ...]
    horizon_h: int
    lookback_h: int
    not_for: tuple[Words, ...]
    trained_by: str
    trained_at: float
    simulated: bool
    limits: tuple[Words, ...] = ()
    quantiles: tuple[float, ...] = ()
    monotone: Mapping[str, int] = field(default_factory=dict)
    references: Mapping[str, Reference] = field(default_factory=dict)
    scores: tuple[LeadScore, ...] = ()
    gates: tuple[GateResult, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise RegistryError(f"a model is named {self.name!r}, expected a letter and at most 29 of a-z, 0-9 and '-'")
        if not VERSION.fullmatch(self.version):
            raise RegistryError(
                f"the version of {self.name} is {self.version!r}, expected at most 40 letters, digits, . _ -"
            )
        wanting = {"quantities": self.quantities, "data": self.data, "not_for": self.not_for, "seeds": self.seeds,
                   "edition": self.edition, "revision": self.revision, "trained_by": self.trained_by,
                   "features": self.features, "limits": self.limits}  # fmt: skip
        if missing := [name for name, value in wanting.items() if not _said(value)]:
            raise RegistryError(
                f"the card of {self.name} {self.version} says nothing of {', '.join(missing)}, expected all"
            )
        if self.trained_from > self.trained_until:
            raise RegistryError(
                f"{self.name} was trained from {self.trained_from} to {self.trained_until}, expected a window"
            )
        if (furthest := max(each.lookback_h for each in self.features)) > self.lookback_h:
            raise RegistryError(
                f"a feature of {self.name} looks back {furthest} h and the card {self.lookback_h} h, expected the longest of all"
            )
        _require_numbers(self)
        if not set(self.monotone.values()) <= {1, -1}:
            raise RegistryError(f"{self.name} is monotone by {dict(self.monotone)}, expected +1 or -1 for each feature")
        if odd := sorted(set(self.monotone) - {each.name for each in self.features}):
            raise RegistryError(f"{self.name} is monotone by {', '.join(odd)}, expected features of its own")

    @property
    def embargo_h(self) -> int:
        """Give the smallest honest gap [h] between training and test of this model."""
        return self.horizon_h + self.lookback_h


def _said(value: object) -> bool:
    """Tell whether something is said: a text that is not blank, or something of which every text is not."""
    if isinstance(value, str):
        return bool(value.strip())
    inner = value.values() if isinstance(value, Mapping) else value
    return bool(value) and all(_said(each) for each in inner if isinstance(each, str))


def _require_numbers(card: Card) -> None:
    if min(card.horizon_h, card.lookback_h) < 0:
        raise RegistryError(
            f"{card.name} has a horizon of {card.horizon_h} h and a look-back of {card.lookback_h} h, expected 0 or more"
        )
    if not math.isfinite(card.trained_at):
        raise RegistryError(f"{card.name} was trained at {card.trained_at}, expected epoch seconds")
    levels = (0.0, *card.quantiles, 1.0)
    if not all(low < high for low, high in pairwise(levels)):
        raise RegistryError(f"{card.name} gives quantiles {card.quantiles}, expected levels between 0 and 1 that rise")
    if len(set(card.quantities)) < len(card.quantities):
        raise RegistryError(f"{card.name} gives {', '.join(card.quantities)}, expected each quantity once")
