"""The loader of the job's scoring seam: what is announced is loaded only where the registry stands behind it.

`airshed up` names `ml.registry.serving:load` to the job unless AIRSHED_SCORERS names another. It raises NotApproved or
Damaged for a model that is unknown, not approved, refused, rolled back or retired, or that has changed on disk; the job
writes that down as a reject of the model, and goes on.
"""

from __future__ import annotations

import os
from pathlib import Path

from ml.registry import kinds
from ml.registry.announcing import FOLDER
from ml.registry.errors import NotApproved
from ml.registry.registry import Registry
from ml.registry.standing import LOADABLE
from streams.records import ScorerNotice
from streams.scorers import Scorer

HOME = "AIRSHED_HOME"


def load(notice: ScorerNotice) -> Scorer:
    """Make the scorer that is announced, from the registry of the data directory (AIRSHED_HOME)."""
    return load_from(Path(os.environ.get(HOME) or ".airshed") / FOLDER, notice)


def load_from(root: Path, notice: ScorerNotice) -> Scorer:
    """Make the scorer that is announced, from the registry in a folder.

    Errors: NotApproved, Damaged, and RegistryError where the registry does not know it or its kind.
    """
    registry = Registry(root)
    model = registry.standings().of(notice.name, notice.version)
    if model.status not in LOADABLE:
        raise NotApproved(f"{model.name} {model.version} is {model.status} (by {model.by}: {model.why or 'no reason'})")
    if notice.digest != model.artefact:
        raise NotApproved(
            f"{model.name} {model.version} is announced as {notice.digest[:12] or 'nothing'}, expected {model.artefact[:12]}"
        )
    artefact = registry.artefact_of(model.artefact, f"the artefact of {model.name} {model.version}")
    return kinds.build(artefact, registry.card(model.name, model.version))
