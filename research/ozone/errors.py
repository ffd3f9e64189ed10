"""The error of this package: what a person asked or gave that cannot be computed, in words."""

from __future__ import annotations

from standards.errors import AirshedError


class OzoneError(AirshedError, ValueError):
    """What was given cannot be computed; the words name what, where, and what was expected."""
