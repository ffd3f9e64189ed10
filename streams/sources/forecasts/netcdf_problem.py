"""The one exception of the NetCDF readers: what is wrong with a file or a variable, in the four parts of a Rejected."""

from __future__ import annotations

from standards.errors import AirshedError
from streams.records import Rejected


class NetcdfProblem(AirshedError, ValueError):
    """A file, a variable or a time axis cannot be used: where in the file, why, what was found, what was expected."""

    def __init__(self, position: str, reason: str, value: object, expected: str) -> None:
        super().__init__(f"{position}: {reason} (found {value}), expected {expected}")
        # The store keeps 200 characters of each.
        parts = (position, reason, str(value), expected)
        self.position, self.reason, self.value, self.expected = (part[:200] for part in parts)

    def rejected(self, source: str, file: str, *, rows: int = 1) -> Rejected:
        """Give the problem as a Rejected of a source and a file; rows is how many place-hours are lost with it."""
        return Rejected(source, self.position, self.reason, self.value, self.expected, file=file, rows=rows)
