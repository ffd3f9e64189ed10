"""What a program is told that asked for something that there is not: what, where, and what was expected."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Problem(Exception):
    """A request that is refused in words. where: the parameter; expected: what would have been understood."""

    what: str
    where: str
    expected: str
    status: int = 422

    def body(self) -> dict[str, object]:
        """Give what is answered as JSON."""
        return {"error": {"what": self.what, "where": self.where, "expected": self.expected, "status": self.status}}
