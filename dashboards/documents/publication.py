"""What stands around an assessment on paper: who publishes it, as what number, when, in which state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from standards.errors import AirshedError

DRAFT, FROZEN, SUPERSEDED, WITHDRAWN = "draft", "frozen", "superseded", "withdrawn"
STATES = (DRAFT, FROZEN, SUPERSEDED, WITHDRAWN)
LANGUAGES = ("zh", "en")


class DocumentRefused(AirshedError, ValueError):
    """A document that cannot be made: what was found, where, and what was expected."""


@dataclass(frozen=True, slots=True)
class Publication:
    """The block around an assessment.

    number: of the document, such as "成环评〔2026〕3号"; None where none is given yet. organ: the bureau of the host city,
    which signs. period: in words of the language. issued: None for a draft. state: one of STATES. sha256s: name ("inputs",
    "content", …) to digest in hexadecimal; a "content" that is not that of the content is refused. simulated: marked on every
    page. lang: "zh" or "en". names: of cities and stations by their codes, None for those of the shipped registry.
    """

    title: str
    organ: str
    period: str
    number: str | None = None
    issued: dt.date | None = None
    state: str = DRAFT
    sha256s: Mapping[str, str] = field(default_factory=dict)
    simulated: bool = False
    lang: str = "zh"
    names: Callable[[str], str] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise DocumentRefused(f"the state is {self.state!r}, expected one of {', '.join(STATES)}")
        if self.lang not in LANGUAGES:
            raise DocumentRefused(f"the language is {self.lang!r}, expected one of {', '.join(LANGUAGES)}")
        if self.state != DRAFT and (self.number is None or self.issued is None):
            raise DocumentRefused(f"a publication that is {self.state} lacks its number or its date, expected both")
