"""A disk cannot change the engine's state unseen: RocksDB, as the shipped jar has it, verifies each block that it reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.datadir import DataDirectory
from infra.programs import environment

ROOT = Path(__file__).resolve().parents[3]
KEYS = 400

# A database as Flink opens its own; one byte of its only file is changed in between, as a disk may.
ASK_ROCKSDB = """
import json, sys
from pathlib import Path
from streams.pipeline.engine import EngineSettings, prepare_java
base, place, keys = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
prepare_java(EngineSettings(base / "checkpoints", base / "logs"))
from pyflink.java_gateway import get_gateway
from py4j.protocol import Py4JJavaError
jvm = get_gateway().jvm
rocksdb = jvm.org.rocksdb
rocksdb.NativeLibraryLoader.getInstance().loadLibrary(str(base))
of_flink = jvm.org.apache.flink.state.rocksdb.RocksDBResourceContainer().getReadOptions()
folder = base / "state"
folder.mkdir()

def opened():
    return rocksdb.RocksDB.open(rocksdb.Options().setCreateIfMissing(True), str(folder))

database = opened()
for number in range(keys):
    database.put(b"key %06d" % number, bytes([number % 251]) * 200)
database.flush(rocksdb.FlushOptions())
database.close()
(file,) = folder.glob("*.sst")
if place >= 0:
    content = bytearray(file.read_bytes())
    content[int(place * len(content))] ^= 1
    file.write_bytes(content)
same, refused = 0, []
database = opened()
for number in range(keys):
    try:
        value = database.get(of_flink, b"key %06d" % number)
        same += value is not None and bytes(value) == bytes([number % 251]) * 200
    except Py4JJavaError as error:
        refused.append(str(error.java_exception.getMessage()))
print(json.dumps([of_flink.verifyChecksums(), rocksdb.Options().paranoidChecks(), same, refused[:1], len(refused)]))
"""


def asked(base: Path, place: float) -> tuple[bool, bool, int, list[str], int]:
    """Change one byte at a share of the file, none below 0, and read all keys: how many gave their value, and what was refused."""
    done = subprocess.run(
        (sys.executable, "-c", ASK_ROCKSDB, str(base), str(place), str(KEYS)),
        env=environment(DataDirectory(base), dict(os.environ)), cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-1500:]
    return tuple(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("place", [-1, 0.05, 0.5])
def test_a_changed_byte_of_a_file_of_state_is_refused_when_it_is_read_and_gives_no_other_number(tmp_path, place):
    verifies, paranoid, same, first, refused = asked(tmp_path, place)
    assert verifies and paranoid
    if place < 0:
        assert (same, refused) == (KEYS, 0)
        return
    assert refused and same + refused == KEYS, "each key gives its value or is refused"
    assert "checksum mismatch" in first[0]
