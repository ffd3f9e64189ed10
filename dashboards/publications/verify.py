"""Whether a publication still comes out of its recorded inputs to the byte, and what differs where it does not."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from dashboards.phase.assess import assess
from dashboards.phase.content import as_bytes, from_bytes
from dashboards.phase.gathered import gathered_from
from dashboards.publications import register
from dashboards.publications.difference import Cell, difference
from dashboards.publications.register import Record
from dashboards.publications.software import software


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a new computation gave. exact: the same bytes; other_software: frozen by another revision; cells: values that differ."""

    exact: bool
    other_software: bool
    cells: tuple[Cell, ...]

    @property
    def holds(self) -> bool:
        """Tell whether every value comes out; another revision of the software may choose other words for them."""
        return self.exact or (self.other_software and not self.cells)


def recomputed(inputs: bytes) -> bytes:
    """Give the content that recorded inputs have, by the software of now. Errors: InputsRefused."""
    return as_bytes(assess(gathered_from(inputs)))


def verify(office: sa.Connection, record: Record) -> Verdict:
    """Compute a publication again from its recorded inputs and compare; the store has no part in it.

    Errors: PublicationRefused where what is kept does not have its digest, InputsRefused where it cannot be read any more.
    """
    content, now = register.content_of(office, record), recomputed(register.inputs_of(office, record))
    cells = () if now == content else difference(from_bytes(content), from_bytes(now))
    return Verdict(now == content, record.software != software(), cells)
