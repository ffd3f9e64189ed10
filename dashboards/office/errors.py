"""What can go wrong in the office, in words for the person before the page or the terminal."""

from __future__ import annotations

from standards.errors import AirshedError


class OfficeError(AirshedError, ValueError):
    """The office cannot be opened or asked; the message says what was found and what was expected."""


class Refused(OfficeError):
    """A person may not do this, or not so. key: the words of the catalogue that say why, with the values they need."""

    def __init__(self, key: str, **values: object) -> None:
        self.key, self.values = key, values
        super().__init__(" ".join([key, *(f"{name}={value}" for name, value in values.items())]))


class NotThere(Refused):
    """What a page is asked for is not there."""


class NotSignedIn(Refused):
    """Nobody is signed in, or the session is over."""

    def __init__(self) -> None:
        super().__init__("office.sign_in_first")
