"""The mini-cluster behind a running job, asked for checkpoints through the bridge to Java.

The interface that Flink offers to the program of a job knows savepoints only. The mini-cluster itself knows more, and is a
private field of what stands for the job; where a version of Flink has it no longer, `can_be_asked` says so.
"""

from __future__ import annotations

from pyflink.common.completable_future import CompletableFuture
from pyflink.common.job_client import JobClient
from pyflink.java_gateway import get_gateway

JOB, CLUSTER = "org.apache.flink.runtime.minicluster.MiniClusterJobClient", "miniCluster"
KIND = "org.apache.flink.core.execution.CheckpointType"


def can_be_asked() -> bool:
    """Tell whether this version of Flink can be asked for checkpoints."""
    try:
        jvm = get_gateway().jvm
        jvm.Class.forName(JOB).getDeclaredField(CLUSTER)
        jvm.Class.forName(KIND)
    except Exception:
        return False
    return True


class AskedCheckpoint:
    """A checkpoint under way."""

    def __init__(self, future: CompletableFuture) -> None:
        self._future = future

    def outcome(self) -> str | None:
        """Give None while it runs, "" when it is complete, else why it failed."""
        if not self._future.done():
            return None
        error = self._future.exception()
        return "" if error is None else (str(error).splitlines() or [type(error).__name__])[0]


class MiniCluster:
    """The cluster of one job."""

    def __init__(self, client: JobClient) -> None:
        job = self._client = client._j_job_client
        field = job.getClass().getDeclaredField(CLUSTER)
        field.setAccessible(True)
        self._cluster, self._job = field.get(job), job.getJobID()
        self._kind = get_gateway().jvm.org.apache.flink.core.execution.CheckpointType.CONFIGURED

    def ask(self) -> AskedCheckpoint:
        """Ask for a checkpoint now."""
        return AskedCheckpoint(CompletableFuture(self._cluster.triggerCheckpoint(self._job, self._kind)))

    def save(self, folder: str) -> str:
        """Have a savepoint made under a folder, in the form that any kind of state can be made of; give where it lies.

        Not by stopping the job, as a savepoint may: the source that reads a connection takes that for its failure.
        """
        form = get_gateway().jvm.org.apache.flink.core.execution.SavepointFormatType.CANONICAL
        # PyFlink 2.3 leaves the form out and finds no such method.
        return CompletableFuture(self._client.triggerSavepoint(folder, form), str).result()

    def cancel(self) -> None:
        """Stop the job."""
        CompletableFuture(self._client.cancel()).result()
