"""The errors of the gates."""

from __future__ import annotations

from standards.errors import AirshedError


class GateError(AirshedError, ValueError):
    """A gate cannot be asked in this way; the message says what was found and what was expected."""


class RandomSplit(GateError):
    """Hours of training and of test lie among each other, so that a score would tell of memory and not of skill."""
