"""The errors of the registry of models."""

from __future__ import annotations

from standards.errors import AirshedError


class RegistryError(AirshedError):
    """The registry cannot do what was asked; the message says what was found and what was expected."""


class NotApproved(RegistryError):
    """A model may not be approved or served; the message gives the reasons."""


class Damaged(RegistryError):
    """Files of the registry are not what its journal says of them."""
