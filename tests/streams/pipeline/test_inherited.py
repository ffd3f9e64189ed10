"""Checkpoints of earlier jobs leave in turn: three whole ones stay whatever happens, and nothing else grows."""

from __future__ import annotations

import random
import shutil
import uuid
from pathlib import Path

import pytest

from infra.check import WHOLE, check
from infra.datadir import DataDirectory
from streams.pipeline import checkpoints, recovery
from streams.pipeline.checkpoints import complete, number_of
from streams.pipeline.inherited import Inherited, drop_unusable
from streams.pipeline.keeping import RETAINED
from streams.pipeline.manifests import MAGIC, Manifests
from tests.streams.pipeline.test_checkpoint_damage import flip, in_a_file

MOST_FILES = 6
"""No checkpoint of these jobs names more shared files, as RocksDB merges its own."""


class Job:
    """A job as Flink 2.3 keeps checkpoints (CompletedCheckpointStore, SharedStateRegistryImpl).

    It knows the one that it took over and its own, keeps the newest RETAINED of these, and removes the others with each shared
    file that none of its own names.
    """

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder, self.chance, self.name = folder, chance, uuid.UUID(int=chance.getrandbits(128)).hex
        self.known: list[tuple[Path, frozenset[Path]]] = []
        if newest := next(iter(complete(folder)), None):
            self.known.append((newest, frozenset(Path(each) for each in checkpoints.files_elsewhere(newest))))
        self.number = number_of(newest.name) if newest else 0

    def checkpoint(self) -> None:
        """Complete one: it names some of the files of the one before, and a new one; then let go of the oldest."""
        self.number += 1
        before = self.known[-1][1] if self.known else frozenset()
        kept = {file for file in sorted(before) if self.chance.random() < 0.7}
        new = self.folder / self.name / "shared" / str(uuid.UUID(int=self.chance.getrandbits(128)))
        new.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(b"state" * self.chance.randint(1, 9))
        files = frozenset([*sorted(kept)[: MOST_FILES - 1], new])
        place = self.folder / self.name / f"chk-{self.number}"
        place.mkdir()
        listed = b"".join(in_a_file(file, file.stat().st_size) for file in sorted(files))
        (place / "_metadata").write_bytes(MAGIC + b"\0\0\0\6" + listed + b"\0end")
        self.known.append((place, files))
        while len(self.known) > RETAINED:
            gone, had = self.known.pop(0)
            for file in had - frozenset().union(*(files for _, files in self.known)):
                file.unlink()
            shutil.rmtree(gone)


def started(data: DataDirectory, chance: random.Random) -> tuple[Job, Inherited, Manifests]:
    """Start as streams.pipeline does."""
    found = recovery.begin(data.root, data.checkpoints)
    drop_unusable(found.manifests)
    checkpoints.sweep(data.checkpoints, RETAINED)
    if (newest := next(iter(complete(data.checkpoints)), None)) and checkpoints.readdress(newest, data.checkpoints):
        found.manifests.renew(newest)
    return Job(data.checkpoints, chance), Inherited.of(found.manifests), found.manifests


def whole(data: DataDirectory) -> int:
    return sum(not list(Manifests(data.checkpoints).verified(each)) for each in complete(data.checkpoints)[:RETAINED])


def said(data: DataDirectory) -> list[str]:
    return [f"{each.place} {each.what}" for each in check(data, data.store_url).faults]


@pytest.mark.parametrize("seed", range(12))
def test_after_kills_moves_and_fallbacks_check_is_silent_three_are_whole_and_the_disk_is_bounded(tmp_path, seed):
    chance, moves = random.Random(seed), 0
    data = DataDirectory(tmp_path / "0").create()
    job, inherited, manifests = started(data, chance)
    made = most = 0
    for step in range(120):
        what = chance.choice(["checkpoint"] * 4 + ["look"] * 4 + ["kill", "move", "fallback"])
        if what == "checkpoint":
            job.checkpoint()
            made, most = made + 1, most + 1
        elif what == "look":
            inherited.let_go()
            manifests.look()
            held = complete(data.checkpoints)
            assert len(held) <= RETAINED
            shared = set(data.checkpoints.glob("*/shared/*"))
            assert len(shared) <= RETAINED * MOST_FILES
            assert shared == {file for each in held for file in manifests.files(each) if file.parent.name == "shared"}
        else:
            if what == "move":
                moves += 1
                data.root.rename(tmp_path / str(moves))
                data = DataDirectory(tmp_path / str(moves))
            elif what == "fallback" and whole(data) == RETAINED:
                flip(complete(data.checkpoints)[0] / "_metadata", 2)
                made = RETAINED - 1  # of those that were whole
            job, inherited, manifests = started(data, chance)
        assert said(data) == [], (seed, step, what)
        assert whole(data) >= min(RETAINED, made), (seed, step, what)
    assert most > 3 * RETAINED and moves


def test_one_that_the_job_has_robbed_is_not_said_and_leaves(tmp_path):
    """What was found: older checkpoints of the job before named files that the new job had removed with the one it took over."""
    chance, data = random.Random(4), DataDirectory(tmp_path).create()
    job, inherited, manifests = started(data, chance)
    for _ in range(4):
        job.checkpoint()
    inherited.let_go()
    job, inherited, manifests = started(data, chance)
    older = complete(data.checkpoints)[1:]
    for _ in range(3):
        job.checkpoint()
    assert any(list(manifests.verified(each)) for each in older), "nothing was taken from them"
    assert check(data, data.store_url).code == WHOLE
    inherited.let_go()
    assert not any(each.exists() for each in older)


def test_a_damaged_one_among_those_before_goes_too_and_nothing_that_others_name_with_it(tmp_path):
    chance, data = random.Random(2), DataDirectory(tmp_path).create()
    job, *_ = started(data, chance)
    for _ in range(3):
        job.checkpoint()
    oldest = complete(data.checkpoints)[-1]
    (oldest / "_metadata").unlink()
    (oldest / "_metadata").mkdir()
    job, inherited, _ = started(data, chance)
    for _ in range(3):
        job.checkpoint()
    inherited.let_go()
    assert len(complete(data.checkpoints)) == whole(data) == RETAINED
