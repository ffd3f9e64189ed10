"""What a start goes on from: the newest checkpoint that is whole, else the one before, else the topics from their beginning.

What is damaged is set aside under another name, so that the engine finds the one to use by its number, and is said: in the log, and
as a reject that nothing was lost by, because what the engine tells again is counted once.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from streams.pipeline.checkpoints import SET_ASIDE, complete, number_of
from streams.pipeline.inherited import Inherited
from streams.pipeline.manifests import Manifests, keep_looking, name_of, set_aside
from streams.pipeline.set_back import BEFORE, TOPICS, SetBack
from streams.records import Rejected
from streams.wire import messages
from streams.wire.seals import FLIPPED, Damage
from streams.wire.topics import open_topic

LOG = logging.getLogger("airshed.pipeline")
KEPT_S = 7 * 86_400.0
"""For so long what was set aside is kept, for whoever wants to look at it [s]."""
RESTORING = (
    "creating StreamOperatorStateContext", "Failed to rollback to checkpoint/savepoint", "Could not load checkpoint",
    "Failed when trying to restore", "Could not restore", "checkpoint.Checkpoints.load",
    "checkpoint.CheckpointCoordinator.restore",
)  # fmt: skip
"""One of these stands in what Flink says where it could not start from a checkpoint (Flink 2.x: StreamTaskStateInitializerImpl,
Checkpoints.loadAndValidateCheckpoint, BackendRestorerProcedure)."""


@dataclass(slots=True)
class Recovery:
    """A start from a checkpoint, None: from the topics. older: whether its state is older than what may be stored already."""

    manifests: Manifests
    topics: Path
    checkpoint: Path | None
    older: bool
    set_back: SetBack

    def watch(self, inherited: Inherited, caught_up: Callable[[], bool]) -> None:
        """Have the manifests written from now on, what was inherited let go of, and a set-back ended, by a thread."""
        looks = (inherited.let_go, self.manifests.look, lambda: self.set_back.look(caught_up))
        threading.Thread(target=keep_looking, args=looks, name="manifests", daemon=True).start()

    def failed(self, why: str) -> None:
        """Set the checkpoint aside where the engine ended because it could not start from it: the next start goes further back.

        why: how it ended, with its causes. One after which another was completed was good enough to start from.
        """
        checkpoint = self.checkpoint
        started = complete(self.manifests.checkpoints)[:1] != [checkpoint]
        if checkpoint is not None and not started and any(word in why for word in RESTORING):
            damage = Damage("_metadata", 0, 0, FLIPPED, "the engine cannot start from it")
            _tell(self.topics, checkpoint, [damage])
            set_aside(checkpoint)
            self.set_back.remember(BEFORE if complete(self.manifests.checkpoints) else TOPICS)


def begin(data: Path, checkpoints: Path) -> Recovery:
    """Choose what to go on from, set aside and tell what is damaged; then the newest checkpoint by number is the one to use."""
    manifests, topics, set_back = Manifests(checkpoints), data / "topics", SetBack(data)
    choice = manifests.choose()
    for checkpoint, damage in choice.damaged:
        _tell(topics, checkpoint, damage)
        set_aside(checkpoint)
    _clear(checkpoints)
    if choice.damaged and choice.checkpoint:
        told = name_of(choice.checkpoint)
        LOG.warning("the engine goes on from the checkpoint before, %s; what it tells again is counted once", told)
    elif choice.damaged:
        LOG.warning("the engine goes on from the topics alone; what it tells again is counted once")
    if choice.damaged:
        set_back.remember(BEFORE if choice.checkpoint else TOPICS)
    return Recovery(manifests, topics, choice.checkpoint, _is_older(checkpoints, choice.checkpoint), set_back)


def _is_older(checkpoints: Path, checkpoint: Path | None) -> bool:
    """Tell whether one that was set aside has a higher number: what it knew may be stored already."""
    aside = [number_of(path.name) for path in checkpoints.glob(f"*/{SET_ASIDE}*")]
    return max(aside, default=-1) > (-1 if checkpoint is None else number_of(checkpoint.name))


def _clear(checkpoints: Path) -> None:
    """Remove what was set aside so long ago that nobody looks at it any more."""
    for path in checkpoints.glob(f"*/{SET_ASIDE}*"):
        if time.time() - path.stat().st_mtime > KEPT_S:
            shutil.rmtree(path, ignore_errors=True)


def _tell(topics: Path, checkpoint: Path, damage: Sequence[Damage]) -> None:
    first, name = damage[0], name_of(checkpoint)
    LOG.error("the checkpoint %s is damaged and set aside: %s", name, first.file)
    reject = Rejected(
        messages.DAMAGE, f"file {first.file}", f"damaged: {first.reason}", f"{len(damage)} files",
        "nothing: the engine goes on from what stands before it", f"checkpoints/{name}", rows=0, set_aside=True,
    )  # fmt: skip
    try:
        line = messages.rejected_line(reject, time.time())
        open_topic(topics / messages.INTAKE_TOPIC).append([line], key=f"damaged checkpoint {name} {first.reason}")
    except OSError as error:
        LOG.error("that cannot be told to the store: %s", error)
