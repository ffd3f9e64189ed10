"""What a program is told that asked for something that there is not: what, where, and what was expected."""

from __future__ import annotations

from dataclasses import dataclass

from standards.errors import AirshedError


@dataclass
class Problem(AirshedError):
    """A request that is refused in words. where: the parameter; expected: what would have been understood."""

    what: str
    where: str
    expected: str
    status: int = 422

    def __post_init__(self) -> None:
        super().__init__(f"{self.where}: {self.what}, expected {self.expected}")

    def body(self) -> dict[str, object]:
        """Give what is answered as JSON."""
        return {"error": {"what": self.what, "where": self.where, "expected": self.expected, "status": self.status}}
