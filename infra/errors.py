"""From an exception to what a person reads and the exit code that a script sees."""

from __future__ import annotations

from infra.messages import language, say
from infra.store_url import masked
from standards.errors import AirshedError

FAILED, USAGE, INTERNAL = 1, 2, 70


def explain(error: BaseException) -> tuple[str, int]:
    """Give a message without a traceback, and the exit code: 1 for what a person can mend, 70 for our own fault."""
    from infra.running import AlreadyRunning

    if isinstance(error, AlreadyRunning):
        about = error.about
        return say("already_running", pid=about.get("pid", "?"), address=about.get("address", "?")), FAILED
    if isinstance(error, ModuleNotFoundError):
        return say("error", error=say("part_missing", name=error.name)), FAILED
    text = masked(str(error)).strip() or type(error).__name__
    if _is_known(error):
        return say("error", error=_in_words(error, text)), FAILED
    return say("internal_error", error=f"{type(error).__name__}: {text}"), INTERNAL


def _in_words(error: BaseException, text: str) -> str:
    """Give an error of ours in the language asked for; what the catalogue of reasons lacks stays in English."""
    if language() != "zh" or not isinstance(error, AirshedError):
        return text
    from streams.store.reasons import told_in

    return told_in("zh", text)


def _is_known(error: BaseException) -> bool:
    """Tell whether an exception was raised to be read by a person: our own, the system's and the database's."""
    # The database's are told by their module: not every command loads its library.
    return isinstance(error, AirshedError | OSError) or type(error).__module__.startswith("sqlalchemy.")
