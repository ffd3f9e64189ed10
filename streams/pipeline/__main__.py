"""Run the job on the topics of a data directory: `python -m streams.pipeline --data DIR [--bounded]`."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from standards import logged
from streams.in_hand import ENGINE_RUN
from streams.pipeline import checkpoints, doors, recovery, scratch
from streams.pipeline.engine import EngineSettings, newest_checkpoint, options, prepare_java
from streams.pipeline.inherited import Inherited, drop_unusable
from streams.pipeline.java_end import JavaEnd
from streams.pipeline.keeping import RETAINED
from streams.pipeline.manifests import Manifests

if TYPE_CHECKING:
    from pyflink.datastream import StreamExecutionEnvironment

    from streams.scorers import Loader

LOG = logging.getLogger("airshed.pipeline")
JAVA_END = JavaEnd()


def run(
    data: Path, *, bounded: bool, registry: Path | None, parallelism: int, checkpoint_ms: int, heap_mb: int,
    recovered: recovery.Recovery, hot_pieces: int | None = None, load_scorer: Loader | None = None,
    carry_over: bool = False, in_memory: bool = False,
) -> None:  # fmt: skip
    """Build the job over data/topics and execute it until it ends (bounded), is stopped, or fails for good.

    data: a whole path. recovered: what the start goes on from.
    carry_over: read nothing, make of the newest checkpoint, which is of the kind before, one that can be gone on from, and end.
    in_memory: keep the state as it was kept before.
    hot_pieces: pieces of each kind that stay in keyed state; the others go to data/archive.
    load_scorer: makes the models that are announced on the topic model.scorer; None: no models score.
    """
    _work_in(data)
    ways = doors.close(os.environ, data / "run" / "doors")
    settings = EngineSettings(
        data / "checkpoints", data / "logs" / "engine", scratch.prepare(data / "scratch" / "engine", ways.folder),
        checkpoint_ms=checkpoint_ms, parallelism=parallelism, heap_mb=heap_mb,
    )  # fmt: skip
    prepare_java(settings)
    closing = doors.prepare(ways, os.environ)
    _tell_ways(ways)
    from streams.pipeline import carrying, cluster, connectors, job
    from streams.pipeline.announcer import Announcer
    from streams.pipeline.asking import Asker, HiddenResults, keep_asking
    from streams.registry.kept import load_or_kept
    from streams.registry.roster import roster_of
    from streams.wire import messages
    from streams.wire.stamps import next_stamp

    doors.put_before(ways)
    JAVA_END.keep()
    on_demand = not bounded and cluster.can_be_asked()
    inherited = Inherited.of(recovered.manifests)
    environment = _environment({**options(settings, on_demand=on_demand, in_memory=in_memory), **closing})
    names = (*messages.TOPICS.values(), *([messages.SCORER_TOPIC] if load_scorer else ()))
    announcer = Announcer(data / "topics", names, bounded=bounded)
    results, first = data / "topics" / messages.RESULT_TOPIC, next_stamp(data) * 1000
    cities, region = job.build(
        connectors.feed(environment, announcer), roster_of(load_or_kept(registry)), archive=data / "archive", capacity=hot_pieces,
        load_scorer=load_scorer, versions=job.Versions(first, first if recovered.older else 0),
    )  # fmt: skip
    connectors.results(cities, results, "city-results")
    connectors.results(region, results, "region-results")
    if carry_over:
        carrying.finish(cluster.MiniCluster(environment.execute_async("airshed")), settings.checkpoints)
        return
    announcer.start()
    running = environment.execute_async("airshed")
    LOG.info("engine ready, log in %s", settings.logs)
    if on_demand:
        asker = Asker(cluster.MiniCluster(running), announcer, HiddenResults(results), pause_s=checkpoint_ms / 1000)
        threading.Thread(target=keep_asking, args=(asker, announcer.news), daemon=True).start()
        recovered.watch(inherited, lambda: asker.calm)
    else:
        recovered.watch(inherited, lambda: announcer.count() > 0 and not announcer.unread())
    if not on_demand and not bounded:
        LOG.warning("this Flink cannot be asked for checkpoints, they are made every %d ms", checkpoint_ms)
    running.get_job_execution_result().result()


def _work_in(data: Path) -> None:
    """Make the data directory the current folder, Java's too: what is named by that stays right when the directory is moved."""
    if given := os.environ.get("PYTHONPATH"):
        os.environ["PYTHONPATH"] = os.pathsep.join(os.path.abspath(each) for each in given.split(os.pathsep) if each)
    data.mkdir(parents=True, exist_ok=True)
    os.chdir(data)


