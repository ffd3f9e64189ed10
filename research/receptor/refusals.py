"""What is refused, in words that name the place and what was expected."""

from __future__ import annotations

from standards.errors import AirshedError


class ReceptorError(AirshedError, ValueError):
    """Data, settings or files of a receptor model that cannot be used."""
