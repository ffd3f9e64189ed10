"""A checkpoint of the kind before is carried over: a job goes on from it, reads nothing, gives a savepoint, and is stopped.

Flink lets a job change the way in which it keeps its state by a savepoint only, and a checkpoint is none.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from standards.addresses import engine_uri
from standards.errors import AirshedError
from streams.pipeline import checkpoints
from streams.pipeline.cluster import MiniCluster

WITHIN_S = 120.0
"""All parts of a job run, and have given their state, within so long [s]."""
LOOK_S, RETRY_S = 0.1, 0.5


class NotCarried(AirshedError, RuntimeError):
    """The job gave no savepoint."""


def finish(cluster: MiniCluster, folder: Path) -> Path:
    """Have a savepoint made, lay that where the newest checkpoint is looked for, and stop the job; give where it lies.

    folder: that of the jobs' checkpoints. Errors: NotCarried.
    """
    made = folder / checkpoints.CARRIED
    shutil.rmtree(made, ignore_errors=True)
    _wait_until_it_runs(cluster)
    savepoint = cluster.save(engine_uri(made))
    cluster.cancel()
    # Flink names it otherwise, and finds its files beside it wherever it is.
    place = Path(savepoint.removeprefix("file:"))
    return place.rename(made / f"chk-{checkpoints.number_in(place)}")


def _wait_until_it_runs(cluster: MiniCluster) -> None:
    """Wait until all parts of the job give their state, and what they had still to make visible is so."""
    end, why = time.monotonic() + WITHIN_S, "no answer"
    while time.monotonic() < end:
        try:
            asked = cluster.ask()
            while (outcome := asked.outcome()) is None and time.monotonic() < end:
                time.sleep(LOOK_S)
        except Exception as error:
            outcome = str(error)
        if outcome == "":
            return
        why = outcome or why
        time.sleep(RETRY_S)
    raise NotCarried(f"no state within {WITHIN_S:.0f} s: {why}")
