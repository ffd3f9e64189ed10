"""The one door to an assessment: page, API, documents and notebooks ask here."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from dashboards.phase.assess import assess
from dashboards.phase.content import Content
from dashboards.phase.events import events_at
from dashboards.phase.gather import gather
from dashboards.phase.gathered import Gathered
from dashboards.phase.question import Question
from dashboards.phase.targets import targets_at
from ml.registry.errors import RegistryError
from ml.registry.registry import Registry as RegistryOfModels
from ml.registry.standing import APPROVED, SERVING
from streams.registry import Registry


def phase_assessment(
    connection: sa.Connection,
    question: Question,
    *,
    registry: Registry,
    folder: Path | None,
    models: Path | None = None,
) -> Content:
    """Assess a period from the store as it is now.

    folder: the portal's, with targets.toml and events.toml; models: the registry of models, which says whose attribution may
    be shown. Returns Content; equal inputs give equal bytes.
    """
    return assess(gathered_for(connection, question, registry=registry, folder=folder, models=models))


def gathered_for(
    connection: sa.Connection,
    question: Question,
    *,
    registry: Registry,
    folder: Path | None,
    models: Path | None = None,
) -> Gathered:
    """Read what phase_assessment computes from: what a publication keeps beside its content."""
    return gather(
        connection, question, registry=registry, targets=targets_at(folder).entries, events=events_at(folder).entries,
        attribution_approved=attribution_may_be_shown(models),
    )  # fmt: skip


def attribution_may_be_shown(models: Path | None) -> bool:
    """Tell whether the stored attribution may be shown: where a model of it is registered, a version must be approved.

    The attribution by tags is a method and no trained model: without a registered model it is shown with its tier.
    """
    if models is None or not (models / "journal").exists():
        return True
    try:
        versions = RegistryOfModels(models).standings().versions.values()
    except RegistryError:
        return False
    mine = [each for each in versions if each.name.startswith("attribution")]
    return not mine or any(each.status in (APPROVED, SERVING) for each in mine)
