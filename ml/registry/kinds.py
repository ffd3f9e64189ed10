"""Kinds of models: how an artefact and its card become a scorer. The table is code; no artefact names what is run.

To add a kind: a function `build(artefact, card) -> Scorer` in the package of the models, and a line in KINDS.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from ml.registry.artefact import Artefact
from ml.registry.card import Card
from ml.registry.errors import RegistryError
from streams.scorers import Scorer

Builder = Callable[[Artefact, Card], Scorer]
KINDS = {
    "linear": "ml.registry.linear:build",
    "forecast": "ml.forecast.serving:build",
}
"""Kind to module:function, imported when such a model is loaded."""


def builder(kind: str) -> Builder:
    """Give what makes scorers of a kind; raise RegistryError where there is no such kind."""
    if kind not in KINDS:
        raise RegistryError(f"there is no kind of models {kind!r}, expected one of {', '.join(KINDS)}")
    module, _, function = KINDS[kind].partition(":")
    return getattr(importlib.import_module(module), function)


def build(artefact: Artefact, card: Card) -> Scorer:
    """Make the scorer of a model; its name and version are those of the card."""
    scorer = builder(card.kind)(artefact, card)
    if (scorer.name, scorer.version) != (card.name, card.version):
        raise RegistryError(
            f"the kind {card.kind} made {scorer.name} {scorer.version}, expected {card.name} {card.version} of the card"
        )
    return scorer
