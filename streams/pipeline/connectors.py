"""Where the job reads and writes. Files here; Kafka has its one place in `feed` and `results`."""

from __future__ import annotations

from pathlib import Path

from pyflink.common import Encoder, Types
from pyflink.datastream import DataStream, StreamExecutionEnvironment
from pyflink.datastream.connectors.file_system import BucketAssigner, FileSink, RollingPolicy

from standards.addresses import engine_uri
from standards.errors import AirshedError
from streams.pipeline.announcer import LOOPBACK, Announcer
from streams.pipeline.reader import KEY, PieceReader

BUCKETS = "yyyy-MM-dd"
"""Results of a day share a folder: whoever looks for new ones has few folders to ask about."""

CURRENT = Path("/proc/self/cwd")
"""The current folder of whoever asks (proc_pid_cwd(5)); macOS has none."""


class UnsupportedTopics(AirshedError, ValueError):
    """The location of the topics is of a kind that has no connector."""


def feed(environment: StreamExecutionEnvironment, announcer: Announcer) -> DataStream:
    """Give the lines of the topics that an announcer tells of; they end where it tells only what is there."""
    _require_folder(announcer.topics)
    retries = 0 if announcer.bounded else -1
    heard = environment._j_stream_execution_environment.socketTextStream(LOOPBACK, announcer.port, "\n", retries)
    said = DataStream(heard).name("announcements").uid("announcements")
    reader = PieceReader(announcer.topics, (LOOPBACK, announcer.answers))
    return (
        said.key_by(lambda _: KEY, key_type=Types.STRING()).process(reader, Types.STRING()).name("topics").uid("topics")
    )


def results(stream: DataStream, folder: Path, name: str) -> None:
    """Write result lines into a folder; a file becomes visible with the checkpoint that covers it, exactly once."""
    _require_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rolling = RollingPolicy.on_checkpoint_rolling_policy()
    sink = FileSink.for_row_format(engine_uri(wherever(folder)), Encoder.simple_string_encoder())
    sink = sink.with_rolling_policy(rolling).with_bucket_assigner(
        BucketAssigner.date_time_bucket_assigner(BUCKETS, "UTC")
    )
    stream.sink_to(sink.build()).name(name).uid(name)


def wherever(folder: Path) -> Path:
    """Give a folder below the current one by a path that stays right when all of it is moved, where the system has one.

    Flink's sink keeps the path of the day's folder in its state and writes on there: after a move the first results would come
    to lie where the data directory was, and nobody would store them. The current folder must be that of Java, too.
    """
    here = Path.cwd()
    if folder.is_relative_to(here) and CURRENT.is_dir():
        return CURRENT / folder.relative_to(here)
    return folder


def _require_folder(folder: Path) -> None:
    if "://" in str(folder):
        raise UnsupportedTopics(f"topics at {folder} have no connector yet, expected a folder")
