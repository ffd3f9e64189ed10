"""The registry of models: who trained what on which data, what it has shown, who approved it, and what serves.

The names that a person needs to enter, compare, approve and roll back a model; what each is stands where it comes from.
"""

from __future__ import annotations

from ml.registry.announcing import open_registry
from ml.registry.artefact import Artefact, arrays_part, digest_of, json_part
from ml.registry.card import Card, Reference, Words
from ml.registry.compare import Comparison
from ml.registry.confidence import Confidence, Signs, confidence, drift, reference
from ml.registry.errors import Damaged, NotApproved, RegistryError
from ml.registry.linear import linear
from ml.registry.registry import Registry
from ml.registry.serving import load_from
from ml.registry.standing import Standing, Standings

__all__ = [
    "Artefact",
    "Card",
    "Comparison",
    "Confidence",
    "Damaged",
    "NotApproved",
    "Reference",
    "Registry",
    "RegistryError",
    "Signs",
    "Standing",
    "Standings",
    "Words",
    "arrays_part",
    "confidence",
    "digest_of",
    "drift",
    "json_part",
    "linear",
    "load_from",
    "open_registry",
    "reference",
]
