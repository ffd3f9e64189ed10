"""The registry of models: train, evaluate, compare, approve, serve, roll back; each step is an event that stays.

The folder (`models/` of the data directory):

    objects/ab/abcd…                content by its SHA-256: parts and manifests of artefacts, cards, evaluations
    journal/00000001.json, …        one event each, in order, each with the digest of the one before

Nothing is ever changed in place. An event is a file that is written under a hidden name, forced to disk and linked to
the next free number: of two writers one gets it, and the other decides again on what is then there. A kill leaves the
event or nothing; content of which no event speaks harms nobody. What serves is announced after its event; whoever
starts the platform announces it again, so that a kill between the two is mended.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from ml.gates import scoring
from ml.gates.evaluation import Evaluation, unpacked
from ml.gates.results import CALIBRATION, CHRONOLOGY, COMPLETENESS, SKILL, GateResult, required, title
from ml.gates.scores import by_lead
from ml.registry import cards, journal, kinds, standing
from ml.registry.artefact import Artefact, digest_of
from ml.registry.card import Card
from ml.registry.compare import WORSE, Comparison, compare
from ml.registry.errors import NotApproved, RegistryError
from ml.registry.files import Objects
from ml.registry.journal import Event, Journal
from ml.registry.standing import Standing, Standings, standings
from ml.registry.words import word

Announce = Callable[[str], None]
"""Tells the running job what the registry now serves under a name, or that it serves nothing."""
WORKED_OUT = (CHRONOLOGY, SKILL, COMPLETENESS, CALIBRATION)
"""The gates that the registry works out itself from the pairs; a result that is handed in does not count."""
_DECIDED = (standing.APPROVED, standing.SERVING, standing.ROLLED_BACK, standing.RETIRED, standing.REFUSED)
"""Whose card stays as it was when somebody said a word on it."""


class Registry:
    """The registry in a folder. All methods raise RegistryError with what was found and what was expected."""

    def __init__(self, root: Path, *, announce: Announce | None = None, clock: Callable[[], float] = time.time) -> None:
        """root: the folder, made with the first model. announce: tells the running job; None: nobody is told."""
        self.root, self.announce, self.clock = Path(root), announce, clock
        self.objects, self.journal = Objects(self.root / "objects"), Journal(self.root / "journal")

    # What there is

    def standings(self, until: float | None = None) -> Standings:
        """Give where all models stand; until [epoch s]: where they stood then, None for now.

        The order of events is that of the journal: a clock that was set back takes none out of the middle.
        """
        events = self.journal.read()
        count = len(events) if until is None else max((n for n, e in enumerate(events, 1) if e.at <= until), default=0)
        return standings(events[:count])

    def history(self, name: str = "") -> list[Event]:
        """Give what happened to a model, to all of them without a name, in order."""
        return [event for event in self.journal.read() if name in ("", event.name)]

    def card(self, name: str, version: str) -> Card:
        """Give the card of a version as it now is. Errors: Damaged where it has changed on disk."""
        return self.card_of(self.standings().of(name, version))

    def card_of(self, model: Standing) -> Card:
        """Give the card that belongs to where a version stands or stood. Errors: Damaged as card."""
        return cards.read(self.objects.get(model.card, f"the card of {model.name} {model.version}"))

    def artefact(self, name: str, version: str) -> Artefact:
        """Give the artefact of a version. Errors: Damaged where any part of it has changed on disk."""
        return self.artefact_of(self.standings().of(name, version).artefact, f"the artefact of {name} {version}")

    def artefact_of(self, digest: str, what: str) -> Artefact:
        """Give an artefact by its digest; what: named in messages. Errors: Damaged as artefact."""
        parts = json.loads(self.objects.get(digest, what))
        return Artefact({name: self.objects.get(each, f"{what}, part {name},") for name, each in parts.items()})

    def evaluations(self, name: str, version: str) -> list[Evaluation]:
        """Give the pairs on which a version was scored."""
        found = self.standings().of(name, version)
        return [unpacked(self.objects.get(d, f"an evaluation of {name} {version}")) for d in found.evaluations]

    # What happens

    def train(self, card: Card, artefact: Artefact, *, why: str = "") -> str:
        """Enter a model that was trained; give the digest of its artefact. The same again changes nothing.

        Errors: RegistryError where the version is there with another artefact or card, or the card has scores already.
        """
        if card.scores or card.gates:
            raise RegistryError(
                f"the card of {card.name} {card.version} has scores, expected none: evaluate works them out"
            )
        for content in artefact.parts.values():
            self.objects.put(content)
        about = {"artefact": self.objects.put(artefact.manifest), "card": self.objects.put(cards.written(card))}

        def decide(events: Sequence[Event]) -> Event | None:
            known = [e for e in events if (e.event, e.name, e.version) == (journal.TRAINED, card.name, card.version)]
            if known and known[0].about != about:
                raise RegistryError(f"{card.name} {card.version} is there with another content, expected a new version")
            return None if known else self._event(journal.TRAINED, card.name, card.version, card.trained_by, why, about)

        self.journal.add(decide)
        return about["artefact"]

    def evaluate(
        self, name: str, version: str, evaluations: Sequence[Evaluation], gates: Sequence[GateResult], *, by: str,
        why: str = "",
    ) -> Card:  # fmt: skip
        """Score a model on pairs and judge it by the gates; give its card with scores and gates.

        gates: what ml.gates.leakage, ml.gates.training and the warning of a random split found. Those of WORKED_OUT are
        worked out here from the pairs, never taken from outside. Errors: RegistryError where the model was approved or
        refused: its card stays as it was then, and a new version is wanted.
        """
        card = replace(self.card(name, version), scores=(), gates=())
        if not evaluations:
            raise RegistryError(f"{name} {version} is evaluated on nothing, expected one evaluation or more")
        if claimed := sorted({gate.gate for gate in gates} & set(WORKED_OUT)):
            raise RegistryError(
                f"gates {', '.join(claimed)} are handed in for {name}, expected others: they are worked out"
            )
        judged = replace(
            card, scores=tuple(score for each in evaluations for score in by_lead(each)),
            gates=(*_worked_out(card, evaluations), *gates),
            simulated=card.simulated or any(each.simulated for each in evaluations),
        )  # fmt: skip
        about = {
            "evaluations": [self.objects.put(each.packed()) for each in evaluations],
            "card": self.objects.put(cards.written(judged)),
        }

        def decide(events: Sequence[Event]) -> Event:
            found = standings(events).of(name, version)
            if found.status in _DECIDED:
                raise RegistryError(f"{name} {version} is {found.status}, expected a version that is not decided upon")
            return self._event(journal.EVALUATED, name, version, by, why, about)

        self.journal.add(decide)
        return judged

    def compare(
        self, name: str, version: str, other: str, *, by: str, seed: int = 0, anew: Sequence[Evaluation] = (),
    ) -> tuple[Comparison, ...]:  # fmt: skip
        """Compare a version with another one on the hours that both were evaluated on; it is written down.

        anew: pairs of the other one on the hours of this one, where its own evaluation lies before them; its card stays as
        it is. Errors: RegistryError where they have no quantity in common, or where pairs of anew do not come after the
        training of the other one.
        """
        found = self.standings()
        one, two = found.of(name, version), found.of(name, other)
        if anew:
            earlier = self.card_of(two)
            judged = scoring.chronology(anew, quantities=(), embargo_h=earlier.embargo_h, until=earlier.trained_until)
            if not judged.allows:
                raise RegistryError(f"{name} {other} on the hours of {version}: {judged.words('en')}")
        made = compare(self.evaluations(name, version), anew or self.evaluations(name, other), seed=seed)
        if not made:
            raise RegistryError(f"{name} {version} and {other} were evaluated on no quantity in common, expected some")
        about = {"other": other, "of": _basis(one, two), "comparisons": [asdict(each) for each in made],
                 "anew": [self.objects.put(each.packed()) for each in anew]}  # fmt: skip
        self.journal.add(lambda events: self._event(journal.COMPARED, name, version, by, "", about))
        return made

    def approve(self, name: str, version: str, *, by: str, why: str = "", serve: bool = True) -> None:
        """Approve a version, and let it serve from now on (unless serve is False).

        by: the name of who approves. Errors: NotApproved where a required gate is failed or was not taken, where it was
        refused, or where it was not compared with the version that serves on any pair; there is no way around.
        RegistryError where nobody's name is given, where a larger error than that of the version that serves is approved
        without why, or where no scorer can be made of it; Damaged where it changed on disk.
        """

        def decide(events: Sequence[Event]) -> Event | None:
            found = standings(events)
            model = found.of(name, version)
            if model.status == standing.SERVING:
                return None
            self._require_approvable(found, model, why)
            if model.status == standing.APPROVED:
                return None
            self._require_loadable(model)
            return self._event(journal.APPROVED, name, version, by, why)

        self.journal.add(decide)
        if serve:
            self.serve(name, version, by=by, why=why)

    def serve(self, name: str, version: str, *, by: str, why: str = "") -> None:
        """Let an approved version serve, also one that served before.

        Errors: NotApproved where it is not approved, or never served and was not compared with the version that does;
        RegistryError where no scorer can be made of it; Damaged where it changed on disk.
        """

        def decide(events: Sequence[Event]) -> Event | None:
            found = standings(events)
            model = found.of(name, version)
            if model.status == standing.SERVING:
                return None
            if model.status != standing.APPROVED:
                raise NotApproved(f"{name} {version} is {model.status}, expected an approved version")
            if version not in found.served.get(name, ()):
                self._require_approvable(found, model, why)
            self._require_loadable(model)
            return self._event(journal.SERVED, name, version, by, why)

        self.journal.add(decide)
        self._tell(name)

    def refuse(self, name: str, version: str, *, by: str, why: str) -> None:
        """Refuse a version for good: it cannot be approved, and serves no longer where it did."""
        _require_reason(why, f"{name} {version} is refused")

        def decide(events: Sequence[Event]) -> Event | None:
            refused = standings(events).of(name, version).status == standing.REFUSED
            return None if refused else self._event(journal.REFUSED, name, version, by, why)

        self.journal.add(decide)
        self._tell(name)

    def roll_back(self, name: str, *, by: str, why: str) -> str:
        """Let the version serve that served before the present one; give it.

        Errors: RegistryError where nothing serves, nothing approved served before, or no scorer can be made of what did.
        """
        _require_reason(why, f"{name} is rolled back")

        def decide(events: Sequence[Event]) -> Event:
            found = standings(events)
            present, earlier = found.serving.get(name), found.earlier(name)
            if present is None or earlier is None:
                raise RegistryError(
                    f"{name} cannot be rolled back: {present or 'nothing'} serves and no approved version served before, "
                    f"expected both; it can be retired"
                )
            self._require_loadable(found.of(name, earlier))
            return self._event(journal.ROLLED_BACK, name, present, by, why, {"to": earlier})

        event = self.journal.add(decide)
        self._tell(name)
        return str(event.about["to"])

    def retire(self, name: str, *, by: str, why: str) -> None:
        """Let a model serve no longer, without another version in its place. Errors: RegistryError where nothing serves."""
        _require_reason(why, f"{name} is retired")

        def decide(events: Sequence[Event]) -> Event:
            present = standings(events).serving.get(name)
            if present is None:
                raise RegistryError(f"no version of {name} serves, expected one that can be retired")
            return self._event(journal.RETIRED, name, present, by, why)

        self.journal.add(decide)
        self._tell(name)

    # How it is decided

    def why_not(self, name: str, version: str, language: str = "en") -> list[str]:
        """Give what stands against approving a version, in "zh" or "en"; empty where nothing does."""
        found = self.standings()
        return list(self._against(found, found.of(name, version), language))

    def _require_approvable(self, found: Standings, model: Standing, why: str) -> None:
        if against := list(self._against(found, model)):
            raise NotApproved(f"{model.name} {model.version} cannot be approved: " + "; ".join(against))
        present = found.serving.get(model.name)
        if present is None or why.strip():
            return
        compared = found.compared[model.name, model.version, present]["comparisons"]
        if worse := [each["quantity"] for each in compared if each["verdict"] == WORSE]:
            raise RegistryError(
                f"{model.name} {model.version} has a larger error than {present}, which serves, in {', '.join(worse)}; "
                f"expected a reason (why) for approving it all the same"
            )

    def _require_loadable(self, model: Standing) -> None:
        # What cannot be loaded would be refused by the job, after it has let go of the version that serves.
        artefact = self.artefact_of(model.artefact, f"the artefact of {model.name} {model.version}")
        card = self.card_of(model)
        try:
            kinds.build(artefact, card)
        except Exception as error:
            raise RegistryError(
                f"{model.name} {model.version} cannot be loaded ({type(error).__name__}: {error}), expected a model of "
                f"the kind {card.kind}"
            ) from error

    def _against(self, found: Standings, model: Standing, language: str = "en") -> Iterable[str]:
        if model.status == standing.REFUSED:
            yield word("against_refused", language, by=model.by, why=model.why)
        if not model.evaluations:
            yield word("against_not_evaluated", language)
            return
        yield from _gates_against(self.card_of(model), language)
        present = found.serving.get(model.name)
        if present is not None and present != model.version:
            compared = found.compared.get((model.name, model.version, present))
            if not _holds(compared, _basis(model, found.of(model.name, present))):
                yield word("against_not_compared", language, other=present)

    def _event(
        self, event: str, name: str, version: str, by: str, why: str, about: Mapping[str, object] | None = None
    ) -> Event:
        if not by.strip():
            raise RegistryError(f"{name} {version} is {event} by nobody, expected a name")
        return Event(
            event=event, name=name, version=version, at=self.clock(), by=by.strip(), why=why.strip(), about=about or {}
        )

    def _tell(self, name: str) -> None:
        if self.announce is not None:
            self.announce(name)


def _worked_out(card: Card, evaluations: Sequence[Evaluation]) -> list[GateResult]:
    found = [
        _in_order(card, evaluations),
        scoring.skill(evaluations), scoring.completeness(evaluations),
    ]  # fmt: skip
    if card.quantiles:
        found.append(scoring.calibration(evaluations, levels=card.quantiles))
    return found


def _in_order(card: Card, evaluations: Sequence[Evaluation]) -> GateResult:
    return scoring.chronology(
        evaluations,
        quantities=card.quantities,
        embargo_h=card.embargo_h,
        until=card.trained_until,
        horizon_h=card.horizon_h,
    )


def _gates_against(card: Card, language: str) -> Iterable[str]:
    taken: dict[str, list[GateResult]] = {}
    for result in card.gates:
        taken.setdefault(result.gate, []).append(result)
    for gate in required(quantiles=bool(card.quantiles), monotone=bool(card.monotone)):
        if gate not in taken:
            yield word("against_not_taken", language, gate=title(gate, language))
    failed = [result for results in taken.values() for result in results if not result.allows]
    for result in failed:
        yield word("against_failed", language, gate=title(result.gate, language), said=result.words(language))


def _holds(compared: Mapping | None, basis: str) -> bool:
    # A comparison of other evaluations, or on not one pair, is none.
    return compared is not None and compared["of"] == basis and any(each["n"] for each in compared["comparisons"])


def _basis(one: Standing, two: Standing) -> str:
    # What a comparison rests on: evaluated anew, two models have to be compared anew.
    return digest_of(repr((one.evaluations, two.evaluations)).encode())


def _require_reason(why: str, what: str) -> None:
    if not why.strip():
        raise RegistryError(f"{what} without a reason, expected why")
