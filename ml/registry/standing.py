"""Where each model stands after all that has happened: a pure fold of the journal's events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ml.registry import journal
from ml.registry.errors import RegistryError
from ml.registry.journal import Event

TRAINED, EVALUATED, APPROVED, SERVING = "trained", "evaluated", "approved", "serving"
REFUSED, ROLLED_BACK, RETIRED = "refused", "rolled back", "retired"
STATUSES = (TRAINED, EVALUATED, APPROVED, SERVING, ROLLED_BACK, RETIRED, REFUSED)
LOADABLE = (APPROVED, SERVING)
"""What may score in the job: what serves, and what was approved and has been followed by another."""


@dataclass(slots=True)
class Standing:
    """One version of a model: status, digests of artefact, card and evaluations, and who said the last word, when and why."""

    name: str
    version: str
    artefact: str
    card: str
    status: str = TRAINED
    evaluations: tuple[str, ...] = ()
    approved_by: str = ""
    approved_at: float | None = None
    by: str = ""
    why: str = ""
    at: float = 0.0


@dataclass(slots=True)
class Standings:
    """All versions, by (name, version) in the order of their training.

    served: by name the versions that came to serve, in order, the present one last; serving: by name the version that
    serves, none where it was retired or refused. compared: by (name, version, other) the digest of the comparison.
    """

    versions: dict[tuple[str, str], Standing] = field(default_factory=dict)
    served: dict[str, list[str]] = field(default_factory=dict)
    serving: dict[str, str] = field(default_factory=dict)
    compared: dict[tuple[str, str, str], Mapping] = field(default_factory=dict)

    def of(self, name: str, version: str) -> Standing:
        """Give where a version stands. Errors: RegistryError where there is none, naming those that there are."""
        try:
            return self.versions[name, version]
        except KeyError:
            if not self.versions:
                raise RegistryError(f"there is no model {name} {version}: none was trained yet") from None
            known = ", ".join(f"{a} {b}" for a, b in self.versions)
            raise RegistryError(f"there is no model {name} {version}, expected one of {known}") from None

    def earlier(self, name: str) -> str | None:
        """Give the version to go back to: the last one that served before the present one and is still approved."""
        present = self.serving.get(name)
        for version in reversed(self.served.get(name, [])):
            if version != present and self.versions[name, version].status == APPROVED:
                return version
        return None


def standings(events: Sequence[Event]) -> Standings:
    """Give where each model stands after events, in their order."""
    found = Standings()
    for event in events:
        _STEPS[event.event](found, event)
    return found


def _trained(found: Standings, event: Event) -> None:
    about = event.about
    standing = Standing(event.name, event.version, str(about["artefact"]), str(about["card"]))
    found.versions[event.name, event.version] = _said(standing, event)


def _evaluated(found: Standings, event: Event) -> None:
    standing = found.of(event.name, event.version)
    standing.status, standing.card = EVALUATED, str(event.about["card"])
    standing.evaluations = tuple(event.about["evaluations"])
    _said(standing, event)


def _compared(found: Standings, event: Event) -> None:
    found.compared[event.name, event.version, str(event.about["other"])] = event.about


def _approved(found: Standings, event: Event) -> None:
    standing = _said(found.of(event.name, event.version), event)
    standing.status, standing.approved_by, standing.approved_at = APPROVED, event.by, event.at


def _served(found: Standings, event: Event) -> None:
    _leave(found, event.name, APPROVED)
    _take(found, event, event.version)


def _rolled_back(found: Standings, event: Event) -> None:
    _leave(found, event.name, ROLLED_BACK)
    _said(found.of(event.name, event.version), event)
    _take(found, event, str(event.about["to"]))


def _refused(found: Standings, event: Event) -> None:
    if found.serving.get(event.name) == event.version:
        del found.serving[event.name]
    _said(found.of(event.name, event.version), event).status = REFUSED


def _retired(found: Standings, event: Event) -> None:
    _leave(found, event.name, RETIRED)
    _said(found.of(event.name, event.version), event)


def _leave(found: Standings, name: str, status: str) -> None:
    if (present := found.serving.pop(name, None)) is not None:
        found.of(name, present).status = status


def _take(found: Standings, event: Event, version: str) -> None:
    _said(found.of(event.name, version), event).status = SERVING
    found.serving[event.name] = version
    found.served.setdefault(event.name, []).append(version)


def _said(standing: Standing, event: Event) -> Standing:
    standing.by, standing.why, standing.at = event.by, event.why, event.at
    return standing


_STEPS = {
    journal.TRAINED: _trained, journal.EVALUATED: _evaluated, journal.COMPARED: _compared,
    journal.APPROVED: _approved, journal.SERVED: _served, journal.ROLLED_BACK: _rolled_back,
    journal.REFUSED: _refused, journal.RETIRED: _retired,
}  # fmt: skip
