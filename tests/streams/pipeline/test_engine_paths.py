"""The engine and its log find folders by any name that the platform takes, asked of Java itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.datadir import DataDirectory
from infra.programs import environment
from streams.pipeline.engine import EngineSettings, newest_checkpoint, options

ROOT = Path(__file__).resolve().parents[3]
NAMES = (
    "成都 数据 100%", "a#b?c", "it's \"q\"", "a%20b", "a:b@c", "${x} $y", "%d{yyyy}%i", "[x]{y}|^`~", "é😀", "a,b;c&d=e+f",
    " lead and trail ",
)  # fmt: skip

# Java reads the addresses, and writes through the log: what it says back is what it found.
ASK_JAVA = """
import json, sys
from pathlib import Path
from standards.addresses import engine_uri
from streams.pipeline.engine import EngineSettings, prepare_java
base, names = Path(sys.argv[1]), json.loads(sys.argv[2])
prepare_java(EngineSettings(base / names[0] / "checkpoints", base / names[0] / "logs"))
from pyflink.java_gateway import get_gateway
jvm = get_gateway().jvm
said = []
for name in names:
    path = jvm.org.apache.flink.core.fs.Path(engine_uri(base / name / "x"))
    again = jvm.org.apache.flink.core.fs.Path(path.toString())
    there = path.getFileSystem().mkdirs(path)
    said.append([path.getPath(), again.getPath(), there])
log = jvm.org.apache.logging.log4j.LogManager.getLogger("org.airshed.asked")
log.warn("asked " * 2_000)
for _ in range(2_000):
    log.info("asked " * 2_000)
print(json.dumps(said))
"""


@pytest.mark.parametrize(
    "locale", [{}, {"LC_ALL": "C"}, {"LANG": "POSIX"}, {"LC_ALL": "zh_CN.GB18030"}, {"LC_ALL": "tr_TR"}]
)
def test_java_finds_folders_by_their_names_and_its_log_is_put_aside_beside_itself(tmp_path, locale):
    base = tmp_path / "there"
    names = NAMES if not locale else NAMES[:1]
    env = environment(DataDirectory(base / names[0]), {"PATH": "/usr/bin:/bin", **locale})
    done = subprocess.run(
        (sys.executable, "-c", ASK_JAVA, str(base), json.dumps(names)),
        env=env, cwd=ROOT, capture_output=True, text=True, timeout=120, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    for name, (read, again, made) in zip(names, said, strict=True):
        assert read == again == str(base / name / "x") and made
        assert (base / name / "x").is_dir()
    assert {each.name for each in tmp_path.iterdir()} == {"there"}
    assert {each.name for each in base.iterdir()} == set(names)
    logs = sorted(each.name for each in (base / names[0] / "logs").iterdir())
    assert "engine.log.1" in logs and sum(name.startswith("flink-airshed") for name in logs) == 1, logs


def test_addresses_of_checkpoints_are_those_of_the_data_directory(tmp_path):
    settings = EngineSettings(tmp_path / "成都 100%" / "checkpoints", tmp_path / "logs")
    held = settings.checkpoints / "job" / "chk-7"
    held.mkdir(parents=True)
    (held / "_metadata").touch()
    chosen = options(settings, on_demand=True)
    assert chosen["execution.checkpointing.dir"] == f"file://{settings.checkpoints}"
    assert chosen["execution.state-recovery.path"] == f"file://{held}"
    assert newest_checkpoint(settings.checkpoints) == held


def test_the_newest_checkpoint_is_told_by_its_number_when_the_clock_was_set_back(tmp_path):
    """Flink goes on counting from the checkpoint that a job went on from (CheckpointCoordinator, restored id + 1)."""
    then = 1_796_000_000
    for name, written in (("a/chk-9", then), ("b/chk-10", then - 400 * 86_400), ("b/chk-11", then - 399 * 86_400)):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "_metadata").touch()
        os.utime(tmp_path / name / "_metadata", (written, written))
    (tmp_path / "b" / "chk-12").mkdir()
    assert newest_checkpoint(tmp_path) == tmp_path / "b" / "chk-11"
