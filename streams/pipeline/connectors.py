"""Where the job reads and writes. Files here; Kafka has its one place in `feed` and `results`."""

from __future__ import annotations

from pathlib import Path

from pyflink.common import Duration, Encoder, WatermarkStrategy
from pyflink.datastream import DataStream, StreamExecutionEnvironment
from pyflink.datastream.connectors.file_system import FileSink, FileSource, RollingPolicy, StreamFormat

from standards.errors import AirshedError

POLL_MS = 200
ROLL_BYTES = 64 << 20


class UnsupportedTopics(AirshedError, ValueError):
    """The location of the topics is of a kind that has no connector."""


def feed(environment: StreamExecutionEnvironment, folders: list[Path], *, bounded: bool) -> DataStream:
    """Read the lines of the topics in folders: what is there and then ends (bounded), or also what comes."""
    for folder in folders:
        _require_folder(folder)
        folder.mkdir(parents=True, exist_ok=True)
    builder = FileSource.for_record_stream_format(
        StreamFormat.text_line_format(), *[folder.as_uri() for folder in folders]
    )
    builder = (
        builder.process_static_file_set() if bounded else builder.monitor_continuously(Duration.of_millis(POLL_MS))
    )
    # No watermark decides anything here, so a source that falls silent holds nothing up.
    return environment.from_source(builder.build(), WatermarkStrategy.no_watermarks(), "topics").uid("topics")


def results(stream: DataStream, folder: Path, name: str) -> None:
    """Write result lines into a folder; a file becomes visible with the checkpoint that covers it, exactly once."""
    _require_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rolling = RollingPolicy.on_checkpoint_rolling_policy()
    sink = (
        FileSink.for_row_format(folder.as_uri(), Encoder.simple_string_encoder()).with_rolling_policy(rolling).build()
    )
    stream.sink_to(sink).name(name).uid(name)


def _require_folder(folder: Path) -> None:
    if "://" in str(folder):
        raise UnsupportedTopics(f"topics at {folder} have no connector yet, expected a folder")
