"""What is wrong with the files of targets and of events: told where they are used, and nothing is frozen meanwhile."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from dashboards.phase import events, targets
from dashboards.phase.question import REGION


def file_troubles(folder: Path | None, cities: Collection[str]) -> tuple[str, ...]:
    """Give what is wrong with targets.toml and events.toml of the portal's folder, a sentence for each thing.

    A file that cannot be used leaves the last good one in force, but only of this process; an entry of a place that is not
    registered concerns nobody. Either way an assessment lacks what somebody meant to be in it.
    """
    goals, happened = targets.targets_at(folder), events.events_at(folder)
    found = [each.trouble for each in (goals, happened) if each.trouble]
    unknown = {(targets.FILE, each.place) for each in goals.entries if each.place not in (*cities, REGION)}
    unknown |= {(events.FILE, code) for each in happened.entries for code in each.cities if code not in cities}
    expected = f"expected one of {', '.join(cities)}"
    return (*found, *(f"{file}: the place {code!r} is not registered, {expected}" for file, code in sorted(unknown)))
