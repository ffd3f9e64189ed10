"""The root of this project's own errors."""


class AirshedError(Exception):
    """Something that a person can read and mend: the message says what was found, where, and what was expected."""