def _tell_ways(ways: doors.Doors) -> None:
    if ways.why:
        LOG.warning("the engine has no network of its own, each way in is closed by itself: %s", ways.why)
    if ways.left:
        LOG.warning("open to others on this machine, as allowed: %s", ", ".join(ways.left))


def _environment(chosen: Mapping[str, str]) -> StreamExecutionEnvironment:
    """Make Flink's environment of its own keys, and say what the state begins with."""
    from pyflink.common import Configuration
    from pyflink.datastream import StreamExecutionEnvironment

    configuration = Configuration()
    for key, value in chosen.items():
        configuration.set_string(key, value)
    if path := chosen.get("execution.state-recovery.path"):
        LOG.info("recovering from %s", path)
    else:
        LOG.info("starting with a new state")
    return StreamExecutionEnvironment.get_execution_environment(configuration)


def main() -> int:
    """Parse the arguments, run, and turn a failure into a message and an exit code."""
    parser = argparse.ArgumentParser(prog="python -m streams.pipeline", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="data directory; topics are in DATA/topics")
    parser.add_argument("--bounded", action="store_true", help="process what is there and end")
    parser.add_argument(
        "--registry", type=Path, default=None, help="folder of the registry's files (default: the shipped one)"
    )
    parser.add_argument("--parallelism", type=int, default=2)
    parser.add_argument("--checkpoint-ms", type=int, default=200)
    parser.add_argument("--heap-mb", type=int, default=768)
    parser.add_argument("--hot-pieces", type=int, default=None, help="pieces of each kind that stay in keyed state")
    parser.add_argument("--scorers", default="", help="module:function that loads a model by its announcement")
    parser.add_argument(
        "--carry-over", action="store_true", help="make a checkpoint of the kind before into one of today's, and end"
    )
    parser.add_argument("--in-memory", action="store_true", help="keep the state as older versions did, in memory")
    given = parser.parse_args()
    logged.begin(os.environ)
    os.environ[ENGINE_RUN] = uuid.uuid4().hex
    for noisy in ("apache_beam", "pyflink", "py4j"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    signal.signal(signal.SIGTERM, _stop)
    data, recovered = given.data.resolve(), None
    try:
        recovered = recovery.begin(data, data / "checkpoints")
        in_memory = given.in_memory or given.carry_over or not tidy(data / "checkpoints")
        registry = given.registry and given.registry.resolve()
        run(data, bounded=given.bounded, registry=registry, parallelism=given.parallelism,
            checkpoint_ms=given.checkpoint_ms, heap_mb=given.heap_mb,
            hot_pieces=given.hot_pieces, load_scorer=loader(given.scorers), recovered=recovered,
            carry_over=given.carry_over, in_memory=in_memory)  # fmt: skip
    except Exception as error:
        if not JAVA_END.tell():
            _tell_why(error)
        if recovered is not None:
            recovered.failed(str(error))
        return 1
    return 0


def _tell_why(error: Exception) -> None:
    LOG.error("the engine stopped: %s", str(error).splitlines()[0] if str(error) else type(error).__name__)
    for line in str(error).splitlines():
        if line.startswith(("Caused by", "\tCaused by")) or "Error:" in line:
            LOG.error("%s", line.strip()[:500])


def _stop(*_: object) -> None:
    JAVA_END.silent = True  # what the bridge says of Java's being gone, while Python ends, is a page of nothing
    sys.exit(0)


def tidy(folder: Path) -> bool:
    """Make the folder of checkpoints ready for a start; tell whether what the job goes on from is of today's kind.

    Where the newest one is of the kind before, it is carried over by a process of its own, with the arguments of this one.
    """
    latest = newest_checkpoint(folder)
    if latest is not None and checkpoints.is_of_memory(latest):
        LOG.info("the state of an older version is carried over: %s", latest)
        carried = subprocess.run([sys.executable, "-m", "streams.pipeline", *sys.argv[1:], "--carry-over"])
        if carried.returncode:
            LOG.warning("it could not be carried over (%d); it is kept in memory as before", carried.returncode)
            return False
    if folder.is_dir():
        drop_unusable(Manifests(folder))
        checkpoints.sweep(folder, RETAINED)
    if (latest := newest_checkpoint(folder)) is not None and checkpoints.readdress(latest, folder):
        Manifests(folder).renew(latest)
        LOG.info("the data directory has moved, %s names its files anew", latest)
    return True


def loader(name: str) -> Loader | None:
    """Find the function that loads models, named as module:function; None for an empty name.

    The package of the models is named by whoever starts the job and imported by that name: streams knows none.
    """
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function) if name else None


if __name__ == "__main__":
    sys.exit(main())
