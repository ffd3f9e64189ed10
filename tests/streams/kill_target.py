"""A materialiser as a process of its own, for tests that kill it: python -m tests.streams.kill_target STORE FOLDER..."""

import sys
import threading

from streams.store import open_store
from streams.store.materialiser import Materialiser
from streams.wire.topics import DirectoryTopic

if __name__ == "__main__":
    topics = [DirectoryTopic(folder) for folder in sys.argv[2:]]
    Materialiser(open_store(sys.argv[1]), topics, batch_rows=1).run(threading.Event(), poll_s=0.001)
