"""Whether a start shows the sample and the demo: as the option says, and else until data of the user's own were taken in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from infra.datadir import DataDirectory
from infra.supervisor import Tell
from standards.days import SHANGHAI
from streams.intake.own import own_since


def show_demo(data: DataDirectory, asked: bool | None, watch: Sequence[Path], tell: Tell) -> bool:
    """Tell whether the sample and the demo are shown, by the option if it was given (asked), and else say why they are not."""
    if asked is not None:
        return asked
    since = own_since(data.root)
    if since is not None:
        tell("own_data", since=f"{since.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")
    elif watch:
        tell("own_folder")
    elif waits_unread(data):
        tell("own_waits", inbox=data.inbox)
    else:
        return True
    return False


def waits_unread(data: DataDirectory) -> bool:
    """Tell whether files wait where nothing was ever read: then nobody knows yet what they are."""
    return _any_file(data.inbox) and not _any_file(data.topics)


def _any_file(folder: Path) -> bool:
    return any(path.is_file() for path in folder.rglob("*"))
