"""How the engine keeps its state: on the disk, in RocksDB, and a checkpoint writes only what has changed since the one before.

In memory, the other way that Flink offers, a checkpoint writes all of it: 120 MB an hour of one city where the demo runs, which a
published hour has to wait for.
"""

from __future__ import annotations

RETAINED = 3
"""So many checkpoints are kept."""
MEMORY_MB = 48
"""For each of the two slots, all of its states together: what is written and not yet a file, and what was read [MB]."""
WRITE_BUFFER_MB = 8
"""What one state collects before it becomes a file [MB]; a checkpoint makes it one in any case."""


IN_MEMORY = {"state.backend.type": "hashmap"}
"""How it was kept before; its checkpoints can be read by nothing else."""


def options() -> dict[str, str]:
    """Give Flink's keys for it; the native library and the working files lie in Flink's folder for temporary files."""
    return {
        "state.backend.type": "rocksdb",
        "execution.checkpointing.incremental": "true",
        "state.backend.rocksdb.memory.fixed-per-slot": f"{MEMORY_MB}mb",
        "state.backend.rocksdb.writebuffer.size": f"{WRITE_BUFFER_MB}mb",
        # Files of like size are merged with each other. By levels, the default, each fourth checkpoint would have the whole
        # state written anew, for an hour touches all cities, and so the keys of every file.
        "state.backend.rocksdb.compaction.style": "UNIVERSAL",
        "state.backend.rocksdb.log.level": "ERROR_LEVEL",
        # What is smaller lies in the checkpoint's one file: less files, less to force to the disk.
        "execution.checkpointing.data-inline-threshold": "64kb",
    }
