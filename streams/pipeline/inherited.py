"""Checkpoints that a job finds from jobs before it and does not own: they go in turn, as newer ones come.

A job takes over the one checkpoint that it goes on from (Flink's claim mode CLAIM): it counts as one of those it keeps, and is
removed, with the files that no newer one names, when so many newer ones are complete. Those before it are unknown to the job. It
never removes them, and takes files away that they name (so in Flink 2.3 and, by FLINK-35178, in 1.x). So they leave here, while
at least as many newer ones are whole. The other mode, NO_CLAIM, would write the whole state anew after every start.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from streams.pipeline.checkpoints import METADATA, complete
from streams.pipeline.keeping import RETAINED
from streams.pipeline.manifests import Manifests


@dataclass(slots=True)
class Inherited:
    """Checkpoints before the one that a job goes on from, each with the shared files that it names; taken: those of that one."""

    folder: Path
    taken: frozenset[Path] = frozenset()
    before: dict[Path, frozenset[Path]] = field(default_factory=dict)

    @classmethod
    def of(cls, manifests: Manifests) -> Inherited:
        """See what there is before a job starts from the newest one."""
        found = complete(manifests.checkpoints)
        named = {checkpoint: _shared(manifests, checkpoint) for checkpoint in found}
        taken = named.pop(found[0]) if found else frozenset()
        return cls(manifests.checkpoints, taken, named)

    def let_go(self) -> int:
        """Remove those that are no longer among the newest RETAINED, with what only they name; give how many."""
        stay = set(complete(self.folder)[:RETAINED])
        gone = {checkpoint: self.before.pop(checkpoint) for checkpoint in list(self.before) if checkpoint not in stay}
        needed = self.taken.union(*self.before.values())
        for checkpoint, files in gone.items():
            (checkpoint / METADATA).unlink(missing_ok=True)  # from now on no start takes it for complete
            for file in files - needed:
                file.unlink(missing_ok=True)
            shutil.rmtree(checkpoint, ignore_errors=True)
        return len(gone)


def drop_unusable(manifests: Manifests) -> int:
    """Remove those behind the newest that name a file which is not there, or cannot be read; give how many. While no job runs.

    Such a one was on its way out when the job before ended; where a newer one is damaged nobody is to come upon it.
    """
    gone = [each for each in complete(manifests.checkpoints)[1:] if not _has_all(manifests, each)]
    for checkpoint in gone:
        shutil.rmtree(checkpoint, ignore_errors=True)
    return len(gone)


def _has_all(manifests: Manifests, checkpoint: Path) -> bool:
    try:
        return all(file.exists() for file in manifests.files(checkpoint))
    except OSError:
        return False


def _shared(manifests: Manifests, checkpoint: Path) -> frozenset[Path]:
    try:
        return frozenset(file for file in manifests.files(checkpoint) if checkpoint not in file.parents)
    except OSError:
        return frozenset()  # what it names cannot be told: the next start's sweep finds it
